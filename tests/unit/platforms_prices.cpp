// Money and failure rates out of entries written here.
#include <catch2/catch.hpp>

#include "platforms/prices.hpp"
#include "platforms/reliability.hpp"

using namespace alight;

namespace {

Price price(const char* amount, const char* date) {
  return {amount, date, ""};
}
Date day(const char* text) {
  return *parse_date(text);
}

Node entry(std::vector<std::pair<std::string, std::string>> texts) {
  Node node = Node::mapping();
  for (auto& [key, value] : texts) node.add(key, Node::scalar(value));
  return node;
}

Diagnostics problems_of(const Node& set) {
  Node sets = Node::mapping(), file = Node::mapping();
  sets.add("S", set);
  file.add("failures", sets);
  Catalogue catalogue;
  Diagnostics d;
  catalogue.add(file, d);
  catalogue.resolve(d);
  return d;
}

std::string only_problem(const Node& set) {
  const Diagnostics d = problems_of(set);
  REQUIRE(d.problems().size() == 1);
  return d.problems()[0].key + ": " + d.problems()[0].message;
}

Node set_of(std::vector<Node> causes, std::vector<std::pair<std::string, std::string>> more = {}) {
  Node set = entry(std::move(more));
  set.add("causes", Node::sequence(std::move(causes)));
  return set;
}

}  // namespace

TEST_CASE("amounts as money, per what they are per") {
  CHECK(money_in("30000 USD", PricePer::one)->amount == 30000);
  CHECK(money_in("2 MCNY", PricePer::one)->amount == 2e6);
  CHECK(money_in("2 MCNY", PricePer::one)->currency == Currency::cny);
  CHECK(money_in("11.7 USD/W", PricePer::kw)->amount == Approx(11700));
  CHECK(money_in("0.4 CNY/kWh", PricePer::kwh)->currency == Currency::cny);
  CHECK(money_in("2.35 USD/h", PricePer::hour)->amount == Approx(2.35));
  CHECK_FALSE(money_in("2.35 USD/h", PricePer::one));
  CHECK(money_in("75100 USD/year", PricePer::year)->amount == 75100);
  CHECK(money_in("6.21 CNY/m3", PricePer::m3)->amount == 6.21);
  CHECK_FALSE(money_in("6.21 CNY", PricePer::m3));
  CHECK_FALSE(money_in("0.25", PricePer::one));
  CHECK_FALSE(money_in("", PricePer::one));
}

TEST_CASE("a path takes what fits and says what does not") {
  const std::vector<Price> prices = {price("2.35 USD/h", "2026-03"), price("30000 USD", "2023-24"),
                                     price("200000 CNY", "2024"),    price("25000 USD", ""),
                                     price("27000 USD", "2025-06"),  price("28000 USD", "2025-06-01")};
  const PricePath path = price_path("H100", prices, Currency::usd, PricePer::one, DatedSeries::Between::hold);
  CHECK(path.series.at(day("2024-05-01")).value == 30000);
  CHECK(path.series.at(day("2025-06-01")).value == 27000);
  CHECK(path.series.at(day("2022-01-01")).problem == "H100 is not known before 2023-01-01 (asked for 2022-01-01)");
  CHECK(path.left_out == std::vector<std::string>{"2.35 USD/h (2026-03): no price per unit bought",
                                                  "200000 CNY (2024): not in USD", "25000 USD: without a date",
                                                  "28000 USD (2025-06-01): there is one of that date before it"});
  Fact fact;
  fact.typical = "0.4 CNY/kWh";
  fact.date = "2024-25";
  CHECK(price_path("power", {&fact}, Currency::cny, PricePer::kwh, DatedSeries::Between::hold)
            .series.at(day("2026-01-01"))
            .value == Approx(0.4));
}

