#include "platforms/topology/routes.hpp"

#include "platforms/topology/joined.hpp"
#include "platforms/topology/network_routes.hpp"
#include "platforms/topology/server_routes.hpp"

namespace alight {

LinkIndex Routes::port_up(std::int64_t /*server*/) const {
  return kNoLink;
}
LinkIndex Routes::port_down(std::int64_t /*server*/) const {
  return kNoLink;
}
Ends Routes::ends(std::int64_t /*place_a*/, std::int64_t /*place_b*/) const {
  return Ends::nics;
}
void Routes::static_way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const {
  way(a, b, out);
}
const Grid* Routes::grid_of(std::int64_t /*server*/) const {
  return nullptr;
}
std::unique_ptr<const SliceWays> Routes::slice(const std::vector<std::int64_t>& /*servers*/) const {
  return nullptr;
}

void Routes::whole_way(std::int64_t a, std::int64_t b, bool fixed, std::vector<Crossing>& out) const {
  if (a == b) return;
  const std::int64_t from = place_of(a), to = place_of(b);
  const Ends by = ends(from, to);
  if (by != Ends::none) out.push_back({by == Ends::nics ? nic_up(a) : port_up(a)});
  if (fixed)
    static_way(from, to, out);
  else
    way(from, to, out);
  if (by != Ends::none) out.push_back({by == Ends::nics ? nic_down(b) : port_down(b)});
}

void Routes::route(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const {
  whole_way(a, b, false, out);
}
void Routes::static_route(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const {
  whole_way(a, b, true, out);
}

double Routes::latency_s(std::int64_t a, std::int64_t b) const {
  std::vector<Crossing> crossings;
  static_route(a, b, crossings);
  double sum = 0;
  for (const Crossing& c : crossings) sum += links_[c.link].latency_s;
  return sum;
}

LinkIndex Routes::add_duplex(const std::string& name, const std::string& tier, double gbps, double latency_s,
                             std::int32_t below, std::int32_t above) {
  links_.push_back({name + "_UP", tier, gbps, latency_s, below, above});
  links_.push_back({name + "_DOWN", tier, gbps, latency_s, above, below});
  return static_cast<LinkIndex>(links_.size() - 2);
}

void Routes::add_storage(const Storage& storage, std::int32_t node) {
  const std::int32_t own = nodes_++;
  storage_over_network_ = storage.over_network();
  storage_read_ = static_cast<LinkIndex>(links_.size());
  links_.push_back({storage.name + "_READ", "storage", storage.read_gbps, storage.latency_s, own, node});
  links_.push_back({storage.name + "_WRITE", "storage", storage.write_gbps, storage.latency_s, node, own});
}

void Routes::take_storage(const Routes& other) {
  storage_read_ = other.storage_read_;
  storage_over_network_ = other.storage_over_network_;
}

void Routes::to_storage(std::int64_t place, std::vector<Crossing>& out) const {
  if (storage_over_network_) rise(place, out);
  out.push_back({storage_write()});
}
void Routes::from_storage(std::int64_t place, std::vector<Crossing>& out) const {
  out.push_back({storage_read_});
  if (storage_over_network_) fall(place, out);
}

std::unique_ptr<const Routes> routes_of(const Site& site) {
  if (site.wiring) return nullptr;
  if (!site.networks.empty()) return joined_routes(site);
  return clos_routes(site);
}

std::unique_ptr<const Routes> server_routes(const Site& site) {
  if (!site.storage) return routes_of(site);
  Site bare = site;
  bare.storage.reset();
  return routes_of(bare);
}

}  // namespace alight
