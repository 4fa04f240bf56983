#include "sim/run/deliveries.hpp"

#include <algorithm>

namespace alight {

Deliveries::Deliveries(const Site& site, Engine& engine, Cluster& cluster, Ledger& ledger, Delivered delivered)
    : cluster_(cluster), delivered_(std::move(delivered)) {
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    std::int64_t rack = 0;
    for (const Phase& phase : pool.phases) {
      const std::int64_t first = std::min(rack * pool.servers_per_rack, pool.servers);
      rack += phase.racks;
      const std::int64_t end = std::min(rack * pool.servers_per_rack, pool.servers);
      if (phase.from_s <= 0 || first == end) continue;
      const Delivery& later = deliveries_.emplace_back(Delivery{static_cast<PoolIndex>(p),
                                                                static_cast<ServerIndex>(pool.first_server + first),
                                                                static_cast<ServerIndex>(pool.first_server + end)});
      for (ServerIndex s = later.first; s < later.end; ++s) cluster.set_condition(s, Condition::undelivered);
      ledger.move(p, ChipState::idle, ChipState::undelivered, (end - first) * pool.server.chips * 1000, 0);
      engine.at(phase.from_s, Turn::condition, Action::to<&Deliveries::deliver>(this, deliveries_.size() - 1));
    }
  }
}

void Deliveries::deliver(std::uint64_t which) {
  const auto [pool, first, end] = deliveries_[which];
  for (ServerIndex s = first; s < end; ++s) cluster_.set_condition(s, Condition::up);
  delivered_(pool, first, end);
}

}  // namespace alight
