// What a job of type parallel does on its chips: parallel tasks one after another, as Batsim's profiles state them.
// Jobs of one profile share it; it is kept as a text among the workload's names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/parallel_task.hpp"
#include "workloads/job.hpp"

namespace alight {

struct ParallelWork {
  /// A task, or a wait of `delay_s` in which nothing is shared with anyone.
  struct Stage {
    ParallelTask task;
    double delay_s = 0;
    bool is_delay = false;
    bool operator==(const Stage&) const = default;
  };
  static constexpr std::size_t kMostStages = 10000;
  static constexpr std::int64_t kMostRepeats = 1000000;
  static constexpr std::int64_t kMostTurns = 10000000;  ///< stages times repeats
  /// Operations or bytes of one rank; more is a slip of unit.
  static constexpr double kMostAmount = 1e27;
  static constexpr double kLongestDelayS = 1e10;

  std::vector<Stage> stages;  ///< at least one
  std::int64_t repeat = 1;    ///< how often all of them are gone through
  bool operator==(const ParallelWork&) const = default;
};

/// "each 1e9 5e6" (flops of a rank, bytes from each rank to each other); "ranks 2 flops 1e9 2e9 bytes 0 5 5 0" (the
/// matrix row by row, from the first rank to all, then from the second ...); "delay 5" (seconds). Stages are joined by
/// " then ", and " times 3" at the end repeats them all. Numbers read back exactly.
std::string text_of(const ParallelWork& work);
/// Reads such a text. Returns what is wrong, or empty.
std::string read_parallel_work(std::string_view text, ParallelWork& work);
/// Why it does not fit a job of so many chips, each a rank; empty where it does.
std::string why_unfit(const ParallelWork& work, std::int64_t chips);

/// The work of a job, from its text.
ParallelWork parallel_work(const Names& names, Names::Id id);

/// Its longest rank's computing alone at `flops_per_s` of a chip, with the delays, s: what it takes at least.
double least_seconds(const ParallelWork& work, double flops_per_s);

}  // namespace alight
