// The commands of the binary, one function each. They return the exit code: 0 done, 1 the run broke an invariant or
// stalled, 2 bad input, 3 our own bug, 130 interrupted.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace alight::cli {

inline constexpr int kDone = 0, kBroken = 1, kBadInput = 2, kBug = 3, kInterrupted = 130;

struct ScenarioArguments {
  std::optional<std::filesystem::path> file;  ///< none: the embedded default scenario
  std::vector<std::string> overrides;         ///< "key=value"
  std::optional<std::int64_t> seed;
};

/// Plays the scenario and writes its outputs to `out` (default runs/NAME-HASH).
int run(const ScenarioArguments& scenario, const std::optional<std::filesystem::path>& out);

/// Parses, resolves and prints sizes; runs nothing.
int check(const ScenarioArguments& scenario);

/// Reads traces and writes them as alight's own CSV.
int import_trace(const std::string& format, const std::vector<std::filesystem::path>& files,
                 const std::filesystem::path& out, const std::vector<std::string>& columns,
                 const std::string& time_pattern);

/// Writes the jobs of a scenario, read, generated and reshaped, as alight's own CSV.
int export_workload(const ScenarioArguments& scenario, const std::filesystem::path& out);

struct RequestsArguments {
  std::filesystem::path source;       ///< a trace, or a YAML file with the keys of a `requests` block
  std::optional<std::string> format;  ///< of the trace
  std::vector<std::string> columns;   ///< ours=theirs[:unit]
  std::optional<std::string> time_pattern;
  std::vector<std::string> overrides;  ///< "key=value" of the block
  std::int64_t seed = 1;
  std::optional<std::filesystem::path> out;
};

/// Prints what requests of a trace or a generator are like, and writes them as alight's own table.
int requests(const RequestsArguments& arguments);

struct GoodputArguments {
  ScenarioArguments scenario;
  std::optional<std::string> service;  ///< none: the first
  std::vector<double> rates;           ///< to begin with; empty: half, once and twice the scenario's
  double least = 0.9, within = 0.02;
  std::optional<std::filesystem::path> out;  ///< a CSV file of what was played
};

/// Plays a service at one rate after the other and prints what of it was good, and the highest rate at which enough is.
int goodput(const GoodputArguments& arguments);

/// What a key of the scenario means; all keys when it is empty.
int explain_key(const std::string& key);

/// The JSON schema of scenarios, or the reference page of all keys, on standard output.
int print_schema();
int print_reference();

/// Writes the site as a SimGrid platform file.
int export_platform(const ScenarioArguments& scenario, const std::filesystem::path& file);

struct PredictArguments {
  std::filesystem::path cases, out;                    ///< CSV files
  std::optional<std::filesystem::path> own_catalogue;  ///< the user's own entries
  std::optional<std::filesystem::path> own_models;     ///< a file with `models:` of the user's own
  std::optional<std::filesystem::path> site;           ///< a scenario on whose site the cases run
  std::optional<std::string> pool;                     ///< of that site; none: the first with a case's chip
  std::vector<std::string> overrides;                  ///< "key=value" of that scenario
};

/// Times the collective operations of a table of cases (sim/predict/collective.hpp).
int predict_collective(const PredictArguments& arguments);

/// Plays the serving benchmarks of a table of cases (sim/predict/serving.hpp).
int predict_serving(const PredictArguments& arguments);

/// Times the training steps of a table of cases (sim/predict/training.hpp).
int predict_training(const PredictArguments& arguments);

/// Models of the zoo and those of a file of the user's own: those whose names hold all words of the pattern; or one,
/// with its shape, the counts that follow from it, and its source.
int model_list(const std::string& pattern, const std::optional<std::filesystem::path>& own);
int model_show(const std::string& name, const std::optional<std::filesystem::path>& own);

struct PlanArguments {
  std::string model, chips;
  std::int64_t global_batch = 0;
  std::optional<std::int64_t> sequence;
  std::string precision = "bf16", inter;
  std::int64_t top = 10, threads = 2;
  std::optional<std::filesystem::path> out;
  std::optional<std::filesystem::path> own_catalogue, own_models;
};

/// Ranks the layouts in which these chips can train the model; of a mixed pool, the best and the naive one.
int plan(const PlanArguments& arguments);

}  // namespace alight::cli
