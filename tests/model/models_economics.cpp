// Money by hand: dated prices, two currencies, capital, loans, tariffs, demand charges, what states cost, what is
// earned, and what cash by month says.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "models/economics/calendar.hpp"
#include "models/economics/capital.hpp"
#include "models/economics/cash.hpp"
#include "models/economics/chip_hour.hpp"
#include "models/economics/elasticity.hpp"
#include "models/economics/project.hpp"
#include "models/economics/revenue.hpp"
#include "models/economics/running_cost.hpp"
#include "models/economics/tariff.hpp"
#include "models/economics/unit_costs.hpp"

using namespace alight;

namespace {

Date day(const char* text) {
  return *parse_date(text);
}

using Between = DatedSeries::Between;

DatedSeries rents(Between between) {
  return {"rent, H100", {{day("2025-01-01"), 4}, {day("2024-01-01"), 8}, {day("2026-01-01"), 2}}, between};
}

}  // namespace

TEST_CASE("a dated price: what lies between, and what is not known") {
  // 2024 has 366 days: 2 July is day 183, half of the year.
  const Date middle = day("2024-07-02");
  CHECK(rents(Between::hold).at(middle).value == 8);
  CHECK(rents(Between::linear).at(middle).value == Approx(6));
  CHECK(rents(Between::geometric).at(middle).value == Approx(8 / std::sqrt(2)));
  for (const Between b : {Between::hold, Between::linear, Between::geometric}) {
    CHECK(rents(b).at(day("2024-01-01")).value == 8);
    CHECK(rents(b).at(day("2026-01-01")).value == 2);
    const Looked before = rents(b).at(day("2023-12-31"));
    CHECK_FALSE(before.value);
    CHECK(before.problem == "rent, H100 is not known before 2024-01-01 (asked for 2023-12-31)");
  }
  CHECK(rents(Between::hold).at(day("2030-01-01")).value == 2);
  CHECK(rents(Between::linear).at(day("2026-01-02")).problem ==
        "rent, H100 is not known after 2026-01-01 (asked for 2026-01-02)");
  CHECK(DatedSeries().at(middle).problem.find("not known at any date") != std::string::npos);
  CHECK(DatedSeries::always("flat", 3).at(day("1970-01-01")).value == 3);
  CHECK(DatedSeries::always("flat", 3).mean(day("1960-01-01"), day("2050-01-01")).value == 3);
  CHECK_THROWS_AS(DatedSeries("x", {{middle, 1}, {middle, 2}}, Between::hold), std::logic_error);
  CHECK_THROWS_AS(DatedSeries("x", {{middle, 0}}, Between::geometric), std::logic_error);
}

TEST_CASE("means of a dated price, by hand") {
  const Date from = day("2024-07-02"), to = day("2025-07-02");
  // Held: 183 days of 8, then 182 days of 4 (2 July 2025 is 182 days into 2025).
  CHECK(rents(Between::hold).mean(from, to).value == Approx((183 * 8 + 182 * 4) / 365.0));
  // Linear: 6 falls to 4 over 183 days, then 4 falls by 2 x 182 / 365 over 182.
  const double end = 4 - 2 * 182 / 365.0;
  CHECK(rents(Between::linear).mean(from, to).value == Approx((183 * 5 + 182 * (4 + end) / 2) / 365.0));
  // Geometric over the whole of 2024: (8 - 4) / ln 2.
  CHECK(rents(Between::geometric).mean(day("2024-01-01"), day("2025-01-01")).value == Approx(4 / std::log(2)));
  CHECK(rents(Between::linear).mean(from, from).value == Approx(6));
  CHECK_FALSE(rents(Between::linear).mean(from, day("2027-01-01")).value);
  CHECK_FALSE(rents(Between::hold).mean(day("2020-01-01"), from).value);
}

