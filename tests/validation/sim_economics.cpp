// Prices of the catalogue put together, against the claims the catalogue holds.
#include <cmath>
#include <cstdio>

#include "models/economics/chip_hour.hpp"
#include "models/economics/elasticity.hpp"
#include "platforms/prices.hpp"
#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/reference.hpp"

using namespace alight;

namespace {

const Fact& price_named(const char* name) {
  const Fact* fact = test::built_in_catalogue().prices().find(name);
  INFO(name);
  REQUIRE(fact);
  return *fact;
}

double money_of(const char* name, PricePer per) {
  const auto money = money_in(price_named(name).typical, per);
  REQUIRE(money);
  REQUIRE(money->currency == Currency::usd);
  return money->amount;
}

}  // namespace

TEST_CASE("a server of eight H100 spends a tenth of its cost of compute on electricity") {
  // The catalogue's "electricity share of compute cost", 0.1: 10.2 kW, PUE 1.3, 0.09 USD/kWh, 70 % of the time, against
  // 320,000 USD over five years.
  const Catalogue& catalogue = test::built_in_catalogue();
  const auto* life = catalogue.prices().find("useful life, Amazon");
  const auto* share = catalogue.prices().find("electricity share of compute cost");
  REQUIRE(life);
  REQUIRE(share);
  const double years = *amount_in(life->typical, unit("year"));
  const double energy = 10.2 * 1.3 * 8760 * 0.7 * 0.09;
  const double capital = yearly_capital_cost(320000, 0, 0, years);
  std::printf("electricity %.0f USD a year, capital %.0f: %.1f %% (%.0f %%)\n", energy, capital,
              100 * energy / (energy + capital), 100 * parse_amount(share->typical)->value);
  CHECK(energy / (energy + capital) == Approx(parse_amount(share->typical)->value).epsilon(0.1));
  // Rents of an H100 as a path of dated prices.
  std::vector<const Fact*> rents;
  for (const Fact& fact : catalogue.prices().entries())
    if (fact.name.starts_with("rent, H100 20")) rents.push_back(&fact);
  const PricePath path = price_path("rent, H100", rents, Currency::usd, PricePer::hour, DatedSeries::Between::linear);
  CHECK(path.left_out.empty());
  CHECK(*path.series.at(*parse_date("2023-01-01")).value == 8);
  CHECK(*path.series.at(*parse_date("2025-10-01")).value == Approx(1.7));
  CHECK_FALSE(path.series.at(*parse_date("2022-01-01")).value);
  // Electricity of every region has a price of one of the two currencies.
  int regions = 0;
  for (const Fact& fact : catalogue.prices().entries())
    if (fact.category == "electricity") {
      INFO(fact.name);
      CHECK(money_in(fact.typical, PricePer::kwh));
      ++regions;
    }
  CHECK(regions >= 15);
}

TEST_CASE("an H100's hour, its break-even as rents fell, and what it depends on most") {
  // The server of the test above (320,000 USD, 10.2 kW, PUE 1.3) in a US building: its price per W less a fifth for
  // mechanical plant, direct air in its place. Maintenance 3 % and 1.5 people a MW are the middle of the catalogue's
  // ranges; an idle server is taken to draw 30 %; capital is to return 8 %.
  const Catalogue& catalogue = test::built_in_catalogue();
  const double kw = 10.2;
  const Date bought = *parse_date("2025-06-01");
  const Billed plant = cooling_plant_line(*catalogue.find_cooling("air"), kw, bought);
  const Billed building = building_line(price_named("construction, US"), kw, bought);
  REQUIRE(plant.line);
  REQUIRE(building.line);
  const auto life = [](const char* name) { return *amount_in(price_named(name).typical, unit("year")); };
  const std::vector<NamedInput> inputs = {{"server", 320000},
                                          {"building", building_without_cooling(building.line->sum().amount, 0.2)},
                                          {"cooling plant", plant.line->sum().amount},
                                          {"electricity", money_of("electricity, US industrial", PricePer::kwh)},
                                          {"wage", money_of("wage, data centre technician US", PricePer::year)},
                                          {"return on capital", 0.08},
                                          {"useful life", life("useful life, Amazon")},
                                          {"PUE", 1.3}};
  const auto costs = [&](const std::vector<NamedInput>& in) {
    const double plant_life = life("useful life, building and plant");
    return chip_hour_costs({.chips = 8,
                            .assets = {{Asset::servers, in[0].value, in[6].value, 0, 0.03},
                                       {Asset::building, in[1].value, plant_life, 0, 0},
                                       {Asset::cooling, in[2].value, plant_life, 0, 0.03}},
                            .yearly_rate = in[5].value,
                            .staff_a_year = 1.5 * kw / 1000 * in[4].value,
                            .kw_lit = kw / 8,
                            .kw_dark = 0.3 * kw / 8,
                            .pue = in[7].value,
                            .per_kwh = in[3].value});
  };
  const ChipHourCosts hour = costs(inputs);
  std::printf("USD a chip-hour: capital %.3f, maintenance %.3f, staff %.4f, energy lit %.3f, dark %.3f; all lit %.3f\n",
              hour.capital, hour.maintenance, hour.staff, hour.energy_lit, hour.energy_dark, hour.total(1));
  std::printf("%-24s %10s %18s\n", "rent of an H100", "USD/h", "break-even lit");
  double before = 0;
  for (const char* name : {"rent, H100 2023", "rent, H100 2024-06", "rent, H100 2025-06", "rent, H100 2025-10"}) {
    const double rent = money_of(name, PricePer::hour);
    const auto lit = break_even_lit_rate(hour.against(rent));
    REQUIRE(lit);
    std::printf("%-24s %10.2f %17.1f%%\n", name, rent, 100 * *lit);
    CHECK(*lit > before);
    CHECK(*lit * rent == Approx(hour.total(*lit)));
    before = *lit;
  }
  const auto most = elasticities(inputs, [&](const std::vector<NamedInput>& in) { return costs(in).total(0.7); });
  std::printf("elasticities of the cost of a chip-hour, 70 %% lit:");
  for (const Elasticity& e : most) std::printf(" %s %+.3f", e.name.c_str(), e.elasticity);
  std::printf("\n");
  CHECK(most[0].name == "server");
  // Prices that only multiply amounts share the cost out between them: people and money's price aside.
  double sum = 0;
  for (const Elasticity& e : most)
    if (e.name == "server" || e.name == "building" || e.name == "cooling plant" || e.name == "electricity" ||
        e.name == "wage")
      sum += e.elasticity;
  CHECK(sum == Approx(1).epsilon(1e-9));
}