TEST_CASE("a line takes the newest price that is not after its date") {
  const std::vector<Price> prices = {price("40000 USD", "2023"), price("30000 USD", "2024-06"),
                                     price("2 USD/h", "2024-07"), price("25000 USD", "2026")};
  const Provenance from{.source = "list", .confidence = "high", .basis = {}, .estimates = {}, .note = {}};
  const Billed line = bill_line("H100", Asset::chips, 8, prices, from, day("2025-01-01"));
  REQUIRE(line.line);
  CHECK(line.line->sum().amount == 240000);
  CHECK(format_date(line.line->date) == "2024-06-01");
  CHECK(line.line->source == "list");
  CHECK(bill_line("H100", Asset::chips, 8, prices, from, day("2022-01-01")).problem ==
        "H100 has prices after 2022-01-01 only");
  CHECK(bill_line("H100", Asset::chips, 8, {}, from, day("2022-01-01")).problem == "H100 has no price to buy one");
  // Without a date it is better than none, and of low confidence.
  const Billed undated = bill_line("x", Asset::other, 1, {price("5 CNY", "")}, from, day("2022-01-01"));
  REQUIRE(undated.line);
  CHECK(undated.line->confidence == "low");
  CHECK(bill_line("x", Asset::other, 1, {price("5 CNY", ""), price("6 CNY", "2021")}, from, day("2022-01-01"))
            .line->unit_price.amount == 6);
}

TEST_CASE("plant and building by the kW of IT load, cables by the bill") {
  CoolingTechnology air;
  air.name = "air";
  CHECK(cooling_plant_line(air, 100, day("2025-01-01")).problem == "the cost of air is not known");
  air.capex_usd_kw = {1500, 2200, 3500};
  CHECK(cooling_plant_line(air, 100, day("2025-01-01")).line->sum().amount == 220000);
  Fact us;
  us.name = "construction, US";
  us.typical = "11.7 USD/W";
  CHECK(building_line(us, 1000, day("2025-01-01")).line->sum().amount == Approx(11.7e6));
  us.typical = "0.45";
  CHECK(building_line(us, 1000, day("2025-01-01")).problem == "construction, US is no price per W, kW or MW: 0.45");
  Bill bill;
  bill.rows.push_back(
      {.tier = "leaf", .medium = "DAC", .link_class = "", .price_date = "2025", .confidence = "medium"});
  bill.rows.back().sum = {.links = 10, .price_usd = 800, .unknown_price = 2};
  bill.rows.push_back({.tier = "spine", .medium = "backplane", .link_class = "", .price_date = ""});
  bill.rows.back().sum = {.links = 5, .unknown_price = 5};
  const CablingLines lines = cabling_lines(bill, day("2025-01-01"));
  REQUIRE(lines.lines.size() == 1);
  CHECK(lines.lines[0].count == 8);
  CHECK(lines.lines[0].unit_price.amount == Approx(100));
  CHECK(lines.unknown == std::vector<std::string>{"leaf, DAC (2 links)", "spine, backplane (5 links)"});
}

TEST_CASE("a set of failures: every way to say how often") {
  FailureSet set;
  set.chips = 20;
  set.chips_per_server = 8;
  set.period_d = 73;  // a fifth of a year
  set.repair_h = 1;
  set.causes.resize(5);
  set.causes[0].failures_per_year = 0.3;
  set.causes[1].mtbf_h = 8760 / 2.0;
  set.causes[2].afr = 0.5;
  set.causes[3].events = 4;
  set.causes[4].events = 3;
  set.causes[4].per = Per::server;
  set.causes[4].repair_h = 2;
  set.causes[4].repair_median_h = 1;
  const auto causes = failure_causes(set);
  CHECK(causes[0].per_year == 0.3);
  CHECK(causes[1].per_year == Approx(2));
  CHECK(causes[2].per_year == Approx(0.6931472));
  CHECK(causes[3].per_year == Approx(1));  // 4 of 20 chips in a fifth of a year
  CHECK(causes[4].per_year == Approx(5));  // 3 of 3 servers
  CHECK(causes[0].repair->mean_s == 3600);
  CHECK_FALSE(causes[0].repair->median_s);
  CHECK(causes[4].repair->mean_s == 7200);
  CHECK(causes[4].repair->median_s == 3600);
  CHECK(watched(set)->servers == 3);
  // A tenth is bad and gone within 30 days; what is left lives six years.
  set.causes[0].early_share = 0.1;
  set.causes[0].early_d = 30;
  set.causes[0].life_years = 6;
  const FailureCause bathtub = failure_causes(set)[0];
  CHECK(Lifetime().with(bathtub.early).survival(30 * 86400) == Approx(0.9));
  CHECK(Lifetime().with(bathtub.wear).mean_s() == Approx(6 * 365 * 86400.0));
  Link link;
  link.failures_per_year = 0.01;
  CHECK(*cable_failures_per_year(link) == Approx(0.02));
  link.lane_rate_gbps = 100;
  link.rate_gbps = 400;
  CHECK(*cable_failures_per_year(link) == Approx(0.02));
  CHECK_FALSE(cable_failures_per_year(Link()));
  CHECK_FALSE(switch_failures_per_year(Catalogue()));
}

