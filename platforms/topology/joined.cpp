#include "platforms/topology/joined.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

#include "models/whole_numbers.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/grid_links.hpp"
#include "platforms/topology/hubs.hpp"
#include "platforms/topology/network_routes.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

namespace {

class JoinedRoutes final : public Routes {
 public:
  explicit JoinedRoutes(const Site& site) : site_(site), parts_(parts_of(site)), hubs_(hubs_of(site, parts_)) {
    nodes_ = static_cast<std::int32_t>(site.servers);
    home_.resize(at(site.servers));
    port_.assign(at(site.servers), kNoLink);
    links_.resize(2 * at(site.servers));
    for (const Part& part : parts_) add_part(part);
    for (std::size_t n = 0; n < site.networks.size(); ++n)
      if (site.networks[n].scale_up()) add_scale_up(static_cast<std::int64_t>(n));
    add_hubs();
    number_places();
    if (site.storage) hang_storage(*site.storage);
  }

  LinkIndex port_up(std::int64_t server) const override { return port_[at(server)]; }
  LinkIndex port_down(std::int64_t server) const override {
    return port_[at(server)] == kNoLink ? kNoLink : port_[at(server)] + 1;
  }

  Ends ends(std::int64_t a, std::int64_t b) const override {
    const Home &from = place_[at(a)], &to = place_[at(b)];
    if (from.island < 0 || from.island != to.island) return Ends::nics;
    return islands_[at(from.island)].grid < 0 ? Ends::ports : Ends::none;
  }
  void way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override { way(a, b, false, out); }
  void static_way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override { way(a, b, true, out); }

  int diameter() const override {
    int most = 0;
    for (const Island& island : islands_)
      most = std::max(most, island.grid < 0 ? 2 : grids_[at(island.grid)].shape().diameter());
    std::vector<std::int32_t> island(placed_.size(), -2);  // -1: several, so that servers meet over their NICs
    for (const Home& home : home_) {
      std::int32_t& seen = island[at(home.part)];
      seen = seen == -2 || seen == home.island ? home.island : -1;
    }
    for (std::size_t b = 0; b < placed_.size(); ++b) {
      if (island[b] == -1) most = std::max(most, placed_[b].routes->diameter());
      for (std::size_t a = 0; a < b; ++a) {
        const std::int64_t from = hubs_.place_of_part[a], to = hubs_.place_of_part[b];
        const int over = (placed_[a].hub == kNoLink ? 0 : 2) + static_cast<int>(hubs_.way(from, to).size());
        most = std::max(most, placed_[a].routes->height() + over + placed_[b].routes->height());
      }
    }
    return most;
  }

  std::unique_ptr<const SliceWays> slice(const std::vector<std::int64_t>& servers) const override {
    if (servers.empty()) return nullptr;
    const std::int64_t island = home_[at(servers.front())].island;
    if (island < 0 || islands_[at(island)].grid < 0) return nullptr;
    const Grid& grid = *site_.networks[at(islands_[at(island)].network)].grid;
    if (!grid.slices) return nullptr;
    const GridLinks& links = grids_[at(islands_[at(island)].grid)];
    const std::int64_t per_block = grid.block_servers();
    std::map<std::int64_t, std::int64_t> held;
    for (const std::int64_t s : servers) {
      if (home_[at(s)].island != island) return nullptr;
      ++held[links.shape().server_at(home_[at(s)].cell) / per_block];
    }
    std::vector<std::int64_t> blocks;
    for (const auto& [block, count] : held) {
      if (count != per_block) return nullptr;
      blocks.push_back(block);
    }
    return links.slice(grid, blocks, [this, island](std::int64_t place) {
      return place_[at(place)].island == island ? std::int64_t{place_[at(place)].cell} : -1;
    });
  }

  const Grid* grid_of(std::int64_t server) const override {
    const std::int32_t island = home_[at(server)].island;
    if (island < 0 || islands_[at(island)].grid < 0) return nullptr;
    return &*site_.networks[at(islands_[at(island)].network)].grid;
  }

 private:
  struct Home {
    std::int32_t part = 0, local = 0;  ///< the scale-out network, and the place in it
    std::int32_t island = -1;          ///< a grid or a supernode; -1: neither
    std::int32_t cell = -1;            ///< in the grid
    bool operator==(const Home&) const = default;
    auto operator<=>(const Home&) const = default;
  };
  struct Island {
    std::int64_t network = 0;
    std::int64_t grid = -1;  ///< in grids_; -1: a supernode
  };
  /// A part's routes and where its links are among all.
  struct Placed {
    std::unique_ptr<const NetworkRoutes> routes;
    std::int64_t servers = 0;
    LinkIndex first = 0;      ///< of the links that are not a server's
    std::int32_t top = 0;     ///< node
    LinkIndex hub = kNoLink;  ///< up to the backbone
  };

