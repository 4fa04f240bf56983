// Reads a SimGrid XML platform (DTD 4 and 4.1) as a site, without SimGrid.
//
// Read: <cluster> (flat; radical ranges; backbone, limiter, loopback), <zone> nested at any depth with routing Full,
// Floyd, Dijkstra, DijkstraCache (or None with a single child), <host>, <router>, <link>, <route>, <zoneRoute>, <prop>;
// <AS> and <ASroute> as their old names; <config> is passed over. Everything else that SimGrid knows (Vivaldi, torus,
// fat tree, dragonfly, Wifi, cabinets, peers, disks, traces, profiles, bypass routes, includes) is refused by name.
//
// Every host becomes a server of one chip, called after the host's speed; hosts and clusters with
// <prop id="role" value="master"/> stay in the platform but not in the site. A pool is the hosts of equal speed and
// core count in one zone, named by its `pool` property or after the zone. The network is kept whole in Site::wiring, so
// the built platform has the routes of the file; Pool::nic_gbps is the cluster's own link.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "models/describe/diagnostics.hpp"
#include "platforms/site.hpp"

namespace alight {

/// The site of a file, numbered; nothing where `diagnostics` got a problem (with line and column).
std::optional<Site> import_xml(const std::filesystem::path& file, Diagnostics& diagnostics);
/// The same from text; `name` stands for the file in problems and names the site.
std::optional<Site> import_xml_text(std::string_view text, const std::string& name, Diagnostics& diagnostics);

}  // namespace alight
