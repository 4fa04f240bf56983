// Routes against the platform SimGrid builds: the same links in the same order with the same figures, over random small
// sites.
#include <catch2/catch.hpp>

#include "platforms/topology/routes.hpp"
#include "tests/support/routes.hpp"
#include "tests/support/sites.hpp"

using namespace alight;

namespace {

/// What Routes says of each pair, as test::built_routes() words what SimGrid says. The ideal link, which Routes leaves
/// out, is taken out of SimGrid's.
std::string named_ways(const Site& site, const Routes& routes, const test::Pairs& pairs) {
  std::string out;
  for (const auto& [a, b] : pairs) {
    const auto flops = *site.pools[static_cast<std::size_t>(site.pool_of_server(a))].chip.bf16_tflops * 1e12 * 8;
    out += fmt::format("server{} {} x 1 to server{}\n", a, flops, b);
    std::vector<Crossing> crossings;
    routes.route(a, b, crossings);
    for (const Crossing& c : crossings) {
      const SharedLink& link = routes.links()[c.link];
      out += test::line_of(link.name, link.gbps * (1e9 / 8), link.latency_s);
    }
  }
  return out;
}

std::string without_ideal(std::string text) {
  for (std::size_t at; (at = text.find("  ideal ")) != std::string::npos;) text.erase(at, text.find('\n', at) + 1 - at);
  return text;
}

test::Pairs all_pairs(const Site& site) {
  test::Pairs pairs;
  for (std::int64_t a = 0; a < site.servers; a += 1 + site.servers / 12)
    for (std::int64_t b = 0; b < site.servers; ++b)
      if (a != b) pairs.emplace_back(a, b);
  return pairs;
}

}  // namespace

TEST_CASE("ways are the links on SimGrid's routes, with their rates and latencies") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const auto routes = routes_of(site);
    const test::Pairs pairs = all_pairs(site);
    const auto built = test::built_routes(site, pairs);
    REQUIRE(built);
    REQUIRE(without_ideal(*built) == named_ways(site, *routes, pairs));
  }
}

TEST_CASE("links() are the built platform's, one for one") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    std::string expected;
    const auto routes = routes_of(site);
    for (const SharedLink& link : routes->links())
      expected += test::line_of(link.name, link.gbps * (1e9 / 8), link.latency_s);
    const auto built = test::in_child([&] {
      simgrid_compat::silence();
      simgrid::s4u::Engine engine("test");
      std::string out;
      for (const auto* link : build_platform(site, engine).links)
        out += test::line_of(link->get_name(), link->get_bandwidth(), link->get_latency());
      return out;
    });
    REQUIRE(built == std::optional(expected));
  }
}

TEST_CASE("servers of a place have the same way to every other place, and a place none to itself") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const auto routes = routes_of(site);
    REQUIRE(routes->places() > 0);
    for (std::int64_t place = 0; place < routes->places(); ++place) {
      std::vector<Crossing> none;
      routes->way(place, place, none);
      REQUIRE(none.empty());
    }
    for (std::int64_t s = 0; s < site.servers; ++s) {
      REQUIRE(routes->place_of(s) < routes->places());
      const SharedLink &up = routes->links()[routes->nic_up(s)], &down = routes->links()[routes->nic_down(s)];
      REQUIRE(up.tier == "server");
      REQUIRE(up.name.substr(0, up.name.size() - 2) + "DOWN" == down.name);
    }
  }
}
