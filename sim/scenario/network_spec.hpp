// The kinds of network beside tiers of switches as a scenario states them, and what joins networks. Resolved into
// platforms/network.hpp by resolve_networks().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "models/sharing/routing.hpp"

namespace alight {

/// The keys `routing` and `flows_per_nic` of `network` and of a network of tiers: values, what they mean, what is wrong
/// with them.
std::vector<std::pair<std::string, FlowRouting>> routings();
inline constexpr const char* kRoutingDoc =
    "How flows find their way above the leaves, and what the links there lose by it (docs/sharing.md). even: nothing; "
    "ecmp: a hash chooses a link for each flow; rails: each NIC has its link; adaptive: switches choose a link for "
    "each "
    "packet. Default: even.";
inline constexpr const char* kFlowsPerNicDoc =
    "With ecmp: flows that a NIC has under way at a time, channels x queue pairs. Default: 2.";
inline constexpr const char* kFabricDoc =
    "Entry of the catalogue's fabrics whose measured efficiencies and latencies its NICs have (alight catalog list "
    "fabrics). Default: the one that goes with each pool's chips, else Rail network.";
constexpr Range kFlowsPerNic{.min = 1, .max = 65536};
void check_routing(const std::optional<FlowRouting>& routing, const std::optional<std::int64_t>& flows_per_nic,
                   bool leaf, const std::string& path, Diagnostics& out);
RoutingRule routing_rule(const std::optional<FlowRouting>& routing, const std::optional<std::int64_t>& flows_per_nic);

/// Servers, or chips, each cabled to the next along every axis.
struct TorusSpec {
  std::vector<std::int64_t> servers, chips;  ///< along each axis; one of the two
  std::vector<std::int64_t> server;          ///< chips of one server along each axis
  std::vector<std::int64_t> block;           ///< in what the axes count
  std::optional<double> rate_gbps;
  std::vector<double> rates_gbps;  ///< [axis]
  std::vector<std::string> media;  ///< [axis]
  std::optional<double> latency_s;
  std::int64_t count = 1;
  bool wrap = true;
  bool slices = false;
  std::string optical_switch = "Palomar OCS";
  static const Description& description();
};

/// Servers, or chips, each cabled to all others along every axis.
struct FullMeshSpec {
  std::vector<std::int64_t> servers, chips;
  std::vector<std::int64_t> server;
  std::vector<std::int64_t> block;
  std::optional<double> rate_gbps;
  std::vector<double> rates_gbps;
  std::vector<std::string> media;
  std::optional<double> latency_s;
  std::int64_t count = 1;
  static const Description& description();
};

struct DragonflySpec {
  std::int64_t groups = 1, routers = 1, servers = 1;
  double local_gbps = 400, global_gbps = 400;
  std::optional<std::int64_t> global_links;  ///< of one router
  std::int64_t local_cables = 1;
  std::optional<double> latency_s, local_latency_s, global_latency_s;
  std::string server_medium, local_medium, global_medium;
  static const Description& description();
};

struct SupernodeSpec {
  std::int64_t servers = 1;
  std::int64_t ports = 1;  ///< of one chip
  std::int64_t planes = 1;
  std::optional<double> rate_gbps;  ///< of one port
  std::optional<double> latency_s;
  static const Description& description();
};

struct BackboneSpec {
  double rate_gbps = 400;
  double latency_s = 0;
  static const Description& description();
};

struct WanSpec {
  std::vector<std::string> between;
  double rate_gbps = 400;
  std::optional<double> length_m, latency_s;
  static const Description& description();
};

}  // namespace alight
