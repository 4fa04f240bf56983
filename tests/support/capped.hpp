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
  std::vector<double> bins_w;  ///< what all servers draw in each bin of the ledger

  double chip_seconds(ChipState state, std::size_t pool = 0) const {
    return chip_s.at(pool)[static_cast<std::size_t>(state)];
  }
  double joules_in(ChipState state, std::size_t pool = 0) const {
    return joules.at(pool)[static_cast<std::size_t>(state)];
  }
};

class CappedEnds : public Recorder {
 public:
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
  std::vector<double> ends, bins;
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
