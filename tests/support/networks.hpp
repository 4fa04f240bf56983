// Small sites of several networks for tests of the platforms layer.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/sites.hpp"

namespace alight::test {

inline Grid grid(Grid::Wiring wiring, std::vector<std::int64_t> dims, std::vector<std::int64_t> block = {}) {
  Grid g;
  g.wiring = wiring;
  g.dims = std::move(dims);
  g.block = block.empty() ? std::vector<std::int64_t>(g.dims.size(), 1) : std::move(block);
  g.gbps.assign(g.dims.size(), 400);
  g.cables.assign(g.dims.size(), 1);
  g.wrap.assign(g.dims.size(), true);
  g.latency_s = 1e-6;
  return g;
}

inline Network network(std::string name, std::vector<std::int64_t> pools, std::string place = "here") {
  Network n;
  n.name = std::move(name);
  n.pools = std::move(pools);
  n.place = std::move(place);
  return n;
}

inline Site joined(std::vector<Pool> pools, std::vector<Network> networks, std::vector<Tier> tiers = {}) {
  Site s;
  s.name = "test";
  s.pools = std::move(pools);
  s.tiers = std::move(tiers);
  s.place = "here";
  s.networks = std::move(networks);
  number(s);
  return s;
}

/// One grid of all servers of a site.
inline Site grid_site(const Grid& g) {
  Network n = network("net", {0});
  n.grid = g;
  return joined({pool("p", g.servers() * g.count)}, {n});
}

inline Dragonfly dragonfly(std::int64_t groups, std::int64_t routers, std::int64_t servers, std::int64_t pair_cables) {
  Dragonfly d;
  d.groups = groups;
  d.routers = routers;
  d.servers = servers;
  d.pair_cables = pair_cables;
  d.local_gbps = 200;
  d.global_gbps = 100;
  d.latency_s = 1e-6;
  d.local_latency_s = 2e-6;
  d.global_latency_s = 5e-6;
  return d;
}

inline Site dragonfly_site(const Dragonfly& d) {
  Network n = network("net", {0});
  n.dragonfly = d;
  return joined({pool("p", d.groups * d.routers * d.servers)}, {n});
}

/// Up to four networks, one pool each, of drawn kinds at up to two places; with or without scale-up beside scale-out.
inline Site random_joined(std::uint64_t seed) {
  Stream stream = alight::stream(seed, "test networks");
  const auto draw = [&stream](std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(stream);
  };
  std::vector<Pool> pools;
  std::vector<Network> networks;
  const auto tiers = [&] {
    static const char* const kNames[] = {"leaf", "spine", "core"};
    std::vector<Tier> out;
    for (std::int64_t t = 0, count = draw(1, 3); t < count; ++t)
      out.push_back(tier(kNames[t], static_cast<double>(100 * draw(1, 4)), draw(2, 8),
                         static_cast<double>(draw(2, 8)) / 2, static_cast<double>(draw(0, 5)) * 1e-6));
    return out;
  };
  const std::int64_t places = draw(1, 2), count = draw(1, 4);
  for (std::int64_t n = 0; n < count; ++n) {
    const auto place = draw(1, places) == 1 ? "here" : "there";
    const auto p = std::ssize(pools);
    const auto named = [&](const char* what) { return network(what + std::to_string(n), {p}, place); };
    std::int64_t servers = draw(1, 20);
    switch (draw(0, 3)) {
      case 0: {
        networks.push_back(named("dragonfly"));
        networks.back().dragonfly = dragonfly(draw(1, 4), draw(1, 4), draw(1, 3), draw(1, 6));
        const Dragonfly& d = *networks.back().dragonfly;
        servers = d.groups * d.routers * d.servers;
        break;
      }
      case 1: {
        Grid g = grid(draw(0, 1) == 0 ? Grid::Wiring::torus : Grid::Wiring::full_mesh, {});
        for (std::int64_t axes = draw(1, 3); axes > 0; --axes) {
          const std::int64_t block = draw(1, 2);
          g.block.push_back(block);
          g.dims.push_back(block * draw(1, 3));
          g.wrap.push_back(draw(0, 2) > 0);
          g.gbps.push_back(static_cast<double>(100 * draw(1, 4)));
          g.cables.push_back(draw(1, 4));
        }
        g.count = draw(1, 2);
        networks.push_back(named("grid"));
        networks.back().grid = g;
        servers = g.servers() * g.count;
        break;
      }
      case 2: {
        Supernode node;
        node.servers = draw(1, 4);
        node.cables = node.planes = draw(1, 3);
        node.gbps = 1600;
        node.latency_s = 3e-7;
        networks.push_back(named("node"));
        networks.back().supernode = node;
        servers = node.servers * draw(1, 4);
        break;
      }
      default:
        networks.push_back(named("clos"));
        networks.back().tiers = tiers();
    }
    if (networks.back().scale_up() && draw(0, 1) == 0) {
      networks.push_back(network("out" + std::to_string(n), {p}, place));
      networks.back().tiers = tiers();
    }
    pools.push_back(pool("p" + std::to_string(n), servers, 8, 1, static_cast<double>(100 * draw(1, 4))));
  }
  Site site = joined(std::move(pools), std::move(networks), draw(0, 1) == 0 ? std::vector<Tier>{} : tiers());
  if (draw(0, 3) > 0 || count > 1) site.backbone = Backbone{800, 4e-6};
  if (places > 1) {
    bool here = false, there = false;
    for (std::size_t p = 0; p < site.pools.size(); ++p) {
      std::string place = site.place;
      for (const Network& n : site.networks)
        if (!n.scale_up() && n.pools.front() == static_cast<std::int64_t>(p)) place = n.place;
      (place == "here" ? here : there) = true;
    }
    if (here && there) site.wan = {{"here", "there", 100, 1e-3}};
  }
  return site;
}

}  // namespace alight::test
