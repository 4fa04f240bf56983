// The Clos network (fat tree) that a site's tiers amount to: how many switches and cables, and how they are joined.
//
// Construction rule. Rates are per direction; a "group" is one leaf, or with n rails the n leaves a server plugs into.
//   NIC      one port of tier 0; its rate is the smaller of nic_gbps and the leaf's port rate. A NIC of unknown rate
//            takes the server's, then the chip's scale-out rate, then the leaf port's.
//   leaf     takes servers until its down_ports are full (Site::servers_per_leaf). A full leaf (or all of the pool, if
//            that is less) brings in `down` = servers x NICs on this rail x NIC rate.
//   up       A leaf has ceil(down / oversubscription / rate of a spine port) cables up, a part-filled leaf as many.
//            A top tier has nothing above it, so its own oversubscription is realised as fewer cables into it: with
//            leaf 1:1 under spine 2:1, servers of different leaves share half the bandwidth.
//   spine    n spines per pod; each leaf spreads its cables evenly over all of them. n is the least number whose
//            down_ports take all cables of the fullest pod, at most the cables of the best connected leaf, and a number
//            that divides every leaf's cables if there is one; else cables per pair are a fraction, an average.
//   pod      without a core tier all leaves form one pod; with one, consecutive groups share a pod until a spine's
//            down_ports have one cable of each leaf.
//   core     spine j of every pod reaches plane j of the cores only; cables and cores of a plane follow the rule of
//            leaf and spine, with the down capacity that the pod's leaves really bring.
// One tier alone: its uplinks (same rule, own port rate) meet in one ideal switch. No tier: one ideal switch for all.
//
// Where traffic is spread evenly over parallel paths, every cable of a bundle carries an equal share, and the Clos
// carries exactly what the tree carries whose links are the bundles: group to pod to core. Cuts and flows are computed
// on that tree; topology/graph.hpp has the switches one by one. What other routing leaves of a bundle when all NICs
// below send up is its usable_gbps() (models/sharing/routing.hpp): what jobs and SimGrid get.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "platforms/site.hpp"

namespace alight {

/// One leaf, or the leaves of all rails that the same servers plug into.
struct LeafGroup {
  std::int64_t pool = 0;  ///< -1 for the one ideal switch of a site without tiers
  std::int64_t first_server = 0;
  std::int64_t servers = 0;
  std::int64_t first_leaf = 0;
  std::int64_t leaves = 1;   ///< one per rail
  std::int64_t uplinks = 0;  ///< cables up of one leaf; 0 where nothing is above
  double up_gbps = 0;        ///< of all leaves of the group together; 0 where nothing is above
  double down_gbps = 0;      ///< NICs attached, all rails together
  std::int64_t pod = 0;
  double routing = 1;  ///< share of up_gbps that the routing leaves
  double usable_gbps() const { return up_gbps * routing; }
};

/// Leaf groups under the same spines.
struct Pod {
  std::int64_t first_group = 0;
  std::int64_t groups = 0;
  std::int64_t leaves = 0;
  std::int64_t uplinks = 0;  ///< cables up of one spine; 0 where nothing is above
  double up_gbps = 0;        ///< of all spines of the pod together; 0 where nothing is above
  double routing = 1;        ///< as of a group
  double usable_gbps() const { return up_gbps * routing; }
};

struct Clos {
  std::vector<LeafGroup> groups;
  std::vector<Pod> pods;
  std::int64_t leaves = 0;
  std::int64_t spines_per_pod = 0;  ///< 0: no spine tier; the ideal switch over a single leaf tier counts as 1 spine
  std::int64_t spines = 0;
  std::int64_t cores_per_plane = 0;  ///< 0: no core tier; planes = spines_per_pod
  std::int64_t cores = 0;
  bool ideal_spine = false;  ///< the spine stands for the ideal switch over a single tier
  double leaf_latency_s = 0, spine_latency_s = 0, core_latency_s = 0;  ///< of one link of the tier, per crossing
  /// What cannot be bought as described, with what was built instead ("spines need 64 down ports, 32 given").
  std::vector<std::string> warnings;

  std::int64_t group_of_server(std::int64_t server) const;
};

/// The Clos of a numbered site. Throws std::logic_error for a site that check_network() would refuse.
Clos clos_of(const Site& site);

/// Rate of one NIC of a pool as plugged in, Gbps each direction.
double nic_gbps(const Site& site, std::int64_t pool);
/// All NICs of one server of a pool, Gbps each direction.
double server_gbps(const Site& site, std::int64_t pool);

/// Reports what no network can be built from: counts below one, rates not above zero, a negative or infinite latency,
/// NICs that do not divide over the rails, a leaf too small for one server, more than three tiers, more than
/// 100 million chips; and what Site::networks cannot be. Keys are `path` + ".pools[i]...", ".network.<tier>...",
/// ".networks[i]...".
void check_network(const Site& site, const std::string& path, Diagnostics& diagnostics);

}  // namespace alight
