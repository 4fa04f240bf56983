#include "platforms/simgrid/routed_zone.hpp"

#include "models/describe/units.hpp"
#include "platforms/simgrid/compat.hpp"

namespace alight {

namespace {

namespace sg = simgrid_compat;

/// Hosts are added in the order of the servers, so a host's number in the zone is its server's.
class RoutedZone final : public sg::OwnZone {
 public:
  RoutedZone(const std::string& name, std::shared_ptr<const Routes> routes)
      : OwnZone(name), routes_(std::move(routes)) {}

  void keep(const simgrid::s4u::Link* link) { links_.push_back(link); }

 private:
  void find_links(unsigned long from, unsigned long to, std::vector<const simgrid::s4u::Link*>& out) override {
    crossings_.clear();
    routes_->static_route(static_cast<std::int64_t>(from), static_cast<std::int64_t>(to), crossings_);
    for (const Crossing& crossing : crossings_) out.push_back(links_[crossing.link]);
  }

  std::shared_ptr<const Routes> routes_;
  std::vector<const simgrid::s4u::Link*> links_;  ///< by LinkIndex
  std::vector<Crossing> crossings_;
};

}  // namespace

BuiltPlatform build_routed(const Site& site, std::shared_ptr<const Routes> routes, simgrid::s4u::Engine& engine) {
  auto* world = sg::world(engine);
  auto* own = new RoutedZone("site", routes);  // SimGrid deletes its zones
  auto* zone = sg::lend_models(world, own->get_iface());
  if (!site.name.empty()) zone->set_property("site", site.name);
  BuiltPlatform built;
  built.hosts.reserve(static_cast<std::size_t>(site.servers));
  for (std::int64_t s = 0; s < site.servers; ++s) {
    auto* host =
        sg::add_host(zone, host_name(s), server_flops(site.pools[static_cast<std::size_t>(site.pool_of_server(s))]));
    host->seal();
    built.hosts.push_back(host);
  }
  built.links.reserve(routes->links().size());
  for (const SharedLink& shared : routes->links()) {
    auto* link = sg::add_link(zone, shared.name, shared.gbps * kBytesPerGbit);
    link->set_latency(shared.latency_s);
    link->seal();
    own->keep(link);
    built.links.push_back(link);
  }
  for (std::int64_t s = 0; s < site.servers; ++s)
    built.servers.push_back({built.links[routes->nic_up(s)], built.links[routes->nic_down(s)]});
  sg::attach(zone, world);
  zone->seal();
  world->seal();
  return built;
}

}  // namespace alight
