// Money of a run, by hand: what pools, states, jobs and services cost, what they earn, and the bill that follows from a
// site.
#include <catch2/catch.hpp>

#include "models/economics/calendar.hpp"
#include "sim/money/money.hpp"
#include "sim/scenario/load.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

Date day(const char* text) {
  return *parse_date(text);
}

PlanPrice usd(std::string name, double amount) {
  PlanPrice price{.name = std::move(name), .stated = {amount, Currency::usd}};
  price.amount = amount;
  return price;
}

/// A tenth of a month: 1 / 120 of a year.
constexpr double kRunS = 73 * 3600;

std::size_t state(ChipState s) {
  return static_cast<std::size_t>(s);
}

/// Ten chips of 0.5 PFLOPS, 100 kW, 100,000 USD over five years without interest.
MoneyPlan small_plan() {
  MoneyPlan plan;
  plan.bought = plan.start = day("2025-01-01");
  plan.lines = {{.what = "p servers", .kind = Asset::servers, .count = 10, .price = usd("server", 10000), .pool = 0}};
  for (const auto& [name, kind] : assets()) plan.terms[kind] = {.loses = {.life_years = 5}};
  plan.terms[Asset::servers].maintenance_share = 0.03;
  plan.staff_per_mw = 1.5;
  plan.wage = usd("wage", 80000);
  plan.water = usd("water", 3);
  plan.demand = usd("demand charge", 10);
  plan.electricity = usd("electricity", 1);
  plan.pools = {{.name = "p", .chips = 10, .pflops_per_chip = 0.5, .it_kw = 100}};
  plan.years = 2;
  return plan;
}

/// Half of the time useful, half of it idle, with three times the power while it is useful.
MoneyTotals half_lit() {
  MoneyTotals totals{.seconds = kRunS, .electricity = 50, .water_m3 = 2};
  totals.chip_s.resize(1);
  totals.joules.resize(1);
  totals.chip_s[0][state(ChipState::useful)] = totals.chip_s[0][state(ChipState::idle)] = 5 * kRunS;
  totals.joules[0][state(ChipState::useful)] = 3e9;
  totals.joules[0][state(ChipState::idle)] = 1e9;
  totals.months = {{.from_s = 0, .to_s = kRunS, .chip_s = totals.chip_s, .electricity = 50, .peak_kw = 90}};
  return totals;
}

const PoolStateCost& cost_of(const MoneyResult& money, const std::string& name, std::size_t pool = 0) {
  for (const PoolStateCost& cost : money.states)
    if (cost.pool == pool && cost.state == name) return cost;
  FAIL("no state " << name);
  return money.states.front();
}

const MoneyLine* line_of(const MoneyPlan& plan, const std::string& what) {
  for (const MoneyLine& line : plan.lines)
    if (line.what == what) return &line;
  return nullptr;
}

bool not_priced(const MoneyPlan& plan, const std::string& what) {
  return std::any_of(plan.not_priced.begin(), plan.not_priced.end(),
                     [&](const std::string& text) { return text.starts_with(what + ": "); });
}

std::string site_with(const std::string& money, const std::string& facility = "") {
  return "start: 2025-06-01\nsite:\n  pools:\n    - {name: h, server: HGX H100, count: 4}\n" +
         (facility.empty() ? "" : "  facility: {" + facility + "}\n") + "money: {" + money + "}\n" +
         "workload:\n  jobs:\n    - {id: a, chips: 8, duration: 1 h}\n";
}

}  // namespace

