#include "sim/runtime/mixed_training.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "models/describe/diagnostics.hpp"
#include "models/describe/units.hpp"
#include "models/training/layout_text.hpp"
#include "models/whole_numbers.hpp"
#include "sim/plan/pool.hpp"
#include "sim/runtime/clocked_mix.hpp"

namespace alight {

MixedRates::MixedRates(const Site& site, const Workload& workload, std::shared_ptr<const TrainingGround> ground)
    : site_(site), workload_(workload), ground_(std::move(ground)) {}

MixedRates::Kind MixedRates::kind_of(const Job& job) {
  const auto [it, fresh] = kind_ids_.try_emplace({job.model, job.training, job.mix}, static_cast<Kind>(kinds_.size()));
  if (!fresh) return it->second;
  KindEntry& kind = kinds_.emplace_back();
  kind.work = training_work(workload_.names, job.training);
  read_parts(training_mix(workload_.names[job.mix]), kind);
  const std::string& name = workload_.names[job.model];
  if (ground_)
    if (const auto found = ground_->models.find(name); found != ground_->models.end()) kind.model = &found->second;
  if (kind.model) return it->second;
  kind.unknown = ground_ && ground_->generics.count(name) > 0
                     ? name + " is no transformer: a mix is not planned for it"
                     : "no transformer named \"" + name + "\" in the model zoo";
  return it->second;
}

void MixedRates::read_parts(const TrainingMix& mix, KindEntry& kind) const {
  std::set<std::size_t> pools;
  for (const TrainingMix::Part& part : mix.parts) {
    const auto pool = std::find_if(site_.pools.begin(), site_.pools.end(),
                                   [&](const Pool& candidate) { return candidate.name == part.pool; });
    const auto p = static_cast<std::size_t>(pool - site_.pools.begin());
    if (pool == site_.pools.end())
      kind.unreadable = "no pool is named \"" + part.pool + "\"";
    else if (!pools.insert(p).second)
      kind.unreadable = "the mix names pool " + part.pool + " twice";
    kind.parts.push_back({p, part.chips});
  }
  if (kind.parts.size() < 2 && kind.unreadable.empty()) kind.unreadable = "a mix of fewer than two pools";
  std::sort(kind.parts.begin(), kind.parts.end(), [](const Part& a, const Part& b) { return a.pool < b.pool; });
  kind.path_stated = !mix.path.empty();
  Diagnostics problems;
  if (kind.path_stated) kind.path = read_inter(mix.path, problems);
  if (!problems.ok() && kind.unreadable.empty()) kind.unreadable = problems.problems().front().message;
  if (!kind.unreadable.empty()) kind.parts.clear();
}

// The site's own path: every chip of a part talks to another part at once, up through its leaf (pools are under leaves
// of their own) and its pod where the parts lie in several, and over backbone and WAN where they are on several
// networks. Libraries of two stacks cannot address each other's memory.
InterKind MixedRates::path(const KindEntry& kind, const std::vector<Lie>& lies) const {
  if (kind.path_stated) return kind.path;
  InterKind path;
  std::set<std::string> stacks;
  std::set<std::int64_t> pods;
  bool several_pods = false;
  for (std::size_t i = 0; i < kind.parts.size(); ++i) {
    if (const std::string& stack = site_.pools[kind.parts[i].pool].stack; !stack.empty()) stacks.insert(stack);
    const auto& of_pool = ground_->pools[kind.parts[i].pool].pods;
    pods.insert(of_pool.begin(), of_pool.end());
    several_pods = several_pods || lies[i].pods > 1;
  }
  several_pods = several_pods || pods.size() > 1;
  path.staged = stacks.size() > 1;
  for (const Part& part : kind.parts) {
    const TrainingGround::PoolGround& ground = ground_->pools[part.pool];
    if (ground.leaf_servers <= 0) continue;
    const ScaleOut& out = ground.fabric.out;
    const double nics = static_cast<double>(ground.leaf_servers * ground.server_chips) * out.leaf.nics;
    const double kept = routing_efficiency(out.leaf.routing, nics, out.leaf.cables);
    const double narrowed = std::max(1.0, out.leaf.oversubscription / kept) *
                            (several_pods ? std::max(1.0, out.pod.oversubscription) : 1.0);
    const double gbs = out.gbs * out.efficiency / narrowed;
    if (narrowed > 1 && gbs > 0) path.gbs = path.gbs > 0 ? std::min(path.gbs, gbs) : gbs;
    path.latency_us = std::max(path.latency_us, out.leaf.latency_us + (several_pods ? out.pod.latency_us : 0));
  }
  // Parts on different networks share what joins these.
  for (std::size_t b = 1; !ground_->between.empty() && b < kind.parts.size(); ++b)
    for (std::size_t a = 0; a < b; ++a)
      if (const auto& way = ground_->between[kind.parts[a].pool][kind.parts[b].pool]) {
        const double gbs = way->gbps / 8 / static_cast<double>(std::max(kind.parts[a].chips, kind.parts[b].chips));
        path.gbs = path.gbs > 0 ? std::min(path.gbs, gbs) : gbs;
        path.latency_us = std::max(path.latency_us, way->latency_s * 1e6);
      }
  return path;
}

std::string MixedRates::why_unfit(const KindEntry& kind) const {
  if (!kind.unreadable.empty()) return kind.unreadable;
  if (!kind.model) return kind.unknown;
  if (!kind.work.planned) return "the layout of a mix is planned, not given";
  const Precision precision = kind.work.layout.precision;
  for (const Part& part : kind.parts) {
    const TrainingGround::PoolGround& ground = ground_->pools[part.pool];
    const std::string& name = site_.pools[part.pool].name;
    if (!ground.missing.empty()) return name + ": " + ground.missing;
    if (ground.chip.peak(precision) <= 0)
      return name + ": its chips are not known to compute in " + std::string(name_of(precision));
    if (ground.fabric.out.gbs <= 0)
      return name + ": its chips need a network between servers, and its rate is not known";
  }
  return {};
}

MixedRate MixedRates::rate(const KindEntry& kind, const std::vector<Lie>& lies) const {
  MixedRate rate{.all = {.startup_s = kind.work.startup_s}, .splits = {}, .made = {}};
  TrainingRate& all = rate.all;
  const auto unfit = [&](const std::string& why) {
    all.unfit = "unfit: " + why;
    rate.splits.assign(kind.parts.size(), Split(ChipState::below_peak));
    return std::move(rate);
  };
  if (const std::string why = why_unfit(kind); !why.empty()) return unfit(why);
  auto made = std::make_shared<MixedCase>();
  made->ground = ground_;
  made->model = kind.model;
  made->request = {.common = kind.work.layout, .inter = path(kind, lies)};
  made->request.common.data = 1;
  for (std::size_t i = 0; i < kind.parts.size(); ++i) {
    const Pool& pool = site_.pools[kind.parts[i].pool];
    const TrainingGround::PoolGround& ground = ground_->pools[kind.parts[i].pool];
    ChipKind chips{.name = pool.name,
                   .chips = kind.parts[i].chips,
                   .chip = ground.with_drawn_speeds(ground.chip),
                   .fabric = fabric_at(ground, lies[i]),
                   .precision = {},
                   .recompute = {},
                   .measured = {}};
    for (const Price& price : pool.chip.prices)
      if (const auto usd = amount_in(price.amount, unit("USD"))) chips.price = *usd;
    made->kinds.push_back(std::move(chips));
  }
  made->plans = plan_mixed(*kind.model, made->request, made->kinds);
  if (!made->plans.best) return unfit(made->plans.why_none);
  const MixedPlan& plan = *made->plans.best;
  if (!std::isfinite(plan.step.seconds) || plan.step.seconds <= 0) return unfit("its step has no length");
  all.layout = plan.layout.common;
  for (const std::string& line : describe_mixed(plan.layout, made->kinds))
    all.layout_text += (all.layout_text.empty() ? "" : "; ") + line;
  all.step.seconds = plan.step.seconds;
  all.step.breakdown = plan.step.breakdown;
  all.step.fits = plan.step.fits;
  all.step.tokens = plan.step.tokens;
  all.step.model_flops = plan.step.model_flops;
  for (std::size_t i = 0; i < kind.parts.size(); ++i) {
    const KindStep& step = plan.step.kinds[i];
    rate.pools.push_back(kind.parts[i].pool);
    rate.held.push_back(lies[i].chips);
    if (step.memory.total() > all.step.memory.total()) all.step.memory = step.memory;
  }
  rate.made = std::move(made);
  rate.splits = part_splits(rate);
  all.split = mean_split(rate.splits, rate.held);
  all.mfu = all.split.share(ChipState::useful);
  return rate;
}

const MixedRate& MixedRates::best(Kind kind) {
  std::vector<Lie> lies;
  for (const Part& part : kinds_[kind].parts)
    lies.push_back(ground_ ? least_lie(ground_->pools[part.pool], part.chips, Shape::whole_servers) : Lie{});
  return at(kind, lies);
}

const MixedRate& MixedRates::at(Kind kind, const std::vector<Lie>& lies) {
  KindEntry& entry = kinds_[kind];
  const auto [it, fresh] = entry.rates.try_emplace(lies);
  if (!fresh) return it->second;
  it->second = rate(entry, lies);
  // Memory, precision and the network's being there do not depend on how chips lie.
  if (it->second.all.unfit.empty() != entry.rates.begin()->second.all.unfit.empty())
    throw std::logic_error("MixedRates: a mix is fit or not by how its chips lie");
  return it->second;
}

const ClockedMix& MixedRates::at_clock(const MixedRate& rate, double clock, const PartSpeeds& speeds) {
  const auto [it, fresh] = clocked_.try_emplace({&rate, clock, speeds});
  if (fresh) it->second = alight::at_clock(rate, clock, speeds);
  return it->second;
}

}  // namespace alight
