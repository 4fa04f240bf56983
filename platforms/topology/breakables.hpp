// What of a site's network can break, and what goes with it: the cables that each link of topology/routes.hpp is made
// of, and the switches that each of them hangs on. A link works by what its cables do.
//
// Switches are called as in the site's graph (topology/graph.hpp): "leaf 3", "spine 0", "core 1", "router 5",
// "plane 2", numbered over all networks. Ideal switches do not break. Cables of a leaf, or of a spine, go to the
// switches above in turn, the first of each one further than the last of the one before, as the bill of links lays
// them (cabling/runs.hpp). A server's NICs go to its leaves in equal blocks, its supernode ports to the planes in turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platforms/topology/graph.hpp"
#include "platforms/topology/parts.hpp"
#include "platforms/topology/routes.hpp"

namespace alight {

using SwitchIndex = std::int32_t;

class Breakables {
 public:
  /// Links of `routes`, which are those of the site. Costs microseconds per link.
  Breakables(const Site& site, const Routes& routes);

  /// Each thing that can break is known by one link, the first of those that break with it (Routes::ways_of): the "up"
  /// direction of cables. Ascending. Below `link` may be any of them.
  const std::vector<LinkIndex>& links() const { return broken_as_; }
  /// 0 of the storage's: they are what it reads and writes, and work by themselves.
  std::int64_t cables(LinkIndex link) const { return rules_[link / 2].cables; }
  struct Ends {
    SwitchIndex below = -1, above = -1;  ///< -1: a server, or nothing that breaks
  };
  Ends ends(LinkIndex link, std::int64_t cable) const;
  /// Which cables it stands among: the tier of the bill of links ("leaf", "east spine", "scale-up h100"), or of a
  /// network of another kind ("t torus x", "m mesh y", "d server", "d local", "d global"); "backbone", "wan";
  /// "storage": its two rates.
  const std::string& tier(LinkIndex link) const { return tiers_[rules_[link / 2].tier]; }

  SwitchIndex switches() const { return static_cast<SwitchIndex>(switches_.size()); }
  std::string switch_name(SwitchIndex index) const;
  /// The "up" directions of the links with cables on it, ascending.
  const std::vector<LinkIndex>& links_of(SwitchIndex index) const { return links_of_[static_cast<std::size_t>(index)]; }

  /// By name; nothing where there is none.
  std::optional<SwitchIndex> find_switch(std::string_view name) const;
  /// What it breaks as, by the name of either direction or by what they have in common ("leaf0_up").
  std::optional<LinkIndex> find_link(std::string_view name) const;
  /// What they have in common: "torus.12x" of "torus.12x_UP" and "torus.12x_DOWN".
  static std::string_view common_name(const SharedLink& link);
  std::vector<std::string> link_names() const;
  /// "leaf 0 to leaf 15, spine 0 to spine 3"; empty where no switch breaks.
  std::string switch_ranges() const;

 private:
  enum class Deal : std::uint8_t { none, blocks, turns, planes };
  /// What its cables hang on: cable k on `below` + k / `per_below`, above by the deal.
  struct Rule {
    std::int64_t cables = 1;
    SwitchIndex below = -1, above = -1;
    std::int64_t per_below = 1;
    Deal deal = Deal::none;
    std::int64_t across = 1;  ///< blocks: cables of one; turns and planes: switches that share them
    std::int64_t dealt = 0;   ///< to those switches before
    std::uint32_t tier = 0;
  };
  class Reader;

  const std::vector<SharedLink>* links_;
  std::vector<LinkIndex> broken_as_;
  std::vector<Rule> rules_;  ///< [link / 2]
  std::vector<std::string> tiers_;
  std::vector<Vertex> switches_;
  std::vector<std::vector<LinkIndex>> links_of_;
  std::unordered_map<std::string_view, LinkIndex> by_name_;
};

}  // namespace alight
