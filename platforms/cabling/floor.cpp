#include "platforms/cabling/floor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/whole_numbers.hpp"

namespace alight {

FloorPlan::FloorPlan(const Site& site, const Floor& floor, const std::vector<std::int64_t>& leaf_racks,
                     std::int64_t network_switches)
    : site_(site), floor_(floor), domains_(site), switch_racks_(domains_.all().size()) {
  lay_pools();
  stand_leaves(leaf_racks);
  stand_network(floor.leaf == LeafPlace::network_row ? std::ssize(leaf_racks) : 0, network_switches);
  settle();
}

std::int32_t FloorPlan::add_rack(std::string name) {
  racks_.push_back({std::move(name), 0, 0});
  return static_cast<std::int32_t>(racks_.size() - 1);
}

void FloorPlan::put(std::int32_t rack) {
  if (std::ssize(rows_.back()) >= floor_.racks_per_row) {
    rows_.emplace_back();
    begins_hall_.push_back(false);
  }
  rows_.back().push_back(rack);
}

void FloorPlan::lay_pools() {
  const Pool* before = nullptr;
  for (const Pool& pool : site_.pools) {
    const bool new_hall = before && pool.hall != before->hall;
    if (!before || new_hall || pool.row != before->row) {
      rows_.emplace_back();
      begins_hall_.push_back(new_hall);
    }
    lay_pool(pool);
    before = &pool;
  }
}

void FloorPlan::lay_pool(const Pool& pool) {
  for (std::int64_t r = 0; r < pool.racks(); ++r) {
    for (const std::size_t d : domains_.before_rack(pool.first_rack + r)) {
      const ScaleUpDomain& domain = domains_.all()[d];
      for (std::int64_t k = 0; k < domain.switch_racks; ++k) {
        switch_racks_[d].push_back(add_rack(fmt::format("switch rack {} of {}", k, domain.name)));
        put(switch_racks_[d].back());
      }
    }
    rack_of_.push_back(add_rack(fmt::format("rack {} of pool {}", r, pool.name)));
    put(rack_of_.back());
  }
}

std::vector<std::int64_t> FloorPlan::rows_of_racks() const {
  std::vector<std::int64_t> of_plan(racks_.size(), 0), rows;
  for (std::size_t row = 0; row < rows_.size(); ++row)
    for (const std::int32_t rack : rows_[row]) of_plan[at(rack)] = static_cast<std::int64_t>(row);
  for (const std::int32_t rack : rack_of_) rows.push_back(of_plan[at(rack)]);
  return rows;
}

CableEnd FloorPlan::slot(const Row& racks, std::int64_t k, std::int64_t count) const {
  const std::int64_t here =
      std::min(floor_.switches_per_rack, count - k / floor_.switches_per_rack * floor_.switches_per_rack);
  CableEnd end;
  end.rack = racks[at(k / floor_.switches_per_rack)];
  end.z_m =
      floor_.rack_height_m * (static_cast<double>(k % floor_.switches_per_rack) + 0.5) / static_cast<double>(here);
  return end;
}

void FloorPlan::stand_leaves(const std::vector<std::int64_t>& leaf_racks) {
  if (floor_.leaf == LeafPlace::network_row) return;
  if (floor_.leaf != LeafPlace::top_of_rack) return stand_leaves_in_rows(leaf_racks);
  for (const std::int64_t rack : leaf_racks) {
    CableEnd end;
    end.rack = rack_of_[at(rack)];
    end.z_m = floor_.rack_height_m;
    leaves_.push_back(end);
  }
}

void FloorPlan::stand_leaves_in_rows(const std::vector<std::int64_t>& leaf_racks) {
  std::vector<std::int64_t> row_of(racks_.size(), 0);
  for (std::size_t row = 0; row < rows_.size(); ++row)
    for (const std::int32_t rack : rows_[row]) row_of[at(rack)] = static_cast<std::int64_t>(row);
  std::vector<std::vector<std::size_t>> leaves_of(rows_.size());
  for (std::size_t l = 0; l < leaf_racks.size(); ++l)
    leaves_of[at(row_of[at(rack_of_[at(leaf_racks[l])])])].push_back(l);
  leaves_.resize(leaf_racks.size());
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const std::int64_t count = std::ssize(leaves_of[row]);
    Row own;
    for (std::int64_t k = 0; k < ceil_div(count, floor_.switches_per_rack); ++k)
      own.push_back(add_rack(fmt::format("leaf rack {} of row {}", k, row)));
    for (std::int64_t k = 0; k < count; ++k) leaves_[leaves_of[row][at(k)]] = slot(own, k, count);
    const auto where =
        floor_.leaf == LeafPlace::end_of_row ? rows_[row].end() : rows_[row].begin() + std::ssize(rows_[row]) / 2;
    rows_[row].insert(where, own.begin(), own.end());
  }
}