  void add_part(const Part& part) {
    const Network* network = part.network < 0 ? nullptr : &site_.networks[at(part.network)];
    Placed placed;
    placed.routes =
        network && network->dragonfly ? dragonfly_routes(part.site, *network->dragonfly) : clos_routes(part.site);
    placed.servers = part.site.servers;
    placed.first = static_cast<LinkIndex>(links_.size());
    const std::int32_t shift = nodes_ - static_cast<std::int32_t>(part.site.servers);
    const auto node = [&](std::int32_t n) {
      return n < part.site.servers ? static_cast<std::int32_t>(part.server[static_cast<std::size_t>(n)]) : n + shift;
    };
    const auto& links = placed.routes->links();
    for (std::size_t l = 0; l < links.size(); ++l) {
      SharedLink link = links[l];
      link.from = node(link.from);
      link.to = node(link.to);
      const bool server = l < 2 * at(part.site.servers);
      link.name = server ? fmt::format("server{}_{}", part.server[l / 2], l % 2 == 0 ? "UP" : "DOWN")
                         : part.name + '.' + link.name;
      if (server)
        links_[2 * at(part.server[l / 2]) + l % 2] = std::move(link);
      else
        links_.push_back(std::move(link));
    }
    for (const auto& [a, b] : placed.routes->joints()) joints_.emplace_back(node(a), node(b));
    placed.top = node(placed.routes->top());
    nodes_ += placed.routes->nodes() - static_cast<std::int32_t>(part.site.servers);
    for (std::size_t s = 0; s < part.server.size(); ++s) {
      Home& home = home_[at(part.server[s])];
      home.part = static_cast<std::int32_t>(placed_.size());
      home.local = static_cast<std::int32_t>(placed.routes->place_of(static_cast<std::int64_t>(s)));
    }
    placed_.push_back(std::move(placed));
  }

  void add_scale_up(std::int64_t n) {
    const Network& network = site_.networks[at(n)];
    const std::vector<std::int64_t> servers = servers_of(site_, network);
    if (network.grid)
      add_grids(n, network, servers);
    else
      add_supernodes(n, network, servers);
  }
  void add_grids(std::int64_t n, const Network& network, const std::vector<std::int64_t>& servers) {
    const Grid& grid = *network.grid;
    const auto shape = std::make_shared<const GridShape>(grid);
    for (std::int64_t first = 0; first < std::ssize(servers); first += grid.servers()) {
      const auto server = [&servers, first](std::int64_t s) { return servers[at(first + s)]; };
      for (std::int64_t s = 0; s < grid.servers(); ++s) {
        Home& home = home_[at(server(s))];
        home.island = static_cast<std::int32_t>(islands_.size());
        home.cell = static_cast<std::int32_t>(shape->cell_of(s));
      }
      const char* tier = grid.wiring == Grid::Wiring::torus ? "torus" : "mesh";
      grids_.emplace_back(grid, shape, network.name, server,
                          [&](const std::string& name, double gbps, std::int64_t below, std::int64_t above) {
                            return add_duplex(name, tier, gbps, grid.latency_s,
                                              static_cast<std::int32_t>(server(below)),
                                              static_cast<std::int32_t>(server(above)));
                          });
      islands_.push_back({n, std::ssize(grids_) - 1});
    }
  }
  void add_supernodes(std::int64_t n, const Network& network, const std::vector<std::int64_t>& servers) {
    const Supernode& node = *network.supernode;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      const std::int64_t s = servers[i];
      if (i % at(node.servers) == 0) {
        islands_.push_back({n, -1});
        ++nodes_;
      }
      home_[at(s)].island = static_cast<std::int32_t>(islands_.size()) - 1;
      port_[at(s)] = add_duplex(fmt::format("{}.{}", network.name, s), "supernode", node.gbps, node.latency_s,
                                static_cast<std::int32_t>(s), nodes_ - 1);
    }
  }

  void add_hubs() {
    if (placed_.size() < 2) return;
    const std::int32_t first = first_hub_ = nodes_;
    const auto hub = [first](std::int64_t place) { return first + static_cast<std::int32_t>(place); };
    nodes_ += static_cast<std::int32_t>(hubs_.places.size());
    for (std::size_t p = 0; p < placed_.size(); ++p) {
      const std::int32_t above = hub(hubs_.place_of_part[p]);
      if (site_.backbone)
        placed_[p].hub = add_duplex(parts_[p].name + ".backbone", "backbone", site_.backbone->gbps,
                                    site_.backbone->latency_s, placed_[p].top, above);
      else
        joints_.emplace_back(placed_[p].top, above);
    }
    first_wan_ = static_cast<LinkIndex>(links_.size());
    for (std::size_t w = 0; w < site_.wan.size(); ++w) {
      const Wan& wan = site_.wan[w];
      const auto number = [&](const std::string& place) {
        return std::find(hubs_.places.begin(), hubs_.places.end(), place) - hubs_.places.begin();
      };
      add_duplex(fmt::format("wan{}.{}-{}", w, wan.a, wan.b), "wan", wan.gbps, wan.latency_s, hub(number(wan.a)),
                 hub(number(wan.b)));
    }
  }

