// Which single failures cut which servers off, of every kind of network.
#include <catch2/catch.hpp>

#include "platforms/topology/single_failures.hpp"
#include "tests/support/faults.hpp"

using namespace alight;

namespace {

std::vector<std::string> lines(const Site& site) {
  const Topology topology(site);
  std::vector<std::string> out;
  for (const SingleFailures& alike : single_failures(site, topology)) {
    out.push_back(text_of(alike, topology));
    // Counted by one walk; the same as when each is taken away.
    for (const std::int32_t i : alike.which)
      CHECK(alike.servers == (alike.switches ? topology.loss_of_switch(i) : topology.loss_of_bundle(i)).servers);
  }
  return out;
}

Site with_network(std::int64_t servers, Network network) {
  Site site;
  Pool pool = test::chips_pool("p", servers);
  pool.nic_gbps = 100;
  site.pools.push_back(pool);
  network.name = "n";
  network.place = "main";
  network.pools = {0};
  site.networks.push_back(std::move(network));
  number(site);
  return site;
}

}  // namespace

TEST_CASE("leaves and single NICs of a Clos") {
  CHECK(lines(test::leaf_spine_site(3, 4, 2)) ==
        std::vector<std::string>{
            "leaf 0 to leaf 2 (3 switches): the loss of each cuts 4 servers off",
            "cable server 0 - leaf 0 ... cable server 11 - leaf 2 (12 cables): the loss of each cuts 1 server off"});
  // A single spine: without it only one leaf's servers can talk.
  CHECK(lines(test::leaf_spine_site(3, 4, 1)).front() == "spine 0: its loss cuts servers 4 to 11 off");
}

TEST_CASE("with two rails no leaf does") {
  Site site = test::leaf_spine_site(3, 4, 2);
  site.pools[0].nics_per_server = 2;
  site.pools[0].rails = 2;
  number(site);
  CHECK(lines(site).empty());
}

TEST_CASE("a torus has another way; a line of servers has none") {
  Grid ring{.dims = {6}, .block = {1}, .gbps = {100}, .cables = {1}, .wrap = {true}};
  CHECK(lines(with_network(6, {.grid = ring})).empty());
  Grid line = ring;
  line.wrap = {false};
  const auto cut = lines(with_network(6, {.grid = line}));
  REQUIRE(cut.size() == 3);
  CHECK(cut[0] == "cable server 2 - server 3: its loss cuts servers 3 to 5 off");
}

TEST_CASE("routers of a dragonfly; planes of a supernode") {
  const Dragonfly d{.groups = 3, .routers = 2, .servers = 2, .pair_cables = 2, .local_gbps = 100, .global_gbps = 100};
  const auto cut = lines(with_network(12, {.dragonfly = d}));
  REQUIRE(cut.size() == 2);
  CHECK(cut[0] == "router 0 to router 5 (6 switches): the loss of each cuts 2 servers off");
  CHECK(lines(with_network(8, {.supernode = Supernode{.servers = 8, .planes = 2, .cables = 4, .gbps = 400}})).empty());
  CHECK(lines(with_network(8, {.supernode = Supernode{.servers = 8, .planes = 1, .cables = 4, .gbps = 400}})) ==
        std::vector<std::string>{"plane 0: its loss cuts servers 1 to 7 off"});
}

TEST_CASE("servers in words") {
  CHECK(server_ranges({}) == "no server");
  CHECK(server_ranges({7}) == "server 7");
  CHECK(server_ranges({7, 8, 9}) == "servers 7 to 9");
  CHECK(server_ranges({1, 3, 5, 7, 9}) == "servers 1, 3, 5 and 2 more");
}
