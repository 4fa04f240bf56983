// Small networks of every kind, drawn, with one pool of small chips.
#pragma once

#include "tests/support/random_runs.hpp"

namespace alight::test {

/// A Clos of two or three tiers, a torus, a mesh, a dragonfly, or supernodes over tiers; servers of 1 to 4 chips.
inline Site random_network(Dice& dice) {
  Site site;
  const std::int64_t chips = std::int64_t{1} << dice(0, 2);
  const auto pool = [&](std::int64_t servers, std::int64_t nics) {
    Pool p = trained_pool("p", servers, chips);
    p.nic_gbps = 200;
    p.nics_per_server = nics;
    site.pools.push_back(std::move(p));
  };
  const auto tier = [&](const char* name, std::int64_t ports, double over) {
    return Tier{.name = name, .rate_gbps = 200, .down_ports = ports, .oversubscription = over};
  };
  switch (dice(0, 4)) {
    case 0:
      pool(dice(6, 16), dice(1, 2));
      site.tiers = {tier("leaf", 4, static_cast<double>(dice(1, 4))), tier("spine", dice(2, 16), 1)};
      break;
    case 1:
      pool(dice(12, 20), 1);
      site.tiers = {tier("leaf", 2, 1), tier("spine", 4, static_cast<double>(dice(1, 2))), tier("core", 8, 1)};
      break;
    case 2: {
      const std::int64_t x = dice(2, 4), y = dice(2, 4);
      pool(x * y, 1);
      Grid grid{.wiring = dice.one_in(3) ? Grid::Wiring::full_mesh : Grid::Wiring::torus,
                .dims = {x, y},
                .block = {x, 1},
                .gbps = {200, 200},
                .cables = {dice(1, 2), 1},
                .wrap = {true, dice.one_in(2)}};
      site.networks.push_back({.name = "t", .place = "main", .pools = {0}, .tiers = {}, .grid = grid});
      break;
    }
    case 3: {
      const Dragonfly d{
          .groups = 3, .routers = 2, .servers = 2, .pair_cables = dice(1, 2), .local_gbps = 200, .global_gbps = 200};
      pool(12, 1);
      site.networks.push_back({.name = "d", .place = "main", .pools = {0}, .tiers = {}, .grid = {}, .dragonfly = d});
      break;
    }
    default: {
      pool(12, 1);
      const Supernode node{.servers = 4, .planes = 2, .cables = 4, .gbps = 800};
      site.networks.push_back(
          {.name = "s", .place = "main", .pools = {0}, .tiers = {}, .grid = {}, .dragonfly = {}, .supernode = node});
      site.tiers = {tier("leaf", 4, 2), tier("spine", 8, 1)};
    }
  }
  number(site);
  return site;
}

}  // namespace alight::test
