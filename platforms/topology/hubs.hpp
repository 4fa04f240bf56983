// What joins the networks of a site: each one's link to the backbone of its place, and the WAN links between places.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platforms/topology/parts.hpp"

namespace alight {

/// Places as numbered here: in the order of the parts that stand there.
struct Hubs {
  std::vector<std::string> places;
  std::vector<std::int64_t> place_of_part;
  struct Hop {
    std::size_t wan = 0;
    bool backwards = false;  ///< from Wan::b to Wan::a
  };
  /// WAN links from one place to another by least summed latency, of those the one with the fewest links; nothing where
  /// no way leads.
  std::vector<Hop> way(std::int64_t place_a, std::int64_t place_b) const;
  bool joined(std::int64_t place_a, std::int64_t place_b) const;

  std::vector<std::vector<std::int64_t>> next;  ///< [from][to]: the next place on that way; -1: none
  std::vector<std::vector<Hop>> hop;            ///< [from][next]
};

Hubs hubs_of(const Site& site, const std::vector<Part>& parts);

}  // namespace alight
