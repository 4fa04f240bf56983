// Commissioning: racks of a pool are delivered in the order of their numbers, phase by phase.
#pragma once

#include <functional>
#include <vector>

#include "platforms/site.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/engine/engine.hpp"
#include "sim/ledger/ledger.hpp"

namespace alight {

class Deliveries {
 public:
  /// Servers `first` to `end` of a pool, by number of the site, are there from now on, and up; the ledger does not
  /// know.
  using Delivered = std::function<void(PoolIndex pool, ServerIndex first, ServerIndex end)>;

  /// Takes what comes later out of the cluster, and posts it. All outlive this.
  Deliveries(const Site& site, Engine& engine, Cluster& cluster, Ledger& ledger, Delivered delivered);

 private:
  void deliver(std::uint64_t which);
  struct Delivery {
    PoolIndex pool;
    ServerIndex first, end;
  };
  Cluster& cluster_;
  Delivered delivered_;
  std::vector<Delivery> deliveries_;
};

}  // namespace alight
