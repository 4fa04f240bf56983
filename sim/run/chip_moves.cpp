#include "sim/run/chip_moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace alight {

ChipMoves::ChipMoves(const Site& site, const Engine& engine, Ledger& ledger, const StartedJobs& jobs)
    : site_(site), engine_(engine), ledger_(ledger), jobs_(jobs), dark_(site.pools.size(), ChipState::idle) {}

void ChipMoves::delivered(PoolIndex p, std::int64_t servers) {
  ledger_.move(p, ChipState::undelivered, dark_[p], servers * site_.pools[p].server.chips * 1000, engine_.now());
}

void ChipMoves::out_of_service(PoolIndex p, std::int64_t milli) {
  ChipState from = dark_[p], to = ChipState::failed;
  if (milli < 0) std::swap(from, to);
  ledger_.move(p, from, to, std::abs(milli), engine_.now());
}

void ChipMoves::explain(const Scheduler& scheduler) {
  for (PoolIndex p = 0; p < dark_.size(); ++p) {
    const ChipState why = scheduler.waiting() == 0       ? ChipState::idle
                          : scheduler.waiting_for(p) > 0 ? ChipState::fragmented
                                                         : ChipState::mismatched;
    if (why == dark_[p]) continue;
    ledger_.move(p, dark_[p], why, ledger_.milli(p, dark_[p]), engine_.now());
    dark_[p] = why;
  }
}

void ChipMoves::move(JobIndex j, const HeldParts& held, const Split& split, In from, In to) {
  for (std::size_t i = 0; i < held.parts().size(); ++i) {
    const std::size_t p = held.parts()[i].pool;
    const std::int64_t milli = held.parts()[i].held_milli;
    const Split& own = jobs_.preempted().redoes(j)                  ? PreemptedJobs::split()
                       : jobs_.mixed(j) && !jobs_.halts().halted(j) ? jobs_.mix(j).splits[i]
                                                                    : split;
    const auto state = [&](In in) { return in == In::dark ? dark_[p] : ChipState::starting; };
    if (from == In::course)
      ledger_.move(p, own, state(to), milli, engine_.now());
    else if (to == In::course)
      ledger_.move(p, state(from), own, milli, engine_.now());
    else
      ledger_.move(p, state(from), state(to), milli, engine_.now());
  }
}

std::string ChipMoves::unlike(double jobs_chip_s) const {
  CompensatedSum lit;
  for (const StateTimes& pool : ledger_.totals())
    for (std::size_t s = 0; s < kChipStates; ++s)
      if (is_lit(static_cast<ChipState>(s))) lit.add(pool[s]);
  if (std::abs(jobs_chip_s - lit.value()) <= 1e-9 * std::max(1.0, ledger_.installed_chip_s())) return {};
  return fmt::format("conservation: jobs held {} chip-s, the ledger has {} lit", jobs_chip_s, lit.value());
}

}  // namespace alight
