// Builds the SimGrid platform of a site (its shape: plan.hpp).
//
// One process holds one simulation. The caller owns the Engine, made after silence() of compat.hpp; the platform is
// built before it runs.
#pragma once

#include <vector>

#include "platforms/simgrid/plan.hpp"
#include "platforms/site.hpp"

namespace simgrid::s4u {
class Engine;
class Host;
class Link;
}  // namespace simgrid::s4u

namespace alight {

/// SimGrid's own objects, owned by its engine. By number of server, leaf group and pod of topology/clos.hpp; `up` leads
/// away from the servers. Groups and pods without anything above have null links; a site with Site::networks has none;
/// a platform read from a file fills `hosts` only.
struct BuiltPlatform {
  struct Duplex {
    simgrid::s4u::Link* up = nullptr;
    simgrid::s4u::Link* down = nullptr;
  };
  std::vector<simgrid::s4u::Host*> hosts;
  std::vector<Duplex> servers, groups, pods;
  std::vector<simgrid::s4u::Link*> links;  ///< by LinkIndex of topology/routes.hpp; one direction each
};

/// Throws std::logic_error where the plan has a fault (fault_of), before SimGrid sees any of it.
BuiltPlatform build_platform(const Site& site, simgrid::s4u::Engine& engine);

/// What SimGrid holds of a site, built in an engine of its own: for `alight check`. Once in a process.
struct PlatformSizes {
  std::size_t zones = 0, hosts = 0, links = 0;
  /// First and last server: links on SimGrid's route between them and its latency.
  std::size_t longest_route_links = 0;
  double longest_route_latency_s = 0;
};
PlatformSizes build_and_measure(const Site& site);

}  // namespace alight
