// What a run says in the end: summary.json for programs, the same at a glance for people, and manifest.json, which says
// what the run was made of.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/record/breakdowns.hpp"
#include "sim/record/faults.hpp"
#include "sim/record/links.hpp"
#include "sim/record/money.hpp"
#include "sim/record/power.hpp"
#include "sim/record/services.hpp"
#include "sim/record/statistics.hpp"
#include "sim/record/storage.hpp"
#include "sim/scenario/load.hpp"

namespace alight {

/// Everything the two renderings need; assembled once the run has ended.
struct Summary {
  const Prepared& prepared;
  const RunEnd& end;
  Headline headline;
  std::array<std::int64_t, kJobStatuses> jobs_by_status{};
  std::map<std::string, std::int64_t> rejections;
  Distribution waits_s, slowdowns;
  TrainingTotals training;
  LinkTotals links;
  FaultTotals faults;
  BreakdownTotals breakdowns;
  StorageTotals storage;
  std::vector<ServiceTotals> services;
  PowerTotals power;
  PreemptionTotals preemptions;
  MoneyTotals money_totals;
  std::optional<MoneyResult> money;
  /// [k] chips allocated when k % of the installed ones have been asked for, in percent; only where jobs do not end.
  std::vector<std::optional<double>> fill;
  std::vector<std::string> rests_on;  ///< low-confidence catalogue values that the result uses
  std::string fingerprint;            ///< SHA-256 over the tables' hashes
};

/// "1,024": a count as people read it.
std::string with_commas(std::int64_t n);

/// "complete", "interrupted" or "invariant violated".
std::string_view state_of(const RunEnd& end);

/// summary.json (docs/formats/outputs.md).
std::string summary_json(const Summary& summary);

struct TextStyle {
  bool colour = false;
};
/// The summary as people read it. `cpu_s` below 0 leaves the time out, so that a file holds none.
std::string summary_text(const Summary& summary, const TextStyle& style, double cpu_s = -1);

/// manifest.json: versions, seed, SHA-256 of every input, engine settings, and whether the run came to its end.
std::string manifest_json(const Prepared& prepared, std::string_view state,
                          const std::vector<std::pair<std::string, std::string>>& outputs);

/// Low-confidence values of the pools' chips and servers that figures of this summary rest on, in words.
std::vector<std::string> low_confidence_inputs(const Prepared& prepared);

}  // namespace alight
