// The ways to a storage system, in every kind of network, whole and broken.
#include <algorithm>
#include <catch2/catch.hpp>

#include "platforms/topology/breakables.hpp"
#include "platforms/topology/detours.hpp"
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

TEST_CASE("what is read and what is written break each by itself, by their names; they are no cables") {
  Site site = small_clos();
  site.place = "here";
  site.storage = storage_at("here");
  Detours detours(routes_of(site));
  const Breakables breakables(site, detours);
  CHECK(breakables.find_link("store_READ") == detours.storage_read());
  CHECK(breakables.find_link("store_WRITE") == detours.storage_write());
  CHECK_FALSE(breakables.find_link("store"));
  CHECK(breakables.cables(detours.storage_read()) == 0);
  CHECK(breakables.tier(detours.storage_write()) == "storage");
  CHECK(breakables.link_names().back() == "store_WRITE");
  CHECK(breakables.links().size() == detours.links().size() / 2 + 1);

  const std::vector<std::int64_t> all = {0, 5};
  detours.set_dead(detours.storage_read(), true);
  CHECK(detours.from_reading(all) == detours.storage_read());
  CHECK(detours.from_writing(all) == kNoLink);
  CHECK(detours.between(0, 5) == kNoLink);
  CHECK(detours.cut_off() == std::vector<bool>(static_cast<std::size_t>(site.servers), false));
  detours.set_dead(detours.storage_read(), false);
  // The NICs carry it; on a storage network of its own they do not.
  detours.set_dead(detours.nic_up(5), true);
  CHECK(detours.from_reading(all) == detours.nic_down(5));
  CHECK(detours.from_writing(all) == detours.nic_up(5));
  CHECK(detours.from_writing({0}) == kNoLink);
  site.storage->place.clear();
  Detours own(routes_of(site));
  own.set_dead(own.nic_up(5), true);
  CHECK(own.from_writing(all) == kNoLink);
}

TEST_CASE("where a WAN link on the way to the storage is dead, the traffic takes the others") {
  Network a = network("a", {0}, "a"), b = network("b", {1}, "b"), c = network("c", {2}, "c");
  for (Network* n : {&a, &b, &c}) n->tiers = {tier("leaf", 100, 4, 1, 0), tier("spine", 100, 8, 1, 0)};
  Site site = joined({pool("a", 4), pool("b", 4), pool("c", 4)}, {a, b, c});
  site.wan = {{"a", "b", 100, 0}, {"b", "c", 100, 0}, {"a", "c", 100, 0}};
  site.storage = storage_at("c");
  Detours detours(routes_of(site));
  const Breakables breakables(site, detours);
  const Ways direct = ways(detours, 0);
  CHECK(direct.first.back() == "store_WRITE");
  CHECK(direct.second.front() == "store_READ");
  const auto crosses = [](const std::vector<std::string>& names, const char* link) {
    return std::count(names.begin(), names.end(), link) == 1;
  };
  REQUIRE(crosses(direct.first, "wan2.a-c_UP"));
  detours.set_dead(*breakables.find_link("wan2.a-c"), true);
  const Ways around = ways(detours, 0);
  CHECK(around.first.size() == direct.first.size() + 1);
  CHECK(crosses(around.first, "wan0.a-b_UP"));
  CHECK(crosses(around.first, "wan1.b-c_UP"));
  CHECK(crosses(around.second, "wan0.a-b_DOWN"));
  CHECK(crosses(around.second, "wan1.b-c_DOWN"));
  CHECK(crosses(around.first, "store_WRITE"));
  CHECK(crosses(around.second, "store_READ"));
  CHECK(detours.from_writing({0}) == kNoLink);
  detours.set_dead(*breakables.find_link("wan0.a-b"), true);
  CHECK(detours.from_writing({0}) != kNoLink);
  CHECK(detours.from_writing({4, 8}) == kNoLink);
}
