// The ledger: integrates chip-seconds per pool, state and time bin. Nobody else counts.
//
// It is told one thing, "so many thousandths of chips of this pool moved from this state to that, now", where either
// may be a split over several, and keeps whole numbers of a unit small enough for both (1e-10 chips), so that no chip
// is ever lost to rounding; time integrals are compensated sums (Neumaier 1974).
//
// Where it knows what a chip draws in each state, it integrates joules with the chip-seconds. Chips that compute draw
// what their work asks for; that is kept in whole microwatts, for the same reason.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platforms/site.hpp"
#include "sim/ledger/chip_power.hpp"
#include "sim/ledger/split.hpp"

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

/// What a chip of a pool draws, W: in each state; where its work while it computes is known, by that; and at clocks
/// below the full one. By itself (`chip`), and with its part of the server around it.
struct StatePower {
  StateTimes watts{};       ///< at the full clock, with its part of the server
  StateTimes chip_watts{};  ///< likewise, by itself
  double limit_w = 0;       ///< of the chip
  std::function<double(const Computing&, double clock)> chip_computing_w;
  /// `unseen`: of the span from idle to the limit, in work nobody can see into; below 0: as chip_watts has it.
  std::function<double(ChipState, double clock, double unseen)> chip_clocked_w;
  std::function<double(double chip_w, bool lit)> with_server_w;

  double computing_w(const Computing& work, double clock) const {
    return with_server_w(chip_computing_w(work, clock), true);
  }
  double clocked_w(ChipState state, double clock) const {
    return with_server_w(chip_clocked_w(state, clock, -1), is_lit(state));
  }
  /// While its time is divided so, in a state: by itself, and with its part of the server.
  struct Draw {
    double chip_w = 0, watts = 0;
  };
  Draw draw(const Split& split, ChipState state) const;
  /// Of one chip all of whose time is divided so.
  Draw mean_draw(const Split& split) const;
  double draw_w(const Split& split) const { return mean_draw(split).watts; }
};

/// What one time bin held: a row of ledger.csv per pool and state that occurred.
struct LedgerBin {
  double t_start_s = 0;
  double t_end_s = 0;
  std::vector<StateTimes> chip_s;  ///< [pool]
  std::vector<StateTimes> joules;  ///< [pool] of the chips; empty where no power is known
};

class Ledger {
 public:
  /// Every chip of every pool starts in `idle`. Bins are `bin_s` long; each closed bin goes to `on_bin`.
  Ledger(const Site& site, double bin_s, std::function<void(const LedgerBin&)> on_bin);

  /// What chips draw, by pool. Called before anything moves.
  void set_power(std::vector<StatePower> power) { power_ = std::move(power); }
  bool counts_power() const { return !power_.empty(); }
  const StatePower& power(std::size_t pool) const { return power_[pool]; }

  /// Moves `milli` thousandths of chips of `pool` from one state to another at `now_s` (never before an earlier call).
  /// Taking more than is there is our own bug and throws.
  void move(std::size_t pool, ChipState from, ChipState to, std::int64_t milli, double now_s);
  /// The same into or out of several states at once, each with its part of every chip.
  void move(std::size_t pool, ChipState from, const Split& to, std::int64_t milli, double now_s);
  void move(std::size_t pool, const Split& from, ChipState to, std::int64_t milli, double now_s);

  /// Chips whose time is divided over states only afterwards stay in one state and are counted anew: of what the pool's
  /// chips spent in `from` since the bin began, `chip_s` were spent in other states. `now_s` as of move(), or the end
  /// of the bin that is being closed. Counting more than was there is our own bug and throws. At a clock below the full
  /// one all but `from` draw less, and what was `throttled` drew what computing did. Returns the joules they took
  /// beyond those of `from`.
  double recount(std::size_t pool, ChipState from, const StateTimes& chip_s, const Computing& computing, double clock,
                 double now_s);
  /// `count` is called before each bin is closed, with its end, and recounts up to then.
  void before_close(std::function<void(double end_s)> count) { before_close_.push_back(std::move(count)); }
  /// Closes bins that end by `now_s`.
  void advance(double now_s);

  /// Closes the books at `end_s`: the last bin is delivered and conservation is checked.
  /// Returns the first violation found in words, or empty.
  std::string close(double end_s);

  /// Whole thousandths of chips now in a state.
  std::int64_t milli(std::size_t pool, ChipState state) const { return pools_[pool].units[index(state)] / kPerMilli; }

  /// After close(): chip-seconds in all, by pool and state.
  const std::vector<StateTimes>& totals() const { return totals_; }
  /// The same of joules; empty where no power is known.
  const std::vector<StateTimes>& joules() const { return joules_; }
  /// [pool] how long chips drew how much, over the whole run; likewise.
  const std::vector<ChipPower>& chip_power() const { return chip_power_; }
  double installed_chip_s() const { return installed_chip_s_; }

 private:
  /// Units of a thousandth of a chip: a chip has 1e10, the largest site 1e18.
  static constexpr std::int64_t kPerMilli = Split::kWhole;
  static constexpr double kPerChip = 1e3 * static_cast<double>(kPerMilli);

  static std::size_t index(ChipState state) { return static_cast<std::size_t>(state); }
  /// Units that do something now, and the chip-seconds they have spent at it.
  struct Spent {
    std::int64_t units = 0;
    double since = 0;
    CompensatedSum chip_s;
    void add(std::int64_t more, double now_s);
  };
  struct PoolBooks {
    std::int64_t installed_milli = 0;
    std::array<std::int64_t, kChipStates> units{};
    std::array<double, kChipStates> since{};           ///< when `units` last changed, or the bin began
    std::array<CompensatedSum, kChipStates> in_bin{};  ///< chip-seconds
    /// Of those who compute, over what the state draws: now, and joules in the bin.
    std::array<std::int64_t, kChipStates> beyond_uw{};
    std::array<CompensatedSum, kChipStates> beyond_j{};
    /// Chips that draw by what their job does and not by their state: how many, and at which tenth of a watt.
    std::array<Spent, kChipStates> by_job{};
    std::map<std::int64_t, Spent> drawing;
  };
  ChipPower chip_power(std::size_t pool, double end_s);
  void close_bin(double end_s);
  static void settle(PoolBooks& pool, std::size_t state, double now_s);
  static void add(PoolBooks& pool, ChipState state, std::int64_t units, double now_s);
  void add(std::size_t pool, const Split& split, std::int64_t milli, double now_s);

  std::vector<PoolBooks> pools_;
  std::vector<std::array<CompensatedSum, kChipStates>> sums_;
  std::vector<StateTimes> totals_;
  std::vector<StatePower> power_;  ///< [pool]; empty: not known
  std::vector<std::array<CompensatedSum, kChipStates>> joule_sums_;
  std::vector<StateTimes> joules_;
  std::vector<ChipPower> chip_power_;
  double bin_s_;
  double bin_start_ = 0;
  std::int64_t bin_number_ = 0;
  double installed_chip_s_ = 0;
  double installed_chips_ = 0;
  std::function<void(const LedgerBin&)> on_bin_;
  std::vector<std::function<void(double)>> before_close_;
  std::string violation_;
};

}  // namespace alight
