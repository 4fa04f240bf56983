#include "sim/record/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "models/training/stave.hpp"
#include "sim/record/tables.hpp"

namespace alight {

Distribution distribution(std::vector<double>& values) {
  Distribution d;
  d.count = static_cast<std::int64_t>(values.size());
  if (values.empty()) return d;
  CompensatedSum sum;
  for (const double v : values) sum.add(v);
  d.mean = sum.value() / static_cast<double>(values.size());
  // Each call leaves smaller values before and larger ones behind: the next percentile lies behind the last.
  auto from = values.begin();
  const auto at = [&](double p) {
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(p * static_cast<double>(values.size())));
    const auto place = values.begin() + std::clamp<std::ptrdiff_t>(rank, 1, std::ssize(values)) - 1;
    if (place >= from) {
      std::nth_element(from, place, values.end());
      from = place;
    }
    return *place;
  };
  d.p50 = at(0.50);
  d.p90 = at(0.90);
  d.p99 = at(0.99);
  d.max = *std::max_element(from, values.end());
  return d;
}

void Statistics::job_preempted(const JobRecord& r) {
  ++preemptions_.preemptions;
  if (r.before.preemptions() == 0) ++preemptions_.jobs;
  job_interrupted(r);
}

// What it did again may be what a preemption had lost.
void Statistics::job_interrupted(const JobRecord& r) {
  preemptions_.redone_chip_s += r.redone_s * static_cast<double>(r.held_milli) * 1e-3;
}

void Statistics::job_started(const JobRecord& r) {
  if (r.job.type == JobType::service) return;
  if (r.before.starts > 0) return;
  waits_s_.push_back(r.start_s - r.job.submit_s);
  if (r.training) ++trained_jobs_;
  if (!r.mixed || !r.mixed->made) return;
  const auto known =
      std::find_if(mixed_.begin(), mixed_.end(), [&](const Mixed& m) { return m.made == r.mixed->made; });
  Mixed& mixed = known != mixed_.end() ? *known : mixed_.emplace_back(Mixed{.made = r.mixed->made});
  ++mixed.jobs;
  mixed.chips += r.job.chips;
}

TrainingTotals Statistics::training() const {
  TrainingTotals totals{trained_jobs_, tokens_.value(), {}};
  if (mixed_.empty()) return totals;
  MixedTotals& sum = totals.mixed.emplace();
  const Mixed* most = &mixed_.front();
  BucketEffect of_most;
  for (const Mixed& mixed : mixed_) {
    const MixedCase& made = *mixed.made;
    BucketEffect effect = bucket_effect(*made.model, made.request, made.kinds, made.plans);
    const auto chips = static_cast<double>(mixed.chips);
    sum.started += mixed.jobs;
    sum.chips += mixed.chips;
    sum.eta_bucket += chips * effect.eta_bucket;
    sum.eta_mix += chips * effect.eta_mix.value_or(0);
    sum.recovery += chips * effect.recovery;
    if (&mixed != most && mixed.chips <= most->chips) continue;
    most = &mixed;
    of_most = std::move(effect);
  }
  const auto chips = static_cast<double>(sum.chips);
  for (double* mean : {&sum.eta_bucket, &sum.eta_mix, &sum.recovery}) *mean /= chips;
  const MixedCase& made = *most->made;
  find_staves(*made.model, made.request, made.kinds, made.plans, of_most);
  if (!of_most.lifts.empty()) {
    const Lift& lift = of_most.lifts.front();
    sum.shortest = {made.kinds[lift.kind].name, std::string(name_of(lift.stave)), lift.gain_pct};
  }
  return totals;
}

void Statistics::job_ended(const JobRecord& r) {
  if (r.job.type == JobType::service) return;  // a replica is no job: the services' record counts it
  ++by_status_[static_cast<std::size_t>(r.status)];
  if (r.training || r.before.starts > 0) tokens_.add(r.tokens);
  preemptions_.redone_chip_s += r.redone_s * static_cast<double>(r.held_milli) * 1e-3;
  if (r.status == JobStatus::rejected) ++rejections_[std::string(r.reason)];
  if (r.pool && r.status != JobStatus::running) slowdowns_.push_back(bounded_slowdown(r.wait_s(), r.run_s()));
}

Headline headline(const Site& site, const RunEnd& end) {
  Headline h;
  h.installed_chip_s = end.installed_chip_s;
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const double rate = pflops_per_chip(site.pools[p]);
    const auto chips = static_cast<double>(site.pools[p].chips());
    h.chips += chips;
    h.pflops += rate * chips;
    if (rate == 0) h.chips_of_unknown_rate += chips;
    for (std::size_t s = 0; s < kChipStates; ++s) {
      h.chip_s[s] += end.chip_s[p][s];
      h.pflop_s[s] += end.chip_s[p][s] * rate;
    }
  }
  const auto sum = [](const StateTimes& times, auto holds) {
    CompensatedSum total;
    for (std::size_t s = 0; s < kChipStates; ++s)
      if (holds(static_cast<ChipState>(s))) total.add(times[s]);
    return total.value();
  };
  const auto share = [](double part, double whole) -> std::optional<double> {
    if (!(whole > 0)) return std::nullopt;
    return part / whole;
  };
  const auto racked = [](ChipState s) { return s != ChipState::undelivered; };
  const double built_s = sum(h.chip_s, [](ChipState) { return true; });
  const double racked_s = sum(h.chip_s, racked);
  const double powered_s = sum(h.chip_s, is_powered);
  const double available_s = sum(h.chip_s, is_available);
  const double allocated_s = sum(h.chip_s, is_lit);
  const double productive_s = sum(h.chip_s, is_productive);
  const double useful_s = h.chip_s[static_cast<std::size_t>(ChipState::useful)];
  const double opaque_s = h.chip_s[static_cast<std::size_t>(ChipState::opaque)];
  h.lit_rate = share(allocated_s, racked_s);
  h.lit_rate_pflops = share(sum(h.pflop_s, is_lit), sum(h.pflop_s, racked));
  h.chain = {
      {"racked", share(racked_s, built_s), "delivered / built"},
      {"powered", share(powered_s, racked_s), "powered, networked, accepted, schedulable / racked"},
      {"available", share(available_s, powered_s), "in working order and not drained / powered"},
      {"allocated", share(allocated_s, available_s), "held by jobs / available"},
      {"ettr", share(productive_s, allocated_s), "jobs getting on (not starting, no lost work) / allocated"},
      // What an opaque job does inside is not known, so neither is the share of its peak that was of use.
      {"mfu", opaque_s > 0 ? std::nullopt : share(useful_s, productive_s), "model FLOPs at peak / productive"},
  };
  h.mfu = share(useful_s, productive_s - opaque_s);
  return h;
}

}  // namespace alight
