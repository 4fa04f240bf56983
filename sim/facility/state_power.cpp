#include "sim/facility/state_power.hpp"

#include <algorithm>

namespace alight {
namespace {

/// W of a chip and its part of the server around it.
double with_server(const ServerFacts& server, const ServerParts& full, double chip_w, bool lit) {
  const auto chips = static_cast<double>(std::max<std::int64_t>(1, server.chips));
  return server_power(full, chip_w * chips, lit ? 1 : 0).total_w() / chips;
}

}  // namespace

StatePower state_power(const ChipRatings& chip, const ServerFacts& server, double opaque) {
  const ServerParts full = server_parts(server);
  StatePower power;
  const auto set = [&](ChipState state, double chip_w) {
    power.watts[static_cast<std::size_t>(state)] = with_server(server, full, chip_w, is_lit(state));
  };
  for (const ChipState state : {ChipState::failed, ChipState::maintenance, ChipState::mismatched, ChipState::fragmented,
                                ChipState::idle, ChipState::no_requests})
    set(state, chip_power_w(chip, ChipActivity::idle()));
  for (const ChipState state : {ChipState::lost, ChipState::bucket, ChipState::bubble})
    set(state, chip_power_w(chip, {.waiting = 1}));
  set(ChipState::starting, chip_power_w(chip, {.starting = 1}));
  set(ChipState::exposed_comm, chip_power_w(chip, {.communicating = 1}));
  for (const ChipState state : {ChipState::throttled, ChipState::below_peak, ChipState::useful})
    set(state, chip_power_w(chip, ChipActivity::compute_bound()));
  set(ChipState::opaque, chip.idle_w + opaque * (chip.tdp_w - chip.idle_w));
  power.computing_w = [=](const Computing& work) {
    const double rest = std::max(0.0, 1 - work.compute - work.memory);  // between kernels
    const ChipActivity activity{.compute = work.compute, .memory = work.memory, .waiting = rest};
    return with_server(server, full, std::min(chip.tdp_w, chip_power_w(chip, activity)), true);
  };
  return power;
}

double full_load_w(const ServerFacts& server) {
  return server_parts(server).total_w();
}

}  // namespace alight
