// The ledger: integrates chip-seconds per pool, state and time bin. Nobody else counts.
//
// It is told one thing, "so many thousandths of chips of this pool moved from this state to that, now", and keeps whole
// numbers of chips, so that no chip is ever lost to rounding; time integrals are compensated sums (Neumaier 1974).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platforms/site.hpp"
#include "sim/ledger/states.hpp"

namespace alight {

/// A sum that keeps what rounding would drop (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", ZAMM 54, 1974, eq. for the improved Kahan-Babuska sum).
class CompensatedSum {
 public:
  void add(double x) {
    const double t = sum_ + x;
    error_ += (sum_ < 0 ? -sum_ : sum_) >= (x < 0 ? -x : x) ? (sum_ - t) + x : (x - t) + sum_;
    sum_ = t;
  }
  double value() const { return sum_ + error_; }

 private:
  double sum_ = 0, error_ = 0;
};

/// Chip-seconds of one pool by state.
using StateTimes = std::array<double, kChipStates>;

/// What one time bin held: a row of ledger.csv per pool and state that occurred.
struct LedgerBin {
  double t_start_s = 0;
  double t_end_s = 0;
  std::vector<StateTimes> chip_s;  ///< [pool]
};

class Ledger {
 public:
  /// Every chip of every pool starts in `idle`. Bins are `bin_s` long; each closed bin goes to `on_bin`.
  Ledger(const Site& site, double bin_s, std::function<void(const LedgerBin&)> on_bin);

  /// Moves `milli` thousandths of chips of `pool` from one state to another at `now_s` (never before an earlier call).
  /// Taking more than is there is our own bug and throws.
  void move(std::size_t pool, ChipState from, ChipState to, std::int64_t milli, double now_s);

  /// Closes the books at `end_s`: the last bin is delivered and conservation is checked.
  /// Returns the first violation found in words, or empty.
  std::string close(double end_s);

  /// Thousandths of chips now in a state.
  std::int64_t milli(std::size_t pool, ChipState state) const { return pools_[pool].milli[index(state)]; }

  /// After close(): chip-seconds in all, by pool and state.
  const std::vector<StateTimes>& totals() const { return totals_; }
  double installed_chip_s() const { return installed_chip_s_; }

 private:
  static std::size_t index(ChipState state) { return static_cast<std::size_t>(state); }
  struct PoolBooks {
    std::int64_t installed_milli = 0;
    std::array<std::int64_t, kChipStates> milli{};
    std::array<double, kChipStates> since{};           ///< when `milli` last changed, or the bin began
    std::array<CompensatedSum, kChipStates> in_bin{};  ///< chip-seconds
  };
  void advance(double now_s);
  void close_bin(double end_s);
  void settle(PoolBooks& pool, std::size_t state, double now_s);

  std::vector<PoolBooks> pools_;
  std::vector<std::array<CompensatedSum, kChipStates>> sums_;
  std::vector<StateTimes> totals_;
  double bin_s_;
  double bin_start_ = 0;
  std::int64_t bin_number_ = 0;
  double installed_chip_s_ = 0;
  double installed_chips_ = 0;
  std::function<void(const LedgerBin&)> on_bin_;
  std::string violation_;
};

}  // namespace alight
