#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/facility/building.hpp"
#include "sim/scenario/money_bill.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

/// Years of use of what computes, and of building and plant: typical values of the catalogue's "useful life, Amazon"
/// and "useful life, building and plant".
constexpr double kItLife = 5, kPlantLife = 20;
/// Of the price, a year: the middle of 2 to 4 % ("staff and maintenance share").
constexpr double kMaintenance = 0.03;

std::map<Asset, AssetTerms> default_terms() {
  std::map<Asset, AssetTerms> terms;
  for (const auto& [name, kind] : assets()) {
    const bool plant = kind == Asset::cooling || kind == Asset::power || kind == Asset::building;
    const bool cared_for = kind != Asset::building && kind != Asset::other;
    terms[kind] = {.loses = {.life_years = plant ? kPlantLife : kItLife},
                   .maintenance_share = cared_for ? kMaintenance : 0};
  }
  return terms;
}

class MoneyResolver {
 public:
  MoneyResolver(Prepared& prepared, Date bought, Diagnostics& d)
      : prepared_(prepared),
        spec_(*prepared.scenario.money),
        d_(d),
        plan_(std::make_shared<MoneyPlan>()),
        reader_(prepared.catalogue, spec_.currency, bought, d) {
    plan_->currency = spec_.currency;
    plan_->bought = bought;
    plan_->start = prepared.scenario.start.value_or(bought);
  }

  void run() {
    exchange();
    terms();
    pools();
    if (!d_.ok()) return;
    bill();
    running();
    rents();
    tokens();
    if (d_.ok()) prepared_.money = plan_;
  }

 private:
  void exchange() {
    PricePathSpec spec = spec_.exchange.value_or(PricePathSpec{.price = "CNY per USD", .path = {}});
    // In CNY already: there is no rate yet to convert it by.
    const PriceReader in_cny(prepared_.catalogue, Currency::cny, plan_->bought, d_);
    const auto path = read_price_path(in_cny, spec.price, spec.path, spec.between, "money.exchange", "CNY per USD",
                                      units_of_exchange(), d_);
    if (!path) return;
    if (std::any_of(path->prices.begin(), path->prices.end(),
                    [](const PlanPrice& p) { return !(p.stated.amount > 0); }))
      return d_.error_at("money.exchange", "must be above 0");
    plan_->exchange = ExchangeRate(path->series);
    plan_->exchange_price = path->prices.front();
    for (const Date date : {plan_->bought, plan_->start})
      if (const Looked rate = path->series.at(date); !rate.value) return d_.error_at("money.exchange", rate.problem);
    reader_.set_exchange(plan_->exchange);
  }

  void terms() {
    plan_->terms = default_terms();
    const auto kind_of = [&](const std::string& name, const char* table) -> AssetTerms* {
      std::vector<std::string> names;
      for (const auto& [known, kind] : assets()) {
        if (known == name) return &plan_->terms[kind];
        names.push_back(known);
      }
      d_.error_at(join_key(table, name), fmt::format("{} is no kind of capital", in_quotes(name)),
                  did_you_mean(name, names));
      return nullptr;
    };
    for (const auto& [name, spec] : spec_.depreciation)
      if (AssetTerms* terms = kind_of(name, "money.depreciation")) {
        terms->loses.life_years = spec.life_years.value_or(terms->loses.life_years);
        terms->loses.residual_share = spec.residual.value_or(0);
        terms->loses.rule = spec.rule.value_or(Depreciation::Rule::straight_line);
      }
    for (const auto& [name, share] : spec_.maintenance)
      if (AssetTerms* terms = kind_of(name, "money.maintenance")) terms->maintenance_share = share;
    plan_->loan_share = spec_.financing.loan;
    plan_->loan_rate = spec_.financing.rate;
    plan_->loan_months = static_cast<int>(spec_.financing.months);
    plan_->owner_return = spec_.financing.owner_return;
    plan_->years = spec_.project.years;
    plan_->sold_at_end = spec_.project.sold_at_end;
  }

