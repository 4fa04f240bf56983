// Money as people read it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/record/money.hpp"
#include "sim/record/summary.hpp"

namespace alight {
namespace {

std::string amount_text(double amount, Currency currency) {
  const double size = std::abs(amount);
  const std::string number = size >= 1e9   ? fmt::format("{:.4g} billion", amount * 1e-9)
                             : size >= 1e6 ? fmt::format("{:.4g} million", amount * 1e-6)
                             : size >= 1e4 ? with_commas(std::llround(amount))
                                           : fmt::format("{:.4g}", amount);
  return number + " " + std::string(name_of(currency));
}

std::string named_list(const std::vector<std::string>& parts, const char* between = ", ") {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

/// "2.35" or "0.0123": a unit cost.
std::string unit_cost(const std::optional<double>& cost) {
  return cost ? fmt::format("{:.4g}", *cost) : std::string("?");
}

}  // namespace

std::vector<std::string> capital_lines(const MoneyPlan& plan) {
  std::vector<std::string> lines;
  double all = 0;
  for (const MoneyLine& line : plan.lines) all += line.sum();
  std::vector<std::string> kinds;
  for (const auto& [kind, sum] : capital_by_kind(plan))
    kinds.push_back(fmt::format("{} {:.1f} %", name_of(kind), all > 0 ? 100 * sum / all : 0));
  lines.push_back(fmt::format("capital {} in prices of {}{}", amount_text(all, plan.currency),
                              format_date(plan.bought).substr(0, 10), kinds.empty() ? "" : ": " + named_list(kinds)));
  for (const std::string& what : plan.not_priced) lines.push_back("not priced: " + what);
  return lines;
}

std::vector<std::string> bill_of_materials_lines(const MoneyPlan& plan) {
  std::vector<std::string> lines;
  for (const MoneyLine& line : plan.lines)
    lines.push_back(fmt::format(
        "{}   {:.6g} x {:.6g} {} = {}   {}{}, {}", line.what, line.count, line.price.stated.amount,
        name_of(line.price.stated.currency), amount_text(line.sum(), plan.currency),
        line.price.name == line.what ? "" : line.price.name + ", ", format_date(line.price.date).substr(0, 10),
        line.price.confidence.empty() ? "as stated" : line.price.confidence + " confidence"));
  return lines;
}

std::vector<std::pair<std::string, std::string>> money_lines(const MoneyPlan& plan, const MoneyResult& money) {
  std::vector<std::pair<std::string, std::string>> lines;
  const auto add = [&](std::string text) { lines.emplace_back(lines.empty() ? "money" : "", std::move(text)); };
  const Currency in = plan.currency;
  const std::vector<std::string> capital = capital_lines(plan);
  add(capital.front());
  const double total = money.costs.total();
  double spread = 0, maintenance = 0, staff = 0, demand = 0;
  for (const PoolCost& pool : money.costs.pools) {
    spread += pool.capital;
    maintenance += pool.maintenance;
    staff += pool.staff;
    demand += pool.demand;
  }
  std::vector<std::string> of;
  const auto part = [&](const char* what, double sum) {
    if (sum != 0 && total != 0) of.push_back(fmt::format("{} {:.1f} %", what, 100 * sum / total));
  };
  part("capital", spread);
  part("maintenance", maintenance);
  part("staff", staff);
  part("demand charge", demand);
  part("electricity", money.costs.electricity);
  part("water", money.costs.water);
  add(fmt::format("the run cost {}: {}", amount_text(total, in), named_list(of)));
  add(fmt::format("a chip-hour {} {}   a lit one {}   a nominal PFLOP-hour {}   a useful one {}",
                  unit_cost(money.units.per_chip_hour), name_of(in), unit_cost(money.units.per_lit_chip_hour),
                  unit_cost(money.units.per_nominal_pflop_hour), unit_cost(money.units.per_useful_pflop_hour)));
  std::map<std::string, double> dark;
  for (const PoolStateCost& state : money.states)
    if (!state.lit) dark[state.state] += state.total();
  std::vector<std::pair<double, std::string>> by_size;
  for (const auto& [state, cost] : dark)
    if (cost > 0) by_size.emplace_back(cost, state);
  std::stable_sort(by_size.begin(), by_size.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> states;
  for (const auto& [cost, state] : by_size) states.push_back(fmt::format("{} {}", state, amount_text(cost, in)));
  add(fmt::format("dark chips cost {:.1f} % of it{}", total > 0 ? 100 * money.dark_cost / total : 0,
                  states.empty() ? "" : ": " + named_list(states)));
  for (const ServiceMoney& service : money.services)
    if (service.output_tokens > 0)
      add(fmt::format("{}: {:.4g} {} per million answer tokens, {:.4g} with its part of dark chips{}", service.name,
                      service.cost / service.output_tokens * 1e6, name_of(in),
                      service.full_cost / service.output_tokens * 1e6,
                      service.revenue > 0 ? "; earned " + amount_text(service.revenue, in) : ""));
  if (money.revenue.total() != 0) {
    add(fmt::format("earned {}{}   break-even lit rate {}", amount_text(money.revenue.total(), in),
                    money.revenue.paid.vouchers > 0
                        ? fmt::format(", {} of it by vouchers", amount_text(money.revenue.paid.vouchers, in))
                        : "",
                    money.break_even_lit_rate
                        ? fmt::format("{:.1f} % (was {:.1f} %)", 100 * *money.break_even_lit_rate, 100 * money.lit_rate)
                        : "none"));
    add(fmt::format(
        "over {:.3g} years: net present value {}   payback {}   return {}", plan.years,
        amount_text(money.project.net_present_value, in),
        money.project.payback_months ? fmt::format("{:.3g} months", *money.project.payback_months) : "never",
        money.project.rate_of_return ? fmt::format("{:.1f} % a year", 100 * *money.project.rate_of_return)
                                     : "unknown"));
  }
  std::vector<std::string> most;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, money.depends_on.size()); ++i)
    most.push_back(fmt::format("{} {:+.2f} %", money.depends_on[i].name, money.depends_on[i].elasticity));
  if (!most.empty())
    add(fmt::format("a {} moves, for 1 % of a price, most by: {}", money.per_useful ? "useful PFLOP-hour" : "chip-hour",
                    named_list(most)));
  for (std::size_t i = 1; i < capital.size(); ++i) add(capital[i]);
  for (const std::string& what : money.unknown) add("not counted: " + what);
  return lines;
}

}  // namespace alight
