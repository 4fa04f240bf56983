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

void ChipMoves::out_of_service(PoolIndex p, std::optional<ChipState> from, std::optional<ChipState> to,
                               std::int64_t milli) {
  ledger_.move(p, from.value_or(dark_[p]), to.value_or(dark_[p]), milli, engine_.now());
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
  double watts = 0;
  chip_w_.clear();
  die_w_.clear();
  for (std::size_t i = 0; i < held.parts().size(); ++i) {
    const std::size_t p = held.parts()[i].pool;
    const std::int64_t milli = held.parts()[i].held_milli;
    const Split& course = jobs_.mixed(j) && !jobs_.paces().halted(j) ? jobs_.part_split(j, i) : split;
    const Split own = jobs_.as_done(j, course);
    const auto state = [&](In in) { return in == In::dark ? dark_[p] : ChipState::starting; };
    if (from == In::course)
      ledger_.move(p, own, state(to), milli, engine_.now());
    else if (to == In::course)
      ledger_.move(p, state(from), own, milli, engine_.now());
    else
      ledger_.move(p, state(from), state(to), milli, engine_.now());
    if (!ledger_.counts_power() || to == In::dark) continue;
    const StatePower& power = ledger_.power(p);
    const double draw =
        to == In::course ? power.draw_w(own) : power.watts[static_cast<std::size_t>(ChipState::starting)];
    watts += draw * static_cast<double>(milli) * 1e-3;
    chip_w_.push_back(draw);
    if (!alone_.empty())
      die_w_.push_back(to == In::course ? alone_[p].draw_w(between_checkpoints(own))
                                        : alone_[p].watts[static_cast<std::size_t>(ChipState::starting)]);
  }
  if (!ledger_.counts_power()) return;
  Drawn& drawn = drawn_[j];
  drawn.joules.add(drawn.watts * (engine_.now() - drawn.since_s));
  drawn.since_s = engine_.now();
  drawn.watts = watts;
  if (on_draw_) on_draw_(j, held, chip_w_, die_w_);
}

double ChipMoves::joules(JobIndex j, double now_s) const {
  const auto at = drawn_.find(j);
  if (at == drawn_.end()) return 0;
  return at->second.joules.value() + at->second.watts * (now_s - at->second.since_s);
}

void ChipMoves::recounted(JobIndex j, double joules) {
  if (ledger_.counts_power()) drawn_[j].joules.add(joules);
}

void ChipMoves::forget(JobIndex j) {
  const auto at = drawn_.find(j);
  if (at == drawn_.end()) return;
  all_drawn_j_.add(at->second.joules.value());
  drawn_.erase(at);
}

std::string ChipMoves::unlike(double jobs_chip_s, double end_s) const {
  CompensatedSum lit, lit_j, drawn_j = all_drawn_j_, all_j;
  for (const auto& [j, drawn] : drawn_) drawn_j.add(joules(j, end_s));
  for (const StateTimes& pool : ledger_.joules())
    for (std::size_t s = 0; s < kChipStates; ++s) {
      all_j.add(pool[s]);
      if (is_lit(static_cast<ChipState>(s))) lit_j.add(pool[s]);
    }
  if (std::abs(drawn_j.value() - lit_j.value()) > 1e-9 * std::max(1.0, all_j.value()))
    return fmt::format("conservation: jobs drew {} J, the ledger has {} J of lit chips", drawn_j.value(),
                       lit_j.value());
  for (const StateTimes& pool : ledger_.totals())
    for (std::size_t s = 0; s < kChipStates; ++s)
      if (is_lit(static_cast<ChipState>(s))) lit.add(pool[s]);
  if (std::abs(jobs_chip_s - lit.value()) <= 1e-9 * std::max(1.0, ledger_.installed_chip_s())) return {};
  return fmt::format("conservation: jobs held {} chip-s, the ledger has {} lit", jobs_chip_s, lit.value());
}

}  // namespace alight
