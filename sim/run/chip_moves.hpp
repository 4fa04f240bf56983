// How the chips of a run go from state to state in the ledger: those of a job as it starts, gets on and ends, and those
// nobody holds, which are dark for one reason per pool.
#pragma once

#include <string>
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
  /// Thousandths of chips of a pool go out of service (or come back: below 0).
  void out_of_service(PoolIndex p, std::int64_t milli);
  /// After a decision: what now keeps the free chips of each pool dark.
  void explain(const Scheduler& scheduler);

  // -- Chips of a job
  enum class In : std::uint8_t { dark, starting, course };
  /// Of the job that `held` saw last: as lost while it does lost work again, in each pool by its own split where it
  /// lies in several; else by `split`.
  void move(JobIndex j, const HeldParts& held, const Split& split, In from, In to);

  /// The chip-seconds that jobs held by their own sum must meet the lit ones of the ledger: two counts made apart. What
  /// is wrong, or empty.
  std::string unlike(double jobs_chip_s) const;

 private:
  const Site& site_;
  const Engine& engine_;
  Ledger& ledger_;
  const StartedJobs& jobs_;
  std::vector<ChipState> dark_;  ///< [pool] why its free chips are dark now
};

}  // namespace alight
