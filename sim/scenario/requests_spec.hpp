// The requests of a service as a scenario states them, and the trace they come to.
//
//   requests: {file: AzureLLMInferenceTrace_conv.csv.gz, window: {from: 10 min, to: 40 min}, rate: 20 /s, repeat: true}
//   requests: {generate: {rate: 8 /s, prompt: 1024, output: {mean: 200}}}
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "workloads/job.hpp"
#include "workloads/requests/generator.hpp"
#include "workloads/requests/request.hpp"
#include "workloads/requests/reshape.hpp"

namespace alight {

/// A stretch of a trace, in its own time.
struct RequestWindowSpec {
  double from_s = 0;
  std::optional<double> to_s;  ///< none: to the end
  static const Description& description();
};

/// Applied in the order written here.
struct RequestsSpec {
  std::optional<std::string> file;
  std::string format = "auto";
  std::map<std::string, std::string> columns;
  std::string time_pattern;
  std::optional<std::int64_t> block_tokens;
  bool skip_bad_rows = false;
  std::optional<RequestGeneratorSpec> generate;

  std::vector<std::string> kinds;  ///< only these; empty: all
  std::optional<RequestWindowSpec> window;
  enum class Rescale { stretch, refill };
  std::optional<double> rate_per_s;
  Rescale rescale = Rescale::stretch;
  bool repeat = false;
  CopiedBlocks copies = CopiedBlocks::fresh;
  std::optional<std::int64_t> requests;  ///< at most so many
  double start_s = 0;                    ///< when, in the run, the trace begins
  std::optional<std::int64_t> priority;  ///< of all of them, in place of their own
  static const Description& description();
};

struct ServiceRequests {
  RequestTrace trace;
  ImportReport report;              ///< of the file; empty where they are generated
  std::vector<std::string> inputs;  ///< files read
};

/// Makes the file names of `spec`, which stands at `key`, absolute: relative ones are beside the file that names them.
void make_absolute(RequestsSpec& spec, const std::string& key, const Diagnostics& diagnostics);

/// The requests of the service `name` that come before `horizon_s` of a run (infinite where it has no end). `spec` has
/// passed its checks and stands at `key`. Generators draw from the streams
/// requests.NAME.{arrivals,prompt,output,system,turns,think}; the same arguments give the
/// same requests. Mistakes, such as a bad row, go to the diagnostics, and nothing is returned.
std::optional<ServiceRequests> requests_of(const RequestsSpec& spec, const std::string& name, std::uint64_t seed,
                                           double horizon_s, const std::string& key, Diagnostics& diagnostics);

}  // namespace alight
