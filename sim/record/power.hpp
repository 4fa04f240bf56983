// What a run drew: power.csv, a row for each bin of the ledger, and the totals.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/facility/building.hpp"
#include "sim/record/recorder.hpp"
#include "sim/record/text_file.hpp"
#include "sim/run/run.hpp"

namespace alight {

struct PowerTotals {
  bool counted = false;  ///< the site has a building
  BuildingUse use;
  double peak_w = 0;  ///< the most that a bin drew on average, at the meter
  Currency currency = Currency::usd;
  bool priced = false, carbon = false;
  double kwh() const { return use.site_j() / 3.6e6; }
};

class PowerRecord : public Recorder {
 public:
  /// `building` outlives it; null: nothing is recorded, and there is no file.
  PowerRecord(const std::filesystem::path& file, const Building* building, const Site& site);
  void supply_in_bin(std::size_t pool, double highest_c) override;
  void bin_closed(const LedgerBin& bin) override;
  const PowerTotals& totals() const { return totals_; }
  const BuildingUse& last() const { return last_; }  ///< of the last bin
  /// Its SHA-256; nothing where there is no file.
  std::optional<std::string> close();

 private:
  const Building* building_;
  std::optional<TextFile> file_;
  PowerTotals totals_;
  BuildingUse last_;
  std::vector<double> supply_c_;  ///< [pool] where heat counts: the highest in the bin
};

/// Servers must have drawn in the bins what the ledger has in its states, to 1e-9. What is wrong, or empty.
std::string unlike(const PowerTotals& totals, const std::vector<StateTimes>& joules);

/// As people read it: label and line.
std::vector<std::pair<std::string, std::string>> power_lines(const PowerTotals& totals, const Building& building,
                                                             const Site& site, const RunEnd& end);
nlohmann::ordered_json power_json(const PowerTotals& totals, const Building& building, const Site& site,
                                  const RunEnd& end);
/// Writes chip-power.csv: how long chips of each pool drew how much. Its SHA-256.
std::string write_chip_power(const std::filesystem::path& file, const Site& site,
                             const std::vector<ChipPower>& chip_power);

}  // namespace alight
