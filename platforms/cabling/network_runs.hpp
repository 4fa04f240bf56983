// The cables of networks that are no tiers of switches: grids, dragonflies, supernodes. Links and how many cables each
// has are the topology's own (topology/grid.hpp, topology/dragonfly.hpp, network.hpp); where they run is the floor's.
//
//   grid        from server to server. Links that leave a block of a torus with `slices` run over an optical circuit
//               switch: to it and on from it, one cable to an end, with a module at each server.
//   dragonfly   routers stand where leaves would, amid the racks of their servers
//   supernode   from a server to the planes of its supernode, evenly: to plane p of P in switch rack p R / P of the R
//               that stand amid its racks, or to mid height of its rack where it lies within one
//
// Optical circuit switches of a grid: every link by which one side of a block can be left has a switch of its own for
// each axis, which both sides of all blocks hang on (TPU v4: 3 axes x 16 links = 48 switches of 2 x 64 used ports,
// Jouppi et al., arXiv 2304.01433, section 2). Where a switch has fewer ports than that, several stand side by side,
// each for some of the blocks.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "platforms/cabling/runs.hpp"
#include "platforms/topology/grid.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

/// Optical circuit switches of the grids of one network.
struct CircuitSwitches {
  std::int64_t count = 0;       ///< of all grids
  std::int64_t used_ports = 0;  ///< of all of them
  std::int64_t side_by_side = 1;
};
/// None without `slices`. `ports` of one switch, at least 2.
CircuitSwitches circuit_switches(const Grid& grid, std::int64_t ports);

/// `tiers` and `switched`: [axis] the tier of its links, and of those that run over optical circuit switches, which are
/// FloorPlan's other switches from `first_switch` on; -1: no cables are laid there.
struct GridTiers {
  std::vector<std::int32_t> tiers, switched;
  std::int64_t first_switch = 0;
  CircuitSwitches switches = {};
};
void add_grid_runs(const Site& site, const Network& network, const FloorPlan& plan, const GridTiers& of,
                   std::vector<CableRun>& runs);

/// The rack of the site that each router belongs to: amid those of its servers.
std::vector<std::int64_t> router_racks(const Site& whole, const Part& part, const Dragonfly& dragonfly);
/// `tiers`: of links to servers, in groups and between groups; -1: no cables. Router 0 is FloorPlan's leaf
/// `first_leaf`.
void add_dragonfly_runs(const Part& part, const Dragonfly& dragonfly, const FloorPlan& plan, std::int64_t first_leaf,
                        const std::array<std::int32_t, 3>& tiers, std::vector<CableRun>& runs);

/// Of the servers of one pool, which the network names.
void add_supernode_runs(const Site& site, const Network& network, std::int64_t pool, const FloorPlan& plan,
                        std::int32_t tier, std::vector<CableRun>& runs);
/// Whether each of them lies within a rack, so that its cables are part of it.
bool supernodes_in_racks(const Site& site, const Network& network);

}  // namespace alight
