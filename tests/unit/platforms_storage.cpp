// The ways to a storage system, in every kind of network.
#include <catch2/catch.hpp>

#include "platforms/topology/routes.hpp"
#include "tests/support/networks.hpp"

using namespace alight;
using namespace alight::test;

namespace {

Storage storage_at(const std::string& place) {
  Storage storage;
  storage.name = "store";
  storage.read_gbps = 800;
  storage.write_gbps = 400;
  storage.place = place;
  return storage;
}

using Ways = std::pair<std::vector<std::string>, std::vector<std::string>>;

/// Names of the links up and down.
Ways ways(const Routes& routes, std::int64_t server) {
  Ways out;
  std::vector<Crossing> way;
  routes.to_storage(routes.place_of(server), way);
  for (const Crossing& c : way) out.first.push_back(routes.links()[c.link].name);
  way.clear();
  routes.from_storage(routes.place_of(server), way);
  for (const Crossing& c : way) out.second.push_back(routes.links()[c.link].name);
  return out;
}

/// The same links without the storage, and two more at the end.
void check_appended(const Site& site) {
  Site bare = site;
  bare.storage.reset();
  const auto with = routes_of(site), without = routes_of(bare);
  REQUIRE(with->links().size() == without->links().size() + 2);
  for (std::size_t l = 0; l < without->links().size(); ++l) CHECK(with->links()[l].name == without->links()[l].name);
  CHECK(with->storage_read() == without->links().size());
  CHECK(with->storage_write() == with->storage_read() + 1);
  CHECK(with->links()[with->storage_read()].gbps == 800);
  CHECK(with->links()[with->storage_write()].gbps == 400);
  CHECK(with->links()[with->storage_read()].to == with->links()[with->storage_write()].from);
  CHECK(without->storage_read() == kNoLink);
  CHECK(without->storage_write() == kNoLink);
}

}  // namespace

TEST_CASE("under tiers the storage hangs above the top one; on a network of its own nothing else is crossed") {
  Site clos = small_clos();
  clos.place = "here";
  clos.storage = storage_at("here");
  check_appended(clos);
  const auto routes = routes_of(clos);
  const Ways of = ways(*routes, 5);
  REQUIRE(of.first.size() == 2);
  CHECK(routes->links()[routes->storage_write()].name == "store_WRITE");
  CHECK(of.first.back() == "store_WRITE");
  CHECK(of.second.front() == "store_READ");
  // Up and down the bundle of its leaf.
  std::vector<Crossing> up;
  routes->way(routes->place_of(5), routes->place_of(0), up);
  CHECK(of.first.front() == routes->links()[up.front().link].name);
  clos.storage->place.clear();
  CHECK(ways(*routes_of(clos), 5) == Ways{{"store_WRITE"}, {"store_READ"}});
}

TEST_CASE("three tiers: up the leaf's bundle and the pod's") {
  Site site = test::site({pool("a", 16)},
                         {tier("leaf", 100, 2, 1, 0), tier("spine", 100, 2, 1, 0), tier("core", 100, 8, 1, 0)});
  site.storage = storage_at("main");
  check_appended(site);
  const auto routes = routes_of(site);
  std::vector<Crossing> up, across;
  routes->to_storage(routes->place_of(0), up);
  routes->way(routes->place_of(0), routes->place_of(15), across);
  REQUIRE(across.size() == 4);
  REQUIRE(up.size() == 3);
  CHECK(up[0] == across[0]);
  CHECK(up[1] == across[1]);
  CHECK(routes->links()[up[1].link].tier == "spine");
}

TEST_CASE("without tiers, in a torus and in a dragonfly the storage's links are all there is to share") {
  for (Site site : {test::site({pool("a", 3)}, {}), grid_site(grid(Grid::Wiring::torus, {4, 4})),
                    dragonfly_site(dragonfly(3, 2, 2, 2))}) {
    site.storage = storage_at("here");
    check_appended(site);
    CHECK(ways(*routes_of(site), 2) == Ways{{"store_WRITE"}, {"store_READ"}});
  }
}

TEST_CASE("networks of several places: over the backbone and the WAN to where it stands") {
  Network east = network("east", {0}, "east"), west = network("west", {1}, "west");
  east.tiers = west.tiers = {tier("leaf", 100, 4, 1, 0), tier("spine", 100, 8, 1, 0)};
  Site site = joined({pool("a", 8), pool("b", 8)}, {east, west});
  site.backbone = Backbone{800, 0};
  site.wan = {{"west", "east", 100, 1e-3}};
  site.storage = storage_at("west");
  check_appended(site);
  const auto routes = routes_of(site);
  const Ways near = ways(*routes, 8), far = ways(*routes, 0);
  CHECK(near.first.size() == 3);
  CHECK(near.first[1] == "west.backbone_UP");
  CHECK(near.second[1] == "west.backbone_DOWN");
  REQUIRE(far.first.size() == 4);
  CHECK(far.first[1] == "east.backbone_UP");
  CHECK(far.first[2] == "wan0.west-east_DOWN");
  CHECK(far.second[1] == "wan0.west-east_UP");
  CHECK(far.second[2] == "east.backbone_DOWN");
}
