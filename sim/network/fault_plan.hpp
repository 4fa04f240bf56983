// What is to break in a run's network: a trace of faults and repairs, and random ones. Made from the scenario.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platforms/topology/breakables.hpp"

namespace alight {

/// What becomes of a job whose servers are cut from each other, or from the storage while it needs that.
enum class OnCut : std::uint8_t {
  stall,  ///< it waits for the network, and goes on from there
  fail,   ///< it ends
};

/// A thing that breaks by itself.
struct FaultTarget {
  enum class Kind : std::uint8_t { link, cable, switch_ } kind = Kind::link;
  std::uint32_t index = 0;  ///< the link as Breakables::links() has it, or the switch
  std::int64_t cable = 0;   ///< of the link, from 0
  auto operator<=>(const FaultTarget&) const = default;
};

/// From `time_s` on it does `part` of what it can: 0 is down, 1 is whole.
struct FaultEvent {
  double time_s = 0;
  FaultTarget target;
  double part = 0;
};

/// Things of one kind, which fail at random: as a Poisson process over all of them.
struct FaultClass {
  std::string tier;     ///< Breakables::tier() of its cables; empty: all switches
  std::string medium;   ///< on the bill of links; empty where the rate is the user's
  double per_year = 0;  ///< failures of all of them together
  double expected_in(double s) const { return per_year * s / (365.0 * 86400); }
};

struct RandomFaults {
  std::vector<FaultClass> classes;
  double repair_s = 0, switch_repair_s = 0;
  double flap_share = 0, flap_s = 0;  ///< of cables' failures: over by themselves after so long
};

struct FaultPlan {
  std::vector<FaultEvent> events;  ///< in the order of time
  std::optional<RandomFaults> random;
  OnCut on_cut = OnCut::stall;
};

}  // namespace alight
