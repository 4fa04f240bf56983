#include "models/reliability/checkpointing.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace alight {

double young_interval_s(const CheckpointCosts& costs) {
  return std::sqrt(2 * costs.stall_s * costs.mttf_s);
}

double daly_first_order_interval_s(const CheckpointCosts& costs) {
  return std::max(0.0, std::sqrt(2 * costs.stall_s * (costs.mttf_s + costs.restart_s)) - costs.stall_s);
}

double daly_interval_s(const CheckpointCosts& costs) {
  const double x = costs.stall_s / (2 * costs.mttf_s);
  if (x >= 1) return costs.mttf_s;
  return young_interval_s(costs) * (1 + std::sqrt(x) / 3 + x / 9) - costs.stall_s;
}

double best_interval_s(const CheckpointCosts& costs) {
  // (1 - t) e^t falls from 1 to 0 as t goes from 0 to 1. Its logarithm keeps what is left near 0.
  const double target = -costs.stall_s / costs.mttf_s;
  double low = 0, high = 1;
  for (int i = 0; i < 200; ++i) {
    const double t = (low + high) / 2;
    (std::log1p(-t) + t > target ? low : high) = t;
  }
  return std::max((low + high) / 2 * costs.mttf_s, costs.behind_s - costs.stall_s);
}

TimeShares time_shares(const CheckpointCosts& costs, double interval_s) {
  const double period_s = interval_s + costs.stall_s;
  // Best intervals are rounded.
  if (costs.behind_s > period_s * (1 + 1e-12)) throw std::logic_error("checkpoints pile up: the interval is too short");
  if (period_s <= 0) throw std::logic_error("checkpoints without time between them");
  const double m = costs.mttf_s;
  if (std::isinf(m)) return {interval_s / period_s, costs.stall_s / period_s, 0, 0};
  const double kept = std::exp(-costs.behind_s / m) / std::expm1(period_s / m);
  // Of M e^(R/M) from failure to failure; divided through, so that long restarts do not overflow.
  const double running = std::exp(-costs.restart_s / m);
  TimeShares shares;
  shares.useful = kept * interval_s / m * running;
  shares.checkpoint = kept * costs.stall_s / m * running;
  shares.restart = -std::expm1(-costs.restart_s / m);
  shares.lost = std::max(0.0, running - shares.useful - shares.checkpoint);
  return shares;
}

double ettr(const CheckpointCosts& costs, double interval_s, double wait_s) {
  const double lost = (costs.restart_s + interval_s / 2) / costs.mttf_s;
  const double kept = std::max(0.0, 1 - lost) / (1 + costs.stall_s / interval_s);
  return kept / (1 + wait_s / costs.mttf_s);
}

}  // namespace alight