TEST_CASE("amounts keep their currency until they are converted at a date") {
  const ExchangeRate exchange(
      DatedSeries("CNY per USD", {{day("2024-01-01"), 7}, {day("2025-01-01"), 7.2}}, Between::hold));
  CHECK(exchange.convert(Money{100, Currency::usd}, Currency::cny, day("2024-06-01")).value == Approx(700));
  CHECK(exchange.convert(Money{720, Currency::cny}, Currency::usd, day("2025-06-01")).value == Approx(100));
  // The same currency needs no rate.
  CHECK(exchange.convert(Money{5, Currency::usd}, Currency::usd, day("1999-01-01")).value == 5);
  CHECK(exchange.convert(Money{5, Currency::usd}, Currency::cny, day("1999-01-01")).problem ==
        "CNY per USD is not known before 2024-01-01 (asked for 1999-01-01)");
  Purse purse;
  purse += Money{10, Currency::usd};
  purse += Money{70, Currency::cny};
  CHECK(exchange.convert(purse, Currency::usd, day("2024-06-01")).value == Approx(20));
  const std::vector<BillLine> bill = {
      {"H100", Asset::chips, 8, {30000, Currency::usd}, day("2024-03-01"), "price list"},
      {"building", Asset::building, 2, {25e6, Currency::cny}, day("2025-03-01"), "estimate"},
      {"DAC", Asset::network, 10, {100, Currency::usd}, day("2024-03-01"), "price list"},
      {"AOC", Asset::network, 4, {700, Currency::cny}, day("2024-03-01"), "price list"}};
  const auto kinds = capital_by_kind(bill);
  CHECK(kinds.at(Asset::chips).usd == 240000);
  CHECK(kinds.at(Asset::network).usd == 1000);
  CHECK(kinds.at(Asset::network).cny == 2800);
  CHECK(capital(bill, Currency::cny, exchange).value == Approx(240000 * 7 + 50e6 + 7000 + 2800));
  CHECK(capital(bill, Currency::cny, ExchangeRate({"rate", {{day("2024-12-01"), 7}}, Between::hold})).problem ==
        "H100: rate is not known before 2024-12-01 (asked for 2024-03-01)");
  CHECK(building_without_cooling(11.7e6, 0.2) == Approx(9.36e6));
}

TEST_CASE("months of the calendar") {
  CHECK(format_date(month_of(day("2024-02-29 13:00"))) == "2024-02-01");
  CHECK(format_date(month_after(day("2024-12-31"))) == "2025-01-01");
  CHECK(format_date(months_later(day("2024-01-31 06:00"), 1)) == "2024-02-29 06:00:00");
  CHECK(format_date(months_later(day("2024-01-15"), 25)) == "2026-02-15");
  CHECK(second_of_day(day("2024-01-01 20:00"), 8 * 3600) == 4 * 3600);
  CHECK(second_of_day(day("2024-01-01 01:00"), -5 * 3600) == 20 * 3600);
}

TEST_CASE("what is left on the books") {
  const Depreciation straight{.life_years = 5, .residual_share = 0.1};
  CHECK(book_share(straight, 0) == 1);
  CHECK(book_share(straight, 2) == Approx(0.64));
  CHECK(book_share(straight, 9) == Approx(0.1));
  CHECK(written_off(straight, 1, 2) == Approx(0.18));
  // The same share each year, 10 % after five: 0.1^(1/5) = 63.1 % stays each year.
  const Depreciation declining{.rule = Depreciation::Rule::declining, .life_years = 5, .residual_share = 0.1};
  CHECK(book_share(declining, 1) == Approx(0.6309573));
  CHECK(book_share(declining, 5) == Approx(0.1));
  CHECK(book_share(declining, 6) == Approx(0.1));
  // Double declining over five years, 40 % a year: 0.6, 0.36, 0.216, 0.1296, and no less than 15 %.
  Depreciation twice = declining;
  twice.yearly_share = 0.4;
  twice.residual_share = 0.15;
  CHECK(book_share(twice, 3) == Approx(0.216));
  CHECK(book_share(twice, 4) == Approx(0.15));
}