TEST_CASE("what a run costs, part by part and state by state") {
  const MoneyPlan plan = small_plan();
  const MoneyTotals totals = half_lit();
  const MoneyResult money = money_of(plan, totals);
  const PoolCost& pool = money.costs.pools.at(0);
  CHECK(pool.capital == Approx(100000 / 5.0 / 120));
  CHECK(pool.maintenance == Approx(3000 / 120.0));
  CHECK(pool.staff == Approx(0.1 * 1.5 * 80000 / 120));
  CHECK(pool.demand == Approx(90 * 10 * 0.1));
  CHECK(money.costs.electricity == 50);
  CHECK(money.costs.water == Approx(6));
  const double having = 100000 / 5.0 / 120 + 25 + 100 + 90;
  CHECK(money.costs.total() == Approx(having + 56));
  CHECK(cost_of(money, "useful").having == Approx(having / 2));
  CHECK(cost_of(money, "useful").energy == Approx(42));
  CHECK(cost_of(money, "idle").energy == Approx(14));
  CHECK(money.dark_cost == Approx(having / 2 + 14));
  // 730 chip-hours, half of them lit; 0.5 PFLOPS each.
  CHECK(*money.units.per_chip_hour == Approx((having + 56) / 730));
  CHECK(*money.units.per_lit_chip_hour == Approx((having + 56) / 365));
  CHECK(*money.units.per_nominal_pflop_hour == Approx((having + 56) / 365));
  CHECK(*money.units.per_useful_pflop_hour == Approx((having + 56) / 182.5));
}

TEST_CASE("jobs cost what lit chips cost, and a run in which they do not says so") {
  const MoneyPlan plan = small_plan();
  const MoneyTotals totals = half_lit();
  const MoneyResult money = money_of(plan, totals);
  // One job held two chips for all the time, another three; one never started.
  const JobHoldings held{.jobs = {{1, 1e9}, {1, 0}, {2, 2e9}}, .parts = {{0, 2 * kRunS}, {0, 3 * kRunS}}};
  const std::vector<double> costs = job_costs(held, money.rates);
  REQUIRE(costs.size() == 3);
  CHECK(costs[0] == Approx(0.2 * money.costs.having() + 14));
  CHECK(costs[1] == 0);
  CHECK(costs[2] == Approx(0.3 * money.costs.having() + 28));
  CHECK(unlike(money, costs).empty());
  CHECK(unlike(money, {costs[0], costs[2] * 1.000001}).find("jobs cost") != std::string::npos);
  MoneyResult lost = money;
  lost.states.pop_back();
  CHECK(unlike(lost, costs).find("states cost") != std::string::npos);
}

TEST_CASE("rent of lit chips, break-even and the months of the project") {
  MoneyPlan plan = small_plan();
  plan.pools[0].rent = PoolRent{.rent = {.price = DatedSeries("rent", {{day("2025-01-01"), 2}, {day("2026-01-01"), 1}},
                                                              DatedSeries::Between::hold)}};
  plan.owner_return = 0;
  plan.sold_at_end = false;
  const MoneyResult money = money_of(plan, half_lit());
  CHECK(money.revenue.total() == Approx(365 * 2));
  const double having = money.costs.having() / 730;
  CHECK(*money.break_even_lit_rate == Approx((having + 14 / 365.0) / (2 - 42 / 365.0 + 14 / 365.0)));
  CHECK(*money.break_even_rent == Approx(money.costs.total() / 365));
  // A month of 730 h is ten such runs, without capital, which is paid at once. Twelve of them are the year 2025.
  const auto& months = money.project.months;
  REQUIRE(months.size() == 25);
  CHECK(months[0].net() == Approx(-100000));
  CHECK(months[1].running == Approx(10 * (25 + 100 + 90 + 56)));
  CHECK(months[1].revenue == Approx(3650 * 2));
  CHECK(months[12].revenue == Approx(7300));
  CHECK(months[13].revenue == Approx(3650));
  CHECK(money.project.net_present_value == Approx(-100000 + 12 * (7300 + 3650) - 24 * 10 * (25 + 100 + 90 + 56)));
  // Let whether lit or dark, they earn twice that.
  plan.pools[0].rent->of_dark_too = true;
  CHECK(money_of(plan, half_lit()).revenue.total() == Approx(730 * 2));
}

TEST_CASE("rent per PFLOPS and month in the other currency, and vouchers") {
  MoneyPlan plan = small_plan();
  plan.exchange = ExchangeRate(DatedSeries::always("CNY per USD", 7));
  plan.pools[0].rent = PoolRent{.rent = {.price = DatedSeries::always("rent", 7300), .per = Rent::Per::pflops_month},
                                .currency = Currency::cny};
  plan.voucher = Voucher{.share = 0.5, .budget = 100};
  const MoneyResult money = money_of(plan, half_lit());
  // 365 lit chip-hours of 0.5 PFLOPS at 10 CNY a PFLOPS and hour.
  const double bill = 365 * 0.5 * 10 / 7.0;
  CHECK(money.revenue.total() == Approx(bill));
  CHECK(money.revenue.paid.vouchers == Approx(100));
  CHECK(money.revenue.paid.customers == Approx(bill - 100));
}

