// The way between the servers of a pool and the storage system of the site, as a few widths.
#pragma once

#include <limits>

#include "platforms/site.hpp"
#include "platforms/topology/routes.hpp"

namespace alight {

/// How wide the way is between the servers of a pool and the storage, bytes/s. Infinite where nothing binds.
struct StorageWay {
  static constexpr double kWide = std::numeric_limits<double>::infinity();
  struct Direction {
    double leaf = kWide;  ///< what those below one leaf share
    double pod = kWide;   ///< what those of one pod share
    double all = kWide;   ///< what everyone shares
  };
  double chip = kWide;  ///< of a server's NICs, for one chip
  Direction read, write;
  double latency_s = 0;
};

/// `routes` are those of the site, which has a storage and chips in the pool.
StorageWay storage_way(const Site& site, std::size_t pool, const Routes& routes);

}  // namespace alight
