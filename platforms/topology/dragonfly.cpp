#include "platforms/topology/dragonfly.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "platforms/topology/clos.hpp"
#include "platforms/topology/network_routes.hpp"

namespace alight {

namespace {

class DragonflyRoutes final : public NetworkRoutes {
 public:
  DragonflyRoutes(const Site& site, const Dragonfly& d) : shape_(d), groups_(d.groups), routers_(d.routers) {
    const auto servers = static_cast<std::int32_t>(site.servers);
    places_ = shape_.routers();
    top_ = servers + static_cast<std::int32_t>(places_);
    nodes_ = top_ + 1;
    for (std::int64_t s = 0; s < site.servers; ++s) {
      const std::int64_t router = s / d.servers;
      add_duplex(fmt::format("router{}_link_{}", router, s), "server", server_gbps(site, site.pool_of_server(s)),
                 d.latency_s, static_cast<std::int32_t>(s), node(router));
      place_of_.push_back(static_cast<std::uint32_t>(router));
    }
    first_local_ = static_cast<LinkIndex>(links_.size());
    for (std::int64_t g = 0; g < groups_; ++g)
      for (std::int64_t b = 1; b < routers_; ++b)
        for (std::int64_t a = 0; a < b; ++a) {
          const std::int64_t from = g * routers_ + a, to = g * routers_ + b;
          add_duplex(fmt::format("router{}_router{}", from, to), "local", d.local_gbps, d.local_latency_s, node(from),
                     node(to));
        }
    first_global_ = static_cast<LinkIndex>(links_.size());
    for (std::int64_t b = 1; b < groups_; ++b)
      for (std::int64_t a = 0; a < b; ++a)
        for (std::int64_t k = 0; k < shape_.bundles(); ++k) {
          const std::int64_t from = shape_.end_of(a, b, k), to = shape_.end_of(b, a, k);
          add_duplex(fmt::format("router{}_router{}", from, to), "global",
                     static_cast<double>(shape_.cables(k)) * d.global_gbps, d.global_latency_s, node(from), node(to));
        }
    pair_cables_ = static_cast<double>(d.pair_cables);
    for (std::int64_t r = 0; r < places_; ++r) joints_.emplace_back(node(r), top_);
  }

  void way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override {
    if (shape_.group_of(a) == shape_.group_of(b)) return local(a, b, 1, out);
    for (std::int64_t k = 0; k < shape_.bundles(); ++k)
      through(a, b, k, static_cast<double>(shape_.cables(k)) / pair_cables_, out);
  }
  void static_way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override {
    if (shape_.group_of(a) == shape_.group_of(b)) return local(a, b, 1, out);
    through(a, b, shape_.static_bundle(a, b), 1, out);
  }

  void climb(std::int64_t /*place*/, std::vector<Crossing>& /*out*/) const override {}
  void descend(std::int64_t /*place*/, std::vector<Crossing>& /*out*/) const override {}
  std::int32_t top() const override { return top_; }
  int diameter() const override {
    if (place_of_.size() < 2) return 0;
    if (places_ == 1) return 2;
    return groups_ == 1 || routers_ == 1 ? 3 : 5;
  }
  int height() const override { return 1; }

 private:
  std::int32_t node(std::int64_t router) const {
    return top_ - static_cast<std::int32_t>(places_) + static_cast<std::int32_t>(router);
  }
  void local(std::int64_t a, std::int64_t b, double share, std::vector<Crossing>& out) const {
    if (a == b) return;
    const std::int64_t pairs = routers_ * (routers_ - 1) / 2;
    const std::int64_t number = shape_.group_of(a) * pairs + DragonflyShape::pair(a % routers_, b % routers_);
    out.push_back({static_cast<LinkIndex>(first_local_ + 2 * number + (a > b ? 1 : 0)), share});
  }
  void through(std::int64_t a, std::int64_t b, std::int64_t bundle, double share, std::vector<Crossing>& out) const {
    const std::int64_t from = shape_.group_of(a), to = shape_.group_of(b);
    local(a, shape_.end_of(from, to, bundle), share, out);
    const std::int64_t number = DragonflyShape::pair(from, to) * shape_.bundles() + bundle;
    out.push_back({static_cast<LinkIndex>(first_global_ + 2 * number + (from > to ? 1 : 0)), share});
    local(shape_.end_of(to, from, bundle), b, share, out);
  }

  DragonflyShape shape_;
  std::int64_t groups_, routers_;
  double pair_cables_ = 1;
  LinkIndex first_local_ = 0, first_global_ = 0;
  std::int32_t top_ = 0;
};

}  // namespace

DragonflyShape::DragonflyShape(const Dragonfly& d)
    : groups_(d.groups),
      routers_(d.routers),
      pair_cables_(std::max<std::int64_t>(1, d.pair_cables)),
      bundles_(std::min(pair_cables_, d.routers)) {}

std::unique_ptr<const NetworkRoutes> dragonfly_routes(const Site& site, const Dragonfly& dragonfly) {
  return std::make_unique<DragonflyRoutes>(site, dragonfly);
}

}  // namespace alight
