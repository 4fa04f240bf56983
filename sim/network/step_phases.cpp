#include "sim/network/step_phases.hpp"

#include <algorithm>
#include <cmath>

namespace alight {
namespace {

/// When in a step an exchange comes: before the micro-batches, among them, after them.
int turn_of(ExchangeKind kind) {
  switch (kind) {
    case ExchangeKind::parameters:
      return 0;
    case ExchangeKind::gradients:
    case ExchangeKind::tied:
      return 2;
    case ExchangeKind::load:  // not played in phases
    case ExchangeKind::dataset:
    case ExchangeKind::checkpoint:
    case ExchangeKind::keys_values:
      return -1;
    case ExchangeKind::tensor:
    case ExchangeKind::context:
    case ExchangeKind::expert:
    case ExchangeKind::pipeline:
    case ExchangeKind::weights:
      break;
  }
  return 1;
}

std::int64_t rounds_of(const Exchange& exchange) {
  if (turn_of(exchange.kind) != 1) return 1;
  return std::clamp<std::int64_t>(std::llround(exchange.times), 1, kMostRounds);
}

}  // namespace

double StepPhase::alone_s() const {
  return std::max(compute_s, before_s + network_s);
}

std::vector<StepPhase> phases_of(const Footprint& footprint) {
  // Computation an exchange needs beside it to hide as it does alone, and what more it could hide beside.
  double computing = footprint.step_s, needed = 0, more = 0;
  for (const SharedExchange& shared : footprint.exchanges) {
    const Exchange& e = shared.exchange;
    computing -= e.exposed_s();
    if (e.with_storage()) continue;
    needed += e.times * std::min(e.room_s, e.seconds);
    more += e.times * std::max(0.0, e.room_s - e.seconds);
  }
  const double free = std::max(0.0, computing - needed);
  const double lent = more > 0 ? std::min(1.0, free / more) : 0;
  const double rest = free - lent * more;

  std::vector<StepPhase> phases;
  const auto add = [&](std::size_t x) {
    const Exchange& e = footprint.exchanges[x].exchange;
    const double repeats = e.times / static_cast<double>(rounds_of(e));
    phases.push_back(
        {.compute_s = repeats * (std::min(e.room_s, e.seconds) + lent * std::max(0.0, e.room_s - e.seconds)),
         .before_s = repeats * (e.seconds - e.network_s),
         .network_s = repeats * e.network_s,
         .exchange = static_cast<std::int32_t>(x),
         .repeats = repeats});
  };
  const auto all_of = [&](int turn) {
    for (std::size_t x = 0; x < footprint.exchanges.size(); ++x)
      if (turn_of(footprint.exchanges[x].exchange.kind) == turn) add(x);
  };
  std::int64_t rounds = 1;
  for (const SharedExchange& shared : footprint.exchanges) rounds = std::max(rounds, rounds_of(shared.exchange));
  all_of(0);
  for (std::int64_t r = 0; r < rounds; ++r) {
    if (rest > 0) phases.push_back({.compute_s = rest / static_cast<double>(rounds)});
    for (std::size_t x = 0; x < footprint.exchanges.size(); ++x) {
      const Exchange& e = footprint.exchanges[x].exchange;
      // Fewer rounds than others are spread over theirs.
      const std::int64_t own = rounds_of(e);
      if (turn_of(e.kind) == 1 && (r + 1) * own / rounds > r * own / rounds) add(x);
    }
  }
  all_of(2);
  return phases;
}

}  // namespace alight