TEST_CASE("a service costs its chips and their energy, earns by tokens and not by rent") {
  MoneyPlan plan = small_plan();
  plan.pools[0].rent = PoolRent{.rent = {.price = DatedSeries::always("rent", 2)}};
  plan.services = {{.service = "chat", .input = usd("in", 1), .output = usd("out", 4)}};
  MoneyTotals totals = half_lit();
  // Four of the five lit chips.
  totals.services = {{.name = "chat",
                      .chip_s = {4 * kRunS},
                      .joules = 2e9,
                      .input_tokens = 60e6,
                      .cached_input_tokens = 20e6,
                      .output_tokens = 10e6}};
  const MoneyResult money = money_of(plan, totals);
  const ServiceMoney& chat = money.services.at(0);
  CHECK(chat.revenue == Approx(80 + 40));
  CHECK(money.revenue.tokens == Approx(120));
  CHECK(money.revenue.rents() == Approx(73 * 2));
  CHECK(chat.cost == Approx(0.4 * money.costs.having() + 28));
  CHECK(chat.full_cost == Approx(chat.cost + 0.8 * money.dark_cost));
}

TEST_CASE("what pools share is shared by IT load or by chips, and what is not delivered costs nothing") {
  MoneyPlan plan = small_plan();
  plan.wage.reset();
  plan.demand.reset();
  plan.water.reset();
  plan.terms[Asset::servers].maintenance_share = 0;
  plan.pools.push_back({.name = "q", .chips = 30, .it_kw = 100, .deliveries = {{kRunS / 2, 1}}});
  plan.lines = {{.what = "building", .kind = Asset::building, .count = 200, .price = usd("b", 600)},
                {.what = "links", .kind = Asset::network, .count = 1, .price = usd("l", 240000)},
                {.what = "q servers", .kind = Asset::servers, .count = 1, .price = usd("s", 120000), .pool = 1}};
  MoneyTotals totals = half_lit();
  totals.chip_s.emplace_back();
  totals.joules.emplace_back();
  totals.chip_s[1][state(ChipState::undelivered)] = totals.chip_s[1][state(ChipState::opaque)] = 15 * kRunS;
  totals.joules[1][state(ChipState::opaque)] = 4e9;
  totals.months[0].chip_s = totals.chip_s;
  const MoneyResult money = money_of(plan, totals);
  // 120,000 over five years are 200 of this run, and 240,000 are 400.
  CHECK(money.costs.pools[0].capital == Approx(100 + 100));
  CHECK(money.costs.pools[1].capital == Approx(100 + 300 + 200 / 2.0));
  CHECK(cost_of(money, "opaque", 1).having == Approx(500));
  CHECK(cost_of(money, "opaque", 1).energy == Approx(25));
  // The servers are bought when they come: at 36.5 h, still in month 0.
  CHECK(money.project.months[0].capital == Approx(120000 + 240000 + 120000));
}

TEST_CASE("a result depends on prices as they have a part in it") {
  MoneyPlan plan = small_plan();
  plan.exchange_price = PlanPrice{.name = "CNY per USD", .stated = {7, Currency::cny}};
  plan.wage->stated = {560000, Currency::cny};
  const MoneyTotals totals = half_lit();
  const MoneyResult money = money_of(plan, totals);
  CHECK(money.per_useful);
  const double total = money.costs.total();
  REQUIRE(money.depends_on.size() == 6);
  CHECK(money.depends_on[0].name == "server");
  CHECK(money.depends_on[0].elasticity == Approx((100000 / 5.0 / 120 + 25) / total));
  double sum = 0;
  for (const Elasticity& e : money.depends_on)
    if (e.name == "CNY per USD")
      CHECK(e.elasticity == Approx(100 * (1 / 1.01 - 1) / 0.01 / total));
    else
      sum += e.elasticity;
  CHECK(sum == Approx(1));
}