TEST_CASE("a loan of 1,000 over 12 months at 12 % a year") {
  // i = 1 %: 1000 x 0.01 / (1 - 1.01^-12) = 88.8488 a month.
  const Loan loan{.principal = 1000, .yearly_rate = 0.12, .months = 12};
  CHECK(monthly_payment(loan) == Approx(88.84879).epsilon(1e-7));
  const auto months = loan_months(loan);
  REQUIRE(months.size() == 12);
  CHECK(months[0].interest == Approx(10));
  CHECK(months[0].owed == Approx(1000 - 78.84879));
  CHECK(months[11].owed == 0);
  CHECK(months[11].interest + months[11].repaid == Approx(88.84879).epsilon(1e-7));
  CHECK(monthly_payment({.principal = 120, .months = 12}) == 10);
  CHECK(loan_months({}).empty());
  // 1,000 over 10 years at 8 %, worth nothing at the end: 149.03 a year. Worth 100: 100 / 1.08^10 = 46.32 less.
  CHECK(yearly_capital_cost(1000, 0, 0.08, 10) == Approx(149.0295).epsilon(1e-6));
  CHECK(yearly_capital_cost(1000, 100, 0.08, 10) == Approx((1000 - 46.31935) * 0.1490295).epsilon(1e-6));
  CHECK(yearly_capital_cost(1000, 100, 0, 10) == Approx(90));
}

TEST_CASE("electricity by the hour of the day") {
  // Peak 8 to 12 and 17 to 21 at 1.2, valley 22 to 6 at 0.3, else 0.7; Beijing, 8 h ahead of UTC.
  const Tariff tariff({{8, 12, 1.2}, {17, 21, 1.2}, {22, 6, 0.3}}, 0.7, 8 * 3600);
  CHECK(tariff.at(day("2025-01-01 00:30")).value == 1.2);  // 8:30
  CHECK(tariff.at(day("2025-01-01 04:00")).value == 0.7);  // 12:00
  CHECK(tariff.at(day("2025-01-01 14:00")).value == 0.3);  // 22:00
  CHECK(tariff.at(day("2025-01-01 21:59")).value == 0.3);  // 5:59
  // A day of 1 kW: 8 h of 1.2, 8 h of 0.3, 8 h of 0.7.
  const double whole = 8 * (1.2 + 0.3 + 0.7);
  CHECK(tariff.per_kw(day("2025-01-01 05:00"), day("2025-01-02 05:00")).value == Approx(whole));
  CHECK(tariff.per_kw(day("2025-01-01 05:00"), day("2025-01-11 05:00")).value == Approx(10 * whole));
  // From 11:30 to 18:00: half an hour and an hour of 1.2, five of 0.7.
  CHECK(tariff.per_kw(day("2025-01-01 03:30"), day("2025-01-01 10:00")).value == Approx(1.5 * 1.2 + 5 * 0.7));
  CHECK(tariff.per_kw(day("2025-01-01"), day("2025-01-01")).value == 0);
}