  void pools() {
    const Site& site = prepared_.site;
    double servers_kw = 0;
    for (std::size_t p = 0; p < site.pools.size(); ++p) {
      const Pool& pool = site.pools[p];
      PoolPlan& plan = plan_->pools.emplace_back();
      plan.name = pool.name;
      plan.chips = static_cast<double>(pool.chips());
      plan.pflops_per_chip = pool.chip.bf16_tflops.value_or(0) * 1e-3;
      plan.it_kw = provisioned_kw(prepared_, p);
      servers_kw += plan.it_kw;
      if (const auto& building = prepared_.settings.building) {
        plan.idle_w = building->power[p].watts[static_cast<std::size_t>(ChipState::idle)];
        plan.lit_w = building->power[p].watts[static_cast<std::size_t>(ChipState::opaque)];
      }
      if (pool.phases.empty()) continue;
      plan.deliveries.clear();
      for (const Phase& phase : pool.phases)
        plan.deliveries.push_back({phase.from_s, static_cast<double>(phase.racks) / static_cast<double>(pool.racks())});
      // What no phase names is there from the start.
      const double named = std::accumulate(plan.deliveries.begin(), plan.deliveries.end(), 0.0,
                                           [](double sum, const PoolDelivery& d) { return sum + d.share; });
      if (named < 1 - 1e-12) plan.deliveries.push_back({0, 1 - named});
    }
    const double network_kw = prepared_.bill.total.power_w * 1e-3;
    if (servers_kw > 0)
      for (PoolPlan& pool : plan_->pools) pool.it_kw *= 1 + network_kw / servers_kw;
  }

  std::optional<std::size_t> pool_named(const std::string& name, const std::string& key) {
    std::vector<std::string> names;
    for (std::size_t p = 0; p < plan_->pools.size(); ++p) {
      if (plan_->pools[p].name == name) return p;
      names.push_back(plan_->pools[p].name);
    }
    d_.error_at(key, fmt::format("no pool named {}", in_quotes(name)), did_you_mean(name, names));
    return std::nullopt;
  }

  void bill() {
    std::vector<DerivedLine> lines = derive_bill(prepared_, plan_->pools, reader_);
    for (std::size_t i = 0; i < spec_.lines.size(); ++i) own_line(spec_.lines[i], i, lines);
    for (DerivedLine& line : lines) {
      if (line.price)
        plan_->lines.push_back({.what = std::move(line.what),
                                .kind = line.kind,
                                .count = line.count,
                                .price = std::move(*line.price),
                                .pool = line.pool});
      else if (!line.why_not.empty())
        plan_->not_priced.push_back(line.what + ": " + line.why_not);
    }
  }

  void own_line(const BillLineSpec& spec, std::size_t i, std::vector<DerivedLine>& lines) {
    const std::string key = fmt::format("money.lines[{}]", i);
    for (std::size_t j = 0; j < i; ++j)
      if (spec_.lines[j].what == spec.what)
        return d_.error_at(key + ".what", fmt::format("{} is stated twice", in_quotes(spec.what)));
    auto price =
        reader_.read({.price = spec.price, .date = spec.date, .source = spec.source}, key, spec.what, units_of_one());
    const auto pool = spec.pool ? pool_named(*spec.pool, key + ".pool") : std::nullopt;
    if (!price) return;
    const auto same =
        std::find_if(lines.begin(), lines.end(), [&](const DerivedLine& l) { return l.what == spec.what; });
    DerivedLine& line = same != lines.end() ? *same : lines.emplace_back(DerivedLine{.what = spec.what, .count = 1});
    if (spec.kind) line.kind = *spec.kind;
    if (spec.count) line.count = *spec.count;
    if (pool) line.pool = pool;
    line.price = std::move(price);
  }

  void running() {
    auto& not_priced = plan_->not_priced;
    const auto read = [&](const std::optional<PriceSpec>& spec, const std::string& key, const std::string& name,
                          std::span<const PriceUnit> units) {
      return spec ? reader_.read(*spec, key, name, units) : std::nullopt;
    };
    plan_->staff_per_mw = spec_.staff.per_mw;
    plan_->wage = read(spec_.staff.wage, "money.staff.wage", "wage", units_of_wage());
    plan_->water = read(spec_.water, "money.water", "water", units_of_water());
    plan_->demand = read(spec_.demand_charge, "money.demand_charge", "demand charge", units_of_demand());
    if (spec_.staff.wage && !(plan_->it_kw() > 0))
      not_priced.emplace_back("staff: the power of no server is known");
    else if (!spec_.staff.wage)
      not_priced.emplace_back("staff: state money.staff.wage");
    const auto& building = prepared_.settings.building;
    if (!building) {
      if (spec_.demand_charge)
        d_.error_at("money.demand_charge", "needs `site.facility`: without it nothing knows what the site draws");
      if (spec_.water)
        d_.error_at("money.water", "needs `site.facility`: without it nothing knows what the site drinks");
      not_priced.emplace_back("electricity, water: state site.facility");
      return;
    }
    if (!spec_.water) not_priced.emplace_back("water: state money.water");
    if (!building->price) {
      not_priced.emplace_back("electricity: state site.facility.electricity");
      return;
    }
    PlanPrice& price = plan_->electricity.emplace();
    const PerKwh& per_kwh = *building->price;
    price.name = "electricity";
    price.stated = {per_kwh.always, building->currency};
    if (per_kwh.series && !per_kwh.series->values.empty())
      price.stated.amount = per_kwh.scale *
                            std::accumulate(per_kwh.series->values.begin(), per_kwh.series->values.end(), 0.0) /
                            static_cast<double>(per_kwh.series->values.size());
    price.amount = reader_.converted({1, building->currency}, "money.exchange");
    price.date = plan_->start;
    price.source = "scenario, site.facility.electricity";
  }

