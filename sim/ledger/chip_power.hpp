// How long the chips of a pool drew how much, each by itself and without the server around it: a distribution by
// chip-seconds, in steps of a tenth of a watt. Chips without power are not in it.
#pragma once

#include <utility>
#include <vector>

namespace alight {

class ChipPower {
 public:
  /// Watts, ascending, with chip-seconds.
  explicit ChipPower(std::vector<std::pair<double, double>> chip_s = {}) : chip_s_(std::move(chip_s)) {}

  const std::vector<std::pair<double, double>>& chip_s() const { return chip_s_; }
  bool empty() const { return chip_s_.empty(); }
  double all_chip_s() const;
  double mean_w() const;
  /// The least power that a share of the chip-seconds is at or below.
  double quantile_w(double share) const;
  /// Of the chip-seconds, those at so much or more.
  double share_from(double watts) const;

 private:
  std::vector<std::pair<double, double>> chip_s_;
};

}  // namespace alight
