// What a job in a pool finds of the site's networks, as a few figures: how its servers are joined inside a leaf, and
// how narrow and how far it is beyond. For the prediction of collectives (models/collectives), which knows domains,
// leaves and pods.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/sharing/routing.hpp"
#include "platforms/site.hpp"

namespace alight {

struct PoolNetwork {
  double server_gbps = 0;  ///< that a server sends to servers outside its scale-up domain, each direction
  /// Chips of a scale-up network that is the domain of its chips, and the rate of one chip into it where the site says
  /// another than the catalogue, Gbps each direction.
  std::optional<std::int64_t> domain;
  std::optional<double> scale_up_gbps;
  /// Between leaves, between pods: capacity in over capacity out, at least 1; s per crossing, 0 where unknown.
  double leaf_oversubscription = 1, pod_oversubscription = 1;
  double leaf_latency_s = 0, pod_latency_s = 0;
  RoutingRule routing;                     ///< above the leaves; of tiers
  double leaf_cables = 0, pod_cables = 0;  ///< up of one leaf, of a pod
  double server_nics = 0;                  ///< of one server
  double rails = 1;                        ///< leaves that these are spread over
  std::string fabric;                      ///< what NICs are measured to do; empty: what the chips' own are
  std::int64_t leaf_servers = 0;           ///< as Site::servers_per_leaf(); 0: nothing lies beyond a leaf
  std::vector<std::int64_t> pods;          ///< [leaf of the pool]; empty: all leaves in one
  std::int64_t network = 0;                ///< pools of one scale-out network have the same number
};

/// [pool] of a site with Site::networks. A grid is the scale-up domain of its chips where `domains[pool]` says that
/// they have one beyond a server (a TPU, an NPU of a supernode), else the network between servers (a torus of GPU
/// servers). A supernode always is.
std::vector<PoolNetwork> pool_networks(const Site& site, const std::vector<bool>& domains);

/// What two pools of different scale-out networks have between them.
struct Between {
  double gbps = 0;  ///< of the narrowest link, each direction
  double latency_s = 0;
};
/// Nothing where both are on one network.
std::optional<Between> between(const Site& site, std::int64_t pool_a, std::int64_t pool_b);

}  // namespace alight
