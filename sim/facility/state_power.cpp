#include "sim/facility/state_power.hpp"

#include <algorithm>

namespace alight {
namespace {

/// W of a chip and its part of the server around it.
double with_server(const ServerFacts& server, const ServerParts& full, double chip_w, bool lit) {
  const auto chips = static_cast<double>(std::max<std::int64_t>(1, server.chips));
  return server_power(full, chip_w * chips, lit ? 1 : 0).total_w() / chips;
}

bool is_without_power(ChipState state) {
  return state == ChipState::undelivered || state == ChipState::unpowered;
}

double chip_w(const ChipRatings& chip, ChipState state, double clock, double opaque) {
  switch (state) {
    case ChipState::lost:
    case ChipState::bucket:
    case ChipState::bubble:
      return chip_power_w(chip, {.waiting = 1}, clock);
    case ChipState::starting:
      return chip_power_w(chip, {.starting = 1}, clock);
    case ChipState::exposed_comm:
      return chip_power_w(chip, {.communicating = 1}, clock);
    case ChipState::throttled:
    case ChipState::below_peak:
    case ChipState::useful:
      return chip_power_w(chip, ChipActivity::compute_bound(), clock);
    case ChipState::opaque: {
      const double bound_w = clock < 1 ? chip_power_w(chip, ChipActivity::compute_bound(), clock) : chip.tdp_w;
      return chip.idle_w + opaque * (bound_w - chip.idle_w);
    }
    case ChipState::undelivered:
    case ChipState::unpowered:
    case ChipState::failed:
    case ChipState::maintenance:
    case ChipState::mismatched:
    case ChipState::fragmented:
    case ChipState::idle:
    case ChipState::no_requests:
      break;
  }
  return chip_power_w(chip, ChipActivity::idle(), clock);
}

/// All but what stands around the chip.
StatePower chip_alone(const ChipRatings& chip, double opaque) {
  StatePower power;
  power.limit_w = chip.tdp_w;
  power.with_server_w = [](double chip_w, bool) { return chip_w; };
  power.chip_clocked_w = [=](ChipState state, double clock, double unseen) {
    return is_without_power(state) ? 0.0 : chip_w(chip, state, clock, unseen < 0 ? opaque : unseen);
  };
  power.chip_computing_w = [=](const Computing& work, double clock) {
    const double rest = std::max(0.0, 1 - work.compute - work.memory);  // between kernels
    const ChipActivity activity{.compute = work.compute, .memory = work.memory, .waiting = rest};
    return std::min(chip.tdp_w, chip_power_w(chip, activity, clock));
  };
  for (std::size_t s = 0; s < kChipStates; ++s)
    power.chip_watts[s] = power.chip_clocked_w(static_cast<ChipState>(s), 1, -1);
  return power;
}

}  // namespace

StatePower state_power(const ChipRatings& chip, const ServerFacts& server, double opaque) {
  const ServerParts full = server_parts(server);
  StatePower power = chip_alone(chip, opaque);
  power.with_server_w = [=](double chip_w, bool lit) { return with_server(server, full, chip_w, lit); };
  for (std::size_t s = 0; s < kChipStates; ++s) {
    const auto state = static_cast<ChipState>(s);
    if (!is_without_power(state)) power.watts[s] = power.clocked_w(state, 1);
  }
  return power;
}

StatePower die_power(const ChipRatings& chip, double opaque) {
  StatePower power = chip_alone(chip, opaque);
  power.watts = power.chip_watts;
  return power;
}

}  // namespace alight
