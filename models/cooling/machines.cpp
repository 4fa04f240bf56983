#include "models/cooling/machines.hpp"

#include <algorithm>

namespace alight {

double mover_power_w(const Mover& mover, double flow_kg_s, double density_kg_m3) {
  return flow_kg_s / density_kg_m3 * mover.pressure_pa / mover.efficiency;
}

double affinity(double flow_share, double kept) {
  const double flow = std::clamp(flow_share, std::min(kept, 1.0), 1.0);
  return flow * flow * flow;
}

double chiller_cop(double load, double condenser_c) {
  const double warmest_c = (0.760621 - 0.084615 * load) / (2 * 0.008840);
  const double t = std::clamp(condenser_c, 10.0, warmest_c);
  return 16.798751 + 0.008840 * t * t - 8.528931 * load * load + 9.885294 * load - 0.760621 * t + 0.084615 * load * t;
}

double vaporisation_kj_kg(double t_c) {
  return -0.0013 * t_c * t_c - 2.3097 * t_c + 2500.5;
}

}  // namespace alight
