// From the utility's meter to the chip: what each stage of conversion keeps for itself.
//
// Every stage is a number of equal units that share a load. A unit that gives P of its rating R takes in
//
//     P_in = (P + c) / eta,     or     P_in = P + R (a0 + a1 u + a2 u2),  u = P / R,
//
// the first the form of RAPS (github.com/ExaDigiT/RAPS@6c142bf, row `raps_loss` of the reference's cooling.csv), the
// second that of Schneider Electric's White Paper 108 on UPS: losses without load, in proportion, and of currents
// squared. Both have a part that does not fall with the load, so a stage is worse the less it carries.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace alight {

struct ConversionUnit {
  double rated_w = 0;                     ///< out; 0: without limit, then `constant` and `efficiency` alone count
  double constant_w = 0, efficiency = 1;  ///< c and eta
  double no_load = 0, proportional = 0, square = 0;  ///< a0, a1, a2
  double input_w(double output_w) const;
};

/// Equal units side by side.
struct ConversionStage {
  std::string name;
  ConversionUnit unit;
  std::int64_t units = 1;
  /// Units run only as far as needed: as many as keep each at or below this, the fewest; 0: all run.
  double staged_above_w = 0;

  std::int64_t running(double output_w) const;
  double input_w(double output_w) const;
  double loss_w(double output_w) const { return input_w(output_w) - output_w; }
};

/// A chain from the outermost stage to the innermost; what each takes in at a load of the last.
struct ConversionResult {
  double input_w = 0;
  std::vector<double> losses_w;  ///< of each stage, in the order given; with the load they sum to input_w
};
ConversionResult convert_power(std::span<const ConversionStage> outer_to_inner, double load_w);

/// A UPS of that efficiency at full load; 40 % of what it loses there it loses without load (White Paper 108: "over 40
/// %"), the rest half in proportion and half with the square (an assumption).
ConversionUnit ups(double rated_w, double full_load_efficiency);
/// A transformer or its distribution: half of its losses at full load in the iron, half in the copper (an assumption:
/// the design point of best efficiency).
ConversionUnit distribution(double rated_w, double full_load_loss);
/// Of RAPS, 48 to 12 V in a server: 13 W and 0.98.
ConversionUnit sivoc();
/// Of RAPS, a rectifier: 17 W and 0.96; four in a chassis, brought in one after the other so that each carries 13670 W.
ConversionUnit rectifier();
ConversionStage rectifier_chassis(std::int64_t rectifiers = 4);

/// The efficiencies of Lei & Masanet's example: UPS 0.980, distribution 0.56 % of what it takes in.
inline constexpr double kUpsEfficiency = 0.980302734, kDistributionLoss = 0.00560546875;

}  // namespace alight
