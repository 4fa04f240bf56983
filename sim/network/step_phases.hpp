// A training step as phases one after another, each with computation on the one side and an exchange on the other: what
// the exact mode plays. Alone they take the predicted step, and each exchange hides beside as much computation as the
// step model lays it over.
//
// What is exchanged with the storage is no part of phases.
//
// An exchange that a step repeats more often is played in kMostRounds rounds of several each: bytes and times in all
// are the same.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/footprint.hpp"

namespace alight {

struct StepPhase {
  double compute_s = 0;        ///< on the chips
  double before_s = 0;         ///< of the exchange, inside the domains, before the network
  double network_s = 0;        ///< of the exchange alone, on the network; 0: there is none
  std::int32_t exchange = -1;  ///< of the footprint
  double repeats = 0;          ///< of that exchange in this phase

  double alone_s() const;
};

inline constexpr std::int64_t kMostRounds = 16;

/// Parameters are gathered first, gradients reduced last, what belongs to micro-batches goes round in between.
std::vector<StepPhase> phases_of(const Footprint& footprint);

}  // namespace alight