TEST_CASE("an electricity bill by month, with its demand charge") {
  // 100 kW until 31 January noon, then 300 kW until 2 February: 0.1 per kWh, 8 per kW and month.
  const std::vector<Load> loads = {{day("2025-01-30"), 100}, {day("2025-01-31 12:00"), 300}};
  const Tariff flat(DatedSeries::always("flat", 0.1));
  const ElectricityBill bill = electricity_bill(loads, day("2025-02-02"), flat, {.per_kw_month = 8});
  REQUIRE(bill.months.size() == 2);
  CHECK(bill.months[0].kwh == Approx(36 * 100 + 12 * 300));
  CHECK(bill.months[0].energy == Approx(720));
  CHECK(bill.months[0].peak_kw == Approx(300));
  CHECK(bill.months[1].kwh == Approx(24 * 300));
  CHECK(bill.total() == Approx(1440 + 2 * 300 * 8));
  CHECK(bill.kwh() == Approx(14400));
  // Five minutes of 1 MW in a quarter of an hour of 100 kW elsewhere: (5 x 1000 + 10 x 100) / 15 = 400 kW.
  const std::vector<Load> peak = {
      {day("2025-01-30"), 100}, {day("2025-01-30 10:03"), 1000}, {day("2025-01-30 10:08"), 100}};
  CHECK(electricity_bill(peak, day("2025-01-31"), flat).months[0].peak_kw == Approx(400));
  // Prices by the hour: 24 h at 1, then 24 h at 2.
  const Tariff hourly(DatedSeries("spot", {{day("2025-01-30"), 1}, {day("2025-01-31"), 2}}, Between::hold));
  CHECK(electricity_bill({{day("2025-01-30"), 10}}, day("2025-02-01"), hourly).total() == Approx(10 * 24 * 3));
  CHECK(electricity_bill({{day("2025-01-29"), 10}}, day("2025-02-01"), hourly).problem ==
        "spot is not known before 2025-01-30 (asked for 2025-01-29)");
  // 400 g per kWh: 14,400 kWh are 5,760 kg.
  CHECK(carbon_kg(loads, day("2025-02-02"), Tariff(DatedSeries::always("grid", 400))).value == Approx(5760));
  CHECK_FALSE(carbon_kg(loads, day("2025-02-02"), Tariff(DatedSeries())).value);
}

TEST_CASE("running cost of a year") {
  // 10 MW, 1.5 people each at 50,000; 1.8 L per kWh of 60 GWh at 5 per m3; 3 % of chips, 2 % of the building.
  const RunningCost cost =
      running_cost({.it_mw = 10,
                    .wage = 50000,
                    .it_kwh = 60e6,
                    .water_l_per_kwh = 1.8,
                    .water_price = 5,
                    .capital = {{Asset::chips, 100e6}, {Asset::building, 50e6}},
                    .maintenance_share = {{Asset::chips, 0.03}, {Asset::building, 0.02}, {Asset::power, 1}}});
  CHECK(cost.staff == Approx(750000));
  CHECK(cost.water == Approx(540000));
  CHECK(cost.maintenance == Approx(4e6));
  CHECK(cost.total() == Approx(5.29e6));
}

TEST_CASE("what darkness costs") {
  // Pool A: 900 for 300 chip-hours, a third idle; pool B: 100 for 100, all idle. Energy: 60 for 40 kWh, 10 of them
  // idle.
  const auto costs =
      cost_by_state({{"A", 900, {{"useful", 200, 30}, {"idle", 100, 6}}}, {"B", 100, {{"idle", 100, 4}}}}, 60);
  REQUIRE(costs.size() == 2);
  CHECK(costs[0].state == "useful");
  CHECK(costs[0].having == Approx(600));
  CHECK(costs[0].energy == Approx(45));
  CHECK(costs[1].chip_hours == 200);
  CHECK(costs[1].total() == Approx(400 + 15));
  // What cannot be divided is not dropped.
  const auto lost = cost_by_state({{"A", 900, {}}}, 60);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].state.empty());
  CHECK(lost[0].total() == 960);
}