void FloorPlan::stand_network(std::int64_t leaves, std::int64_t others) {
  const std::int64_t count = leaves + others;
  Row all;
  for (std::int64_t k = 0; k < ceil_div(count, floor_.switches_per_rack); ++k)
    all.push_back(add_rack(fmt::format("network rack {}", k)));
  for (std::int64_t k = 0; k < count; ++k) (k < leaves ? leaves_ : network_).push_back(slot(all, k, count));
  const auto wide = std::max<std::int64_t>(floor_.racks_per_row, 1);
  for (std::int64_t first = 0; first < std::ssize(all); first += wide)
    network_rows_.emplace_back(all.begin() + first, all.begin() + std::min(first + wide, std::ssize(all)));
}

void FloorPlan::settle() {
  std::size_t longest = 0;
  for (const auto* rows : {&rows_, &network_rows_})
    for (const Row& row : *rows) longest = std::max(longest, row.size());
  width_m_ = static_cast<double>(longest) * floor_.rack_pitch_m;
  double y = -floor_.row_pitch_m;
  const auto lay = [&](const Row& row, bool centred, bool hall) {
    y += floor_.row_pitch_m + (hall ? floor_.hall_gap_m : 0);
    const double from = centred ? (width_m_ - static_cast<double>(row.size()) * floor_.rack_pitch_m) / 2 : 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      Rack& rack = racks_[at(row[i])];
      rack.x_m = from + (static_cast<double>(i) + 0.5) * floor_.rack_pitch_m;
      rack.y_m = y;
    }
  };
  const std::size_t half = (rows_.size() + 1) / 2;
  for (std::size_t row = 0; row < half; ++row) lay(rows_[row], false, begins_hall_[row]);
  for (const Row& row : network_rows_) lay(row, true, false);
  for (std::size_t row = half; row < rows_.size(); ++row) lay(rows_[row], false, begins_hall_[row]);
  depth_m_ = std::max(y, 0.0);
  for (auto* ends : {&leaves_, &network_})
    for (CableEnd& end : *ends) {
      end.x_m = racks_[at(end.rack)].x_m;
      end.y_m = racks_[at(end.rack)].y_m;
    }
}

CableEnd FloorPlan::server(std::int64_t server) const {
  const Pool& pool = site_.pools[at(site_.pool_of_server(server))];
  const std::int64_t slot = (server - pool.first_server) % pool.servers_per_rack;
  CableEnd end;
  end.rack = rack_of_[at(site_.rack_of_server(server))];
  end.x_m = racks_[at(end.rack)].x_m;
  end.y_m = racks_[at(end.rack)].y_m;
  end.z_m = floor_.rack_height_m * (static_cast<double>(slot) + 0.5) / static_cast<double>(pool.servers_per_rack);
  return end;
}

std::vector<CableEnd> FloorPlan::scale_up_switches(std::int64_t server) const {
  std::vector<CableEnd> ends;
  const auto add = [&](std::int32_t rack) {
    ends.push_back({racks_[at(rack)].x_m, racks_[at(rack)].y_m, floor_.rack_height_m / 2, rack});
  };
  if (const std::int64_t domain = domains_.of_server(server); domain >= 0)
    for (const std::int32_t rack : switch_racks_[at(domain)]) add(rack);
  else
    add(rack_of_[at(site_.rack_of_server(server))]);
  return ends;
}

double FloorPlan::length_m(const CableEnd& a, const CableEnd& b, bool built_in) const {
  double length = a.rack == b.rack
                      ? std::abs(a.z_m - b.z_m)
                      : 2 * floor_.tray_height_m - a.z_m - b.z_m + std::abs(a.x_m - b.x_m) + std::abs(a.y_m - b.y_m);
  if (built_in) return length;
  length += 2 * floor_.slack_m;
  if (floor_.length_step_m <= 0) return length;
  // A rounding error above a step must not cost a step.
  return std::ceil(length / floor_.length_step_m * (1 - 1e-12)) * floor_.length_step_m;
}

std::string FloorPlan::name_of(std::int32_t rack) const {
  return racks_[at(rack)].name;
}

}  // namespace alight
