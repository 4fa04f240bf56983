#include "platforms/topology/joined_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "models/whole_numbers.hpp"
#include "platforms/topology/dragonfly.hpp"
#include "platforms/topology/grid.hpp"
#include "platforms/topology/hubs.hpp"
#include "platforms/topology/max_flow.hpp"
#include "platforms/topology/parts.hpp"
#include "platforms/topology/zone_graph.hpp"

namespace alight {

namespace {

class Assembler {
 public:
  explicit Assembler(const Site& site) : site_(site), parts_(parts_of(site)) {}

  JoinedGraph run() {
    out_.count[at(static_cast<std::int64_t>(Place::server))] = site_.servers;
    for (std::size_t p = 0; p < parts_.size() && !one_island(); ++p) {
      const Part& part = parts_[p];
      if (part.network >= 0 && site_.networks[at(part.network)].dragonfly)
        add_dragonfly(part, *site_.networks[at(part.network)].dragonfly, static_cast<std::int64_t>(p));
      else
        add_tiers(part, static_cast<std::int64_t>(p));
    }
    for (const Network& network : site_.networks) {
      if (network.grid) add_grid(network, *network.grid);
      if (network.supernode) add_supernodes(network, *network.supernode);
    }
    if (parts_.size() > 1) add_hubs();
    return std::move(out_);
  }

 private:
  std::int64_t& count(Place place) { return out_.count[at(static_cast<std::int64_t>(place))]; }
  bool one_island() const {
    return std::any_of(site_.networks.begin(), site_.networks.end(), [this](const Network& n) {
      return (n.grid && n.grid->servers() == site_.servers) || (n.supernode && n.supernode->servers == site_.servers);
    });
  }
  void join(Vertex below, Vertex above, double gbps, double cables, double latency_s) {
    out_.edges.push_back({below, above, gbps, cables, latency_s});
  }
  /// A way without limit; two cables, since no single one carries it.
  void lead(Vertex top, std::int64_t part) {
    if (parts_.size() > 1) join(top, {Place::border, part}, kUnlimitedGbps, 2, 0);
  }

  void add_tiers(const Part& part, std::int64_t p) {
    const Topology alone(part.site);
    const auto here = [&](Vertex v) {
      if (v.place == Place::server) return Vertex{v.place, part.server[at(v.index)]};
      return Vertex{v.place, v.index + count(v.place)};
    };
    for (const Bundle& b : alone.bundles())
      join(here(alone.vertices()[at(b.below)]), here(alone.vertices()[at(b.above)]), b.gbps, b.cables, b.latency_s);
    const Clos& clos = alone.clos();
    const Place top = clos.cores > 0 ? Place::core : clos.spines > 0 ? Place::spine : Place::leaf;
    const std::int64_t tops = clos.cores > 0 ? clos.cores : clos.spines > 0 ? clos.spines : clos.leaves;
    for (std::int64_t i = 0; i < tops; ++i) lead(here({top, i}), p);
    count(Place::leaf) += clos.leaves;
    count(Place::spine) += clos.spines;
    count(Place::core) += clos.cores;
    for (TierSummary tier : alone.tiers()) {
      if (part.network >= 0) tier.name = part.name + ' ' + tier.name;
      out_.tiers.push_back(std::move(tier));
    }
  }

