// The routes of a site without its storage: links between servers alone, as the graph of the site and the SimGrid
// platform have them.
#pragma once

#include <memory>

#include "platforms/topology/routes.hpp"

namespace alight {

/// As routes_of() a site that is the same but for Site::storage.
std::unique_ptr<const Routes> server_routes(const Site& site);

}  // namespace alight
