// Small sites for tests of the platforms layer.
#pragma once

#include <boost/random/uniform_int_distribution.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/random/streams.hpp"
#include "platforms/site.hpp"

namespace alight::test {

inline Pool pool(std::string name, std::int64_t servers, std::int64_t chips = 8, std::int64_t nics = 1,
                 double nic_gbps = 100, std::int64_t rails = 1) {
  Pool p;
  p.name = std::move(name);
  p.servers = servers;
  p.server.chips = chips;
  p.nics_per_server = nics;
  p.nic_gbps = nic_gbps;
  p.rails = rails;
  p.chip.bf16_tflops = 100;
  return p;
}

inline Tier tier(std::string name, double rate_gbps, std::int64_t down_ports, double oversubscription,
                 double latency_s) {
  Tier t;
  t.name = std::move(name);
  t.rate_gbps = rate_gbps;
  t.down_ports = down_ports;
  t.oversubscription = oversubscription;
  t.latency_s = latency_s;
  return t;
}

inline Site site(std::vector<Pool> pools, std::vector<Tier> tiers) {
  Site s;
  s.name = "test";
  s.pools = std::move(pools);
  s.tiers = std::move(tiers);
  number(s);
  return s;
}

/// 16 servers with one 100 Gbps NIC under 4 leaves of 4, each with 2 cables of 100 Gbps up, one to each of 2 spines.
inline Site small_clos() {
  return site({pool("a", 8), pool("b", 8)}, {tier("leaf", 100, 4, 2, 1e-6), tier("spine", 100, 4, 1, 2e-6)});
}

/// Up to three pools and three tiers with uneven counts, drawn from `seed`.
inline Site random_site(std::uint64_t seed) {
  Stream stream = alight::stream(seed, "test sites");
  const auto draw = [&stream](std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(stream);
  };
  std::vector<Pool> pools;
  for (std::int64_t p = draw(1, 3); p > 0; --p) {
    const std::int64_t rails = draw(1, 3);
    pools.push_back(pool("p" + std::to_string(p), draw(1, 30), 8, rails * draw(1, 2),
                         static_cast<double>(100 * draw(1, 4)), rails));
  }
  static const char* const kNames[] = {"leaf", "spine", "core"};
  std::vector<Tier> tiers;
  for (std::int64_t t = 0, count = draw(0, 3); t < count; ++t)
    tiers.push_back(tier(kNames[t], static_cast<double>(100 * draw(1, 4)), draw(2, 8),
                         static_cast<double>(draw(2, 8)) / 2, static_cast<double>(draw(0, 5)) * 1e-6));
  return site(std::move(pools), std::move(tiers));
}

}  // namespace alight::test
