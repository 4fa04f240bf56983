// The money of a run: a pure function of the plan and of what the run came to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/economics/elasticity.hpp"
#include "models/economics/project.hpp"
#include "models/economics/unit_costs.hpp"
#include "sim/money/money_plan.hpp"
#include "sim/money/money_totals.hpp"
#include "sim/money/run_costs.hpp"

namespace alight {

/// What a service cost and earned.
struct ServiceMoney {
  std::string name;
  double cost = 0;       ///< of its chips while it held them, and their energy
  double full_cost = 0;  ///< and of the dark chips of its pools, by the lit chip-seconds that are its own
  double revenue = 0;    ///< of tokens
  double tokens = 0, output_tokens = 0;
};

struct Revenue {
  std::vector<double> rent;  ///< [pool]
  double tokens = 0;
  PaidBy paid;  ///< of all of it, by customers and by vouchers
  double rents() const;
  double total() const { return rents() + tokens; }
};

/// Of everything that holds chips, in the order of jobs.csv.
struct JobHoldings {
  struct Job {
    std::size_t end = 0;  ///< of its entries in `parts`; they begin where those of the job before end
    double joules = 0;
  };
  std::vector<Job> jobs;
  std::vector<PoolChipSeconds> parts;
};
/// What each cost.
std::vector<double> job_costs(const JobHoldings& jobs, const HoldingRates& rates);

struct MoneyResult {
  RunCosts costs;
  std::vector<PoolStateCost> states;
  HoldingRates rates;
  UnitCosts units;
  Revenue revenue;
  std::vector<ServiceMoney> services;
  LitRateInputs chip_hour;  ///< of a mean chip that is there; rent: revenue over lit chip-hours
  std::optional<double> break_even_lit_rate;
  std::optional<double> break_even_rent;  ///< of a lit chip-hour, at the run's lit rate
  double lit_rate = 0;
  ProjectResult project;
  bool per_useful = false;             ///< what depends_on is of: cost per useful PFLOP-hour, else per chip-hour
  std::vector<Elasticity> depends_on;  ///< by every price, most first
  std::vector<std::string> unknown;    ///< what could not be counted after all: rents beyond their last date
  double lit_cost = 0, dark_cost = 0;
};
MoneyResult money_of(const MoneyPlan& plan, const MoneyTotals& totals);

/// States and pools must sum to the total, and jobs to what lit chips cost, each to 1e-9 of it. What is wrong, or
/// empty.
std::string unlike(const MoneyResult& result, const std::vector<double>& jobs);

}  // namespace alight