TEST_CASE("the bill follows from the site") {
  const Prepared p = prepared_services(
      site_with("building: 10 USD/W, floor: 3000 USD/m2, mechanical_share: 0.2, lines: [{what: h cooling "
                "plant, price: 2000 USD}, {what: fence, price: 7150 CNY, count: 2}]",
                "cooling: air, electricity: 0.5 CNY/kWh"));
  const MoneyPlan& plan = *p.money;
  const MoneyLine* servers = line_of(plan, "h servers");
  REQUIRE(servers);
  CHECK(servers->count == 4);
  CHECK(servers->price.amount == 320000);
  CHECK(format_date(servers->price.date) == "2023-01-01");
  CHECK_FALSE(servers->price.source.empty());
  const double kw = 4 * 10.2;
  CHECK(plan.it_kw() == Approx(kw));
  REQUIRE(line_of(plan, "building"));
  CHECK(line_of(plan, "building")->sum() == Approx(kw * 10000 * 0.8));
  // Racks of 0.6 m in rows 2.4 m apart.
  REQUIRE(line_of(plan, "h floor"));
  CHECK(line_of(plan, "h floor")->sum() == Approx(static_cast<double>(p.site.racks) * 0.6 * 2.4 * 3000));
  CHECK(line_of(plan, "h floor")->kind == Asset::building);
  // A line of one's own has the count and pool of the one it stands for.
  const MoneyLine* plant = line_of(plan, "h cooling plant");
  REQUIRE(plant);
  CHECK(plant->sum() == Approx(kw * 2000));
  CHECK(plant->kind == Asset::cooling);
  REQUIRE(line_of(plan, "fence"));
  CHECK(line_of(plan, "fence")->sum() == Approx(2000));
  CHECK(plan.electricity->amount == Approx(1 / 7.15));
  CHECK(not_priced(plan, "network"));
  CHECK(not_priced(plan, "staff"));
  CHECK(not_priced(plan, "water"));
}

TEST_CASE("a server without a price has that of its chips and a stated share, a rack's is that of its servers") {
  const std::string site =
      "start: 2026-06-01\nsite:\n  pools:\n    - {name: b, server: GB200 NVL72, count: 36}\n    - {name: l, server: "
      "SERVER, count: 2}\nmoney: {MONEY}\nworkload:\n  jobs:\n    - {id: a, chips: 8, duration: 1 h}\n";
  const auto plan_of = [&](const std::string& money) {
    std::string text = site;
    text.replace(text.find("SERVER"), 6, "unpriced");
    text.replace(text.find("MONEY"), 5, money);
    text +=
        "catalogue:\n  servers:\n    unpriced: {chip: H100 SXM, chips: 8, power: 10 kW, source: x, confidence: low, "
        "basis: abstract}\n";
    return prepared_services(text).money;
  };
  const auto without = plan_of("");
  REQUIRE(line_of(*without, "l chips"));
  CHECK(line_of(*without, "l chips")->sum() == Approx(16 * 30000));
  CHECK(not_priced(*without, "l servers beside chips"));
  CHECK(line_of(*without, "b servers")->sum() == Approx(2 * 3000000));
  // The cables inside the rack are in its price.
  for (const MoneyLine& line : without->lines) CHECK_FALSE(line.what.starts_with("scale-up b"));
  const auto with = plan_of("server_share: 0.25");
  CHECK(line_of(*with, "l servers beside chips")->sum() == Approx(2 * 8 * 30000 * 0.25));
  CHECK_FALSE(not_priced(*with, "l servers beside chips"));
}

TEST_CASE("in CNY a bill takes prices in CNY first, and converts the others at the date's rate") {
  const Prepared p = prepared_services(
      site_with("currency: CNY, building: \"construction, US\", mechanical_share: 0, exchange: {path: [{price: 7 "
                "CNY/USD, date: 2024-01-01}, {price: 7.2 CNY/USD, date: 2025-01-01}]}"));
  CHECK(line_of(*p.money, "h servers")->sum() == Approx(4 * 2300000));
  CHECK(line_of(*p.money, "building")->price.amount == Approx(11700 * 7.2));
}
