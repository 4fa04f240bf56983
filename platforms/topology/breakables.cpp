#include "platforms/topology/breakables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "models/whole_numbers.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/dragonfly.hpp"
#include "platforms/topology/grid.hpp"

namespace alight {

/// Walks the links in the order in which routes_of() makes them.
class Breakables::Reader {
 public:
  Reader(Breakables& out, const Site& site, const Routes& routes) : out_(out), site_(site), routes_(routes) {
    out_.rules_.resize(routes.links().size() / 2);
    next_ = at(site.servers);
  }

  void run() {
    const std::vector<Part> parts = parts_of(site_);
    for (const Part& part : parts) {
      const Network* network = part.network < 0 ? nullptr : &site_.networks[at(part.network)];
      if (network && network->dragonfly)
        dragonfly(part, *network->dragonfly);
      else
        clos(part);
    }
    for (const Network& network : site_.networks) {
      if (network.grid) grids(network, *network.grid);
      if (network.supernode) supernodes(network, *network.supernode);
    }
    while (next_ < out_.rules_.size()) {
      const std::string& tier = routes_.links()[2 * next_].tier;
      if (tier != "backbone" && tier != "wan" && tier != "storage")
        throw std::logic_error("Breakables: a link of tier " + tier + " is not understood");
      add({.cables = tier == "storage" ? 0 : 1}, tier);
    }
    join();
  }

 private:
  void name_tier(Rule& rule, const std::string& tier) {
    if (out_.tiers_.empty() || out_.tiers_.back() != tier) {
      const auto found = std::find(out_.tiers_.begin(), out_.tiers_.end(), tier);
      rule.tier = static_cast<std::uint32_t>(found - out_.tiers_.begin());
      if (found == out_.tiers_.end()) out_.tiers_.push_back(tier);
      return;
    }
    rule.tier = static_cast<std::uint32_t>(out_.tiers_.size() - 1);
  }
  void add(Rule rule, const std::string& tier) {
    name_tier(rule, tier);
    out_.rules_.at(next_++) = rule;
  }
  void of_server(std::int64_t server, Rule rule, const std::string& tier) {
    name_tier(rule, tier);
    out_.rules_[at(server)] = rule;
  }
  /// Switches of one place from its number `first` on; the index of the first.
  SwitchIndex add_switches(Place place, std::int64_t count, bool ideal = false) {
    const auto first = static_cast<SwitchIndex>(out_.switches_.size());
    std::int64_t& numbered = count_[static_cast<std::size_t>(place)];
    for (std::int64_t i = 0; i < count && !ideal; ++i) out_.switches_.push_back({place, numbered + i});
    numbered += count;
    return ideal ? -1 : first;
  }

