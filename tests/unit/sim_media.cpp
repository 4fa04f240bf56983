// What a medium means, what it costs, and the bill of a small network, by hand.
#include <algorithm>
#include <catch2/catch.hpp>

#include "platforms/cabling/bill.hpp"
#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/sites.hpp"

using namespace alight;
using test::built_in_catalogue;
using test::pool;
using test::tier;

namespace {

std::string chosen(const std::string& asked, double rate, double length, bool built_in = false) {
  const Link* link = Media(built_in_catalogue()).choose(asked, rate, length, built_in);
  return link ? link->name : "";
}

LinkFigures figures(const std::string& name, double rate, double length) {
  const Link* link = built_in_catalogue().find_link(name);
  REQUIRE(link);
  return figures_of(*link, rate, length);
}

}  // namespace

TEST_CASE("every class and rate of the catalogue, at the reach and just beyond") {
  struct Case {
    const char *asked, *link;
    double rate, reach;
    const char* beyond;
  };
  const Case cases[] = {
      {"passive copper", "DAC 100G", 100, 3, ""},
      {"DAC", "DAC 200G", 200, 3, ""},
      {"dac", "DAC 400G", 400, 3, ""},
      {"DAC", "DAC 800G", 800, 2, ""},
      {"DAC", "DAC 1.6T", 1600, 1, ""},
      {"ACC", "ACC 800G", 400, 5, ""},
      {"ACC", "ACC 800G", 800, 5, ""},
      {"ACC", "ACC 1.6T", 1600, 3, ""},
      {"AEC", "AEC 400G", 400, 5, ""},
      {"AEC", "AEC 800G", 800, 7, ""},
      {"AEC", "AEC 1.6T", 1600, 3, ""},
      {"AOC", "AOC 100G", 100, 30, ""},
      {"AOC", "AOC 400G", 200, 50, ""},
      {"AOC", "AOC 800G", 800, 50, ""},
      {"optical", "optical SR4 100G", 100, 100, "optical DR1 100G"},
      {"optical", "optical SR4 400G", 400, 50, "optical DR4 400G"},
      {"optical", "optical SR8 800G", 800, 50, "optical DR8 800G"},
      {"optical", "optical DR8 1.6T", 1600, 500, "optical 2xFR4 1.6T"},
      {"LPO", "LPO DR4 400G", 400, 500, ""},
      {"LPO", "LPO DR8 800G", 800, 500, ""},
      {"CPO", "CPO 800G", 800, 500, ""},
      {"backplane", "NVL72 copper backplane", 400, 1.5, ""},
      {"optical FR4 400G", "optical FR4 400G", 400, 2000, ""},
      {"copper", "DAC 400G", 400, 3, "AEC 400G"},
      {"copper", "DAC 800G", 800, 2, "ACC 800G"},
      {"auto", "AEC 400G", 400, 5, "AOC 400G"},
      {"auto", "AOC 400G", 400, 50, "optical DR4 400G"},
  };
  for (const Case& c : cases) {
    INFO(c.asked << " at " << c.rate << " Gbps");
    CHECK(chosen(c.asked, c.rate, c.reach) == c.link);
    CHECK(chosen(c.asked, c.rate, c.reach + 0.01) == c.beyond);
  }
  CHECK(chosen("AEC", 3200, 1) == "");
  CHECK(chosen("DAC 100G", 400, 1) == "");  // it does not carry the rate
  // A backplane is copper only where it is part of the rack.
  CHECK(chosen("copper", 400, 1) == "DAC 400G");
  CHECK(chosen("copper", 400, 1, true) == "NVL72 copper backplane");
}

TEST_CASE("a link's watts, money, failures and latency are of both ends and its length") {
  const LinkFigures dac = figures("DAC 400G", 400, 2.5);
  CHECK(dac.cables == 1);
  CHECK(*dac.price_usd == 180);                     // a cable
  CHECK(*dac.power_w == Approx(0.2));               // 2 x 0.1 W
  CHECK(*dac.failures_per_year == Approx(0.0004));  // 2 x 0.0002
  CHECK(*dac.latency_s == Approx(111.25e-9));       // 2.5 x 4.5 + 0 + 100
  const LinkFigures sr4 = figures("optical SR4 400G", 400, 20);
  CHECK(*sr4.price_usd == 900);  // two modules of 450
  CHECK(*sr4.power_w == Approx(16));
  CHECK(*sr4.failures_per_year == Approx(0.024));
  CHECK(*sr4.latency_s == Approx(320e-9));  // 20 x 5 + 2 x 60 + 100
  const LinkFigures aec = figures("AEC 400G", 400, 4);
  CHECK(*aec.latency_s == Approx(178e-9));  // 4 x 4.5 + 2 x 30 + 100
  CHECK(aec.price_date == "2025");
  // 400 Gbps over wire pairs of 200: two lanes each way. The price is of a set of 5,184.
  const LinkFigures pairs = figures("NVL72 copper backplane", 400, 1);
  CHECK(pairs.cables == 4);
  CHECK(*pairs.price_usd == Approx(75000.0 * 4 / 5184));
  CHECK(*pairs.failures_per_year == Approx(4 * 2 * 0.00005));
  const LinkFigures fibre = figures("single-mode fibre", 400, 30);
  CHECK(*fibre.price_usd == 30);  // by the metre
  CHECK_FALSE(figures("MOSAIC microLED 800G", 800, 30).price_usd);
  CHECK_FALSE(figures("UALink 1.0", 800, 1).latency_s);
  CHECK(*figures("CPO 800G", 800, 1).price_usd == 1400);
  CHECK(*figures("AOC 400G", 400, 1).price_usd == 850);
}

