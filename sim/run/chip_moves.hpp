// How the chips of a run go from state to state in the ledger: those of a job as it starts, gets on and ends, and those
// nobody holds, which are dark for one reason per pool.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/ledger/ledger.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/run/started_jobs.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class ChipMoves {
 public:
  /// All outlive this.
  ChipMoves(const Site& site, const Engine& engine, Ledger& ledger, const StartedJobs& jobs);

  // -- Chips nobody holds
  /// So many servers of a pool are there.
  void delivered(PoolIndex p, std::int64_t servers);
  /// Thousandths of chips of a pool go out of service, or come back; nothing stands for the state of free ones.
  void out_of_service(PoolIndex p, std::optional<ChipState> from, std::optional<ChipState> to, std::int64_t milli);
  /// After a decision: what now keeps the free chips of each pool dark.
  void explain(const Scheduler& scheduler);

  // -- Chips of a job
  enum class In : std::uint8_t { dark, starting, course };
  /// Of the job that `held` saw last: as lost while it does lost work again, in each pool by its own split where it
  /// lies in several; else by `split`.
  void move(JobIndex j, const HeldParts& held, const Split& split, In from, In to);
  /// What each chip of a job draws from now on, by the parts of `held`, with its part of the server and, where that is
  /// asked for, alone; none where they are dark.
  using Draws = std::function<void(JobIndex j, const HeldParts& held, std::span<const double> chip_w,
                                   std::span<const double> die_w)>;
  /// Told at each move, where power is counted. `alone`: [pool] what chips draw without the server; or empty.
  void on_draw(Draws draws, std::vector<StatePower> alone) {
    on_draw_ = std::move(draws);
    alone_ = std::move(alone);
  }
  /// Joules that its chips have drawn at all its starts; 0 where no power is known.
  double joules(JobIndex j, double now_s) const;
  /// The time of its chips was counted anew, and took so many joules more.
  void recounted(JobIndex j, double joules);
  /// It has ended, and what it drew is counted.
  void forget(JobIndex j);

  /// The chip-seconds that jobs held by their own sum, and the joules they drew, must meet the lit ones of the ledger:
  /// two counts made apart. What is wrong, or empty.
  std::string unlike(double jobs_chip_s, double end_s) const;

 private:
  /// Of a job that was started.
  struct Drawn {
    double watts = 0, since_s = 0;
    CompensatedSum joules;
  };
  const Site& site_;
  const Engine& engine_;
  Ledger& ledger_;
  const StartedJobs& jobs_;
  Draws on_draw_;
  std::vector<StatePower> alone_;              ///< [pool]; or empty
  std::vector<double> chip_w_, die_w_;         ///< of the parts in move()
  std::vector<ChipState> dark_;                ///< [pool] why its free chips are dark now
  std::unordered_map<JobIndex, Drawn> drawn_;  ///< where power is counted
  CompensatedSum all_drawn_j_;                 ///< by jobs that are forgotten
};

}  // namespace alight
