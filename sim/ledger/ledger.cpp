#include "sim/ledger/ledger.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace alight {

Ledger::Ledger(const Site& site, double bin_s, std::function<void(const LedgerBin&)> on_bin)
    : pools_(site.pools.size()),
      sums_(site.pools.size()),
      totals_(site.pools.size()),
      bin_s_(bin_s),
      on_bin_(std::move(on_bin)) {
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    pools_[p].installed_milli = site.pools[p].chips() * 1000;
    pools_[p].units[index(ChipState::idle)] = pools_[p].installed_milli * kPerMilli;
    installed_chips_ += static_cast<double>(site.pools[p].chips());
  }
}

void Ledger::settle(PoolBooks& pool, std::size_t state, double now_s) {
  if (pool.units[state] != 0)
    pool.in_bin[state].add(static_cast<double>(pool.units[state]) / kPerChip * (now_s - pool.since[state]));
  if (pool.beyond_uw[state] != 0)
    pool.beyond_j[state].add(static_cast<double>(pool.beyond_uw[state]) * 1e-6 * (now_s - pool.since[state]));
  pool.since[state] = now_s;
}

void Ledger::add(PoolBooks& pool, ChipState state, std::int64_t units, double now_s) {
  settle(pool, index(state), now_s);
  if ((pool.units[index(state)] += units) < 0)
    throw std::logic_error(fmt::format("Ledger: {} units leave state {}, which holds fewer", -units, name_of(state)));
}

void Ledger::add(std::size_t pool, const Split& split, std::int64_t milli, double now_s) {
  PoolBooks& books = pools_[pool];
  for (std::size_t s = 0; s < kChipStates; ++s) {
    const auto state = static_cast<ChipState>(s);
    const std::int64_t parts = split.parts(state);
    if (parts == 0) continue;
    add(books, state, parts * milli, now_s);
    if (counts_power() && (split.doing(state) != Split::Doing::as_state || split.clock() < 1)) {
      const double chips = static_cast<double>(parts * milli) / kPerChip;
      const double beyond_w = power_[pool].draw_w(split, state) - power_[pool].watts[s];
      books.beyond_uw[s] += std::llround(chips * beyond_w * 1e6);
    }
  }
}

double StatePower::draw_w(const Split& split, ChipState state) const {
  const Split::Doing doing = split.doing(state);
  if (doing == Split::Doing::computing) return computing_w(split.computing(), split.clock());
  const ChipState as = doing == Split::Doing::unseen ? ChipState::opaque : state;
  return split.clock() < 1 ? clocked_w(as, split.clock()) : watts[static_cast<std::size_t>(as)];
}

double StatePower::draw_w(const Split& split) const {
  double sum = 0;
  for (std::size_t s = 0; s < kChipStates; ++s) {
    const auto state = static_cast<ChipState>(s);
    if (split.parts(state) > 0) sum += split.share(state) * draw_w(split, state);
  }
  return sum;
}

void Ledger::move(std::size_t pool, ChipState from, ChipState to, std::int64_t milli, double now_s) {
  if (milli == 0 || from == to) return;
  if (milli < 0) throw std::logic_error("Ledger: fewer than no chips move");
  advance(now_s);
  add(pools_[pool], from, -milli * kPerMilli, now_s);
  add(pools_[pool], to, milli * kPerMilli, now_s);
}

void Ledger::move(std::size_t pool, ChipState from, const Split& to, std::int64_t milli, double now_s) {
  if (milli < 0) throw std::logic_error("Ledger: fewer than no chips move");
  advance(now_s);
  add(pools_[pool], from, -milli * kPerMilli, now_s);
  add(pool, to, milli, now_s);
}

void Ledger::move(std::size_t pool, const Split& from, ChipState to, std::int64_t milli, double now_s) {
  if (milli < 0) throw std::logic_error("Ledger: fewer than no chips move");
  advance(now_s);
  add(pool, from, -milli, now_s);
  add(pools_[pool], to, milli * kPerMilli, now_s);
}

