// Sites with a storage system, and ground that knows it.
#pragma once

#include "tests/support/training.hpp"

namespace alight::test {

/// A storage network of its own; rates in GB/s, of the servers' NICs together with the storage's.
inline Storage own_storage(double read_gbs, double write_gbs, double server_gbs = 1e6, double latency_s = 0) {
  Storage storage;
  storage.read_gbps = read_gbs * 8;
  storage.write_gbps = write_gbs * 8;
  storage.server_gbps = server_gbs * 8;
  storage.latency_s = latency_s;
  return storage;
}

/// small_ground() that has ways to the site's storage.
inline std::shared_ptr<TrainingGround> stored_ground(const Site& site) {
  auto ground = small_ground(site);
  const auto routes = routes_of(site);
  for (std::size_t p = 0; p < site.pools.size(); ++p) ground->storage.push_back(storage_way(site, p, *routes));
  return ground;
}

}  // namespace alight::test
