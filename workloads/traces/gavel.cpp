// Gavel's traces: tab-separated jobs that state steps to do, and simulation_throughputs.json with the steps a second of
// each job type on V100, P100 and K80. The run time is steps over the V100's rate, which is what `traced_chip` says.
//
//   msr_*.trace:      job_type, command, num_steps_arg, needs_data_dir, total_steps, arrival_time s, scale_factor
//   physical_*.trace: job_type, command, working_dir, num_steps_arg, needs_data_dir, total_steps, scale_factor,
//                     priority_weight, SLO, arrival_time s
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "workloads/traces/intake.hpp"
#include "workloads/traces/json_errors.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

using nlohmann::json;

constexpr const char* kTracedOn = "v100";

/// Steps a second alone on `scale` chips, by "('type', scale)".
using Rates = std::unordered_map<std::string, double>;

std::optional<Rates> rates_of(const json& tables) {
  const auto chip = tables.is_object() ? tables.find(kTracedOn) : tables.end();
  if (!tables.is_object() || chip == tables.end() || !chip->is_object()) return std::nullopt;
  Rates rates;
  for (const auto& [type, others] : chip->items()) {
    if (!others.is_object()) continue;
    const auto alone = others.find("null");
    if (alone != others.end() && alone->is_number()) rates[type] = alone->get<double>();
  }
  return rates;
}

struct Cells {
  std::vector<std::string_view> all;
  explicit Cells(std::string_view line) {
    for (;;) {
      const auto tab = std::min(line.find('\t'), line.size());
      all.push_back(line.substr(0, tab));
      if (tab == line.size()) return;
      line.remove_prefix(tab + 1);
    }
  }
};

const char* fill(Job& job, const Cells& cells, const Rates& rates, Names& names) {
  const bool physical = cells.all.size() == 10;
  if (!physical && cells.all.size() != 7) return "neither 7 nor 10 tab-separated cells";
  const auto steps = to_number(cells.all[physical ? 5 : 4]);
  const auto arrival = to_number(cells.all[physical ? 9 : 5]);
  const auto scale = to_whole(cells.all[6]);
  if (!steps || *steps < 0) return "total_steps is not a number";
  if (!arrival) return "arrival_time is not a number";
  if (!scale) return "scale_factor is not a whole number";
  const std::string type(trimmed(cells.all[0]));
  const auto rate = rates.find("('" + type + "', " + std::to_string(*scale) + ")");
  if (rate == rates.end() || !(rate->second > 0)) return "its type and scale have no rate on a V100";
  job.submit_s = *arrival;
  job.duration_s = *steps / rate->second;
  job.chips = *scale;
  job.model = names.intern(type);
  job.traced_chip = names.intern("V100");
  return nullptr;
}

}  // namespace

Result<Workload> read_gavel(Inputs files, const ReadOptions&) {
  Rates rates;
  for (const Input& file : files) {
    if (!trimmed(file.text).starts_with('{')) continue;
    try {
      auto read = rates_of(json::parse(file.text));
      if (!read) return file_problem(file.name, "has no table \"v100\" of rates", 1);
      rates.merge(*read);
    } catch (const json::exception& error) {
      return json_problem(file, error);
    }
  }
  if (rates.empty())
    return file_problem(files.empty() ? std::string() : files.front().name,
                        "Gavel needs two files: the trace and simulation_throughputs.json");
  Intake intake;
  intake.number_jobs();
  for (const Input& file : files) {
    std::string_view rest = file.text;
    if (trimmed(rest).starts_with('{')) continue;
    for (std::int64_t line = 1; !rest.empty(); ++line) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const Cells cells(trimmed(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (cells.all.size() == 1 && cells.all[0].empty()) continue;
      const RowPlace place{file.name, line};
      Job job;
      if (const char* fault = fill(job, cells, rates, intake.names()))
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  intake.note("run time = total_steps over the rate alone on a V100");
  return std::move(intake).finish();
}

}  // namespace alight
