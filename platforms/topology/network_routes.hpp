// The routes of one network that servers plug their NICs in to, by itself: tiers of switches, or a dragonfly.
#pragma once

#include <memory>
#include <vector>

#include "platforms/network.hpp"
#include "platforms/topology/routes.hpp"

namespace alight {

/// Routes that also lead out of the network. Links of servers other than nic_up() and nic_down() do not exist, so links
/// from 2 x servers on are the network's own.
class NetworkRoutes : public Routes {
 public:
  /// Appends the links from a place to where the network meets others (`top`), and back.
  virtual void climb(std::int64_t place, std::vector<Crossing>& out) const = 0;
  virtual void descend(std::int64_t place, std::vector<Crossing>& out) const = 0;
  virtual std::int32_t top() const = 0;
  /// Links from a server to the top.
  virtual int height() const = 0;
};

/// Leaf groups under pods under cores: the bundles of topology/clos.hpp are the links.
std::unique_ptr<const NetworkRoutes> clos_routes(const Site& site);
/// Of a site whose servers are those of the dragonfly, in its order (topology/dragonfly.hpp).
std::unique_ptr<const NetworkRoutes> dragonfly_routes(const Site& site, const Dragonfly& dragonfly);

}  // namespace alight