  void clos(const Part& part) {
    const Clos clos = clos_of(part.site);
    const std::string prefix = part.network < 0 ? "" : part.name + ' ';
    const bool tiers = !part.site.tiers.empty();
    const SwitchIndex leaf = add_switches(Place::leaf, clos.leaves, !tiers);
    const SwitchIndex spine = add_switches(Place::spine, clos.spines, clos.ideal_spine || clos.spines == 0);
    const SwitchIndex core = add_switches(Place::core, clos.cores, clos.cores == 0);
    std::vector<std::int64_t> dealt(clos.pods.size(), 0);
    for (const LeafGroup& group : clos.groups)
      for (std::int64_t s = group.first_server; s < group.first_server + group.servers; ++s) {
        const std::int64_t pool = group.pool >= 0 ? group.pool : part.site.pool_of_server(s);
        const std::int64_t nics = part.site.pools[at(pool)].nics_per_server;
        Rule rule{.cables = nics};
        if (tiers) {
          rule.above = leaf + static_cast<SwitchIndex>(group.first_leaf);
          rule.deal = Deal::blocks;
          rule.across = nics / group.leaves;
        }
        of_server(part.server[at(s)], rule, prefix + "leaf");
      }
    if (!tiers) return;
    for (const LeafGroup& group : clos.groups) {
      Rule rule{.cables = std::max<std::int64_t>(1, group.leaves * group.uplinks),
                .below = leaf + static_cast<SwitchIndex>(group.first_leaf),
                .per_below = std::max<std::int64_t>(1, group.uplinks)};
      if (spine >= 0) {
        rule.above = spine + static_cast<SwitchIndex>(group.pod * clos.spines_per_pod);
        rule.deal = Deal::turns;
        rule.across = clos.spines_per_pod;
        rule.dealt = dealt[at(group.pod)];
      }
      dealt[at(group.pod)] += group.leaves * group.uplinks;
      add(rule, prefix + "spine");
    }
    std::int64_t before = 0;
    for (std::size_t p = 0; p < clos.pods.size() && clos.cores > 0; ++p) {
      const Pod& pod = clos.pods[p];
      add({.cables = std::max<std::int64_t>(1, pod.uplinks * clos.spines_per_pod),
           .below = spine + static_cast<SwitchIndex>(static_cast<std::int64_t>(p) * clos.spines_per_pod),
           .above = core,
           .per_below = std::max<std::int64_t>(1, pod.uplinks),
           .deal = Deal::planes,
           .across = clos.cores_per_plane,
           .dealt = before},
          prefix + "core");
      before += pod.uplinks;
    }
  }

  void dragonfly(const Part& part, const Dragonfly& d) {
    const DragonflyShape shape(d);
    const SwitchIndex first = add_switches(Place::router, shape.routers());
    const auto router = [first](std::int64_t r) { return first + static_cast<SwitchIndex>(r); };
    for (std::int64_t s = 0; s < part.site.servers; ++s) {
      const std::int64_t nics = part.site.pools[at(part.site.pool_of_server(s))].nics_per_server;
      of_server(part.server[at(s)],
                {.cables = nics, .above = router(s / d.servers), .deal = Deal::blocks, .across = nics},
                part.name + " server");
    }
    const auto between = [&](std::int64_t a, std::int64_t b, std::int64_t cables, const char* tier) {
      add({.cables = cables,
           .below = router(a),
           .above = router(b),
           .per_below = cables,
           .deal = Deal::blocks,
           .across = cables},
          part.name + tier);
    };
    for (std::int64_t g = 0; g < d.groups; ++g)
      for (std::int64_t b = 1; b < d.routers; ++b)
        for (std::int64_t a = 0; a < b; ++a) between(g * d.routers + a, g * d.routers + b, d.local_cables, " local");
    for (std::int64_t b = 1; b < d.groups; ++b)
      for (std::int64_t a = 0; a < b; ++a)
        for (std::int64_t k = 0; k < shape.bundles(); ++k)
          between(shape.end_of(a, b, k), shape.end_of(b, a, k), shape.cables(k), " global");
  }

  void grids(const Network& network, const Grid& grid) {
    const GridShape shape(grid);
    for (std::int64_t g = 0; g < grid.count; ++g)
      for (std::int64_t s = 0; s < grid.servers(); ++s)
        for (std::size_t axis = 0; axis < shape.axes(); ++axis)
          for (std::int64_t l = shape.links_up(shape.cell_of(s), axis); l > 0; --l)
            add({.cables = std::max<std::int64_t>(1, grid.cables[axis])},
                grid_tier(network.name, grid, axis, shape.switched(shape.cell_of(s), axis)));
  }

  void supernodes(const Network& network, const Supernode& node) {
    const std::vector<std::int64_t> servers = servers_of(site_, network);
    const SwitchIndex first = add_switches(Place::plane, std::ssize(servers) / node.servers * node.planes);
    for (std::int64_t s = 0; s < std::ssize(servers); ++s)
      add({.cables = std::max<std::int64_t>(1, node.cables),
           .above = first + static_cast<SwitchIndex>(s / node.servers * node.planes),
           .deal = Deal::turns,
           .across = node.planes},
          "scale-up " + site_.pools[at(site_.pool_of_server(servers[at(s)]))].name);
  }

