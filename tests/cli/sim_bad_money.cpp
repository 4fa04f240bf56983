// Money as it cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kHall = "  facility: {cooling: air, electricity: 0.08 USD/kWh}\n";

std::string priced(const std::string& money) {
  return kScenario + ("money: {" + money + "}\n");
}
std::string priced_hall(const std::string& money) {
  return with("  network:\n    leaf:", kHall + "  network:\n    leaf:", priced(money));
}

}  // namespace

TEST_CASE("money is accepted") {
  for (const std::string& text :
       {priced(""), priced("currency: CNY, date: 2025-01-01, server_share: 0.3, building: 20 CNY/W"),
        priced("rent: {h: {path: [{price: 2 USD/h, date: 2025-01-01}, {price: 1 USD/h, date: 2033-01-01}], between: "
               "geometric}, n: \"rent per PFLOPS, Ascend 910B\"}, vouchers: {share: 0.3, budget: 1000 CNY}"),
        priced("lines: [{what: land, kind: building, price: 1000000 USD, pool: h}], depreciation: {servers: 4 year, "
               "chips: {rule: declining, residual: 0.1}}, maintenance: {network: 0.02}, project: 3 year"),
        priced_hall(
            "demand_charge: 10 USD/kW/month, water: \"water, Beijing industry\", staff: {wage: 60000 USD/year}, "
            "financing: {loan: 0.8, rate: 0.1, months: 24, return: 0.15}")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
    CHECK(std::filesystem::file_size(judge.folder / "out/money.csv") > 0);
    const auto summary = nlohmann::json::parse(text_of(judge.folder / "out/summary.json"));
    for (const auto& line : summary.at("money").at("bill")) {
      INFO(line.dump());
      CHECK_FALSE(line.at("source").get<std::string>().empty());
      CHECK_FALSE(line.at("date").get<std::string>().empty());
    }
  }
}

TEST_CASE("every row of jobs.csv has its cost, quoted names and all") {
  Judge judge;
  const std::string text =
      with("{id: a, submit: 5 s", "{id: \"a, \\\"b\\\"\", submit: 5 s", priced_hall("building: 10 USD/W"));
  write_file(judge.folder / "s.yaml", text);
  judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  const std::string jobs = text_of(judge.folder / "out/jobs.csv");
  CHECK(jobs.substr(0, jobs.find('\n')).ends_with(",energy_kwh,cost_usd"));
  const auto summary = nlohmann::json::parse(text_of(judge.folder / "out/summary.json"));
  double sum = 0;
  std::size_t rows = 0;
  for (std::size_t at = jobs.find('\n') + 1; at < jobs.size(); at = jobs.find('\n', at) + 1, ++rows) {
    const std::string row = jobs.substr(at, jobs.find('\n', at) - at);
    sum += std::stod(row.substr(row.rfind(',') + 1));
  }
  CHECK(rows == 4);
  CHECK(sum == Approx(summary.at("money").at("cost").at("lit").get<double>()).epsilon(1e-9));
}

TEST_CASE("money that cannot be is refused") {
  Judge judge;
  const auto refused = [&](const char* what, const std::string& money, const std::string& place) {
    judge.refused_text(what, priced(money), place);
  };
  judge.refused_text("no date at all",
                     with("start: 2025-06-01\n", "", with("      from: 2025-06-02\n", "", priced(""))), "money.date");
  judge.refused_text("not a mapping", kScenario + std::string("money: much\n"), "money");
  refused("unknown key", "interest: 0.1", "money.interest");
  refused("unknown currency", "currency: EUR", "money.currency");
  refused("not a date", "date: soon", "money.date");
  refused("exchange without a unit", "exchange: \"7.2\"", "money.exchange.price");
  refused("exchange of nothing", "exchange: 0 CNY/USD", "money.exchange");
  refused("exchange of later", "exchange: {path: [{price: 7 CNY/USD, date: 2026-01-01}]}", "money.exchange");
  refused("exchange twice", "exchange: {price: 7 CNY/USD, path: [{price: 7 CNY/USD, date: 2024-01-01}]}",
          "money.exchange");
  refused("server share below nothing", "server_share: -0.1", "money.server_share");
  refused("building per thing", "building: 1000 USD", "money.building.price");
  refused("building of no entry", "building: \"construction, USA\"", "construction, US");
  refused("building of another entry", "building: \"rent, H200\"", "money.building.price");
  refused("floor per kW", "floor: 300 USD/kW", "money.floor.price");
  refused("all mechanical", "mechanical_share: 1.5", "money.mechanical_share");
  refused("line without a price", "lines: [{what: x}]", "money.lines[0].price");
  refused("line without a name", "lines: [{what: \"\", price: 1 USD}]", "money.lines[0].what");
  refused("line twice", "lines: [{what: x, price: 1 USD}, {what: x, price: 2 USD}]", "money.lines[1].what");
  refused("line of another kind", "lines: [{what: x, price: 1 USD, kind: land}]", "money.lines[0].kind");
  refused("line of no pool", "lines: [{what: x, price: 1 USD, pool: g}]", "money.lines[0].pool");
  refused("line below nothing", "lines: [{what: x, price: -1 USD}]", "money.lines[0].price");
  refused("line in euros", "lines: [{what: x, price: 1 EUR}]", "money.lines[0].price");
  refused("depreciation of nothing known", "depreciation: {server: 5 year}", "money.depreciation.server");
  refused("no life", "depreciation: {servers: 0 year}", "money.depreciation.servers.life");
  refused("declining to nothing", "depreciation: {servers: {rule: declining}}", "money.depreciation.servers.residual");
  refused("maintenance of nothing known", "maintenance: {roof: 0.1}", "money.maintenance.roof");
  refused("maintenance of more than all", "maintenance: {servers: 2}", "money.maintenance.servers");
  refused("more than all borrowed", "financing: {loan: 1.2}", "money.financing.loan");
  refused("loan of no months", "financing: {months: 0}", "money.financing.months");
  refused("wage an hour", "staff: {wage: 30 USD/h}", "money.staff.wage.price");
  refused("water without a building", "water: 1 USD/m3", "money.water");
  refused("demand charge without a building", "demand_charge: 1 USD/kW/month", "money.demand_charge");
  judge.refused_text("demand charge per kWh", priced_hall("demand_charge: 1 USD/kWh"), "money.demand_charge.price");
  refused("rent of no pool", "rent: {hh: 2 USD/h}", "money.rent.hh");
  refused("rent of a thing", "rent: {h: 2 USD}", "money.rent.h.price");
  refused("rent of low and high only", "rent: {h: \"rent, H100 server month, China\"}", "no typical amount");
  refused("rent twice", "rent: {h: {price: 2 USD/h, path: [{price: 1 USD/h, date: 2025-01-01}]}}", "money.rent.h");
  refused("rent by no date", "rent: {h: {path: [{price: 2 USD/h}]}}", "money.rent.h.path[0].date");
  refused("rent in two currencies",
          "rent: {h: {path: [{price: 2 USD/h, date: 2024-01-01}, {price: 9 CNY/h, date: 2025-01-01}]}}",
          "money.rent.h.path[1].price");
  refused("rent of one day twice",
          "rent: {h: {path: [{price: 2 USD/h, date: 2024-01-01}, {price: 3 USD/h, date: 2024-01-01}]}}",
          "money.rent.h.path[1].date");
  refused(
      "rent that ends too soon",
      "rent: {h: {between: linear, path: [{price: 2 USD/h, date: 2024-01-01}, {price: 3 USD/h, date: 2026-01-01}]}}",
      "money.rent.h");
  refused("rent of later", "rent: {h: {path: [{price: 2 USD/h, date: 2026-01-01}]}}", "money.rent.h");
  refused("line between one price", "rent: {h: {price: 2 USD/h, between: linear}}", "money.rent.h.between");
  refused("overstated below one", "rent: {h: {price: 2 USD/PFLOPS/month, overstated: 0.5}}", "money.rent.h.overstated");
  refused("tokens of no service", "tokens: {chat: {output: 1 USD/Mtoken}}", "money.tokens.chat");
  refused("voucher without a budget", "vouchers: {share: 0.5}", "money.vouchers.budget");
  refused("voucher of more than all", "vouchers: {share: 2, budget: 1 USD}", "money.vouchers.share");
  refused("voucher in tokens", "vouchers: {share: 0.5, budget: 1 USD/Mtoken}", "money.vouchers.budget");
  refused("a project of no time", "project: 0 year", "money.project.years");
}
