#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/whole_numbers.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/hubs.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

namespace {

// Each link costs about a kilobyte, most of it in SimGrid, with its name: 1.4 GB.
constexpr double kMostLinks = 1.5e6;
constexpr std::size_t kMostAxes = 6;
constexpr std::int64_t kMostAlong = 1'000'000;

class Checker {
 public:
  Checker(const Site& site, const std::string& path, Diagnostics& out) : site_(site), path_(path), out_(out) {}

  void run() {
    std::set<std::string> names = {"site"};
    std::set<std::pair<std::int64_t, bool>> taken;
    for (std::size_t n = 0; n < site_.networks.size(); ++n) {
      const Network& network = site_.networks[n];
      key_ = fmt::format("{}.networks[{}]", path_, n);
      if (network.name.empty()) error(".name", "a network needs a name");
      if (!network.name.empty() && !names.insert(network.name).second)
        error(".name", fmt::format("\"{}\" names another network too{}", network.name,
                                   network.name == "site" ? " (the one of site.network)" : ""));
      if (network.pools.empty()) error(".pools", "a network needs at least one pool");
      for (const std::int64_t p : network.pools)
        if (!taken.emplace(p, network.scale_up()).second)
          error(".pools", fmt::format("pool \"{}\" is in another {} network already", site_.pools[at(p)].name,
                                      network.scale_up() ? "scale-up (torus, full_mesh, supernode)"
                                                         : "scale-out (leaf, dragonfly)"));
      servers_ = 0;
      for (const std::int64_t p : network.pools) servers_ += site_.pools[at(p)].servers;
      if (network.grid) check_grid(network);
      if (network.dragonfly) check_dragonfly(network);
      if (network.supernode) check_supernode(network);
      if (!network.tiers.empty()) check_tiers(network);
    }
    if (links_ > kMostLinks)
      out_.error_at(path_ + ".networks",
                    fmt::format("{:.3g} links between servers and routers; at most {:.0g}", links_, kMostLinks));
    if (out_.ok()) check_joints();
  }

 private:
  void error(const std::string& key, std::string what, std::string hint = {}) {
    out_.error_at(key_ + key, std::move(what), std::move(hint));
  }
  void above_zero(const std::string& key, double value) {
    if (!(value > 0) || !std::isfinite(value))
      error(key, fmt::format("{} is out of range; expected a finite value above 0", value));
  }
  void latency(const std::string& key, double value) {
    if (!(value >= 0) || !std::isfinite(value)) error(key, fmt::format("{} s is not a latency", value));
  }
  bool along(const std::string& key, std::int64_t value) {
    if (value >= 1 && value <= kMostAlong) return true;
    error(key, fmt::format("{} is out of range; expected 1 to {}", value, kMostAlong));
    return false;
  }
  /// Pools are whole numbers of what stands together, so that neighbours in number are neighbours in place.
  void whole(const Network& network, std::int64_t together, const char* what) {
    for (const std::int64_t p : network.pools)
      if (const Pool& pool = site_.pools[at(p)]; pool.servers % together != 0)
        error(".pools", fmt::format("pool \"{}\" has {} servers, which do not fill {} of {}", pool.name, pool.servers,
                                    what, together));
  }
  void equal(const std::string& key, double described, const std::string& how) {
    if (described != static_cast<double>(servers_))
      error(key, fmt::format("{} is {} servers, but the pools have {}", how, described, servers_));
  }

  void check_grid(const Network& network) {
    const Grid& grid = *network.grid;
    const bool torus = grid.wiring == Grid::Wiring::torus;
    const std::string key = torus ? ".torus" : ".full_mesh";
    if (grid.dims.empty() || grid.dims.size() > kMostAxes)
      return error(key, fmt::format("{} axes; expected 1 to {}", grid.dims.size(), kMostAxes));
    if (grid.block.size() != grid.dims.size() || grid.gbps.size() != grid.dims.size() ||
        grid.wrap.size() != grid.dims.size() || grid.cables.size() != grid.dims.size())
      return error(key, "block, rate and wrap are not of one number of axes");
    double servers = 1, per_server = 0;
    std::string how;
    for (std::size_t axis = 0; axis < grid.dims.size(); ++axis) {
      if (!along(key, grid.dims[axis]) || !along(key + ".block", grid.block[axis])) return;
      if (grid.dims[axis] % grid.block[axis] != 0)
        return error(key + ".block",
                     fmt::format("blocks of {} servers do not divide {}", grid.block[axis], grid.dims[axis]));
      if (grid.dims[axis] > 1) above_zero(key + ".rate", grid.gbps[axis]);
      servers *= static_cast<double>(grid.dims[axis]);
      per_server += torus ? 2 : static_cast<double>(grid.dims[axis] - 1);
      how += fmt::format("{}{}", how.empty() ? "" : " x ", grid.dims[axis]);
    }
    latency(key + ".latency", grid.latency_s);
    if (!along(key + ".count", grid.count)) return;
    if (grid.count > 1) how = fmt::format("{} times {}", grid.count, how);
    equal(key, servers * static_cast<double>(grid.count), how);
    links_ += static_cast<double>(servers_) * per_server;
    whole(network, grid.block_servers(), "blocks");
  }

