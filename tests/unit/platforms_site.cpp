// Numbering of servers, racks and leaves.
#include <catch2/catch.hpp>

#include "tests/support/sites.hpp"

using namespace alight;
using test::pool;
using test::tier;

TEST_CASE("servers, racks and leaves are numbered pool by pool") {
  // Leaves of 8 ports: 8 servers with one NIC each, or 4 with two; racks of 4.
  const Site site = test::site({pool("a", 10), pool("b", 5, 4, 2), pool("c", 3)}, {tier("leaf", 100, 8, 1, 0)});
  CHECK(site.servers == 18);
  CHECK(site.chips == 10 * 8 + 5 * 4 + 3 * 8);
  CHECK(site.racks == 3 + 2 + 1);
  CHECK(site.leaves == 2 + 2 + 1);
  CHECK(site.pools[1].first_server == 10);
  CHECK(site.pools[1].first_rack == 3);
  CHECK(site.pools[1].first_leaf == 2);
  CHECK(site.pool_of_server(0) == 0);
  CHECK(site.pool_of_server(9) == 0);
  CHECK(site.pool_of_server(10) == 1);
  CHECK(site.pool_of_server(17) == 2);
  CHECK(site.rack_of_server(9) == 2);
  CHECK(site.rack_of_server(14) == 4);
  CHECK(site.servers_per_leaf(0) == 8);
  CHECK(site.servers_per_leaf(1) == 4);
  CHECK(site.leaf_of_server(7) == 0);
  CHECK(site.leaf_of_server(8) == 1);
  CHECK(site.leaf_of_server(10) == 2);
  CHECK(site.leaf_of_server(14) == 3);
  CHECK(site.leaf_of_server(15) == 4);
  CHECK_THROWS_AS(site.pool_of_server(18), std::logic_error);
  CHECK_THROWS_AS(site.pool_of_server(-1), std::logic_error);
}

TEST_CASE("a pool of n rails has its leaves in groups of n") {
  // 8 NICs over 8 rails: a leaf takes one NIC of each of its 32 servers.
  const Site site = test::site({pool("a", 40, 8, 8, 400, 8), pool("b", 1)}, {tier("leaf", 400, 32, 1, 0)});
  CHECK(site.servers_per_leaf(0) == 32);
  CHECK(site.leaves == 2 * 8 + 1);
  CHECK(site.leaf_of_server(31) == 0);
  CHECK(site.leaf_of_server(32) == 8);
  CHECK(site.leaf_of_server(40) == 16);
}

TEST_CASE("without tiers one ideal switch holds all") {
  const Site site = test::site({pool("a", 40), pool("empty", 0), pool("b", 2)}, {});
  CHECK(site.leaves == 1);
  CHECK(site.leaf_of_server(41) == 0);
  CHECK(site.pool_of_server(40) == 2);
  CHECK(site.servers_per_leaf(0) == 42);
}

TEST_CASE("an empty site has nothing") {
  const Site site = test::site({}, {tier("leaf", 400, 32, 1, 0)});
  CHECK(site.servers == 0);
  CHECK(site.leaves == 0);
}
