// The graph of a site with several networks, and the cuts through it: what Topology answers with for such a site.
//
// Tiers of switches are there switch by switch as in a site of tiers. Where networks meet, the top switches of each, or
// all routers of a dragonfly, lead to its border without limit, and the border over one link to the hub of its place.
// Where all servers of the site are in one grid or supernode no two of them talk over their NICs, and these are left
// out.
#pragma once

#include <array>
#include <vector>

#include "platforms/topology/graph.hpp"
#include "platforms/topology/routes.hpp"

namespace alight {

struct JoinedGraph {
  std::array<std::int64_t, kPlaces> count{};
  struct Edge {
    Vertex below, above;
    double gbps = 0, cables = 1, latency_s = 0;
  };
  std::vector<Edge> edges;
  std::vector<TierSummary> tiers;
};
JoinedGraph joined_graph(const Site& site);

/// Between the first and the second half of the servers; full_gbps is what all links of a server could send.
Bisection joined_bisection(const Site& site, const Routes& routes);
/// From pool to pool. Both by the maximum flow over the links of Routes.
double joined_cut_gbps(const Site& site, const Routes& routes, std::int64_t pool_a, std::int64_t pool_b);

}  // namespace alight