TEST_CASE("sets that cannot be") {
  const Node good = entry({{"cause", "a"}, {"failures", "0.1 /year"}});
  CHECK(problems_of(set_of({good})).ok());
  CHECK(only_problem(entry({{"source", "x"}})) == "failures.S.causes: is missing; a set needs causes of failures");
  CHECK(only_problem(set_of({entry({{"cause", "a"}})})) == "failures.S.causes[0]: does not say how often it fails");
  CHECK(only_problem(set_of({entry({{"cause", "a"}, {"failures", "1 /year"}, {"afr", "1 %"}})})) ==
        "failures.S.causes[0]: says in 2 ways how often it fails");
  CHECK(only_problem(set_of({good, good})) == "failures.S.causes[1].cause: \"a\" is a cause of this set already");
  CHECK(only_problem(set_of({entry({{"cause", "a"}, {"events", "3"}})})) ==
        "failures.S.causes[0]: counts events, but the set does not say among how many chips and for how long");
  CHECK(only_problem(
            set_of({entry({{"cause", "a"}, {"events", "3"}, {"per", "rack"}})}, {{"chips", "8"}, {"period", "1 d"}})) ==
        "failures.S.causes[0].events: are counted among chips or servers; of others give `failures`");
  CHECK(only_problem(set_of({entry({{"cause", "a"}, {"failures", "1 /year"}, {"early_share", "3 %"}})})) ==
        "failures.S.causes[0]: early_share and early_time go together: what share fails early, and within what time");
  for (const char* repair : {"2 h", "0 h"})
    CHECK(only_problem(set_of(
              {entry({{"cause", "a"}, {"failures", "1 /year"}, {"repair", repair}, {"repair_median", "3 h"}})})) ==
          "failures.S.causes[0].repair_median: is of repairs whose mean is at least as long; give that as this cause's "
          "`repair`");
  CHECK(only_problem(set_of({good}, {{"date", "soon"}})).find("begins with no date") != std::string::npos);
  const char* const bad[][2] = {
      {"failures", "0.1"}, {"failures", "-1 /year"}, {"mtbf", "0 h"},        {"mtbf", "5 W"},       {"afr", "100 %"},
      {"afr", "two"},      {"events", "-3"},         {"events", "some"},     {"component", "gpu"},  {"per", "chips"},
      {"repair", "3"},     {"detection", "-1 s"},    {"early_shape", "1.5"}, {"wear_shape", "0.5"}, {"colour", "red"}};
  for (const auto& [key, value] : bad) {
    std::vector<std::pair<std::string, std::string>> texts = {{"cause", "a"}, {key, value}};
    if (std::string(key) != "failures") texts.emplace_back("failures", "1 /year");
    INFO(key << " " << value);
    const Diagnostics d = problems_of(set_of({entry(texts)}));
    REQUIRE(d.problems().size() == 1);
    CHECK(d.problems()[0].key.find(key) != std::string::npos);
  }
}
