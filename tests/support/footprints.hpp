// Jobs on shared links with figures made up for easy thought.
#pragma once

#include <utility>
#include <vector>

#include "sim/network/footprint.hpp"

namespace alight::test {

/// An exchange `times` in a step, `network_s` each when alone and beside `room_s` of computation, that fills each of
/// `loads` (link, bytes) once.
inline SharedExchange exchange_on(double times, double network_s, double room_s,
                                  std::vector<std::pair<LinkIndex, double>> loads) {
  SharedExchange shared;
  shared.exchange.times = times;
  shared.exchange.seconds = shared.exchange.network_s = network_s;
  shared.exchange.room_s = room_s;
  for (const auto& [link, bytes] : loads) shared.loads.push_back({link, bytes});
  return shared;
}

/// One exchange a step.
inline Footprint one_exchange(double step_s, double network_s, double room_s,
                              std::vector<std::pair<LinkIndex, double>> loads) {
  Footprint footprint;
  footprint.step_s = step_s;
  footprint.exchanges.push_back(exchange_on(1, network_s, room_s, std::move(loads)));
  return footprint;
}

}  // namespace alight::test
