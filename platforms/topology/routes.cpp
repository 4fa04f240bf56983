#include "platforms/topology/routes.hpp"

#include "platforms/simgrid/plan.hpp"
#include "platforms/topology/clos.hpp"

namespace alight {

namespace {

/// Leaf groups under pods under cores, with the bundles of topology/clos.hpp as links.
class ClosRoutes final : public Routes {
 public:
  explicit ClosRoutes(const Site& site) {
    const Clos clos = clos_of(site);
    links_.reserve(2 * (static_cast<std::size_t>(site.servers) + clos.groups.size() + clos.pods.size()));
    place_of_.reserve(static_cast<std::size_t>(site.servers));
    places_ = std::ssize(clos.groups);
    for (std::size_t g = 0; g < clos.groups.size(); ++g) {
      const LeafGroup& group = clos.groups[g];
      for (std::int64_t s = group.first_server; s < group.first_server + group.servers; ++s) {
        const std::int64_t pool = group.pool >= 0 ? group.pool : site.pool_of_server(s);
        add_duplex(site.tiers.empty() ? pool_link_name(pool, s) : server_link_name(static_cast<std::int64_t>(g), s),
                   "server", server_gbps(site, pool), clos.leaf_latency_s);
        place_of_.push_back(static_cast<std::uint32_t>(g));
      }
      pod_of_.push_back(static_cast<std::uint32_t>(group.pod));
    }
    first_group_ = first_pod_ = static_cast<LinkIndex>(links_.size());
    if (site.tiers.empty()) return;
    for (std::size_t g = 0; g < clos.groups.size(); ++g)
      add_duplex(group_link_name(static_cast<std::int64_t>(g)), "leaf", clos.groups[g].up_gbps, clos.spine_latency_s);
    first_pod_ = static_cast<LinkIndex>(links_.size());
    for (std::size_t p = 0; p < clos.pods.size() && clos.cores > 0; ++p)
      add_duplex(pod_link_name(static_cast<std::int64_t>(p)), "spine", clos.pods[p].up_gbps, clos.core_latency_s);
  }

  void way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override {
    if (a == b) return;
    const std::uint32_t from = pod_of_[static_cast<std::size_t>(a)], to = pod_of_[static_cast<std::size_t>(b)];
    out.push_back({static_cast<LinkIndex>(first_group_ + 2 * a)});
    if (from != to) {
      out.push_back({first_pod_ + 2 * from});
      out.push_back({first_pod_ + 2 * to + 1});
    }
    out.push_back({static_cast<LinkIndex>(first_group_ + 2 * b + 1)});
  }

 private:
  std::vector<std::uint32_t> pod_of_;  ///< [place]
  LinkIndex first_group_ = 0, first_pod_ = 0;
};

}  // namespace

LinkIndex Routes::port_up(std::int64_t /*server*/) const {
  return kNoLink;
}
LinkIndex Routes::port_down(std::int64_t /*server*/) const {
  return kNoLink;
}
Ends Routes::ends(std::int64_t /*place_a*/, std::int64_t /*place_b*/) const {
  return Ends::nics;
}

void Routes::route(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const {
  if (a == b) return;
  const std::int64_t from = place_of(a), to = place_of(b);
  const Ends by = ends(from, to);
  if (by != Ends::none) out.push_back({by == Ends::nics ? nic_up(a) : port_up(a)});
  way(from, to, out);
  if (by != Ends::none) out.push_back({by == Ends::nics ? nic_down(b) : port_down(b)});
}

double Routes::latency_s(std::int64_t a, std::int64_t b) const {
  std::vector<Crossing> crossings;
  route(a, b, crossings);
  double sum = 0;
  for (const Crossing& c : crossings) sum += c.share * links_[c.link].latency_s;
  return sum;
}

LinkIndex Routes::add_duplex(const std::string& name, const std::string& tier, double gbps, double latency_s) {
  links_.push_back({name + "_UP", tier, gbps, latency_s});
  links_.push_back({name + "_DOWN", tier, gbps, latency_s});
  return static_cast<LinkIndex>(links_.size() - 2);
}

std::unique_ptr<const Routes> routes_of(const Site& site) {
  if (site.wiring) return nullptr;
  return std::make_unique<ClosRoutes>(site);
}

}  // namespace alight
