// The networks of a site apart: every scale-out network with its pools as a site of its own, whose numbers map to the
// whole site's. What is known of a site of tiers then holds for each of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "platforms/site.hpp"

namespace alight {

/// A scale-out network with its pools.
struct Part {
  std::int64_t network = -1;         ///< in Site::networks; -1: the site's own tiers
  std::string name;                  ///< "site" for the site's own tiers
  Site site;                         ///< numbered; of a dragonfly: without tiers
  std::vector<std::int64_t> pools;   ///< [pool of the part]: of the whole site
  std::vector<std::int64_t> server;  ///< [server of the part]: of the whole site
};

/// The network in Site::networks that a pool's servers are joined by beside their NICs, or -1.
std::int64_t scale_up_of(const Site& site, std::int64_t pool);
/// The network in Site::networks that a pool's NICs are plugged in to; -1: the site's own tiers.
std::int64_t scale_out_of(const Site& site, std::int64_t pool);

/// Of a numbered site: its own tiers first, where a pool is under them, then Site::networks in their order.
std::vector<Part> parts_of(const Site& site);
/// Of the pools of a scale-up network, in its order: the whole site's servers.
std::vector<std::int64_t> servers_of(const Site& site, const Network& network);

/// For number(): servers that share a leaf where Site::networks decide it, else 0; and by how many the number of a leaf
/// rises to the next (one leaf per rail under tiers).
std::int64_t leaf_servers_of(const Site& site, std::int64_t pool);
std::int64_t leaves_together(const Site& site, std::int64_t pool);

/// For check_network(): what networks, backbone and WAN cannot be; keys are `path` + ".networks[i]...".
void check_networks(const Site& site, const std::string& path, Diagnostics& diagnostics);

}  // namespace alight
