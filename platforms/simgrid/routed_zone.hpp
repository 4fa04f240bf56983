// The SimGrid platform of a site with several networks: one zone with all hosts and links, whose routes are those of
// topology/routes.hpp, asked for when SimGrid needs one.
//
// SimGrid's own torus and dragonfly zones know one rate for all links and one kind of network, its fat trees grow
// faster than linearly, and Dijkstra's ways through a torus are not the dimension-order ones. A zone of our own has any
// of these routes, no tables, and costs what its hosts and links do.
#pragma once

#include <memory>

#include "platforms/simgrid/builder.hpp"
#include "platforms/topology/routes.hpp"

namespace alight {

/// As build_platform(), for a site with Site::networks.
BuiltPlatform build_routed(const Site& site, std::shared_ptr<const Routes> routes, simgrid::s4u::Engine& engine);

}  // namespace alight
