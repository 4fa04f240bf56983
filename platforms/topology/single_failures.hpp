// Which single failures of a network cut which servers off: every switch and every single cable whose loss does so,
// found by Boost's biconnected components on the graph of topology/graph.hpp, alike ones taken together. Ideal
// switches, and what stands for several, do not fail.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platforms/topology/graph.hpp"

namespace alight {

/// Switches of one place, or cables between two places, of which each cuts as many servers off.
struct SingleFailures {
  bool switches = true;
  std::vector<std::int32_t> which;  ///< vertices, or bundles of one cable; ascending
  std::int64_t servers = 0;         ///< that one of them cuts off from the largest part that stays connected
};

/// The worst first. Cost: one walk of the whole graph, whatever the number of failures.
std::vector<SingleFailures> single_failures(const Site& site, const Topology& topology);

/// "leaf 0 to leaf 15 (16 switches): the loss of each cuts 8 servers off". A single one names the servers.
std::string text_of(const SingleFailures& failures, const Topology& topology);

/// "server 24", "servers 24 to 31", "servers 3, 5, 9 and 4 more".
std::string server_ranges(const std::vector<std::int64_t>& servers);

}  // namespace alight
