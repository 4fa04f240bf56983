// A site as it stands: halls, rows, racks, servers, chips, in pools of one server type and one software stack, under
// tiers of switches. Resolved from the scenario and the catalogue; immutable during a run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/sharing/routing.hpp"
#include "platforms/catalogue.hpp"
#include "platforms/network.hpp"
#include "platforms/storage.hpp"

namespace alight {

/// One tier of switches between servers. Tier 0 (leaf) is where servers plug in.
struct Tier {
  std::string name;              ///< "leaf", "spine", "core"
  double rate_gbps = 400;        ///< of one port, each direction
  std::int64_t down_ports = 32;  ///< ports of one switch that point to servers or to the tier below
  double oversubscription = 1;   ///< capacity in from below over capacity out to above; 2 = half the bandwidth
  double latency_s = 0;          ///< through one switch and its link
  std::string medium;            ///< as asked for (platforms/cabling/medium.hpp), or empty
};

/// A phase of building: `racks` racks more are there from `from_s` on. Times in seconds from the run's start.
struct Phase {
  double from_s = 0;
  std::int64_t racks = 0;
};

/// Equal servers under one software stack.
struct Pool {
  std::string name;
  std::string hall, row;  ///< where its racks stand; labels
  Chip chip;
  Server server;
  std::int64_t servers = 0;
  std::int64_t servers_per_rack = 4;
  std::string stack;          ///< cuda, rocm, cann, musa ...
  std::vector<Phase> phases;  ///< empty: all there from the start
  std::int64_t rails = 1;     ///< 1: all NICs of a server on one leaf; n: NIC i on leaf i of its group
  double nic_gbps = 0;        ///< of one NIC, each direction
  std::int64_t nics_per_server = 1;
  std::int64_t first_server = 0;  ///< index of its first server in the site's numbering
  std::int64_t first_rack = 0;
  std::int64_t first_leaf = 0;
  std::int64_t leaf_servers = 0;  ///< what number() takes for a leaf where Site::networks name the pool; else 0

  std::int64_t chips() const { return servers * server.chips; }
  std::int64_t racks() const { return (servers + servers_per_rack - 1) / servers_per_rack; }
};

/// A network of some of the site's pools, of one kind. Of scale-up networks (grid, supernode) a pool may be in one
/// beside the network that its NICs are plugged in to: the one with tiers or a dragonfly that names it, else the site's
/// tiers.
struct Network {
  std::string name;
  std::string place;                ///< where it stands; networks of one place share its backbone
  std::vector<std::int64_t> pools;  ///< in the order their servers are numbered in it
  std::vector<Tier> tiers;          ///< leaf first
  RoutingRule routing;              ///< above the leaves of these
  std::string fabric;               ///< of the catalogue: what NICs on it are measured to do; empty: the chips' own
  std::optional<Grid> grid;
  std::optional<Dragonfly> dragonfly;
  std::optional<Supernode> supernode;

  bool scale_up() const { return grid || supernode; }
};

struct ZonePlan;

/// The whole site. Servers are numbered pool by pool, rack by rack; racks and leaves likewise, so neighbours in number
/// are neighbours in place.
struct Site {
  std::string name;
  std::vector<Pool> pools;
  std::vector<Tier> tiers;  ///< leaf first; empty = one ideal switch for all
  RoutingRule routing;      ///< above the leaves of these tiers
  std::string fabric;       ///< of NICs plugged in to these tiers; as of a network
  std::string place;        ///< where these tiers stand
  std::vector<Network> networks;
  std::optional<Backbone> backbone;
  std::vector<Wan> wan;
  std::optional<Storage> storage;
  std::int64_t servers = 0;
  std::int64_t chips = 0;
  std::int64_t racks = 0;
  std::int64_t leaves = 0;
  /// The network as a platform file gave it, instead of tiers (platforms/simgrid/plan.hpp); null otherwise.
  std::shared_ptr<const ZonePlan> wiring;

  std::int64_t pool_of_server(std::int64_t server) const;
  std::int64_t rack_of_server(std::int64_t server) const;
  /// Leaf switch (of rail 0) a server hangs on. Leaves are per pool: pools do not share one. A pool of n rails has its
  /// leaves in groups of n, numbered consecutively, so that rail i of the server is leaf_of_server() + i. Without
  /// tiers the one ideal switch is leaf 0 of every pool; in a site read from a platform file each pool is a leaf.
  /// In networks of other kinds a leaf is what is close: a block of a grid, a supernode, a dragonfly's router.
  std::int64_t leaf_of_server(std::int64_t server) const;
  /// Servers that share a leaf, or a group of one leaf per rail: down_ports of tier 0 over the ports that a server
  /// takes on one leaf, ceil(nics_per_server / rails). Without tiers, all servers of the site (with wiring: of the
  /// pool).
  std::int64_t servers_per_leaf(std::int64_t pool) const;
};

/// Numbers servers, racks and leaves of `site.pools` and fills the totals. Pools and tiers must be complete; `leaves`
/// counts switches, every rail by itself.
void number(Site& site);

}  // namespace alight