TEST_CASE("what is earned") {
  // 10 chips over all of 2024, the rent falling from 8 to 4 by the same share each day: mean 4 / ln 2, 8,784 h.
  const Rent rent{rents(Between::geometric)};
  const Let let{day("2024-01-01"), day("2025-01-01"), 10};
  CHECK(rent_revenue(rent, {let}).value == Approx(4 / std::log(2) * 10 * 8784));
  CHECK(rent_revenue(rent, {{day("2026-06-01"), day("2026-07-01"), 10}}).problem.find("not known after") !=
        std::string::npos);
  // 8 H100 at 75,000 CNY a month: 7.912 P at 9,479 a P. A chip-hour: 75000 / 8 / 730.
  CHECK(per_chip_hour(75000 / (8 * 0.989), 0.989) == Approx(75000.0 / 8 / 730));
  const Rent by_p{.price = DatedSeries::always("P", 9479), .per = Rent::Per::pflops_month, .overstated = 2};
  CHECK(rent_revenue(by_p, {{day("2025-01-01"), day("2025-01-02"), 100, 0.989}}).value ==
        Approx(9479 * 2 * 98.9 * 24 / 730));
  CHECK(token_revenue({.input = 1, .cached_input = 0.1, .output = 4},
                      {.input = 2e6, .cached_input = 1e6, .output = 5e5}) == Approx(2 + 0.1 + 2));
  // Vouchers of 30 %, 50 in all: 30, then 20 of 60, then nothing.
  const auto paid = paid_with({.share = 0.3, .budget = 50}, {100, 200, 100});
  CHECK(paid[0].vouchers == Approx(30));
  CHECK(paid[1].vouchers == Approx(20));
  CHECK(paid[1].customers == Approx(180));
  CHECK(paid[2].vouchers == 0);
}

TEST_CASE("cost of one of something, and the lit rate that pays for it") {
  const UnitCosts unit = unit_costs({.cost = 1000,
                                     .chip_hours = 500,
                                     .lit_chip_hours = 250,
                                     .nominal_pflop_hours = 400,
                                     .useful_pflop_hours = 100,
                                     .tokens = 0});
  CHECK(unit.per_chip_hour == Approx(2));
  CHECK(unit.per_lit_chip_hour == Approx(4));
  CHECK(unit.per_nominal_pflop_hour == Approx(2.5));
  CHECK(unit.per_useful_pflop_hour == Approx(10));
  CHECK_FALSE(unit.per_million_tokens);
  // 1 per chip-hour to have, 0.02 dark, 0.1 lit, rent 2: 1.02 / (2 - 0.08) = 53.1 %.
  const LitRateInputs in{.having = 1, .energy_dark = 0.02, .energy_lit = 0.1, .rent = 2};
  const auto lit = break_even_lit_rate(in);
  REQUIRE(lit);
  CHECK(*lit == Approx(1.02 / 1.92));
  CHECK(break_even_rent(in, *lit) == Approx(2));
  CHECK(*break_even_lit_rate({.having = 1, .rent = 0.5}) == Approx(2));
  CHECK_FALSE(break_even_lit_rate({.having = 1, .energy_lit = 0.1, .rent = 0.1}));
}

TEST_CASE("cash by month: present value, rate of return, payback") {
  // 100 out, 12 months later 110 back: 10 % a year, and at 5 % worth 110 / 1.05 - 100.
  std::vector<double> cash(13, 0.0);
  cash[0] = -100;
  cash[12] = 110;
  CHECK(net_present_value(cash, 0.05) == Approx(110 / 1.05 - 100));
  CHECK(*internal_rate_of_return(cash) == Approx(0.1).epsilon(1e-10));
  CHECK(net_present_value(cash, *internal_rate_of_return(cash)) == Approx(0).margin(1e-9));
  // 100 out, 30 a month: paid back after 3 months and a third.
  CHECK(*payback_months({-100, 30, 30, 30, 30, 30}) == Approx(3 + 1.0 / 3).epsilon(1e-12));
  CHECK_FALSE(payback_months({-100, 30}));
  CHECK(*payback_months({10, 10}) == 0);
  CHECK(*payback_months({}) == 0);
  CHECK_FALSE(internal_rate_of_return({-100, -1}));
  CHECK_FALSE(internal_rate_of_return({-100, 230, -132}));  // 10 % and 20 % a month
  const CashMonth m{.revenue = 10, .running = 3, .capital = 100, .interest = 1, .repaid = 2, .borrowed = 80, .sold = 5};
  CHECK(m.net() == Approx(10 + 80 + 5 - 3 - 100 - 1 - 2));
  CHECK(cumulative({1, 2, 3}) == std::vector<double>{1, 3, 6});
}

