#include "sim/money/money.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/economics/calendar.hpp"

namespace alight {
namespace {

constexpr double kMonthSeconds = kBilledHoursPerMonth * 3600;

std::string who_is_let(const PoolPlan& pool) {
  return "rent of " + pool.name;
}

Date money_date(Date from, double seconds) {
  return {from.unix_s + static_cast<std::int64_t>(std::floor(seconds))};
}

/// Shares of a pool's lit chip-seconds that services with prices of tokens held: these earn no rent.
double sold_as_tokens(const MoneyPlan& plan, const MoneyTotals& totals, std::size_t pool) {
  double held = 0;
  for (const ServiceUse& use : totals.services)
    if (std::any_of(plan.services.begin(), plan.services.end(),
                    [&](const ServicePrices& prices) { return prices.service == use.name; }))
      held += use.chip_s[pool];
  const double lit = totals.lit_chip_s(pool);
  return lit > 0 ? std::min(1.0, held / lit) : 0;
}

/// What `chips` of a pool bring between two times of the run or after it.
Looked rent_between(const MoneyPlan& plan, const PoolPlan& pool, double from_s, double to_s, double chips) {
  const Date from = money_date(plan.start, from_s);
  const Date to = std::max(money_date(plan.start, to_s), money_date(from, 1));
  const double hours = (to_s - from_s) / 3600;
  const Looked whole_span = rent_revenue(
      pool.rent->rent, {{.from = from, .to = to, .chips = chips, .pflops_per_chip = pool.pflops_per_chip}});
  if (!whole_span.value) return whole_span;
  // Dates are whole seconds, the run's times need not be.
  return plan.exchange.convert({*whole_span.value * hours / hours_between(from, to), pool.rent->currency},
                               plan.currency, from);
}

/// Chip-seconds of a pool that are let.
double let_chip_s(const PoolPlan& pool, const StateTimes& times, double as_tokens) {
  double lit = 0, there = 0;
  for (std::size_t s = 0; s < kChipStates; ++s) {
    const auto state = static_cast<ChipState>(s);
    if (is_lit(state)) lit += times[s];
    if (state != ChipState::undelivered) there += times[s];
  }
  return (pool.rent->of_dark_too ? there : lit) - as_tokens * lit;
}

double tokens_sold(const MoneyPlan& plan, const ServiceUse& use) {
  double sum = 0;
  for (const ServicePrices& prices : plan.services) {
    if (prices.service != use.name) continue;
    const auto price = [](const std::optional<PlanPrice>& p) { return p ? p->amount : 0; };
    sum += token_revenue(
        {.input = price(prices.input),
         .cached_input = price(prices.cached_input ? prices.cached_input : prices.input),
         .output = price(prices.output)},
        {.input = use.input_tokens, .cached_input = use.cached_input_tokens, .output = use.output_tokens});
  }
  return sum;
}

PaidBy paid_in_all(const MoneyPlan& plan, const std::vector<double>& bills) {
  PaidBy all;
  for (const PaidBy& paid : paid_with(plan.voucher.value_or(Voucher{}), bills)) {
    all.customers += paid.customers;
    all.vouchers += paid.vouchers;
  }
  return all;
}

Revenue run_revenue(const MoneyPlan& plan, const MoneyTotals& totals, std::vector<std::string>& unknown) {
  Revenue revenue;
  revenue.rent.resize(plan.pools.size());
  for (const ServiceUse& use : totals.services) revenue.tokens += tokens_sold(plan, use);
  std::vector<double> bills(totals.months.size());
  for (std::size_t p = 0; p < plan.pools.size(); ++p) {
    if (!plan.pools[p].rent) continue;
    const double as_tokens = sold_as_tokens(plan, totals, p);
    for (std::size_t m = 0; m < totals.months.size(); ++m) {
      const MoneyMonth& month = totals.months[m];
      const double seconds = month.to_s - month.from_s;
      if (!(seconds > 0)) continue;
      const double chips = let_chip_s(plan.pools[p], month.chip_s[p], as_tokens) / seconds;
      const Looked rent = rent_between(plan, plan.pools[p], month.from_s, month.to_s, chips);
      if (!rent.value) {
        unknown.push_back(who_is_let(plan.pools[p]) + ": " + rent.problem);
        break;
      }
      revenue.rent[p] += *rent.value;
      bills[m] += *rent.value;
    }
  }
  for (std::size_t m = 0; m < bills.size(); ++m)
    bills[m] += revenue.tokens * (totals.months[m].to_s - totals.months[m].from_s) / totals.seconds;
  revenue.paid = paid_in_all(plan, bills);
  return revenue;
}

/// What the centre earns in the months of the project, the run's rates repeated and prices as their dates have them.
std::vector<double> monthly_revenue(const MoneyPlan& plan, const MoneyTotals& totals, double tokens, int months,
                                    std::vector<std::string>& unknown) {
  std::vector<double> revenue(static_cast<std::size_t>(months), tokens / totals.seconds * kMonthSeconds);
  for (std::size_t p = 0; p < plan.pools.size(); ++p) {
    if (!plan.pools[p].rent) continue;
    const double chips = let_chip_s(plan.pools[p], totals.chip_s[p], sold_as_tokens(plan, totals, p)) / totals.seconds;
    for (int m = 0; m < months; ++m) {
      const Looked rent = rent_between(plan, plan.pools[p], m * kMonthSeconds, (m + 1) * kMonthSeconds, chips);
      if (!rent.value) {
        unknown.push_back(who_is_let(plan.pools[p]) + " in the project: " + rent.problem);
        break;
      }
      revenue[static_cast<std::size_t>(m)] += *rent.value;
    }
  }
  return revenue;
}

ProjectResult project_of(const MoneyPlan& plan, const MoneyTotals& totals, const MoneyResult& result,
                         std::vector<std::string>& unknown) {
  Project project{.months = static_cast<int>(std::lround(plan.years * 12)),
                  .purchases = {},
                  .loan_share = plan.loan_share,
                  .loan_rate = plan.loan_rate,
                  .loan_months = plan.loan_months,
                  .sold_at_end = plan.sold_at_end};
  for (const MoneyLine& line : plan.lines) {
    const bool delivered = line.pool && (line.kind == Asset::chips || line.kind == Asset::servers);
    for (const PoolDelivery& delivery :
         delivered ? plan.pools[*line.pool].deliveries : std::vector<PoolDelivery>{PoolDelivery{}})
      project.purchases.push_back({.kind = line.kind,
                                   .price = line.sum() * delivery.share,
                                   .month = static_cast<int>(delivery.from_s / kMonthSeconds),
                                   .loses = plan.terms.at(line.kind).loses});
  }
  double running = result.costs.energy();
  for (const PoolCost& pool : result.costs.pools) running += pool.maintenance + pool.staff + pool.demand;
  project.running.assign(static_cast<std::size_t>(project.months), running / totals.seconds * kMonthSeconds);
  project.revenue = monthly_revenue(plan, totals, result.revenue.tokens, project.months, unknown);
  return evaluate(project, plan.owner_return);
}

/// Costs and earnings of an hour of a mean chip that is there. What chips draw in a state they were never in in the run
/// is taken from their ratings.
LitRateInputs mean_chip_hour(const MoneyPlan& plan, const MoneyTotals& totals, const MoneyResult& result) {
  double there_h = 0, lit_h = 0, lit_energy = 0, dark_energy = 0, rated_lit_w = 0, rated_idle_w = 0;
  for (std::size_t p = 0; p < plan.pools.size(); ++p) {
    const double hours = totals.delivered_chip_s(p) / 3600;
    there_h += hours;
    lit_h += totals.lit_chip_s(p) / 3600;
    rated_lit_w += hours * plan.pools[p].lit_w;
    rated_idle_w += hours * plan.pools[p].idle_w;
  }
  if (!(there_h > 0)) return {};
  for (const PoolStateCost& state : result.states) (state.lit ? lit_energy : dark_energy) += state.energy;
  const double dark_h = there_h - lit_h;
  const auto per_hour = [&](double energy, double hours, double rated_w) {
    return hours > 1e-9 * there_h ? energy / hours : rated_w / there_h * 3600 * result.rates.per_joule;
  };
  return {.having = result.costs.having() / there_h,
          .energy_dark = per_hour(dark_energy, dark_h, rated_idle_w),
          .energy_lit = per_hour(lit_energy, lit_h, rated_lit_w),
          .rent = lit_h > 0 ? result.revenue.total() / lit_h : 0};
}

CentreTotals centre_totals(const MoneyPlan& plan, const MoneyTotals& totals, double cost) {
  CentreTotals centre{.cost = cost};
  double opaque_s = 0;
  for (std::size_t p = 0; p < plan.pools.size(); ++p) {
    const double there_h = totals.delivered_chip_s(p) / 3600;
    centre.chip_hours += there_h;
    centre.lit_chip_hours += totals.lit_chip_s(p) / 3600;
    centre.nominal_pflop_hours += there_h * plan.pools[p].pflops_per_chip;
    opaque_s += totals.chip_s[p][static_cast<std::size_t>(ChipState::opaque)];
    centre.useful_pflop_hours +=
        totals.chip_s[p][static_cast<std::size_t>(ChipState::useful)] / 3600 * plan.pools[p].pflops_per_chip;
  }
  // What jobs do that are known by their durations only is not known: neither then is what was of use.
  if (opaque_s > 0) centre.useful_pflop_hours = 0;
  return centre;
}

std::vector<ServiceMoney> services_of(const MoneyPlan& plan, const MoneyTotals& totals, const MoneyResult& result) {
  std::vector<double> of_pool(plan.pools.size());
  for (const PoolStateCost& state : result.states)
    if (!state.lit) of_pool[state.pool] += state.total();
  std::vector<ServiceMoney> services;
  for (const ServiceUse& use : totals.services) {
    ServiceMoney money{.name = use.name,
                       .cost = use.joules * result.rates.per_joule,
                       .revenue = tokens_sold(plan, use),
                       .tokens = use.input_tokens + use.cached_input_tokens + use.output_tokens,
                       .output_tokens = use.output_tokens};
    double dark = 0;
    for (std::size_t p = 0; p < plan.pools.size(); ++p) {
      money.cost += use.chip_s[p] * result.rates.per_chip_s[p];
      if (const double lit = totals.lit_chip_s(p); lit > 0) dark += of_pool[p] * (use.chip_s[p] / lit);
    }
    money.full_cost = money.cost + dark;
    services.push_back(std::move(money));
  }
  return services;
}

std::vector<Elasticity> what_it_depends_on(const MoneyPlan& plan, const MoneyTotals& totals, double per) {
  std::vector<NamedInput> inputs;
  const std::vector<std::string> names = price_names(plan);
  for (const std::string& name : names) inputs.push_back({name, 1});
  // Elasticities lift one input at a time: the plan is scaled by those that are not 1.
  std::vector<Elasticity> all = elasticities(inputs, [&](const std::vector<NamedInput>& in) {
    MoneyPlan lifted = plan;
    for (const NamedInput& input : in)
      if (input.value != 1) lifted = with_price(lifted, input.name, input.value);
    return run_costs(lifted, totals).total() / per;
  });
  std::erase_if(all, [](const Elasticity& e) { return e.elasticity == 0; });
  return all;
}

}  // namespace

double Revenue::rents() const {
  return std::accumulate(rent.begin(), rent.end(), 0.0);
}

std::vector<double> job_costs(const JobHoldings& holdings, const HoldingRates& rates) {
  std::vector<double> costs;
  costs.reserve(holdings.jobs.size());
  std::size_t part = 0;
  for (const JobHoldings::Job& job : holdings.jobs) {
    double cost = job.joules * rates.per_joule;
    for (; part < job.end; ++part) cost += holdings.parts[part].chip_s * rates.per_chip_s[holdings.parts[part].pool];
    costs.push_back(cost);
  }
  return costs;
}

MoneyResult money_of(const MoneyPlan& plan, const MoneyTotals& totals) {
  MoneyResult result;
  result.costs = run_costs(plan, totals);
  result.rates = holding_rates(result.costs, totals);
  result.states = costs_by_state(result.costs, totals);
  for (const PoolStateCost& state : result.states) (state.lit ? result.lit_cost : result.dark_cost) += state.total();
  const CentreTotals centre = centre_totals(plan, totals, result.costs.total());
  result.units = unit_costs(centre);
  if (!(totals.seconds > 0)) return result;
  result.lit_rate = centre.chip_hours > 0 ? centre.lit_chip_hours / centre.chip_hours : 0;
  result.revenue = run_revenue(plan, totals, result.unknown);
  result.services = services_of(plan, totals, result);
  result.chip_hour = mean_chip_hour(plan, totals, result);
  if (result.chip_hour.rent > 0) result.break_even_lit_rate = break_even_lit_rate(result.chip_hour);
  if (result.lit_rate > 0) result.break_even_rent = break_even_rent(result.chip_hour, result.lit_rate);
  result.project = project_of(plan, totals, result, result.unknown);
  result.per_useful = centre.useful_pflop_hours > 0;
  if (const double per = result.per_useful ? centre.useful_pflop_hours : centre.chip_hours; per > 0)
    result.depends_on = what_it_depends_on(plan, totals, per);
  return result;
}

std::string unlike(const MoneyResult& result, const std::vector<double>& jobs) {
  const auto sum_of = [](const auto& values, auto of) {
    CompensatedSum sum;
    for (const auto& value : values) sum.add(of(value));
    return sum.value();
  };
  const double states = sum_of(result.states, [](const PoolStateCost& s) { return s.total(); });
  const double lit = sum_of(result.states, [](const PoolStateCost& s) { return s.lit ? s.total() : 0; });
  const double by_jobs = sum_of(jobs, [](double cost) { return cost; });
  const double total = result.costs.total();
  const double off = 1e-9 * std::max(1e-6, std::abs(total));
  if (!(std::abs(states - total) <= off))
    return fmt::format("money is not conserved: states cost {}, the centre {}", states, total);
  if (!(std::abs(by_jobs - lit) <= off))
    return fmt::format("money is not conserved: jobs cost {}, lit chips {}", by_jobs, lit);
  return {};
}

}  // namespace alight