  void add_dragonfly(const Part& part, const Dragonfly& d, std::int64_t p) {
    const DragonflyShape shape(d);
    const std::int64_t first = count(Place::router);
    const auto router = [first](std::int64_t r) { return Vertex{Place::router, first + r}; };
    count(Place::router) += shape.routers();
    TierSummary routers{.name = part.name + " router", .switches = shape.routers()};
    TierSummary local{.name = part.name + " local"}, global{.name = part.name + " global"};
    for (std::int64_t s = 0; s < part.site.servers; ++s) {
      const std::int64_t pool = part.site.pool_of_server(s);
      const double gbps = server_gbps(part.site, pool);
      const auto nics = static_cast<double>(part.site.pools[at(pool)].nics_per_server);
      join({Place::server, part.server[at(s)]}, router(s / d.servers), gbps, nics, d.latency_s);
      routers.down_gbps += gbps;
      routers.cables_down += nics;
    }
    for (std::int64_t g = 0; g < d.groups; ++g)
      for (std::int64_t b = 1; b < d.routers; ++b)
        for (std::int64_t a = 0; a < b; ++a) {
          join(router(g * d.routers + a), router(g * d.routers + b), d.local_gbps, static_cast<double>(d.local_cables),
               d.local_latency_s);
          local.cables_down += static_cast<double>(d.local_cables);
          local.down_gbps += d.local_gbps;
        }
    for (std::int64_t b = 1; b < d.groups; ++b)
      for (std::int64_t a = 0; a < b; ++a)
        for (std::int64_t k = 0; k < shape.bundles(); ++k) {
          const auto cables = static_cast<double>(shape.cables(k));
          join(router(shape.end_of(a, b, k)), router(shape.end_of(b, a, k)), cables * d.global_gbps, cables,
               d.global_latency_s);
          global.cables_down += cables;
          global.down_gbps += cables * d.global_gbps;
        }
    for (std::int64_t r = 0; r < shape.routers(); ++r) lead(router(r), p);
    out_.tiers.push_back(std::move(routers));
    if (local.cables_down > 0) out_.tiers.push_back(std::move(local));
    if (global.cables_down > 0) out_.tiers.push_back(std::move(global));
  }

  void add_grid(const Network& network, const Grid& grid) {
    const GridShape shape(grid);
    const std::vector<std::int64_t> servers = servers_of(site_, network);
    TierSummary cables{.name = network.name + (grid.wiring == Grid::Wiring::torus ? " torus" : " mesh")};
    for (std::int64_t first = 0; first < std::ssize(servers); first += grid.servers())
      for (std::int64_t s = 0; s < grid.servers(); ++s) {
        const std::int64_t cell = shape.cell_of(s);
        for (std::size_t axis = 0; axis < shape.axes(); ++axis)
          for (std::int64_t l = 0, links = shape.links_up(cell, axis); l < links; ++l) {
            const std::int64_t end = shape.server_at(shape.end_of(cell, axis, l));
            const auto parallel = static_cast<double>(grid.cables[axis]);
            join({Place::server, servers[at(first + s)]}, {Place::server, servers[at(first + end)]}, grid.gbps[axis],
                 parallel, grid.latency_s);
            cables.cables_down += parallel;
            cables.down_gbps += grid.gbps[axis];
          }
      }
    out_.tiers.push_back(std::move(cables));
  }

  void add_supernodes(const Network& network, const Supernode& node) {
    const std::vector<std::int64_t> servers = servers_of(site_, network);
    const std::int64_t first = count(Place::plane);
    count(Place::plane) += std::ssize(servers) / node.servers * node.planes;
    TierSummary planes{.name = network.name + " plane", .switches = count(Place::plane) - first};
    const auto cables = static_cast<double>(node.cables), share = static_cast<double>(node.planes);
    for (std::int64_t s = 0; s < std::ssize(servers); ++s) {
      for (std::int64_t p = 0; p < node.planes; ++p)
        join({Place::server, servers[at(s)]}, {Place::plane, first + s / node.servers * node.planes + p},
             node.gbps / share, cables / share, node.latency_s);
      planes.down_gbps += node.gbps;
      planes.cables_down += cables;
    }
    out_.tiers.push_back(std::move(planes));
  }