  void hang_storage(const Storage& storage) {
    const auto found = std::find(hubs_.places.begin(), hubs_.places.end(), storage.place);
    storage_place_ = found == hubs_.places.end() ? 0 : found - hubs_.places.begin();
    const bool hubs = placed_.size() > 1;
    add_storage(storage, hubs ? first_hub_ + static_cast<std::int32_t>(storage_place_) : placed_.front().top);
  }
  void rise(std::int64_t a, std::vector<Crossing>& out) const override {
    const Home& home = place_[at(a)];
    const Placed& part = placed_[at(home.part)];
    const std::size_t before = out.size();
    part.routes->climb(home.local, out);
    place(part, before, out);
    if (part.hub != kNoLink) out.push_back({part.hub});
    cross(hubs_.place_of_part[at(home.part)], storage_place_, out);
  }
  void fall(std::int64_t a, std::vector<Crossing>& out) const override {
    const Home& home = place_[at(a)];
    const Placed& part = placed_[at(home.part)];
    cross(storage_place_, hubs_.place_of_part[at(home.part)], out);
    if (part.hub != kNoLink) out.push_back({part.hub + 1});
    const std::size_t before = out.size();
    part.routes->descend(home.local, out);
    place(part, before, out);
  }
  /// The WAN links from one place to another.
  void cross(std::int64_t place_a, std::int64_t place_b, std::vector<Crossing>& out) const {
    if (place_a == place_b) return;
    for (const Hubs::Hop& hop : hubs_.way(place_a, place_b))
      out.push_back({first_wan_ + 2 * static_cast<LinkIndex>(hop.wan) + (hop.backwards ? 1 : 0)});
  }

  void number_places() {
    std::map<Home, std::uint32_t> known;
    place_of_.reserve(home_.size());
    for (const Home& home : home_) {
      // Neighbours are mostly alike, or on cells of their own.
      if (!place_.empty() && place_.back() == home) {
        place_of_.push_back(static_cast<std::uint32_t>(place_.size() - 1));
        continue;
      }
      std::uint32_t number = static_cast<std::uint32_t>(place_.size());
      if (home.cell < 0) number = known.emplace(home, number).first->second;
      if (number == place_.size()) place_.push_back(home);
      place_of_.push_back(number);
    }
    places_ = std::ssize(place_);
  }

  void way(std::int64_t a, std::int64_t b, bool fixed, std::vector<Crossing>& out) const {
    if (a == b) return;
    const Home &from = place_[at(a)], &to = place_[at(b)];
    if (from.island >= 0 && from.island == to.island) {
      if (from.cell >= 0) grids_[at(islands_[at(from.island)].grid)].way(from.cell, to.cell, fixed, out);
      return;
    }
    const Placed &below = placed_[at(from.part)], &above = placed_[at(to.part)];
    const std::size_t before = out.size();
    if (from.part == to.part) {
      if (from.local == to.local) return;
      if (fixed)
        below.routes->static_way(from.local, to.local, out);
      else
        below.routes->way(from.local, to.local, out);
      return place(below, before, out);
    }
    below.routes->climb(from.local, out);
    place(below, before, out);
    if (below.hub != kNoLink) out.push_back({below.hub});
    cross(hubs_.place_of_part[at(from.part)], hubs_.place_of_part[at(to.part)], out);
    if (above.hub != kNoLink) out.push_back({above.hub + 1});
    const std::size_t down = out.size();
    above.routes->descend(to.local, out);
    place(above, down, out);
  }
  /// From a part's numbers of links to the site's.
  static void place(const Placed& part, std::size_t from, std::vector<Crossing>& out) {
    for (; from < out.size(); ++from) out[from].link += part.first - static_cast<LinkIndex>(2 * part.servers);
  }

  Site site_;
  std::vector<Part> parts_;
  Hubs hubs_;
  std::vector<Placed> placed_;
  std::vector<Island> islands_;
  std::vector<GridLinks> grids_;
  std::vector<Home> home_;   ///< [server]
  std::vector<Home> place_;  ///< [place]
  std::vector<LinkIndex> port_;
  LinkIndex first_wan_ = 0;
  std::int32_t first_hub_ = 0;  ///< node
  std::int64_t storage_place_ = 0;
};

}  // namespace

std::unique_ptr<const Routes> joined_routes(const Site& site) {
  Diagnostics diagnostics;
  check_network(site, "site", diagnostics);
  if (!diagnostics.ok())
    throw std::logic_error("joined_routes: " + diagnostics.problems().front().key + ": " +
                           diagnostics.problems().front().message);
  return std::make_unique<JoinedRoutes>(site);
}

}  // namespace alight