  void join() {
    out_.links_of_.resize(out_.switches_.size());
    for (std::size_t l = 0; l < out_.rules_.size(); ++l) {
      const auto up = static_cast<LinkIndex>(2 * l);
      for (std::int64_t k = 0; k < out_.rules_[l].cables; ++k) {
        const Ends ends = out_.ends(up, k);
        for (const SwitchIndex s : {ends.below, ends.above})
          if (s >= 0 && (out_.links_of_[at(s)].empty() || out_.links_of_[at(s)].back() != up))
            out_.links_of_[at(s)].push_back(up);
      }
    }
  }

  Breakables& out_;
  const Site& site_;
  const Routes& routes_;
  std::size_t next_ = 0;  ///< the next link that is no server's
  std::array<std::int64_t, kPlaces> count_{};
};

Breakables::Breakables(const Site& site, const Routes& routes) : links_(&routes.links()) {
  Reader(*this, site, routes).run();
  for (std::size_t l = 0; l < links_->size(); ++l) {
    const LinkIndex first = routes.ways_of(static_cast<LinkIndex>(l)).first;
    by_name_.emplace((*links_)[l].name, first);
    if (l != first) continue;
    broken_as_.push_back(first);
    by_name_.emplace(common_name((*links_)[l]), first);
  }
}

Breakables::Ends Breakables::ends(LinkIndex link, std::int64_t cable) const {
  const Rule& rule = rules_[link / 2];
  Ends ends;
  if (rule.below >= 0) ends.below = rule.below + static_cast<SwitchIndex>(cable / rule.per_below);
  if (rule.above < 0) return ends;
  std::int64_t above = 0;
  switch (rule.deal) {
    case Deal::none:
      return ends;
    case Deal::blocks:
      above = cable / rule.across;
      break;
    case Deal::turns:
      above = (rule.dealt + cable) % rule.across;
      break;
    case Deal::planes:
      above = cable / rule.per_below * rule.across + (rule.dealt + cable % rule.per_below) % rule.across;
      break;
  }
  ends.above = rule.above + static_cast<SwitchIndex>(above);
  return ends;
}

std::string Breakables::switch_name(SwitchIndex index) const {
  const Vertex& v = switches_[at(index)];
  return fmt::format("{} {}", name_of(v.place), v.index);
}

std::optional<SwitchIndex> Breakables::find_switch(std::string_view name) const {
  const auto blank = name.rfind(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  std::int64_t index = -1;
  const std::string_view digits = name.substr(blank + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  for (std::size_t i = 0; i < switches_.size(); ++i)
    if (switches_[i].index == index && alight::name_of(switches_[i].place) == name.substr(0, blank))
      return static_cast<SwitchIndex>(i);
  return std::nullopt;
}

std::optional<LinkIndex> Breakables::find_link(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::string_view Breakables::common_name(const SharedLink& link) {
  const std::string_view name = link.name;
  for (const std::string_view ending : {"_UP", "_DOWN"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

std::vector<std::string> Breakables::link_names() const {
  std::vector<std::string> names;
  names.reserve(broken_as_.size());
  for (const LinkIndex link : broken_as_) names.emplace_back(common_name((*links_)[link]));
  return names;
}

std::string Breakables::switch_ranges() const {
  std::string text;
  for (std::size_t p = 0; p < kPlaces; ++p) {
    std::int64_t first = -1, last = -1;
    for (const Vertex& v : switches_)
      if (static_cast<std::size_t>(v.place) == p) {
        if (first < 0) first = v.index;
        last = v.index;
      }
    const std::string_view name = alight::name_of(static_cast<Place>(p));
    if (first < 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, first);
    if (last > first) text += fmt::format(" to {} {}", name, last);
  }
  return text;
}

}  // namespace alight