double Ledger::recount(std::size_t pool, ChipState from, const StateTimes& chip_s, const Computing& computing,
                       double clock, double now_s) {
  PoolBooks& books = pools_[pool];
  settle(books, index(from), now_s);
  CompensatedSum all;
  for (const double s : chip_s) all.add(s);
  const double there = books.in_bin[index(from)].value();
  if (all.value() > there + 1e-9 * std::max(1.0, there))
    throw std::logic_error(
        fmt::format("Ledger: {} chip-s are counted anew of {} in {}", all.value(), there, name_of(from)));
  for (std::size_t s = 0; s < kChipStates; ++s) books.in_bin[s].add(chip_s[s]);
  books.in_bin[index(from)].add(-all.value());
  if (!counts_power()) return 0;
  const StatePower& power = power_[pool];
  const double computing_w = power.computing_w(computing, clock);
  CompensatedSum more;
  for (std::size_t s = 0; s < kChipStates; ++s) {
    more.add(chip_s[s] * (power.watts[s] - power.watts[index(from)]));
    if (chip_s[s] == 0) continue;
    const auto state = static_cast<ChipState>(s);
    const bool computes = state == ChipState::useful || state == ChipState::below_peak || state == ChipState::throttled;
    if (!computes && clock == 1) continue;
    const double beyond = chip_s[s] * ((computes ? computing_w : power.clocked_w(state, clock)) - power.watts[s]);
    books.beyond_j[s].add(beyond);
    more.add(beyond);
  }
  return more.value();
}

void Ledger::advance(double now_s) {
  // The bin's end is computed from its number, so that a year of bins does not drift.
  for (double end = static_cast<double>(bin_number_ + 1) * bin_s_; now_s >= end;
       end = static_cast<double>(bin_number_ + 1) * bin_s_)
    close_bin(end);
}

void Ledger::close_bin(double end_s) {
  for (const auto& count : before_close_) count(end_s);
  LedgerBin bin{bin_start_, end_s, std::vector<StateTimes>(pools_.size()), std::vector<StateTimes>(power_.size())};
  joule_sums_.resize(power_.size());
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    PoolBooks& books = pools_[p];
    CompensatedSum in_states;
    std::int64_t units = 0;
    for (std::size_t s = 0; s < kChipStates; ++s) {
      settle(books, s, end_s);
      bin.chip_s[p][s] = books.in_bin[s].value();
      in_states.add(bin.chip_s[p][s]);
      sums_[p][s].add(bin.chip_s[p][s]);
      books.in_bin[s] = {};
      if (counts_power()) {
        bin.joules[p][s] = power_[p].watts[s] * bin.chip_s[p][s] + books.beyond_j[s].value();
        joule_sums_[p][s].add(bin.joules[p][s]);
        books.beyond_j[s] = {};
      }
      units += books.units[s];
    }
    const double installed = static_cast<double>(books.installed_milli) * 1e-3 * (end_s - bin_start_);
    if (violation_.empty() && units != books.installed_milli * kPerMilli)
      violation_ =
          fmt::format("conservation: pool {} has {} chips in its states, {} installed, at {} s", p,
                      static_cast<double>(units) / kPerChip, static_cast<double>(books.installed_milli) * 1e-3, end_s);
    if (violation_.empty() && std::abs(in_states.value() - installed) > 1e-9 * std::max(installed, 1.0))
      violation_ = fmt::format("conservation: pool {} accounts for {} chip-s of {} in the bin ending at {} s", p,
                               in_states.value(), installed, end_s);
  }
  if (end_s > bin_start_) on_bin_(bin);
  bin_start_ = end_s;
  ++bin_number_;
}

std::string Ledger::close(double end_s) {
  advance(end_s);
  close_bin(end_s);
  installed_chip_s_ = installed_chips_ * end_s;
  CompensatedSum all;
  for (std::size_t p = 0; p < pools_.size(); ++p)
    for (std::size_t s = 0; s < kChipStates; ++s) all.add(totals_[p][s] = sums_[p][s].value());
  joules_.resize(joule_sums_.size());
  for (std::size_t p = 0; p < joules_.size(); ++p)
    for (std::size_t s = 0; s < kChipStates; ++s) joules_[p][s] = joule_sums_[p][s].value();
  if (violation_.empty() && std::abs(all.value() - installed_chip_s_) > 1e-9 * std::max(installed_chip_s_, 1.0))
    violation_ = fmt::format("conservation: {} chip-s in all states, {} installed", all.value(), installed_chip_s_);
  return violation_;
}

}  // namespace alight
