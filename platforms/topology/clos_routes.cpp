#include "platforms/simgrid/plan.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/network_routes.hpp"

namespace alight {

namespace {

class ClosRoutes final : public NetworkRoutes {
 public:
  explicit ClosRoutes(const Site& site) {
    const Clos clos = clos_of(site);
    const auto servers = static_cast<std::int32_t>(site.servers);
    const auto groups = static_cast<std::int32_t>(clos.groups.size());
    const auto pods = static_cast<std::int32_t>(clos.pods.size());
    tiers_ = !site.tiers.empty();
    cores_ = clos.cores > 0;
    top_ = servers + groups + (cores_ ? pods : 0);
    if (!tiers_) top_ = servers;
    nodes_ = top_ + 1;
    places_ = groups;
    links_.reserve(2 * (clos.groups.size() + clos.pods.size()) + 2 * static_cast<std::size_t>(site.servers));
    place_of_.reserve(static_cast<std::size_t>(site.servers));
    for (std::int32_t g = 0; g < groups; ++g) {
      const LeafGroup& group = clos.groups[static_cast<std::size_t>(g)];
      for (std::int64_t s = group.first_server; s < group.first_server + group.servers; ++s) {
        const std::int64_t pool = group.pool >= 0 ? group.pool : site.pool_of_server(s);
        add_duplex(tiers_ ? server_link_name(g, s) : pool_link_name(pool, s), "server", server_gbps(site, pool),
                   clos.leaf_latency_s, static_cast<std::int32_t>(s), servers + g);
        place_of_.push_back(static_cast<std::uint32_t>(g));
      }
      pod_of_.push_back(static_cast<std::uint32_t>(group.pod));
    }
    first_group_ = first_pod_ = static_cast<LinkIndex>(links_.size());
    if (tiers_) add_bundles(clos);
    if (site.storage) add_storage(*site.storage, top_);
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

  void climb(std::int64_t a, std::vector<Crossing>& out) const override {
    if (tiers_) out.push_back({static_cast<LinkIndex>(first_group_ + 2 * a)});
    if (cores_) out.push_back({first_pod_ + 2 * pod_of_[static_cast<std::size_t>(a)]});
  }
  void descend(std::int64_t a, std::vector<Crossing>& out) const override {
    if (cores_) out.push_back({first_pod_ + 2 * pod_of_[static_cast<std::size_t>(a)] + 1});
    if (tiers_) out.push_back({static_cast<LinkIndex>(first_group_ + 2 * a + 1)});
  }
  std::int32_t top() const override { return top_; }
  int diameter() const override {
    if (place_of_.size() < 2) return 0;
    if (places_ == 1) return 2;
    return pod_of_.front() == pod_of_.back() ? 4 : 6;
  }
  int height() const override { return 1 + (tiers_ ? 1 : 0) + (cores_ ? 1 : 0); }

 private:
  void rise(std::int64_t place, std::vector<Crossing>& out) const override { climb(place, out); }
  void fall(std::int64_t place, std::vector<Crossing>& out) const override { descend(place, out); }
  void add_bundles(const Clos& clos) {
    const auto groups = static_cast<std::int32_t>(clos.groups.size());
    const auto pods = static_cast<std::int32_t>(clos.pods.size());
    const auto servers = static_cast<std::int32_t>(place_of_.size());
    for (std::int32_t g = 0; g < groups; ++g) {
      const LeafGroup& group = clos.groups[static_cast<std::size_t>(g)];
      add_duplex(group_link_name(g), "leaf", group.usable_gbps(), clos.spine_latency_s, servers + g,
                 servers + groups + static_cast<std::int32_t>(group.pod));
    }
    first_pod_ = static_cast<LinkIndex>(links_.size());
    for (std::int32_t p = 0; p < pods && cores_; ++p)
      add_duplex(pod_link_name(p), "spine", clos.pods[static_cast<std::size_t>(p)].usable_gbps(), clos.core_latency_s,
                 servers + groups + p, top_);
  }

  std::vector<std::uint32_t> pod_of_;  ///< [place]
  LinkIndex first_group_ = 0, first_pod_ = 0;
  std::int32_t top_ = 0;
  bool tiers_ = false, cores_ = false;
};

}  // namespace

std::unique_ptr<const NetworkRoutes> clos_routes(const Site& site) {
  return std::make_unique<ClosRoutes>(site);
}

}  // namespace alight
