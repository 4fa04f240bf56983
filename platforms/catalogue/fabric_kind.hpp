// Constants of collectives, kind by kind of link or network, as the catalogue's files hold them: units written out,
// source and confidence beside. platforms/fabric.hpp turns them into what models/collectives computes with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/collectives/fabric.hpp"
#include "models/entries/provenance.hpp"

namespace alight {

/// One wire protocol of a fabric's communication library, as models/collectives/fabric.hpp has it.
struct ProtocolFigures {
  double base_us = 0;
  double hop_us = 0;
  double efficiency = 0;  ///< of the nominal rate, one direction
  double ramp_us = 0, overlap = 0;
  static const Description& description();
};

/// The figures of a fabric inside a domain; see ScaleUp in models/collectives/fabric.hpp.
struct ScaleUpFigures {
  ScaleUpTopology topology = ScaleUpTopology::switched;
  std::int64_t axes = 1;              ///< of a torus
  double contention = 1;              ///< of a host
  std::optional<double> assumed_gbs;  ///< both directions, for chips whose own rate is unknown
  ProtocolFigures ll, ll128, bulk, in_network, direct;
  double direct_self = 0;
  double tuner_ll = 0, tuner_ll128 = 0, tuner_bulk = 0;
  static const Description& description();
};

/// The figures of a scale-out network; see ScaleOut in models/collectives/fabric.hpp.
struct ScaleOutFigures {
  double efficiency = 0, direct_efficiency = 0;
  double ll_step_us = 0, bulk_step_us = 0, message_us = 0;
  bool in_network = false;
  static const Description& description();
};

/// How collectives run on a kind of scale-up link, or over a kind of scale-out network.
struct FabricKind {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::vector<std::string> chips;  ///< whose own measurements these are
  std::vector<std::string> links;  ///< scale_up_link of other chips it stands for
  std::optional<ScaleUpFigures> up;
  std::optional<ScaleOutFigures> out;
  Provenance provenance;
  static const Description& description();
};

}  // namespace alight
