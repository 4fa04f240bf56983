#include "sim/ledger/ledger.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace alight {
namespace {

std::int64_t tenths_of_a_watt(double watts) {
  return std::llround(watts * 10);
}

}  // namespace

void Ledger::Spent::add(std::int64_t more, double now_s) {
  if (units != 0) chip_s.add(static_cast<double>(units) / kPerChip * (now_s - since));
  since = now_s;
  units += more;
}

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
      const StatePower::Draw draw = power_[pool].draw(split, state);
      books.beyond_uw[s] += std::llround(chips * (draw.watts - power_[pool].watts[s]) * 1e6);
      books.by_job[s].add(parts * milli, now_s);
      books.drawing[tenths_of_a_watt(draw.chip_w)].add(parts * milli, now_s);
    }
  }
}

StatePower::Draw StatePower::draw(const Split& split, ChipState state) const {
  const Split::Doing doing = split.doing(state);
  if (doing == Split::Doing::as_at_first) return mean_draw(split.first_done());
  const auto with_server = [this](double chip_w) { return Draw{chip_w, with_server_w(chip_w, true)}; };
  if (doing == Split::Doing::computing) return with_server(chip_computing_w(split.computing(), split.clock()));
  const bool unseen = doing == Split::Doing::unseen;
  const ChipState as = unseen ? ChipState::opaque : state;
  if (split.clock() < 1 || (unseen && split.unseen_share() >= 0))
    return with_server(chip_clocked_w(as, split.clock(), split.unseen_share()));
  return {chip_watts[static_cast<std::size_t>(as)], watts[static_cast<std::size_t>(as)]};
}

StatePower::Draw StatePower::mean_draw(const Split& split) const {
  Draw mean;
  for (std::size_t s = 0; s < kChipStates; ++s) {
    const auto state = static_cast<ChipState>(s);
    if (split.parts(state) == 0) continue;
    const Draw in_state = draw(split, state);
    mean.chip_w += split.share(state) * in_state.chip_w;
    mean.watts += split.share(state) * in_state.watts;
  }
  return mean;
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
  const double chip_w = power.chip_computing_w(computing, clock);
  const StatePower::Draw computed{chip_w, power.with_server_w(chip_w, true)};
  CompensatedSum more;
  for (std::size_t s = 0; s < kChipStates; ++s) {
    more.add(chip_s[s] * (power.watts[s] - power.watts[index(from)]));
    if (chip_s[s] == 0) continue;
    const auto state = static_cast<ChipState>(s);
    const bool computes = state == ChipState::useful || state == ChipState::below_peak || state == ChipState::throttled;
    if (!computes && clock == 1) continue;
    const StatePower::Draw draw =
        computes ? computed : StatePower::Draw{power.chip_clocked_w(state, clock, -1), power.clocked_w(state, clock)};
    const double beyond = chip_s[s] * (draw.watts - power.watts[s]);
    books.beyond_j[s].add(beyond);
    more.add(beyond);
    books.by_job[s].chip_s.add(chip_s[s]);
    books.drawing[tenths_of_a_watt(draw.chip_w)].chip_s.add(chip_s[s]);
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

// What no job drew by itself was drawn by the states.
ChipPower Ledger::chip_power(std::size_t pool, double end_s) {
  PoolBooks& books = pools_[pool];
  std::map<std::int64_t, CompensatedSum> all;
  for (auto& [tenths, spent] : books.drawing) {
    spent.add(0, end_s);
    all[tenths].add(spent.chip_s.value());
  }
  for (std::size_t s = 0; s < kChipStates; ++s) {
    books.by_job[s].add(0, end_s);
    if (!is_powered(static_cast<ChipState>(s))) continue;
    all[tenths_of_a_watt(power_[pool].chip_watts[s])].add(totals_[pool][s]);
    all[tenths_of_a_watt(power_[pool].chip_watts[s])].add(-books.by_job[s].chip_s.value());
  }
  std::vector<std::pair<double, double>> chip_s;
  for (const auto& [tenths, sum] : all)
    if (sum.value() > 1e-6) chip_s.emplace_back(static_cast<double>(tenths) / 10, sum.value());
  return ChipPower(std::move(chip_s));
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
  for (std::size_t p = 0; p < power_.size(); ++p) chip_power_.push_back(chip_power(p, end_s));
  if (violation_.empty() && std::abs(all.value() - installed_chip_s_) > 1e-9 * std::max(installed_chip_s_, 1.0))
    violation_ = fmt::format("conservation: {} chip-s in all states, {} installed", all.value(), installed_chip_s_);
  return violation_;
}

}  // namespace alight
