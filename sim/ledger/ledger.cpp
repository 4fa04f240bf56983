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
    pools_[p].milli[index(ChipState::idle)] = pools_[p].installed_milli;
    installed_chips_ += static_cast<double>(site.pools[p].chips());
  }
}

void Ledger::settle(PoolBooks& pool, std::size_t state, double now_s) {
  if (pool.milli[state] != 0)
    pool.in_bin[state].add(static_cast<double>(pool.milli[state]) * 1e-3 * (now_s - pool.since[state]));
  pool.since[state] = now_s;
}

void Ledger::move(std::size_t pool, ChipState from, ChipState to, std::int64_t milli, double now_s) {
  if (milli == 0 || from == to) return;
  advance(now_s);
  PoolBooks& books = pools_[pool];
  settle(books, index(from), now_s);
  settle(books, index(to), now_s);
  books.milli[index(from)] -= milli;
  books.milli[index(to)] += milli;
  if (milli < 0 || books.milli[index(from)] < 0)
    throw std::logic_error(
        fmt::format("Ledger: {} milli-chips of pool {} leave state {}, which holds fewer", milli, pool, name_of(from)));
}

void Ledger::advance(double now_s) {
  // The bin's end is computed from its number, so that a year of bins does not drift.
  for (double end = static_cast<double>(bin_number_ + 1) * bin_s_; now_s >= end;
       end = static_cast<double>(bin_number_ + 1) * bin_s_)
    close_bin(end);
}

void Ledger::close_bin(double end_s) {
  LedgerBin bin{bin_start_, end_s, std::vector<StateTimes>(pools_.size())};
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    PoolBooks& books = pools_[p];
    CompensatedSum in_states;
    std::int64_t milli = 0;
    for (std::size_t s = 0; s < kChipStates; ++s) {
      settle(books, s, end_s);
      bin.chip_s[p][s] = books.in_bin[s].value();
      in_states.add(bin.chip_s[p][s]);
      sums_[p][s].add(bin.chip_s[p][s]);
      books.in_bin[s] = {};
      milli += books.milli[s];
    }
    const double installed = static_cast<double>(books.installed_milli) * 1e-3 * (end_s - bin_start_);
    if (violation_.empty() && milli != books.installed_milli)
      violation_ = fmt::format("conservation: pool {} has {} milli-chips in its states, {} installed, at {} s", p,
                               milli, books.installed_milli, end_s);
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
  if (violation_.empty() && std::abs(all.value() - installed_chip_s_) > 1e-9 * std::max(installed_chip_s_, 1.0))
    violation_ = fmt::format("conservation: {} chip-s in all states, {} installed", all.value(), installed_chip_s_);
  return violation_;
}

}  // namespace alight
