// Quantiles of any number of values in fixed memory, to a stated error: counts in bins of equal ratio.
//
// A bin is one of 256 equal parts of a power of two, so a value is known to 1/512 = 0.2 % and so is every quantile
// (Masson, Rim, Lee, DDSketch, VLDB 2019, has the argument; bins here are those of the bits of a double). Sums of two
// histograms are histograms, and do not depend on the order of values.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace alight {

class LogHistogram {
 public:
  /// A value of 0 or more; below 1e-9 counts as 0, above 1e9 as 1e9.
  void add(double value) {
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
    if (value < kLeast) {
      ++zeros_;
      return;
    }
    const std::size_t bin = bin_of(std::min(value, kMost));
    if (bin >= bins_.size()) bins_.resize(bin + 1, 0);
    ++bins_[bin];
  }

  std::int64_t count() const { return count_; }
  double mean() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0; }
  double max() const { return max_; }

  /// The value that `share` of all are not above (nearest rank), to 0.2 %; 0 without values.
  double quantile(double share) const {
    const auto rank = std::max<std::int64_t>(1, std::llround(std::ceil(share * static_cast<double>(count_))));
    std::int64_t below = zeros_;
    if (rank <= below) return 0;
    for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
      below += bins_[bin];
      if (rank <= below) return std::min(max_, (edge(bin) + edge(bin + 1)) / 2);
    }
    return max_;
  }

  void merge(const LogHistogram& other) {
    if (other.bins_.size() > bins_.size()) bins_.resize(other.bins_.size(), 0);
    for (std::size_t bin = 0; bin < other.bins_.size(); ++bin) bins_[bin] += other.bins_[bin];
    count_ += other.count_, zeros_ += other.zeros_, sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }

 private:
  static constexpr double kLeast = 0x1p-30, kMost = 0x1p30;
  static constexpr int kDropped = 52 - 8;  ///< bits of the fraction that do not count
  static constexpr std::uint64_t kFirst = std::bit_cast<std::uint64_t>(kLeast) >> kDropped;
  static std::size_t bin_of(double value) {
    return static_cast<std::size_t>((std::bit_cast<std::uint64_t>(value) >> kDropped) - kFirst);
  }
  static double edge(std::size_t bin) { return std::bit_cast<double>((std::uint64_t{bin} + kFirst) << kDropped); }

  std::vector<std::int64_t> bins_;
  std::int64_t count_ = 0, zeros_ = 0;
  double sum_ = 0, max_ = 0;
};

}  // namespace alight
