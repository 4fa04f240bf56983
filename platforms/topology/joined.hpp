// The routes of a site with several networks: the scale-out networks that its servers plug in to, the scale-up networks
// beside them (grids, supernodes), the backbone of each place and the WAN between places.
//
// Servers of one grid talk over the grid, servers of one supernode through its switches; all others leave by their
// NICs, through their own network where it is the same, else up to the top of theirs, over its link to the backbone,
// over the WAN links between the two places (the way of least latency; of those the first found), and down again. Where
// no backbone is described the network of a place hangs on the WAN itself.
#pragma once

#include <memory>

#include "platforms/topology/routes.hpp"

namespace alight {

std::unique_ptr<const Routes> joined_routes(const Site& site);

}  // namespace alight
