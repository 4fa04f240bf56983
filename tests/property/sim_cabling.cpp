// Random small sites: the bill counts what the topology has, and auto is never dearer than what else would do.
#include <catch2/catch.hpp>
#include <map>

#include "platforms/cabling/bill.hpp"
#include "platforms/topology/graph.hpp"
#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/sites.hpp"

using namespace alight;

namespace {

struct Laid {
  Clos clos;
  FloorPlan plan;
  std::vector<CableRun> runs;
  std::size_t tiers;
};

Laid lay(const Site& site, const Floor& floor) {
  const Clos clos = clos_of(site);
  Laid laid{
      clos, FloorPlan(site, floor, leaf_racks(site, {site, clos}), network_switches(clos)), {}, site.tiers.size()};
  for (std::size_t t = 0; t < site.tiers.size(); ++t)
    add_clos_runs({site, clos}, laid.plan, t, static_cast<std::int32_t>(t), laid.runs);
  return laid;
}

Floor random_floor(std::uint64_t seed) {
  Floor floor;
  floor.leaf = static_cast<LeafPlace>(seed % 4);
  floor.racks_per_row = 1 + static_cast<std::int64_t>(seed % 5);
  floor.switches_per_rack = 1 + static_cast<std::int64_t>(seed % 3);
  floor.length_step_m = seed % 2 ? 0.5 : 0;
  return floor;
}

Bill bill(const Site& site, const Laid& laid, const std::string& medium, Diagnostics& d) {
  std::vector<CableTier> tiers;
  for (const Tier& tier : site.tiers) tiers.push_back({.name = tier.name, .medium = medium, .key = tier.name});
  return bill_of(tiers, laid.runs, laid.plan, test::built_in_catalogue(), d);
}

}  // namespace

TEST_CASE("the bill has the topology's cables, tier by tier, and its parts add up") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Laid laid = lay(site, random_floor(seed));
    Diagnostics d;
    const Bill all = bill(site, laid, "optical", d);
    REQUIRE(d.ok());
    std::map<std::string, std::int64_t> links;
    BillSum sum;
    for (const BillRow& row : all.rows) {
      links[row.tier] += row.sum.links;
      sum.add(row.sum);
      BillSum bins;
      for (const BillBin& bin : row.bins) {
        bins.add(bin.sum);
        REQUIRE(bin.over_m < bin.to_m);
      }
      REQUIRE(bins.links == row.sum.links);
      REQUIRE(bins.metres == Approx(row.sum.metres));
      REQUIRE(row.sum.ends == 2 * row.sum.links);
      REQUIRE(row.shortest_m * static_cast<double>(row.sum.links) <= row.sum.metres * (1 + 1e-12));
      REQUIRE(row.longest_m * static_cast<double>(row.sum.links) >= row.sum.metres * (1 - 1e-12));
    }
    REQUIRE(sum.links == all.total.links);
    REQUIRE(sum.price_usd == Approx(all.total.price_usd));
    for (const TierSummary& tier : Topology(site).tiers())
      if (std::any_of(site.tiers.begin(), site.tiers.end(), [&](const Tier& t) { return t.name == tier.name; }))
        REQUIRE(static_cast<double>(links[tier.name]) == tier.cables_down);
  }
}

TEST_CASE("cables of a switch are dealt evenly over the switches above") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    if (site.tiers.size() < 2) continue;
    const Laid laid = lay(site, Floor{});
    std::map<std::pair<double, double>, std::int64_t> into;  // spines of the first pod, by place
    for (std::int64_t s = 0; s < laid.clos.spines_per_pod; ++s) {
      const CableEnd& spine = laid.plan.network_switch(s);
      into[{spine.x_m, spine.z_m}];
    }
    for (const CableRun& run : laid.runs)
      if (run.tier == 1)
        if (const auto at = into.find({run.b.x_m, run.b.z_m}); at != into.end() && laid.clos.pods.size() == 1)
          at->second += run.links;
    std::int64_t least = 1 << 30, most = 0;
    for (const auto& [place, links] : into) {
      least = std::min(least, links);
      most = std::max(most, links);
    }
    if (laid.clos.pods.size() == 1) REQUIRE(most - least <= 1);
  }
}

TEST_CASE("auto never costs more than any class it may take that reaches") {
  const Media media(test::built_in_catalogue());
  for (const double rate : {50.0, 100.0, 200.0, 400.0, 800.0, 1600.0})
    for (double length = 0.5; length < 600; length *= 1.25) {
      const Link* best = media.choose("auto", rate, length, false);
      for (const char* name : {"passive copper", "ACC", "AEC", "AOC", "optical", "copper"})
        if (const Link* link = media.choose(name, rate, length, false)) {
          CAPTURE(rate, length, link->name);
          REQUIRE(best);
          REQUIRE(*link->reach_m >= length);
          REQUIRE(*link->rate_gbps >= rate);
          REQUIRE(*figures_of(*best, rate, length).price_usd <= *figures_of(*link, rate, length).price_usd);
        }
    }
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Laid laid = lay(site, random_floor(seed));
    Diagnostics d;
    const Bill cheapest = bill(site, laid, "auto", d);
    for (const char* name : {"DAC", "AEC", "AOC", "optical", "copper"}) {
      Diagnostics may_fail;
      const Bill other = bill(site, laid, name, may_fail);
      if (may_fail.ok()) REQUIRE(cheapest.total.price_usd <= other.total.price_usd * (1 + 1e-12));
    }
  }
}

TEST_CASE("longer rows and rows further apart never shorten a cable between rows") {
  const Site site = test::random_site(7);
  Floor floor;
  floor.racks_per_row = 2;
  floor.length_step_m = 0;
  const FloorPlan near(site, floor, {}, 0);
  floor.row_pitch_m *= 2;
  floor.rack_pitch_m *= 2;
  const FloorPlan far(site, floor, {}, 0);
  for (std::int64_t a = 0; a < site.servers; ++a)
    for (std::int64_t b = 0; b < site.servers; ++b) {
      REQUIRE(near.length_m(near.server(a), near.server(b)) <= far.length_m(far.server(a), far.server(b)) + 1e-12);
      REQUIRE(near.length_m(near.server(a), near.server(b)) == near.length_m(near.server(b), near.server(a)));
    }
}