TEST_CASE("a project, by hand: bought with a loan, let for a year, sold") {
  // 1,200 now, half of it lent for 12 months without interest: 600 of one's own, then 100 earned, 20 spent and 50
  // repaid a month, and at the end 80 % of the price, worth as much on the books after a year of five.
  Project project;
  project.months = 12;
  project.purchases = {{Asset::chips, 1200, 0, {}}};
  project.loan_share = 0.5;
  project.loan_months = 12;
  project.revenue.assign(12, 100.0);
  project.running.assign(20, 20.0);
  const auto cash = project_cash(project);
  REQUIRE(cash.size() == 13);
  CHECK(cash[0].net() == Approx(-600));
  CHECK(cash[1].net() == Approx(30));
  CHECK(cash[12].net() == Approx(30 + 960));
  CHECK(book_value(project, 6) == Approx(1080));
  const ProjectResult result = evaluate(project, 0.1);
  CHECK(result.net_present_value == Approx(net_present_value(net_cash(cash), 0.1)));
  REQUIRE(result.rate_of_return);
  CHECK(net_present_value(net_cash(cash), *result.rate_of_return) == Approx(0).margin(1e-6));
  CHECK(*result.payback_months == Approx(11 + (600 - 330) / 990.0));
  // A loan of 24 months is paid off at the end: 600 lent, 12 x 25 repaid, 300 left.
  project.loan_months = 24;
  CHECK(project_cash(project)[12].net() == Approx(100 - 20 - 25 - 300 + 960));
  // Bought half way: nothing before, six months old at the end.
  project.purchases[0].month = 6;
  CHECK(project_cash(project)[5].net() == Approx(80));
  CHECK(project_cash(project)[12].sold == Approx(1080));
  project.sold_at_end = false;
  CHECK(project_cash(project)[12].sold == 0);
}

TEST_CASE("a chip's hour, by hand") {
  // 100 chips: 3 million over five years and 1 million over twenty, no interest: 650,000 a year over 876,000 h. 2 %
  // care of the chips' price, 100,000 of pay. 1 kW lit, 0.2 dark, PUE 1.25 at 0.08; 1 L per kWh at 2 per m3; 10 per kW
  // month.
  const ChipHourCosts c =
      chip_hour_costs({.chips = 100,
                       .assets = {{Asset::chips, 3e6, 5, 0, 0.02}, {Asset::building, 1e6, 20, 0, 0}},
                       .staff_a_year = 1e5,
                       .kw_lit = 1,
                       .kw_dark = 0.2,
                       .pue = 1.25,
                       .per_kwh = 0.08,
                       .demand_per_kw_month = 10,
                       .water_l_per_kwh = 1,
                       .water_per_m3 = 2});
  CHECK(c.capital == Approx(650000.0 / 876000));
  CHECK(c.maintenance == Approx(60000.0 / 876000));
  CHECK(c.staff == Approx(100000.0 / 876000));
  CHECK(c.demand == Approx(12.5 / 730));
  CHECK(c.energy_lit == Approx(0.102));
  CHECK(c.energy_dark == Approx(0.0204));
  CHECK(c.total(0.5) == Approx(810000.0 / 876000 + 12.5 / 730 + 0.0612));
  CHECK(c.against(2).having == Approx(c.having()));
}

TEST_CASE("which inputs the result depends on most") {
  // Cost = chips + energy x price, 90 + 20 x 0.5: one per cent of chips is 0.9 %, of either factor 0.1 %.
  const std::vector<NamedInput> inputs = {{"price", 0.5}, {"energy", 20}, {"chips", 90}, {"nothing", 0}};
  const auto top = elasticities(
      inputs, [](const std::vector<NamedInput>& in) { return in[2].value + in[0].value * in[1].value + in[3].value; });
  REQUIRE(top.size() == 4);
  CHECK(top[0].name == "chips");
  CHECK(top[0].elasticity == Approx(0.9));
  CHECK(top[1].name == "price");  // of equals the first
  CHECK(top[1].elasticity == Approx(0.1));
  CHECK(top[3].elasticity == 0);
}
