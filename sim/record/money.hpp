// Money of a run: what it came to is gathered while it plays; in the end the cost column of jobs.csv, money.csv,
// money-states.csv, `money` of summary.json and a few lines for people.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/money/money.hpp"
#include "sim/record/power.hpp"
#include "sim/record/recorder.hpp"
#include "sim/record/services.hpp"
#include "sim/run/run.hpp"

namespace alight {

/// Hears after `power`, which outlives it, as `site` does.
class MoneyRecord : public Recorder {
 public:
  /// `counted` false: nothing is kept.
  MoneyRecord(bool counted, const Site& site, const PowerRecord& power)
      : counted_(counted), site_(site), power_(power) {}
  void job_preempted(const JobRecord& record) override;
  void job_ended(const JobRecord& record) override;
  void bin_closed(const LedgerBin& bin) override;

  MoneyTotals totals(const RunEnd& end, const std::vector<ServiceTotals>& services) const;
  const JobHoldings& holdings() const { return holdings_; }

 private:
  std::vector<PoolChipSeconds> held(const JobRecord& record) const;

  bool counted_;
  const Site& site_;
  const PowerRecord& power_;
  std::unordered_map<const Job*, std::vector<PoolChipSeconds>> before_;  ///< held before they were preempted
  JobHoldings holdings_;
  std::vector<ServiceUse> services_;
  std::vector<MoneyMonth> months_;
};

/// Gives every row of a CSV file one more field, in the order of the rows. Returns the file's new SHA-256.
std::string add_column(const std::filesystem::path& csv, const std::string& name, const std::vector<double>& values);

/// "cost_usd"
std::string cost_column(const MoneyPlan& plan);
/// The bill as people read it: capital by kind, then what has no price.
std::vector<std::string> capital_lines(const MoneyPlan& plan);
/// The bill line by line, for those who want to override one.
std::vector<std::string> bill_of_materials_lines(const MoneyPlan& plan);
std::vector<std::pair<std::string, std::string>> money_lines(const MoneyPlan& plan, const MoneyResult& money);
nlohmann::ordered_json money_json(const MoneyPlan& plan, const MoneyResult& money, const MoneyTotals& totals);
/// What `money` of summary.json means.
const char* money_definition();
/// money.csv, cash by month, and money-states.csv, a row per pool and state. Each returns its SHA-256.
std::string write_cash(const std::filesystem::path& file, const MoneyPlan& plan, const MoneyResult& money);
std::string write_state_costs(const std::filesystem::path& file, const MoneyPlan& plan, const MoneyResult& money,
                              const Site& site);

}  // namespace alight
