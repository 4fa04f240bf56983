// How the routers of a dragonfly are joined, and the minimal ways between them.
//
// Every two routers of a group have a link. Every two groups have `pair_cables` cables. In a group the cables to the
// others are dealt out to its routers in turn: the k-th cable to the j-th of the other groups (own group left out) is
// number j x pair_cables + k and hangs on that number modulo the routers. Cables that thereby join the same two routers
// are one bundle. A minimal way is at most a link in the first group, a cable between the groups, and a link in the
// second. Traffic between two groups spreads over all their cables, as adaptive minimal routing does; the static way
// takes the bundle whose number is the sum of the two routers' modulo the bundles. With one cable to a pair of groups
// and no more groups than routers these are the ways of SimGrid's dragonfly with one chassis (tests compare them).
//
// Where networks meet, every router has its own share of the way out: traffic leaves from the server's own router.
#pragma once

#include <cstdint>

#include "platforms/network.hpp"

namespace alight {

/// Routers and bundles by number; group-major.
class DragonflyShape {
 public:
  explicit DragonflyShape(const Dragonfly& dragonfly);

  std::int64_t routers() const { return groups_ * routers_; }
  std::int64_t group_of(std::int64_t router) const { return router / routers_; }
  /// Bundles between two groups, and the cables of one.
  std::int64_t bundles() const { return bundles_; }
  std::int64_t cables(std::int64_t bundle) const {
    return pair_cables_ / bundles_ + (bundle < pair_cables_ % bundles_ ? 1 : 0);
  }
  /// The router of `group` that a bundle to `peer`, another group, hangs on.
  std::int64_t end_of(std::int64_t group, std::int64_t peer, std::int64_t bundle) const {
    return group * routers_ + ((peer - (peer > group ? 1 : 0)) * pair_cables_ + bundle) % routers_;
  }
  std::int64_t static_bundle(std::int64_t router_a, std::int64_t router_b) const {
    return (router_a % routers_ + router_b % routers_) % bundles_;
  }
  /// Number of a pair of different routers of a group, and of groups: 0 .. n (n - 1) / 2 - 1.
  static std::int64_t pair(std::int64_t a, std::int64_t b) { return a > b ? a * (a - 1) / 2 + b : b * (b - 1) / 2 + a; }

 private:
  std::int64_t groups_, routers_, pair_cables_, bundles_;
};

}  // namespace alight
