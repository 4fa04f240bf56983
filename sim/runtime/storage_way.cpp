#include "sim/runtime/storage_way.hpp"

#include <algorithm>
#include <vector>

#include "models/describe/units.hpp"

namespace alight {
namespace {

StorageWay::Direction direction_of(const std::vector<Crossing>& way, const Routes& routes) {
  StorageWay::Direction direction;
  for (const Crossing& crossing : way) {
    const SharedLink& link = routes.links()[crossing.link];
    double& width = link.tier == "leaf" ? direction.leaf : link.tier == "spine" ? direction.pod : direction.all;
    width = std::min(width, link.gbps * kBytesPerGbit / crossing.share);
  }
  return direction;
}

}  // namespace

StorageWay storage_way(const Site& site, std::size_t pool, const Routes& routes) {
  const Pool& of = site.pools[pool];
  const std::int64_t place = routes.place_of(of.first_server);
  StorageWay way;
  std::vector<Crossing> crossings;
  routes.to_storage(place, crossings);
  way.write = direction_of(crossings, routes);
  crossings.clear();
  routes.from_storage(place, crossings);
  way.read = direction_of(crossings, routes);
  way.latency_s = site.storage->latency_s;
  double server_gbps = site.storage->server_gbps;
  if (site.storage->over_network()) {
    const double nics = routes.links()[routes.nic_up(of.first_server)].gbps;
    server_gbps = server_gbps > 0 ? std::min(server_gbps, nics) : nics;
  }
  if (server_gbps > 0)
    way.chip = server_gbps * kBytesPerGbit / static_cast<double>(std::max<std::int64_t>(1, of.server.chips));
  return way;
}

}  // namespace alight
