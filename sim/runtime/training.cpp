#include "sim/runtime/training.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/power/activities.hpp"
#include "models/power/clock.hpp"
#include "models/training/generic_step.hpp"
#include "models/training/layout_text.hpp"
#include "models/training/search.hpp"
#include "models/whole_numbers.hpp"

namespace alight {

Computing computing_of(const TrainingStep& step, double reached_flops) {
  const StepBreakdown& b = step.breakdown;
  const double computes = b.compute_s + b.optimizer_s + b.other_s;
  if (!(computes > 0)) return {};
  const ChipActivity all = training_activity(step, reached_flops);
  return {.compute = all.compute * b.total() / computes, .memory = all.memory * b.total() / computes};
}

namespace {

constexpr std::string_view kUnfitBefore = "unfit: ";

// Gigabytes as messages say them.
std::string gb(double bytes) {
  const auto tenths = static_cast<std::int64_t>(std::llround(bytes * 1e-8));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

/// The seconds of a step of `rate` for a chip held, were it `step`.
StateTimes times_of(const TrainingRate& rate, const TrainingStep& step) {
  const StepBreakdown& b = step.breakdown;
  const StepCase& made = *rate.made;
  const Layout& layout = rate.layout;
  // Per chip held: those the layout does not use compute nothing.
  const double used = whole(layout.chips()) / whole(made.held);
  // The step model counts the wait for the slowest chip of a kind among `other`.
  const double bucket = step.seconds * (1 - 1 / slowest_of(layout.chips(), made.chip.kernels.spread));
  const double waiting = b.compute_s * made.waits * used;
  const double computing = (b.compute_s + b.optimizer_s + b.other_s - bucket) * used - waiting;
  const double at_peak = (1 - made.waits) * step.model_flops / (whole(made.held) * made.chip.peak(layout.precision));
  StateTimes time{};
  const auto of = [&](ChipState state) -> double& { return time[static_cast<std::size_t>(state)]; };
  of(ChipState::useful) = std::min(at_peak, computing);
  of(ChipState::below_peak) = computing - of(ChipState::useful) + step.seconds * (1 - used);
  of(ChipState::exposed_comm) = (b.tensor_s + b.pipeline_s + b.data_s + b.expert_s + b.context_s) * used;
  of(ChipState::bubble) = b.bubble_s * used;
  of(ChipState::bucket) = bucket * used + waiting;
  of(ChipState::exposed_comm) += rate.storage.dataset_s;
  of(ChipState::lost) = rate.storage.checkpoint_s;
  for (double& t : time) t = std::max(0.0, t);
  return time;
}

void divide(TrainingRate& rate, StepCase made) {
  rate.made = std::make_shared<const StepCase>(std::move(made));
  const double reached = rate.made->chip.reached(rate.layout.precision);
  rate.split =
      Split::in_proportion(times_of(rate, rate.step), computing_of(rate.step, whole(rate.layout.chips()) * reached));
  rate.mfu = rate.split.share(ChipState::useful);
}

}  // namespace

TrainingRates::TrainingRates(const Site& site, const Workload& workload, std::shared_ptr<const TrainingGround> ground)
    : site_(site), workload_(workload), ground_(std::move(ground)), mixed_(site, workload, ground_) {}

TrainingRates::Kind TrainingRates::kind_of(const Job& job) {
  const auto [it, fresh] =
      kind_ids_.try_emplace({job.model, job.training, job.chips, job.shape}, static_cast<Kind>(kinds_.size()));
  if (!fresh) return it->second;
  KindEntry& kind = kinds_.emplace_back();
  kind.work = training_work(workload_.names, job.training);
  kind.chips = job.chips;
  kind.shape = job.shape;
  const std::string& name = workload_.names[job.model];
  if (ground_) {
    if (const auto found = ground_->models.find(name); found != ground_->models.end()) kind.model = &found->second;
    if (const auto found = ground_->generics.find(name); found != ground_->generics.end())
      kind.generic = &found->second;
  }
  if (!kind.model && !kind.generic) kind.unknown = "no model named \"" + name + "\" in the model zoo";
  rates_.emplace_back(site_.pools.size());
  return it->second;
}

TrainingRates::Kind TrainingRates::resumed(Kind kind) {
  const auto [it, fresh] = resumed_.try_emplace(kind, static_cast<Kind>(kinds_.size()));
  if (!fresh) return it->second;
  KindEntry of = kinds_[kind];
  StorageWork& storage = of.work.storage;
  storage.load = storage.checkpoint_bytes > 0 ? StorageWork::Load::bytes : StorageWork::Load::checkpoint;
  storage.load_bytes = storage.checkpoint_bytes;
  kinds_.push_back(std::move(of));
  rates_.emplace_back(site_.pools.size());
  return it->second;
}

TrainingRates::Kind TrainingRates::resized(Kind kind, std::int64_t chips) {
  const auto [it, fresh] = resized_.try_emplace({kind, chips}, static_cast<Kind>(kinds_.size()));
  if (!fresh) return it->second;
  KindEntry of = kinds_[kind];
  of.chips = chips;
  of.work.layout.data = 0;
  of.uneven = true;
  kinds_.push_back(std::move(of));
  rates_.emplace_back(site_.pools.size());
  return it->second;
}

Layout TrainingRates::plan(const KindEntry& kind, std::size_t pool, const Fabric& fabric, std::string& unfit) const {
  SearchRequest request{.chips = kind.chips, .common = kind.work.layout, .overlap_choices = false, .keep = 1};
  request.common.data = 1;
  const Accelerator chip = ground_->pools[pool].with_drawn_speeds(ground_->pools[pool].chip);
  const SearchResult result = search_layouts(*kind.model, request, chip, fabric);
  if (!result.found.empty() && result.found.front().fits) return result.found.front().layout;
  if (result.considered > 0) {
    unfit = "out of memory: the leanest layout needs " + gb(result.least_memory_bytes) + " of " + gb(chip.memory_bytes);
  } else {
    unfit = "no layout for " + std::to_string(kind.chips) + " chips";
    if (!result.reasons.empty()) unfit += ": " + result.reasons.begin()->first;
  }
  return {};
}

double TrainingRates::mttf_s(std::size_t pool, const Lie& lie) const {
  if (ground_->failures.empty()) return std::numeric_limits<double>::infinity();
  const std::int64_t per_rack = site_.pools[pool].servers_per_rack;
  return alight::mttf_s(ground_->failures[pool], {.chips = lie.chips,
                                                  .servers = lie.servers,
                                                  .racks = (lie.servers + per_rack - 1) / per_rack,
                                                  .switches = lie.leaves});
}

// Every chip has the whole model; the framework is the one that drives sharded data parallelism on such chips.
void TrainingRates::rate_generic(const KindEntry& kind, std::size_t pool, const Lie& lie, TrainingRate& rate) const {
  const Layout& work = kind.work.layout;
  const GenericLayout spread{.chips = kind.chips, .global_batch = work.global_batch, .precision = work.precision};
  Accelerator chip = ground_->pools[pool].chip;
  Layout eager{.data = kind.chips, .sharding = Sharding::fsdp, .precision = work.precision};
  if (ground_->drive) chip = ground_->drive(pool, eager);
  chip = ground_->pools[pool].with_drawn_speeds(std::move(chip));
  rate.unfit = kind.work.planned ? why_impossible(spread, chip) : kind.generic->name + " has no layout but data ranks";
  if (!rate.unfit.empty()) return;
  rate.layout = Layout{
      .data = kind.chips, .global_batch = work.global_batch, .sequence = work.sequence, .precision = work.precision};
  rate.layout_text = text_of(rate.layout);
  const Fabric fabric = fabric_at(ground_->pools[pool], lie);
  StepCase made{.chip = chip,
                .held = lie.chips,
                .step = [=, model = kind.generic](
                            const Accelerator& of) { return predict_generic_step(*model, spread, of, fabric); },
                .exchanges = {}};
  if (lie.servers > 1)
    made.exchanges = [=, model = kind.generic, shared = shared_fabric_at(ground_->pools[pool], lie)](
                         const Accelerator& of) { return exchanges_of(*model, spread, of, shared); };
  rate.step = made.step(chip);
  if (made.exchanges) rate.exchanges = made.exchanges(chip);
  rate.step.tokens *= whole(work.sequence);  // what the job counts in
  if (!ground_->storage.empty())
    add_storage(kind.work.storage, training_state(*kind.generic), loaded_state(*kind.generic, kind.chips),
                ground_->storage[pool], lie, mttf_s(pool, lie), rate);
  if (!rate.step.fits) {
    rate.unfit = "out of memory: needs " + gb(rate.step.memory.total()) + " of " + gb(chip.memory_bytes);
  } else if (!std::isfinite(rate.step.seconds) || rate.step.seconds <= 0) {
    rate.unfit = "its chips need a network between servers, and its rate is not known";
  } else {
    divide(rate, std::move(made));
  }
}

TrainingRate TrainingRates::rate(Kind k, std::size_t pool, const Lie& lie) {
  TrainingRate rate = try_rate(k, pool, lie);
  if (!rate.unfit.empty() && !rate.unfit.starts_with(kUnfitBefore)) rate.unfit.insert(0, kUnfitBefore);
  return rate;
}

TrainingRate TrainingRates::try_rate(Kind k, std::size_t pool, const Lie& lie) {
  const KindEntry& kind = kinds_[k];
  const TrainingGround::PoolGround& ground = ground_->pools[pool];
  TrainingRate rate{.startup_s = kind.work.startup_s};
  const Precision precision = kind.work.layout.precision;
  rate.unfit = ground.missing;
  if (rate.unfit.empty() && ground.chip.peak(precision) <= 0)
    rate.unfit = "its chips are not known to compute in " + std::string(name_of(precision));
  if (!rate.unfit.empty()) return rate;
  if (kind.generic) {
    rate_generic(kind, pool, lie, rate);
    return rate;
  }
  const Fabric fabric = fabric_at(ground, lie);
  Layout layout = kind.work.layout;
  Accelerator chip = ground.chip;
  if (kind.work.planned) {
    const Lie planned_for = least_lie(ground, kind.chips, kind.shape);
    if (lie == planned_for) {
      layout = plan(kind, pool, fabric, rate.unfit);
    } else if (const TrainingRate& planned = best(k, pool); planned.unfit.empty()) {
      layout = planned.layout;
    } else {
      rate.unfit = planned.unfit;
    }
  } else {
    rate.unfit = fill_data_ranks(layout, kind.chips);
    if (rate.unfit.empty() && ground_->drive) chip = ground_->drive(pool, layout);
  }
  chip = ground_->pools[pool].with_drawn_speeds(std::move(chip));
  double waits = 0;
  if (kind.uneven && rate.unfit.empty()) {
    const std::int64_t round = layout.data * layout.micro_batch, batch = layout.global_batch;
    layout.global_batch = (batch + round - 1) / round * round;
    waits = 1 - whole(batch) / whole(layout.global_batch);
  }
  if (rate.unfit.empty()) rate.unfit = why_impossible(*kind.model, layout, chip);
  if (!rate.unfit.empty()) return rate;
  rate.layout = layout;
  rate.layout_text = text_of(layout);
  StepCase made{
      .chip = chip,
      .held = lie.chips,
      .waits = waits,
      .step = [=, model = kind.model](const Accelerator& of) { return predict_step(*model, layout, of, fabric); },
      .exchanges = {}};
  if (lie.servers > 1)
    made.exchanges = [=, model = kind.model, shared = shared_fabric_at(ground, lie)](const Accelerator& of) {
      return exchanges_of(*model, layout, of, shared);
    };
  rate.step = made.step(chip);
  if (made.exchanges) rate.exchanges = made.exchanges(chip);
  if (!ground_->storage.empty())
    add_storage(kind.work.storage, training_state(*kind.model, layout), loaded_state(*kind.model, layout),
                ground_->storage[pool], lie, mttf_s(pool, lie), rate);
  if (!rate.step.fits) {
    rate.unfit = "out of memory: needs " + gb(rate.step.memory.total()) + " of " + gb(chip.memory_bytes);
  } else if (!std::isfinite(rate.step.seconds) || rate.step.seconds <= 0) {
    rate.unfit = "its chips need a network between servers, and its rate is not known";
  } else {
    divide(rate, std::move(made));
  }
  if (waits > 0)
    for (double* work :
         {&rate.step.tokens, &rate.step.model_flops, &rate.step.model_flops_legacy, &rate.step.hardware_flops})
      *work *= 1 - waits;
  return rate;
}

const TrainingRate& TrainingRates::best(Kind kind, std::size_t pool) {
  std::vector<At>& known = rates_[kind][pool];
  if (known.empty()) {
    if (!kinds_[kind].unknown.empty()) {
      known.push_back(
          {{},
           std::make_unique<TrainingRate>(TrainingRate{.unfit = std::string(kUnfitBefore) + kinds_[kind].unknown})});
    } else {
      const Lie lie = least_lie(ground_->pools[pool], kinds_[kind].chips, kinds_[kind].shape);
      known.push_back({lie, std::make_unique<TrainingRate>(rate(kind, pool, lie))});
    }
  }
  return *known.front().rate;
}

const TrainingRate& TrainingRates::at(Kind kind, std::size_t pool, const Lie& lie) {
  const TrainingRate& first = best(kind, pool);
  std::vector<At>& known = rates_[kind][pool];
  if (known.front().lie == lie || !first.unfit.empty()) return first;
  auto found =
      std::lower_bound(known.begin() + 1, known.end(), lie, [](const At& a, const Lie& l) { return a.lie < l; });
  if (found == known.end() || found->lie != lie)
    found = known.insert(found, {lie, std::make_unique<TrainingRate>(rate(kind, pool, lie))});
  return *found->rate;
}

Course TrainingRates::course(const Job& job, const TrainingRate& rate, double begin_s, double kept) {
  Course course{
      .startup_s = begin_s, .split = &rate.split, .run_s = begin_s + (job.tokens - kept) / rate.tokens_per_s()};
  if (job.kill_at_estimate && job.estimate_s < course.run_s) {
    course.run_s = job.estimate_s;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
    course.startup_s = std::min(course.startup_s, course.run_s);
  }
  return course;
}

double TrainingRates::trained(const Job& job, const TrainingRate& rate, double s, double kept) {
  if (!rate.unfit.empty()) return kept;
  return kept + std::clamp(s * rate.tokens_per_s(), 0.0, job.tokens - kept);
}

const StateTimes& TrainingRates::times_at_clock(const TrainingRate& rate, double clock) {
  const auto [it, fresh] = at_clocks_.try_emplace({&rate, clock});
  if (!fresh) return it->second;
  const StepCase& made = *rate.made;
  StateTimes& now = it->second = times_of(rate, made.step(at_clock(made.chip, clock)));
  const auto of = [&](ChipState state) -> double& { return now[static_cast<std::size_t>(state)]; };
  // Longer by computing; chips that the layout leaves unused stay in below_peak as long as the step.
  const double unused = 1 - whole(rate.layout.chips()) / whole(made.held);
  const double longer = std::accumulate(now.begin(), now.end(), 0.0) - rate.step_s();
  const double computed =
      (rate.split.share(ChipState::useful) + rate.split.share(ChipState::below_peak)) * rate.step_s();
  const double more = of(ChipState::useful) + of(ChipState::below_peak) - computed - unused * longer;
  of(ChipState::throttled) = std::clamp(more, 0.0, of(ChipState::below_peak));
  of(ChipState::below_peak) -= of(ChipState::throttled);
  for (double& t : now) t /= rate.step_s();
  return now;
}

}  // namespace alight
