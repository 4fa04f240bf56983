// Where things stand: racks in rows in the order of their numbers, switches on top of racks or in racks of their own,
// cables up to a tray above the racks, along it at right angles, and down again.
//
//   x runs along a row, y from row to row, z up. A rack takes `rack_pitch` of its row; rows are `row_pitch` apart.
//   A pool whose hall or row label differs from the one before begins a new row; a new hall lies `hall_gap` further.
//   What stands n to a rack stands evenly over its height: the k-th at (k + 1/2) / n of it.
//   Leaves stand where `leaf` says; leaves in a row stand in racks in its middle or at its end, which widen the row.
//   Spines and cores (and leaves of `network_row`, and optical circuit switches) stand in racks of their own, in rows
//   between the first half of the rows and the second. Switch racks of a scale-up domain stand in the middle of the
//   domain's racks.
//
// Length of a cable between two places (slack at both ends):
//   same rack      |dz| + 2 slack
//   else           (tray - z_a) + |dx| + |dy| + (tray - z_b) + 2 slack
// rounded up to a multiple of `length_step`, as cables are sold. A cable that is built in has neither slack nor
// rounding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platforms/cabling/domains.hpp"
#include "platforms/site.hpp"

namespace alight {

enum class LeafPlace : std::uint8_t { top_of_rack, middle_of_row, end_of_row, network_row };

/// Metres. Sources of the defaults: rack width EIA-310/IEC 60297 cabinets (600 mm). Rows of at most 20 racks and aisles
/// of 1.2 m: TIA-942-A as Rwanda's data-centre directives and others quote it; with racks 1.2 m deep that makes a pitch
/// of 2.4 m. All others are judgements: 42 units of 44.45 mm are 1.87 m in a frame of 2 m; a tray 0.4 m above it; half
/// a metre of slack at each end from the port to the side of the rack and as a service loop; lengths sold in steps of
/// half a metre; 16 switches of one or two units with their cables to a rack; 10 m between halls.
struct Floor {
  std::int64_t racks_per_row = 20;
  double rack_pitch_m = 0.6;
  double row_pitch_m = 2.4;
  double rack_height_m = 2.0;
  double tray_height_m = 2.4;
  double slack_m = 0.5;        ///< at each end
  double length_step_m = 0.5;  ///< 0: as long as needed
  double hall_gap_m = 10;
  LeafPlace leaf = LeafPlace::top_of_rack;
  std::int64_t switches_per_rack = 16;
};

/// Where a cable ends.
struct CableEnd {
  double x_m = 0, y_m = 0, z_m = 0;
  std::int32_t rack = 0;  ///< of the plan, not of the site: switches have racks too
};

class FloorPlan {
 public:
  /// `leaf_racks`: the rack of the site that each leaf (any switch that serves servers near it) belongs to: on top of
  /// it, or in its row. `network_switches`: how many others there are.
  FloorPlan(const Site& site, const Floor& floor, const std::vector<std::int64_t>& leaf_racks,
            std::int64_t network_switches);

  CableEnd server(std::int64_t server) const;
  const CableEnd& leaf(std::int64_t leaf) const { return leaves_[static_cast<std::size_t>(leaf)]; }
  const CableEnd& network_switch(std::int64_t k) const { return network_[static_cast<std::size_t>(k)]; }
  /// Where the scale-up links of a server's chips go: the switch racks of its domain, else mid height of its own rack.
  std::vector<CableEnd> scale_up_switches(std::int64_t server) const;

  /// By the rule at the head.
  double length_m(const CableEnd& a, const CableEnd& b, bool built_in = false) const;
  /// "rack 12 of pool h100", counting from 0 in the pool; "network rack 3"; "switch rack 0 of row 4".
  std::string name_of(std::int32_t rack) const;
  /// [rack of the site] the row it stands in, counted from 0.
  std::vector<std::int64_t> rows_of_racks() const;
  /// Racks of all kinds, and the ground: along the longest row, and from the middle of the first row to the last's.
  std::int64_t racks() const { return static_cast<std::int64_t>(racks_.size()); }
  double width_m() const { return width_m_; }
  double depth_m() const { return depth_m_; }

 private:
  struct Rack {
    std::string name;
    double x_m = 0, y_m = 0;
  };
  using Row = std::vector<std::int32_t>;

  std::int32_t add_rack(std::string name);
  void put(std::int32_t rack);
  void lay_pools();
  void lay_pool(const Pool& pool);
  void stand_leaves(const std::vector<std::int64_t>& leaf_racks);
  void stand_leaves_in_rows(const std::vector<std::int64_t>& leaf_racks);
  void stand_network(std::int64_t leaves, std::int64_t others);
  void settle();
  /// The k-th of `count` switches in a row of racks, `switches_per_rack` to each.
  CableEnd slot(const Row& racks, std::int64_t k, std::int64_t count) const;

  Site site_;
  Floor floor_;
  std::vector<Rack> racks_;
  std::vector<Row> rows_, network_rows_;
  std::vector<bool> begins_hall_;      ///< [row]
  std::vector<std::int32_t> rack_of_;  ///< [rack of the site] rack of the plan
  ScaleUpDomains domains_;
  std::vector<Row> switch_racks_;  ///< [domain]
  std::vector<CableEnd> leaves_, network_;
  double width_m_ = 0, depth_m_ = 0;
};

}  // namespace alight
