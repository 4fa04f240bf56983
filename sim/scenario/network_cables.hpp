// The cables of a site's networks that are no tiers of switches, as its scenario asks for them: part of
// resolve_cabling(). Links inside servers, links of the backbone and of the WAN are no cables of the floor.
//
// What a link is made of, the first that says so: its own key (`media` of an axis, `local_medium` ...), `medium` of the
// network, `site.network.medium` of a dragonfly or `site.network.scale_up_medium` of a grid or supernode; of a
// supernode also the servers' catalogue entry. Where nothing says so no cables are laid.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "platforms/cabling/network_runs.hpp"
#include "sim/scenario/load.hpp"

namespace alight {

/// What the bill is made from.
struct Cabling {
  std::vector<CableTier> tiers;
  std::vector<CableRun> runs;
  std::int32_t add(CableTier tier) {
    tiers.push_back(std::move(tier));
    return static_cast<std::int32_t>(tiers.size()) - 1;
  }
};

class NetworkCables {
 public:
  /// `prepared` outlives this; its site is numbered.
  explicit NetworkCables(const Prepared& prepared) : prepared_(prepared) {}

  /// Media and optical circuit switches that cannot be.
  void check_names(Diagnostics& diagnostics) const;
  bool any() const;
  /// Adds the racks that routers belong to, and counts optical circuit switches.
  void stand(std::vector<std::int64_t>& leaf_racks, std::int64_t& switches);
  void lay(const FloorPlan& plan, Cabling& cabling) const;
  std::vector<BillSwitches> optical_switches() const;
  /// Latencies that are not stated, of links whose medium the network itself names: what the medium adds.
  static void set_latencies(Prepared& prepared, Diagnostics& diagnostics);

 private:
  struct Asked {
    std::string medium, key;  ///< empty: none
    bool of_network = false;  ///< the network itself says so
  };
  Asked of_axis(std::size_t n, std::size_t axis) const;
  Asked of_fly(std::size_t n, std::size_t link_class) const;
  Asked of_supernode(std::size_t n, std::int64_t pool) const;
  CircuitSwitches circuit_switches_of(std::size_t n) const;
  void lay_grid(std::size_t n, const FloorPlan& plan, Cabling& cabling) const;
  void lay_dragonfly(std::size_t n, const FloorPlan& plan, Cabling& cabling) const;
  void lay_supernodes(std::size_t n, const FloorPlan& plan, Cabling& cabling) const;

  const Prepared& prepared_;
  std::vector<std::int64_t> first_;  ///< [network] leaf of its router 0, or its first optical circuit switch
};

}  // namespace alight
