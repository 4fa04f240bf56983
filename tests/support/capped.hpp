// Runs under power caps, played from text: what became of chips, joules, jobs and caps.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/facility/building.hpp"
#include "sim/record/power.hpp"
#include "sim/scenario/load.hpp"
#include "tests/support/in_child.hpp"
#include "tests/support/services.hpp"

namespace alight::test {

struct CappedPlay {
  double end_s = 0;
  std::vector<StateTimes> chip_s, joules;  ///< [pool][state]
  struct JobEnd {
    double start_s = 0, finish_s = 0, status = 0, joules = 0, tokens = 0, preemptions = 0;
  };
  std::vector<JobEnd> jobs;  ///< in the order they end
  std::vector<CapReport> caps;
  std::vector<HeatReport> heat;  ///< [pool], where it counts
  /// When heat did something, in order: which of kHeatEvents, and when.
  std::vector<std::pair<std::size_t, double>> heat_events;
  std::vector<double> supplies_c;  ///< highest in each bin, of the first pool
  double when(std::string_view kind, std::size_t nth = 0) const;
  std::vector<double> bins_w;  ///< what all servers draw in each bin of the ledger

  double chip_seconds(ChipState state, std::size_t pool = 0) const {
    return chip_s.at(pool)[static_cast<std::size_t>(state)];
  }
  double joules_in(ChipState state, std::size_t pool = 0) const {
    return joules.at(pool)[static_cast<std::size_t>(state)];
  }
};

inline constexpr std::string_view kHeatEvents[] = {
    "throttled by heat", "no longer throttled by heat", "switched off for heat", "cool again",
    "supply not held",   "supply held again",           "cooling units lost",    "cooling units back"};

/// Seconds of the n-th event of a kind; -1: there is none.
inline double CappedPlay::when(std::string_view kind, std::size_t nth) const {
  for (const auto& [which, at_s] : heat_events)
    if (kHeatEvents[which] == kind && nth-- == 0) return at_s;
  return -1;
}

class CappedEnds : public Recorder {
 public:
  void site_event(const SiteEvent& e) override {
    for (std::size_t k = 0; k < std::size(kHeatEvents); ++k)
      if (e.kind == kHeatEvents[k]) events.insert(events.end(), {static_cast<double>(k), e.time_s});
  }
  void supply_in_bin(std::size_t pool, double highest_c) override {
    if (pool == 0) supplies.push_back(highest_c);
  }
  void job_ended(const JobRecord& r) override {
    ends.insert(ends.end(), {r.start_s, r.finish_s, static_cast<double>(r.status), r.joules, r.tokens,
                             static_cast<double>(r.before.preemptions())});
  }
  void bin_closed(const LedgerBin& bin) override {
    double sum = 0;
    for (const StateTimes& pool : bin.joules)
      for (const double j : pool) sum += j;
    bins.push_back(sum / (bin.t_end_s - bin.t_start_s));
  }
  std::vector<double> ends, bins, events, supplies;
};

/// Plays it in a process of its own; throws where an invariant is broken.
inline CappedPlay play_capped(const Prepared& prepared) {
  const std::vector<double> numbers = in_child([&] {
    CappedEnds ends;
    Run run(prepared.site, prepared.workload, prepared.settings, prepared.same_kind(), {&ends},
            prepared.training_ground());
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    std::vector<double> out = {end.end_s};
    for (const auto* states : {&end.chip_s, &end.joules})
      for (const StateTimes& pool : *states) out.insert(out.end(), pool.begin(), pool.end());
    for (const CapReport& cap : end.caps)
      out.insert(out.end(), {cap.capped_s, cap.not_met_s, cap.lowest_clock, static_cast<double>(cap.jobs_cut),
                             static_cast<double>(cap.servers_off)});
    for (const HeatReport& r : end.heat)
      out.insert(out.end(), {r.highest_supply_c, r.highest_chip_c, r.throttled_s, r.above_s, r.off_s, r.short_s,
                             r.lowest_clock, static_cast<double>(r.jobs_cut)});
    for (const auto* list : {&ends.events, &ends.supplies}) {
      out.push_back(static_cast<double>(list->size()));
      out.insert(out.end(), list->begin(), list->end());
    }
    out.push_back(static_cast<double>(ends.ends.size()));
    out.insert(out.end(), ends.ends.begin(), ends.ends.end());
    out.insert(out.end(), ends.bins.begin(), ends.bins.end());
    return out;
  });
  CappedPlay played;
  std::size_t i = 0;
  played.end_s = numbers.at(i++);
  for (auto* states : {&played.chip_s, &played.joules})
    for (std::size_t p = 0; p < prepared.site.pools.size(); ++p)
      for (double& number : states->emplace_back()) number = numbers.at(i++);
  for (std::size_t c = 0; c < prepared.settings.building->caps.size(); ++c) {
    CapReport& cap = played.caps.emplace_back();
    cap.capped_s = numbers.at(i++);
    cap.not_met_s = numbers.at(i++);
    cap.lowest_clock = numbers.at(i++);
    cap.jobs_cut = static_cast<std::int64_t>(numbers.at(i++));
    cap.servers_off = static_cast<std::int64_t>(numbers.at(i++));
  }
  for (std::size_t p = 0; prepared.settings.building->heat && p < prepared.site.pools.size(); ++p) {
    HeatReport& r = played.heat.emplace_back();
    for (double* to :
         {&r.highest_supply_c, &r.highest_chip_c, &r.throttled_s, &r.above_s, &r.off_s, &r.short_s, &r.lowest_clock})
      *to = numbers.at(i++);
    r.jobs_cut = static_cast<std::int64_t>(numbers.at(i++));
  }
  for (auto n = static_cast<std::size_t>(numbers.at(i++)) / 2; n > 0; --n, i += 2)
    played.heat_events.emplace_back(static_cast<std::size_t>(numbers.at(i)), numbers.at(i + 1));
  for (auto n = static_cast<std::size_t>(numbers.at(i++)); n > 0; --n) played.supplies_c.push_back(numbers.at(i++));
  const auto ends = static_cast<std::size_t>(numbers.at(i++)) / 6;
  for (std::size_t e = 0; e < ends; ++e) {
    CappedPlay::JobEnd& job = played.jobs.emplace_back();
    for (double* to : {&job.start_s, &job.finish_s, &job.status, &job.joules, &job.tokens, &job.preemptions})
      *to = numbers.at(i++);
  }
  played.bins_w.assign(numbers.begin() + static_cast<std::ptrdiff_t>(i), numbers.end());
  return played;
}

}  // namespace alight::test