TEST_CASE("the bill of a leaf and two racks") {
  // Racks of 2 servers with 2 NICs of 400 Gbps, a leaf of 8 ports on the second rack. By the floor's defaults the
  // servers stand 0.5 and 1.5 m high, the leaf 2 m, the tray is at 2.4 m, the racks are 0.6 m apart, slack 2 x 0.5 m.
  //   second rack: 1.5 + 1 = 2.5 m;  0.5 + 1 = 1.5 m
  //   first rack:  1.9 + 0.6 + 0.4 + 1 = 3.9 -> 4 m;  0.9 + 0.6 + 0.4 + 1 = 2.9 -> 3 m
  Pool p = pool("a", 4, 8, 2, 400);
  p.servers_per_rack = 2;
  const Site site = test::site({p}, {tier("leaf", 400, 8, 1, 0)});
  const Clos clos = clos_of(site);
  const FloorPlan plan(site, Floor{}, leaf_racks(site, {site, clos}), network_switches(clos));
  std::vector<CableRun> runs;
  add_clos_runs({site, clos}, plan, 0, 0, runs);
  Diagnostics d;
  const Bill bill = bill_of({{.name = "leaf", .medium = "copper", .key = "k"}}, runs, plan, built_in_catalogue(), d);
  REQUIRE(d.ok());
  REQUIRE(bill.rows.size() == 2);
  const BillRow& dac = bill.rows[0];
  CHECK(dac.medium == "DAC 400G");
  CHECK(dac.sum.links == 6);
  CHECK(dac.sum.ends == 12);
  CHECK(dac.sum.metres == Approx(2 * (1.5 + 2.5 + 3)));
  CHECK(dac.sum.price_usd == Approx(6 * 180));
  CHECK(dac.sum.power_w == Approx(6 * 0.2));
  CHECK(dac.shortest_m == 1.5);
  CHECK(dac.longest_m == 3);
  REQUIRE(dac.bins.size() == 2);  // up to 2 m, up to 3 m
  CHECK(dac.bins[0].to_m == 2);
  CHECK(dac.bins[0].sum.links == 2);
  CHECK(dac.bins[1].over_m == 2);
  CHECK(dac.bins[1].sum.links == 4);
  CHECK(bill.rows[1].medium == "AEC 400G");
  CHECK(bill.rows[1].sum.links == 2);
  CHECK(bill.total.links == 8);
  CHECK(bill.total.price_usd == Approx(6 * 180 + 2 * 280));
  CHECK(bill.total.power_w == Approx(6 * 0.2 + 2 * 12));
  CHECK(bill.total.failures_per_year == Approx(6 * 0.0004 + 2 * 0.0002));
  CHECK(bill.tiers[0].mean_length_m == Approx((1.5 + 2.5 + 3 + 4) / 4));
  // 4.5 ns/m and 100 ns of FEC throughout, 2 x 30 ns of retimers on a quarter.
  CHECK(bill.tiers[0].mean_latency_s == Approx((4.5 * 2.75 + 100 + 15) * 1e-9));

  Diagnostics refused;
  bill_of({{.name = "leaf", .medium = "DAC", .key = "site.network.medium"}}, runs, plan, built_in_catalogue(), refused);
  REQUIRE(refused.problems().size() == 1);
  const Problem& problem = refused.problems().front();
  CHECK(problem.key == "site.network.medium");
  CHECK(problem.message ==
        "\"DAC\" reaches 3 m at 400 Gbps (DAC 400G); 2 of 8 leaf links are longer, up to 4 m from rack 0 of pool a to "
        "rack 1 of pool a");
  CHECK(problem.hint.find("AEC 400G (5 m)") != std::string::npos);
}
