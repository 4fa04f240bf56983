// The network of a site as a graph: servers, leaves, spines and cores, and the bundles of cables between them, built by
// the rule of topology/clos.hpp. It answers where the bandwidth is narrow, how far servers are apart, and what a single
// failure takes away.
//
// A site read from a platform file has one switch per zone (place `leaf` where it holds servers, else `spine`) and one
// link per route between zones: the tightest link's rate, the summed latency. A backbone that a zone's servers share
// among themselves is not part of the graph.
//
// Sites of several networks: topology/joined_graph.hpp. What the tree of bundles is to a Clos, the links of
// topology/routes.hpp are to them.
//
// A full Clos of 12,500 servers with 8 NICs has about 20,000 vertices and 300,000 links and is built in 0.1 s. Calls
// marked "cost" walk or cut that whole graph; the others are closed forms or work on the tree of bundles.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platforms/site.hpp"
#include "platforms/topology/clos.hpp"

namespace alight {

/// `plane` is a switch of a supernode; networks lead to a `border` each, and these to the `hub` of their place.
enum class Place : std::uint8_t { server, leaf, spine, core, router, plane, border, hub };
inline constexpr std::size_t kPlaces = 8;
std::string_view name_of(Place place);

/// A vertex: the index counts within its place; servers, leaves and pods' spines as numbered in the site.
struct Vertex {
  Place place = Place::server;
  std::int64_t index = 0;
};

/// Parallel cables between two vertices.
struct Bundle {
  std::int32_t below = 0, above = 0;  ///< vertices
  double gbps = 0;                    ///< of all cables together, each direction
  double cables = 1;                  ///< an average where cables do not divide evenly
  double latency_s = 0;
};

/// What a tier adds up to.
struct TierSummary {
  std::string name;
  std::int64_t switches = 0;    ///< 0: cables from server to server, router to router or place to place
  double down_gbps = 0;         ///< attached from below, all switches
  double up_gbps = 0;           ///< to the tier above; 0 for the top tier
  double oversubscription = 0;  ///< down over up as built; 0 for the top tier
  double cables_down = 0;       ///< cables to servers or to the tier below
  FlowRouting routing = FlowRouting::even;
  double usable = 1;  ///< share of up_gbps that the routing leaves when all below send up
};

/// Bandwidth between the first half of the servers (by number) and the rest; halves are whole leaves and pods but for
/// the ones in the middle.
struct Bisection {
  double gbps = 0;       ///< what the network carries, each direction
  double full_gbps = 0;  ///< what the NICs of the smaller half could send: a network without oversubscription
};

/// Servers that a failure leaves without the rest.
struct Loss {
  std::int64_t servers = 0;           ///< cut off from the largest part that stays connected
  std::vector<std::int64_t> cut_off;  ///< which, ascending
};

class Topology {
 public:
  /// Throws std::logic_error for a site that check_network() would refuse.
  explicit Topology(const Site& site);
  ~Topology();
  Topology(Topology&&) noexcept;
  Topology& operator=(Topology&&) noexcept;

  /// Empty groups and pods for a site read from a platform file or with Site::networks.
  const Clos& clos() const;
  const std::vector<Vertex>& vertices() const;
  const std::vector<Bundle>& bundles() const;
  std::int32_t vertex_of(Place place, std::int64_t index) const;

  /// Links on the shortest way between two servers: 0 for one server, 2 under one leaf, 4 in one pod, 6 across the
  /// core. With Site::networks: on the static way of Routes.
  int hops(std::int64_t server_a, std::int64_t server_b) const;
  /// hops / 2: 0 same server, 1 same leaf, 2 same pod, 3 across the core.
  int locality(std::int64_t server_a, std::int64_t server_b) const { return hops(server_a, server_b) / 2; }
  /// Latency of that way, s.
  double latency_s(std::int64_t server_a, std::int64_t server_b) const;
  /// Most links between any two servers; with Site::networks no two servers are farther apart.
  int diameter() const;
  /// Cost: links from one vertex to every other by breadth-first search; -1 where no way leads.
  std::vector<int> hops_from(std::int32_t vertex) const;

  std::vector<TierSummary> tiers() const;
  /// Minimum cut of the tree of bundles, by dynamic programming over it.
  Bisection bisection() const;
  /// Largest flow from pool to pool, Gbps: the minimum cut on the tree of bundles, found by maximum flow.
  double min_cut_gbps(std::int64_t pool_a, std::int64_t pool_b) const;
  /// Cost: the largest flow between two disjoint sets of servers over the single switches.
  double max_flow_gbps(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to) const;

  /// Cost: bundles of a single cable whose loss disconnects something, and switches whose loss does; by Boost's
  /// biconnected components.
  std::vector<std::int32_t> cut_bundles() const;
  std::vector<std::int32_t> cut_switches() const;
  /// Cost: what the loss of a whole bundle, or of a switch, leaves unconnected.
  Loss loss_of_bundle(std::int32_t bundle) const;
  Loss loss_of_switch(std::int32_t vertex) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace alight
