// Random small sites: what the tree of bundles says equals what the single switches can do.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "platforms/topology/graph.hpp"
#include "tests/support/sites.hpp"

using namespace alight;

namespace {

std::vector<std::int64_t> range(std::int64_t first, std::int64_t end) {
  std::vector<std::int64_t> out;
  for (; first < end; ++first) out.push_back(first);
  return out;
}

}  // namespace

TEST_CASE("bisection and cuts between pools equal the maximum flow over single switches") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Topology topology(site);
    const Bisection bisection = topology.bisection();
    if (site.servers >= 2)
      REQUIRE(bisection.gbps ==
              Approx(topology.max_flow_gbps(range(0, site.servers / 2), range(site.servers / 2, site.servers)))
                  .epsilon(1e-9));
    REQUIRE(bisection.gbps <= bisection.full_gbps * (1 + 1e-12));
    for (std::size_t b = 1; b < site.pools.size(); ++b) {
      const Pool& p = site.pools[0];
      const Pool& q = site.pools[b];
      REQUIRE(topology.min_cut_gbps(0, static_cast<std::int64_t>(b)) ==
              Approx(topology.max_flow_gbps(range(p.first_server, p.first_server + p.servers),
                                            range(q.first_server, q.first_server + q.servers)))
                  .epsilon(1e-9));
    }
  }
}

TEST_CASE("distances equal a breadth-first search, and every server reaches every other") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Topology topology(site);
    int most = 0;
    for (std::int64_t a = 0; a < site.servers; a += 3) {
      const auto hops = topology.hops_from(topology.vertex_of(Place::server, a));
      for (std::int64_t b = 0; b < site.servers; ++b) {
        REQUIRE(hops[static_cast<std::size_t>(b)] == topology.hops(a, b));
        most = std::max(most, topology.hops(a, b));
      }
    }
    REQUIRE(most <= topology.diameter());
  }
}

TEST_CASE("capacity is conserved: bundles of a tier add up to the tree's links and to the oversubscription asked for") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Topology topology(site);
    std::vector<double> up(topology.vertices().size(), 0);
    for (const Bundle& bundle : topology.bundles()) {
      REQUIRE(bundle.gbps > 0);
      up[static_cast<std::size_t>(bundle.below)] += bundle.gbps;
    }
    for (std::int64_t s = 0; s < site.servers; ++s)
      REQUIRE(up[static_cast<std::size_t>(s)] == Approx(server_gbps(site, site.pool_of_server(s))));
    for (const LeafGroup& group : topology.clos().groups) {
      double all = 0;
      for (std::int64_t l = 0; l < group.leaves; ++l)
        all += up[static_cast<std::size_t>(topology.vertex_of(Place::leaf, group.first_leaf + l))];
      REQUIRE(all == Approx(group.up_gbps).margin(1e-9));
    }
    for (std::size_t p = 0; p < topology.clos().pods.size(); ++p) {
      double all = 0;
      for (std::int64_t s = 0; s < topology.clos().spines_per_pod; ++s)
        all += up[static_cast<std::size_t>(
            topology.vertex_of(Place::spine, static_cast<std::int64_t>(p) * topology.clos().spines_per_pod + s))];
      REQUIRE(all == Approx(topology.clos().pods[p].up_gbps).margin(1e-9));
    }
    // Cables are whole, so the network is at most as oversubscribed as asked.
    if (site.tiers.size() == 2)
      for (const LeafGroup& group : topology.clos().groups)
        REQUIRE(group.down_gbps / group.up_gbps <=
                site.tiers[0].oversubscription * site.tiers[1].oversubscription * (1 + 1e-9));
  }
}
