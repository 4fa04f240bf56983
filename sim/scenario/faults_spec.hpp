// What breaks, as a scenario states it: the network here, resolved into sim/network/fault_plan.hpp by resolve_faults();
// servers in breakdowns_spec.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "sim/network/fault_plan.hpp"
#include "sim/scenario/breakdowns_spec.hpp"

namespace alight {

/// A fault, or a repair, written into the scenario itself.
struct FaultSpec {
  double at_s = 0;
  FaultTarget::Kind what = FaultTarget::Kind::link;
  std::string name;
  std::string state = "down";
  std::optional<double> lasts_s;
  static const Description& description();
};

struct RandomFaultsSpec {
  double repair_s = 0;
  std::optional<double> failures_per_year;  ///< of one cable; else what the catalogue says of its medium
  std::vector<std::string> media;           ///< only these; empty: all
  bool cables = true, switches = false;
  std::optional<double> switch_failures_per_year;  ///< of one switch
  std::optional<double> switch_repair_s;
  double flap_share = 0;
  std::optional<double> flap_s;
  static const Description& description();
};

struct FaultsSpec {
  std::optional<std::string> file;
  std::vector<FaultSpec> events;
  std::optional<RandomFaultsSpec> random;
  OnCut on_cut = OnCut::stall;
  std::optional<BreakdownsSpec> servers;
  /// Whether anything of the network may break.
  bool of_network() const { return file || !events.empty() || random; }
  static const Description& description();
};

}  // namespace alight
