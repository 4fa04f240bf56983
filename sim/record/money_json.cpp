// Money as programs read it: `money` of summary.json.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/record/money.hpp"

namespace alight {
namespace {

using MoneyJson = nlohmann::ordered_json;

MoneyJson known_or_null(const std::optional<double>& value) {
  return value ? MoneyJson(*value) : MoneyJson(nullptr);
}

MoneyJson price_json(const PlanPrice& price) {
  MoneyJson out = {{"price_of", price.name},
                   {"price", price.stated.amount},
                   {"currency", name_of(price.stated.currency)},
                   {"date", format_date(price.date).substr(0, 10)},
                   {"source", price.source}};
  if (!price.confidence.empty()) out["confidence"] = price.confidence;
  return out;
}

MoneyJson bill_of_materials_json(const MoneyPlan& plan) {
  MoneyJson bill = MoneyJson::array();
  for (const MoneyLine& line : plan.lines) {
    MoneyJson out = {{"what", line.what}, {"kind", name_of(line.kind)}, {"count", line.count}};
    if (line.pool) out["pool"] = plan.pools[*line.pool].name;
    out.update(price_json(line.price));
    out["sum"] = line.sum();
    bill.push_back(std::move(out));
  }
  return bill;
}

MoneyJson prices_json(const MoneyPlan& plan) {
  MoneyJson prices = MoneyJson::array();
  const auto add = [&](const std::optional<PlanPrice>& price) {
    if (price) prices.push_back(price_json(*price));
  };
  for (const auto* price : {&plan.electricity, &plan.wage, &plan.water, &plan.demand, &plan.exchange_price})
    add(*price);
  for (const PoolPlan& pool : plan.pools)
    if (pool.rent)
      for (const PlanPrice& price : pool.rent->prices) prices.push_back(price_json(price));
  for (const ServicePrices& service : plan.services)
    for (const auto* price : {&service.input, &service.cached_input, &service.output}) add(*price);
  return prices;
}

MoneyJson pools_json(const MoneyPlan& plan, const MoneyResult& money) {
  MoneyJson pools = MoneyJson::array();
  for (std::size_t p = 0; p < plan.pools.size(); ++p) {
    const PoolCost& cost = money.costs.pools[p];
    MoneyJson states = MoneyJson::object();
    for (const PoolStateCost& state : money.states)
      if (state.pool == p) states[state.state] = state.total();
    pools.push_back({{"pool", plan.pools[p].name},
                     {"capital", cost.capital},
                     {"maintenance", cost.maintenance},
                     {"staff", cost.staff},
                     {"demand", cost.demand},
                     {"rent", money.revenue.rent.empty() ? 0 : money.revenue.rent[p]},
                     {"states", states}});
  }
  return pools;
}

MoneyJson services_money_json(const MoneyResult& money) {
  MoneyJson services = MoneyJson::array();
  for (const ServiceMoney& service : money.services) {
    const auto per_million = [](double cost, double tokens) {
      return known_or_null(tokens > 0 ? std::optional(cost / tokens * 1e6) : std::nullopt);
    };
    services.push_back({{"service", service.name},
                        {"cost", service.cost},
                        {"cost_with_dark", service.full_cost},
                        {"revenue", service.revenue},
                        {"per_million_tokens", per_million(service.full_cost, service.tokens)},
                        {"per_million_output_tokens", per_million(service.full_cost, service.output_tokens)}});
  }
  return services;
}

}  // namespace

nlohmann::ordered_json money_json(const MoneyPlan& plan, const MoneyResult& money, const MoneyTotals& totals) {
  MoneyJson capital = MoneyJson::object();
  double all = 0;
  for (const auto& [kind, sum] : capital_by_kind(plan)) {
    capital[std::string(name_of(kind))] = sum;
    all += sum;
  }
  double spread = 0, maintenance = 0, staff = 0, demand = 0;
  for (const PoolCost& pool : money.costs.pools) {
    spread += pool.capital;
    maintenance += pool.maintenance;
    staff += pool.staff;
    demand += pool.demand;
  }
  MoneyJson out;
  out["currency"] = name_of(plan.currency);
  out["bought"] = format_date(plan.bought).substr(0, 10);
  out["capital"] = all;
  out["capital_by_kind"] = capital;
  out["cost"] = {{"total", money.costs.total()},
                 {"capital", spread},
                 {"maintenance", maintenance},
                 {"staff", staff},
                 {"demand", demand},
                 {"electricity", money.costs.electricity},
                 {"water", money.costs.water},
                 {"dark", money.dark_cost},
                 {"lit", money.lit_cost}};
  out["per_chip_hour"] = known_or_null(money.units.per_chip_hour);
  out["per_lit_chip_hour"] = known_or_null(money.units.per_lit_chip_hour);
  out["per_nominal_pflop_hour"] = known_or_null(money.units.per_nominal_pflop_hour);
  out["per_useful_pflop_hour"] = known_or_null(money.units.per_useful_pflop_hour);
  MoneyJson states = MoneyJson::object();
  for (const PoolStateCost& state : money.states) states[state.state] = states.value(state.state, 0.0) + state.total();
  out["states"] = states;
  out["pools"] = pools_json(plan, money);
  if (!money.services.empty()) out["services"] = services_money_json(money);
  out["revenue"] = {{"total", money.revenue.total()},
                    {"rent", money.revenue.rents()},
                    {"tokens", money.revenue.tokens},
                    {"paid_by_customers", money.revenue.paid.customers},
                    {"paid_by_vouchers", money.revenue.paid.vouchers}};
  out["lit_rate"] = money.lit_rate;
  out["break_even_lit_rate"] = known_or_null(money.break_even_lit_rate);
  out["break_even_rent"] = known_or_null(money.break_even_rent);
  out["project"] = {{"years", plan.years},
                    {"net_present_value", money.project.net_present_value},
                    {"rate_of_return", known_or_null(money.project.rate_of_return)},
                    {"payback_months", known_or_null(money.project.payback_months)}};
  if (totals.carbon_kg > 0) {
    const auto per = [&](const std::optional<double>& unit_cost_of) {
      return known_or_null(unit_cost_of && money.costs.total() > 0
                               ? std::optional(totals.carbon_kg * *unit_cost_of / money.costs.total())
                               : std::nullopt);
    };
    out["carbon_kg"] = {{"total", totals.carbon_kg},
                        {"per_lit_chip_hour", per(money.units.per_lit_chip_hour)},
                        {"per_useful_pflop_hour", per(money.units.per_useful_pflop_hour)}};
  }
  MoneyJson most = MoneyJson::array();
  for (const Elasticity& e : money.depends_on) most.push_back({{"price_of", e.name}, {"elasticity", e.elasticity}});
  out["depends_on"] = most;
  out["bill"] = bill_of_materials_json(plan);
  out["prices"] = prices_json(plan);
  out["not_priced"] = plan.not_priced;
  out["not_counted"] = money.unknown;
  return out;
}

const char* money_definition() {
  return "all in `currency`; cost: of the run's time, capital spread over its life at what capital costs, with "
         "maintenance, staff, demand charge and energy; states: the same divided over pools' chips by chip-hours, "
         "energy "
         "by kWh, and sums to it; services' cost_with_dark has their part of dark chips too, and per_million_... are "
         "of "
         "it; project: the run's rates repeated; depends_on: per cent of the cost of a useful PFLOP-hour (of a "
         "chip-hour "
         "where nothing was useful) for one per cent of a price (docs/money.md)";
}

}  // namespace alight
