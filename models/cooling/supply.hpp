// What servers are supplied with, air or a liquid, and how warm it is: at the set point while the plant can hold it,
// warmer where the weather or cooling units that are out do not let it.
//
// Units mix what they have cooled with what comes back to them. Of n that are needed at the rated heat, k that run move
// k/n of the flow, servers still draw all of it, and what is missing comes back warm. With the rise from supply to
// return and the effectiveness e of the exchangers, the supply settles at T_sink + rise / e x (P / P_rated) (n / k),
// T_sink = T_set - rise / e: how far it stands over its sink at the rated heat is rise / e, `approach_k` here. A
// computation from the plant's design (Lei & Masanet's parameters), not a measurement.
#pragma once

#include <cstdint>
#include <optional>

#include "models/cooling/hall.hpp"
#include "models/cooling/loss_of_cooling.hpp"

namespace alight {

/// What the plant holds with all its units, C. Chilled air and liquids: the set point, or without chillers what the
/// towers leave: wet bulb and the approaches of tower and exchangers, where that is warmer. Outside air: its own
/// temperature, from the coldest to the warmest that servers take; without chillers air too moist to be cooled so far
/// by evaporation is as cold as it gets at the highest humidity.
double held_supply_c(const HallCooling& cooling, const Air& outside);
/// rise / effectiveness, K: of the air handling and its coils (air.rise_k / coil_effectiveness); of outside air its
/// rise (there is no coil); of a liquid its rise and its approach (carried_kj_kg as water's).
double supply_approach_k(const HallCooling& cooling);

/// Equal units that cool one supply.
struct CoolingUnits {
  double rated_w = 0;       ///< of heat that `needed` of them carry
  std::int64_t needed = 1;  ///< more may run; they carry more
  double approach_k = 0;
  double capacity_j_k = 0;  ///< of what warms when they do not carry all heat
};

/// Units that carry the heat and no more come back to the set point without ever reaching it. An assumption.
inline constexpr double kHeldWithin_k = 0.1;

/// One supply. Held, it has the set point; else it is a lump (loss_of_cooling.hpp) whose units give all they can until
/// it is back there.
class Supply {
 public:
  Supply(const CoolingUnits& units, double set_c, std::int64_t running);

  // -- What changes, now
  void set_point(double c);
  void heat(double watts);
  void run(std::int64_t units);

  /// Time passes, nothing changes meanwhile.
  void pass(double seconds);
  /// The same until it is at `limit_c`, as seconds_until() dated it: there is no rounding left.
  void arrive(double limit_c);

  double temperature_c() const { return lump_.temperature_c; }
  double after_c(double seconds) const;
  double set_c() const { return set_c_; }
  /// Where it counts as held again, if the units carry the heat: kHeldWithin_k over the set point.
  double held_from_c() const;
  bool held() const { return held_; }
  bool rises() const { return !held_ && warming_k_min(lump_) > 0; }
  bool falls() const { return !held_ && warming_k_min(lump_) < 0; }
  /// Until it passes a temperature; nothing where it never does, or is there.
  std::optional<double> seconds_until(double limit_c) const;

 private:
  /// Watts that the units running carry at the set point.
  double carried_w() const;
  void update();

  CoolingUnits units_;
  double set_c_;
  std::int64_t running_;
  ThermalLump lump_;
  bool held_ = true;
};

}  // namespace alight