  void rents() {
    for (const auto& [name, spec] : spec_.rent) {
      const std::string key = join_key("money.rent", name);
      const auto pool = pool_named(name, key);
      if (!pool) continue;
      PoolPlan& plan = plan_->pools[*pool];
      const std::string& first = spec.path.empty() ? spec.price : spec.path.front().price;
      const bool pflops = reader_.is_in(first, units_of_pflops_rent());
      auto path = read_price_path(reader_, spec.price, spec.path, spec.between, key, "rent of " + name,
                                  pflops ? units_of_pflops_rent() : units_of_chip_rent(), d_);
      if (!path) continue;
      if (pflops && !(plan.pflops_per_chip > 0)) {
        d_.error_at(key, fmt::format("the catalogue does not know the PFLOPS of {}; state a rent of chips",
                                     prepared_.site.pools[*pool].chip.name));
        continue;
      }
      const Date end{plan_->start.unix_s + static_cast<std::int64_t>(std::ceil(plan_->years * 365 * 86400))};
      if (const Looked mean = path->series.mean(plan_->start, end); !mean.value) {
        d_.error_at(key, mean.problem + fmt::format("; the project lasts until {}", format_date(end).substr(0, 10)));
        continue;
      }
      plan.rent = PoolRent{.rent = {.price = std::move(path->series),
                                    .per = pflops ? Rent::Per::pflops_month : Rent::Per::chip_hour,
                                    .overstated = spec.overstated},
                           .currency = path->currency,
                           .of_dark_too = spec.of_dark_too,
                           .prices = std::move(path->prices)};
    }
  }

  void tokens() {
    std::vector<std::string> names;
    for (const ServiceSpec& service : prepared_.scenario.workload.services) names.push_back(service.name);
    for (const auto& [name, spec] : spec_.tokens) {
      const std::string key = join_key("money.tokens", name);
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        d_.error_at(key, fmt::format("no service named {}", in_quotes(name)), did_you_mean(name, names));
        continue;
      }
      const auto read = [&, of = name](const std::optional<PriceSpec>& price, const char* what) {
        return price ? reader_.read(*price, join_key(key, what), of + " " + what, units_of_tokens()) : std::nullopt;
      };
      plan_->services.push_back({.service = name,
                                 .input = read(spec.input, "input"),
                                 .cached_input = read(spec.cached_input, "cached_input"),
                                 .output = read(spec.output, "output")});
    }
    if (!spec_.vouchers) return;
    const auto budget = reader_.read({.price = spec_.vouchers->budget, .date = {}, .source = {}},
                                     "money.vouchers.budget", "vouchers", units_of_one());
    if (budget) plan_->voucher = Voucher{.share = spec_.vouchers->share, .budget = budget->amount};
  }

  Prepared& prepared_;
  const MoneySpec& spec_;
  Diagnostics& d_;
  std::shared_ptr<MoneyPlan> plan_;
  PriceReader reader_;
};

}  // namespace

void resolve_money(Prepared& prepared, Diagnostics& d) {
  const Scenario& scenario = prepared.scenario;
  if (!scenario.money) return;
  const std::optional<Date> bought = scenario.money->date ? scenario.money->date : scenario.start;
  if (!bought)
    return d.error_at("money.date", "is missing: which day's prices count; or state `start` of the scenario");
  MoneyResolver(prepared, *bought, d).run();
}

}  // namespace alight
