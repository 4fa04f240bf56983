#include "platforms/topology/single_failures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

/// A depth-first forest of the graph, with the servers below each vertex (R. Tarjan, "Depth-first search and linear
/// graph algorithms", SIAM J. Comput. 1, 1972): what hangs below a vertex that it alone joins to the rest.
class Forest {
 public:
  explicit Forest(const Topology& topology) : topology_(topology) {
    const auto& vertices = topology.vertices();
    const auto& bundles = topology.bundles();
    edges_.resize(vertices.size());
    for (std::size_t b = 0; b < bundles.size(); ++b) {
      edges_[at(bundles[b].below)].emplace_back(bundles[b].above, static_cast<std::int32_t>(b));
      edges_[at(bundles[b].above)].emplace_back(bundles[b].below, static_cast<std::int32_t>(b));
    }
    reached_.assign(vertices.size(), -1);
    low_ = root_ = reached_;
    by_.assign(vertices.size(), -1);
    servers_.assign(vertices.size(), 0);
    children_.resize(vertices.size());
    for (std::int32_t v = 0; v < std::ssize(vertices); ++v)
      if (reached_[at(v)] < 0) walk(v);
  }

  std::int64_t lost_without_vertex(std::int32_t v) const {
    const bool server = topology_.vertices()[at(v)].place == Place::server;
    const std::int64_t all = servers_[at(root_[at(v)])] - (server ? 1 : 0);
    std::int64_t apart = 0, largest = 0;
    for (const std::int32_t child : children_[at(v)])
      if (low_[at(child)] >= reached_[at(v)]) {
        apart += servers_[at(child)];
        largest = std::max(largest, servers_[at(child)]);
      }
    return all - std::max(largest, all - apart);
  }
  std::int64_t lost_without_bundle(std::int32_t b) const {
    const Bundle& bundle = topology_.bundles()[at(b)];
    const std::int32_t lower = by_[at(bundle.below)] == b ? bundle.below : bundle.above;
    const std::int64_t all = servers_[at(root_[at(lower)])];
    return std::min(servers_[at(lower)], all - servers_[at(lower)]);
  }

 private:
  void reach(std::int32_t v, std::int32_t root, std::int32_t by) {
    reached_[at(v)] = low_[at(v)] = count_++;
    root_[at(v)] = root;
    by_[at(v)] = by;
    servers_[at(v)] = topology_.vertices()[at(v)].place == Place::server ? 1 : 0;
  }
  void walk(std::int32_t root) {
    std::vector<std::pair<std::int32_t, std::size_t>> open = {{root, 0}};
    reach(root, root, -1);
    while (!open.empty()) {
      auto& [v, next] = open.back();
      if (next < edges_[at(v)].size()) {
        const auto [to, by] = edges_[at(v)][next++];
        if (by == by_[at(v)]) continue;
        if (reached_[at(to)] >= 0) {
          low_[at(v)] = std::min(low_[at(v)], reached_[at(to)]);
          continue;
        }
        children_[at(v)].push_back(to);
        reach(to, root, by);
        open.emplace_back(to, 0);
        continue;
      }
      const std::int32_t done = v;
      open.pop_back();
      if (open.empty()) continue;
      const std::int32_t above = open.back().first;
      low_[at(above)] = std::min(low_[at(above)], low_[at(done)]);
      servers_[at(above)] += servers_[at(done)];
    }
  }

  const Topology& topology_;
  std::vector<std::vector<std::pair<std::int32_t, std::int32_t>>> edges_;
  std::vector<std::int32_t> reached_, low_, root_, by_;
  std::vector<std::int64_t> servers_;  ///< at and below
  std::vector<std::vector<std::int32_t>> children_;
  std::int32_t count_ = 0;
};

bool stands_for_several(const Site& site, const Topology& topology, const Vertex& v) {
  if (v.place == Place::border || v.place == Place::hub) return true;
  if (site.wiring || !site.networks.empty()) return false;
  return site.tiers.empty() || (v.place == Place::spine && topology.clos().ideal_spine);
}

std::string name(const Vertex& v) {
  return fmt::format("{} {}", name_of(v.place), v.index);
}

}  // namespace

std::vector<SingleFailures> single_failures(const Site& site, const Topology& topology) {
  const Forest forest(topology);
  // By what they are, then by what they cut.
  std::map<std::tuple<bool, Place, Place, std::int64_t>, std::vector<std::int32_t>> alike;
  for (const std::int32_t v : topology.cut_switches()) {
    const Vertex& vertex = topology.vertices()[at(v)];
    if (stands_for_several(site, topology, vertex)) continue;
    if (const std::int64_t lost = forest.lost_without_vertex(v); lost > 0)
      alike[{true, vertex.place, vertex.place, lost}].push_back(v);
  }
  for (const std::int32_t b : topology.cut_bundles()) {
    const Bundle& bundle = topology.bundles()[at(b)];
    if (const std::int64_t lost = forest.lost_without_bundle(b); lost > 0)
      alike[{false, topology.vertices()[at(bundle.below)].place, topology.vertices()[at(bundle.above)].place, lost}]
          .push_back(b);
  }
  std::vector<SingleFailures> out;
  for (auto& [key, which] : alike) {
    std::sort(which.begin(), which.end());
    out.push_back({std::get<0>(key), std::move(which), std::get<3>(key)});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.servers > b.servers; });
  return out;
}

std::string server_ranges(const std::vector<std::int64_t>& servers) {
  if (servers.empty()) return "no server";
  if (servers.size() == 1) return fmt::format("server {}", servers.front());
  if (servers.back() - servers.front() + 1 == std::ssize(servers))
    return fmt::format("servers {} to {}", servers.front(), servers.back());
  constexpr std::size_t kNamed = 3;
  std::string text = "servers ";
  for (std::size_t i = 0; i < std::min(kNamed, servers.size()); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", servers[i]);
  if (servers.size() > kNamed) text += fmt::format(" and {} more", servers.size() - kNamed);
  return text;
}

std::string text_of(const SingleFailures& failures, const Topology& topology) {
  const auto one = [&](std::int32_t i) {
    if (failures.switches) return name(topology.vertices()[at(i)]);
    const Bundle& bundle = topology.bundles()[at(i)];
    return fmt::format("cable {} - {}", name(topology.vertices()[at(bundle.below)]),
                       name(topology.vertices()[at(bundle.above)]));
  };
  const std::int32_t first = failures.which.front(), last = failures.which.back();
  if (failures.which.size() == 1) {
    const Loss loss = failures.switches ? topology.loss_of_switch(first) : topology.loss_of_bundle(first);
    return fmt::format("{}: its loss cuts {} off", one(first), server_ranges(loss.cut_off));
  }
  const bool in_a_row = last - first + 1 == std::ssize(failures.which);
  return fmt::format("{} {} {} ({} {}): the loss of each cuts {} {} off", one(first), in_a_row ? "to" : "...",
                     one(last), failures.which.size(), failures.switches ? "switches" : "cables", failures.servers,
                     failures.servers == 1 ? "server" : "servers");
}

}  // namespace alight
