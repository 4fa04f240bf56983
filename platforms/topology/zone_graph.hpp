// The switch graph of a site read from a platform file: a vertex per zone, a link per host and per route between zones.
#pragma once

#include <cstdint>
#include <vector>

#include "platforms/simgrid/plan.hpp"
#include "platforms/topology/graph.hpp"

namespace alight {

struct ZoneGraph {
  struct Zone {
    bool used = false;       ///< holds servers, or a route between zones ends at a gateway in it
    bool leaf = false;       ///< holds servers
    std::int64_t index = 0;  ///< among the leaves, or among the other used zones
  };
  struct Edge {
    bool server = false;  ///< `a` is a server, else a zone
    std::int64_t a = 0, b = 0;
    double gbps = 0, latency_s = 0;
  };
  std::vector<Zone> zones;  ///< as in the plan
  std::vector<Edge> edges;
  std::int64_t leaves = 0, others = 0;
};

/// A route without links counts as a link of kUnlimitedGbps.
inline constexpr double kUnlimitedGbps = 1e9;

ZoneGraph zone_graph(const ZonePlan& plan, const Site& site);

/// Summed latency of the way with the fewest links between two of `vertices` vertices; 0 where none leads.
double way_latency_s(std::size_t vertices, const std::vector<Bundle>& bundles, std::int32_t from, std::int32_t to);

}  // namespace alight
