#include "platforms/cabling/network_runs.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"
#include "platforms/topology/dragonfly.hpp"

namespace alight {

namespace {

/// Servers on one side of a block, across an axis.
std::int64_t side_of_block(const Grid& grid, std::size_t axis) {
  return grid.block_servers() / grid.block[axis];
}

bool has_switches(const Grid& grid, std::size_t axis) {
  return grid.slices && grid.dims[axis] > 1 && (grid.wrap[axis] || grid.dims[axis] > grid.block[axis]);
}

/// Where in the side of its block a cell lies, and the number of its block.
struct InBlock {
  std::int64_t place = 0, block = 0;
};
InBlock in_block(const Grid& grid, const GridShape& shape, std::int64_t cell, std::size_t axis) {
  InBlock in;
  std::int64_t places = 1, blocks = 1;
  for (std::size_t a = 0; a < shape.axes(); ++a) {
    const std::int64_t x = shape.coordinate(cell, a);
    in.block += x / grid.block[a] * blocks;
    blocks *= grid.dims[a] / grid.block[a];
    if (a == axis) continue;
    in.place += x % grid.block[a] * places;
    places *= grid.block[a];
  }
  return in;
}

}  // namespace

CircuitSwitches circuit_switches(const Grid& grid, std::int64_t ports) {
  CircuitSwitches switches;
  if (!grid.slices) return switches;
  const std::int64_t blocks = grid.servers() / grid.block_servers();
  switches.side_by_side = (2 * blocks + ports - 1) / ports;
  for (std::size_t axis = 0; axis < grid.dims.size(); ++axis) {
    if (!has_switches(grid, axis)) continue;
    const std::int64_t links = side_of_block(grid, axis) * grid.cables[axis];
    switches.count += grid.count * links * switches.side_by_side;
    switches.used_ports += grid.count * links * 2 * blocks;
  }
  return switches;
}

void add_grid_runs(const Site& site, const Network& network, const FloorPlan& plan, const GridTiers& of,
                   std::vector<CableRun>& runs) {
  const Grid& grid = *network.grid;
  const GridShape shape(grid);
  const std::vector<std::int64_t> servers = servers_of(site, network);
  const std::int64_t abreast = of.switches.side_by_side;
  const std::int64_t blocks = grid.servers() / grid.block_servers();
  for (std::int64_t g = 0; g < grid.count; ++g) {
    const auto end = [&](std::int64_t cell) {
      return plan.server(servers[at(g * grid.servers() + shape.server_at(cell))]);
    };
    std::int64_t first = of.first_switch + g * of.switches.count / grid.count;
    for (std::size_t axis = 0; axis < shape.axes(); ++axis) {
      const std::int64_t cables = grid.cables[axis];
      const double rate = grid.gbps[axis] / static_cast<double>(cables);
      for (std::int64_t cell = 0; cell < shape.cells(); ++cell)
        for (std::int64_t link = 0, links = shape.links_up(cell, axis); link < links; ++link) {
          const bool switched = shape.switched(cell, axis);
          const std::int32_t tier = switched ? of.switched[axis] : of.tiers[axis];
          if (tier < 0) continue;
          CableRun run{tier, end(cell), end(shape.end_of(cell, axis, link)), rate, cables};
          if (!switched) {
            runs.push_back(run);
            continue;
          }
          const InBlock in = in_block(grid, shape, cell, axis);
          run.links = 1;
          for (std::int64_t k = 0; k < cables; ++k) {
            const std::int64_t number = (in.place * cables + k) * abreast + in.block * abreast / blocks;
            run.over = plan.network_switch(first + number);
            runs.push_back(run);
          }
        }
      if (has_switches(grid, axis)) first += side_of_block(grid, axis) * cables * abreast;
    }
  }
}

std::vector<std::int64_t> router_racks(const Site& whole, const Part& part, const Dragonfly& dragonfly) {
  std::vector<std::int64_t> racks;
  for (std::int64_t s = 0; s < part.site.servers; s += dragonfly.servers) {
    const std::int64_t last = std::min(s + dragonfly.servers, part.site.servers) - 1;
    const std::int64_t first_rack = whole.rack_of_server(part.server[at(s)]);
    const std::int64_t count = whole.rack_of_server(part.server[at(last)]) - first_rack + 1;
    racks.push_back(first_rack + count / 2);
  }
  return racks;
}

void add_dragonfly_runs(const Part& part, const Dragonfly& d, const FloorPlan& plan, std::int64_t first_leaf,
                        const std::array<std::int32_t, 3>& tiers, std::vector<CableRun>& runs) {
  const DragonflyShape shape(d);
  const auto router = [&](std::int64_t r) { return plan.leaf(first_leaf + r); };
  if (tiers[0] >= 0)
    for (std::int64_t s = 0; s < part.site.servers; ++s) {
      const Pool& pool = part.site.pools[at(part.site.pool_of_server(s))];
      runs.push_back(
          {tiers[0], plan.server(part.server[at(s)]), router(s / d.servers), pool.nic_gbps, pool.nics_per_server});
    }
  if (tiers[1] >= 0)
    for (std::int64_t g = 0; g < d.groups; ++g)
      for (std::int64_t b = 1; b < d.routers; ++b)
        for (std::int64_t a = 0; a < b; ++a)
          runs.push_back({tiers[1], router(g * d.routers + a), router(g * d.routers + b),
                          d.local_gbps / static_cast<double>(d.local_cables), d.local_cables});
  if (tiers[2] >= 0)
    for (std::int64_t b = 1; b < d.groups; ++b)
      for (std::int64_t a = 0; a < b; ++a)
        for (std::int64_t k = 0; k < shape.bundles(); ++k)
          runs.push_back(
              {tiers[2], router(shape.end_of(a, b, k)), router(shape.end_of(b, a, k)), d.global_gbps, shape.cables(k)});
}

void add_supernode_runs(const Site& site, const Network& network, std::int64_t pool, const FloorPlan& plan,
                        std::int32_t tier, std::vector<CableRun>& runs) {
  const Supernode& node = *network.supernode;
  const Pool& p = site.pools[at(pool)];
  for (std::int64_t s = p.first_server; s < p.first_server + p.servers; ++s) {
    const CableEnd own = plan.server(s);
    const std::vector<CableEnd> racks = plan.scale_up_switches(s);
    std::vector<std::int64_t> cables(racks.size(), 0);
    for (std::int64_t plane = 0; plane < node.planes; ++plane)
      cables[at(plane * std::ssize(racks) / node.planes)] += node.cables / node.planes;
    for (std::size_t r = 0; r < racks.size(); ++r)
      if (cables[r] > 0) runs.push_back({tier, own, racks[r], node.gbps / static_cast<double>(node.cables), cables[r]});
  }
}

bool supernodes_in_racks(const Site& site, const Network& network) {
  const std::vector<std::int64_t> servers = servers_of(site, network);
  const std::int64_t of_one = network.supernode->servers;
  for (std::int64_t i = 0; i < std::ssize(servers); ++i)
    if (site.rack_of_server(servers[at(i)]) != site.rack_of_server(servers[at(i / of_one * of_one)])) return false;
  return true;
}

}  // namespace alight