  void add_hubs() {
    const Hubs hubs = hubs_of(site_, parts_);
    count(Place::border) = std::ssize(parts_);
    count(Place::hub) = std::ssize(hubs.places);
    TierSummary backbone{.name = "backbone"};
    for (std::int64_t p = 0; p < std::ssize(parts_); ++p) {
      const Vertex border{Place::border, p}, hub{Place::hub, hubs.place_of_part[at(p)]};
      if (!site_.backbone) {
        join(border, hub, kUnlimitedGbps, 2, 0);
        continue;
      }
      join(border, hub, site_.backbone->gbps, 1, site_.backbone->latency_s);
      backbone.cables_down += 1;
      backbone.down_gbps += site_.backbone->gbps;
    }
    if (site_.backbone) out_.tiers.push_back(std::move(backbone));
    for (const Wan& wan : site_.wan) {
      const auto place = [&](const std::string& name) {
        return Vertex{Place::hub, std::find(hubs.places.begin(), hubs.places.end(), name) - hubs.places.begin()};
      };
      join(place(wan.a), place(wan.b), wan.gbps, 1, wan.latency_s);
      out_.tiers.push_back(
          {.name = fmt::format("wan {} {}", wan.a, wan.b), .switches = 0, .down_gbps = wan.gbps, .cables_down = 1});
    }
  }

  const Site& site_;
  std::vector<Part> parts_;
  JoinedGraph out_;
};

enum class Side : std::uint8_t { source, sink, neither };

/// Whether no two servers talk over their NICs: all are in one grid or supernode.
bool nics_idle(const Routes& routes) {
  for (std::int64_t place = 0; place < routes.places(); ++place)
    if (routes.ends(0, place) == Ends::nics) return false;
  return true;
}

/// All servers of a side together are one end of the flow.
double flow_between(const Site& site, const Routes& routes, const std::function<Side(std::int64_t)>& side) {
  const std::int32_t source = routes.nodes(), sink = source + 1;
  std::vector<std::int32_t> node(at(routes.nodes()));
  for (std::int32_t n = 0; n < routes.nodes(); ++n) {
    const Side of = n < site.servers ? side(n) : Side::neither;
    node[at(n)] = of == Side::source ? source : of == Side::sink ? sink : n;
  }
  std::vector<FlowArc> arcs;
  double unbounded = 1;
  for (std::size_t l = nics_idle(routes) ? 2 * at(site.servers) : 0; l < routes.links().size();
       l += 2) {  // both ways of a duplex link stand together
    const SharedLink& link = routes.links()[l];
    unbounded += link.gbps;
    const std::int32_t a = node[at(link.from)], b = node[at(link.to)];
    if (a != b) arcs.push_back({a, b, link.gbps, link.gbps});
  }
  for (const auto& [a, b] : routes.joints()) arcs.push_back({node[at(a)], node[at(b)], unbounded, unbounded});
  return max_flow(sink + 1, arcs, source, sink);
}

}  // namespace

JoinedGraph joined_graph(const Site& site) {
  return Assembler(site).run();
}

Bisection joined_bisection(const Site& site, const Routes& routes) {
  const std::int64_t half = site.servers / 2;
  Bisection out;
  if (half == 0) return out;
  out.gbps = flow_between(site, routes, [half](std::int64_t s) { return s < half ? Side::source : Side::sink; });
  double lower = 0, upper = 0;
  for (std::size_t l = nics_idle(routes) ? 2 * at(site.servers) : 0; l < routes.links().size(); ++l)
    if (const SharedLink& link = routes.links()[l]; link.from < site.servers)
      (link.from < half ? lower : upper) += link.gbps;
  out.full_gbps = std::min(lower, upper);
  return out;
}

double joined_cut_gbps(const Site& site, const Routes& routes, std::int64_t pool_a, std::int64_t pool_b) {
  const auto in = [&site](std::int64_t s, std::int64_t pool) {
    const Pool& p = site.pools[at(pool)];
    return s >= p.first_server && s < p.first_server + p.servers;
  };
  return flow_between(site, routes, [&](std::int64_t s) {
    return in(s, pool_a) ? Side::source : in(s, pool_b) ? Side::sink : Side::neither;
  });
}

}  // namespace alight