  void check_dragonfly(const Network& network) {
    const Dragonfly& d = *network.dragonfly;
    if (!along(".dragonfly.groups", d.groups) || !along(".dragonfly.routers", d.routers) ||
        !along(".dragonfly.servers", d.servers))
      return;
    const double groups = static_cast<double>(d.groups), routers = static_cast<double>(d.routers);
    equal(".dragonfly", groups * routers * static_cast<double>(d.servers),
          fmt::format("{} groups of {} routers of {} servers", d.groups, d.routers, d.servers));
    if (d.routers > 1) above_zero(".dragonfly.local", d.local_gbps);
    if (d.groups > 1) {
      above_zero(".dragonfly.global", d.global_gbps);
      along(".dragonfly.global_links", d.pair_cables);
    }
    latency(".dragonfly.latency", d.latency_s);
    latency(".dragonfly.local_latency", d.local_latency_s);
    latency(".dragonfly.global_latency", d.global_latency_s);
    links_ += groups * routers * (routers - 1) +
              groups * (groups - 1) * std::min(routers, static_cast<double>(std::max<std::int64_t>(1, d.pair_cables)));
    whole(network, d.servers, "routers");
  }

  void check_supernode(const Network& network) {
    const Supernode& node = *network.supernode;
    if (!along(".supernode.servers", node.servers) || !along(".supernode.planes", node.planes) ||
        !along(".supernode.ports", node.cables))
      return;
    above_zero(".supernode.rate", node.gbps);
    latency(".supernode.latency", node.latency_s);
    if (node.cables % node.planes != 0)
      error(".supernode.planes",
            fmt::format("{} cables of a server do not divide over {} planes of switches", node.cables, node.planes));
    links_ += 2 * static_cast<double>(servers_);
    whole(network, node.servers, "supernodes");
  }

  void check_tiers(const Network& network) {
    Site alone;
    alone.tiers = network.tiers;
    Diagnostics of_tiers;
    check_network(alone, {}, of_tiers);
    constexpr std::string_view kTheir = ".network";
    for (const Problem& problem : of_tiers.problems())
      error(problem.key.starts_with(kTheir) ? problem.key.substr(kTheir.size()) : problem.key, problem.message,
            problem.hint);
    for (const std::int64_t p : network.pools) {
      const Pool& pool = site_.pools[at(p)];
      if (pool.rails > 0 && network.tiers[0].down_ports < pool.nics_per_server / pool.rails)
        error(".pools", fmt::format("a server of \"{}\" takes {} ports of one leaf, which has {}", pool.name,
                                    pool.nics_per_server / pool.rails, network.tiers[0].down_ports));
    }
  }

  void check_joints() {
    if (site_.backbone) {
      key_ = path_ + ".backbone";
      above_zero(".rate", site_.backbone->gbps);
      latency(".latency", site_.backbone->latency_s);
    }
    std::vector<std::string> places;
    const auto parts = parts_of(site_);
    for (const Part& part : parts)
      if (std::find(places.begin(), places.end(), part.site.place) == places.end()) places.push_back(part.site.place);
    for (std::size_t w = 0; w < site_.wan.size(); ++w) {
      const Wan& wan = site_.wan[w];
      key_ = fmt::format("{}.wan[{}]", path_, w);
      for (const std::string& end : {wan.a, wan.b})
        if (std::find(places.begin(), places.end(), end) == places.end())
          error(".between", fmt::format("no network stands at \"{}\"", end), did_you_mean(end, places));
      if (wan.a == wan.b) error(".between", fmt::format("both ends are \"{}\"", wan.a));
      above_zero(".rate", wan.gbps);
      latency(".latency", wan.latency_s);
    }
    if (!out_.ok()) return;
    const Hubs hubs = hubs_of(site_, parts);
    for (std::size_t b = 1; b < parts.size(); ++b)
      for (std::size_t a = 0; a < b; ++a) {
        const auto named = fmt::format("networks \"{}\" and \"{}\"", parts[a].name, parts[b].name);
        if (hubs.place_of_part[a] == hubs.place_of_part[b]) {
          if (!site_.backbone)
            return out_.error_at(path_ + ".networks", named + " stand at one place and are not joined",
                                 "a `backbone` joins the networks of a place");
        } else if (!hubs.joined(hubs.place_of_part[a], hubs.place_of_part[b])) {
          return out_.error_at(path_ + ".networks",
                               fmt::format("{} are not joined: no `wan` leads from \"{}\" to \"{}\"", named,
                                           parts[a].site.place, parts[b].site.place));
        }
      }
  }

  const Site& site_;
  const std::string& path_;
  Diagnostics& out_;
  std::string key_;
  std::int64_t servers_ = 0;  ///< of the network looked at
  double links_ = 0;
};

}  // namespace

void check_networks(const Site& site, const std::string& path, Diagnostics& diagnostics) {
  Checker(site, path, diagnostics).run();
}

}  // namespace alight
