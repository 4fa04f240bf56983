// A workload of rigid jobs out of a description and a seed.
//
//   generate: {like: philly, jobs: 100000, load: 0.8}
//   generate:
//     jobs: 1000000
//     load: 0.9
//     sizes: {weights: {1: 8, 2: 1, 4: 1, 8: 1}}
//     durations: {components: [{median: 10 min, sigma: 1.5}], cap: 1 d}
//
// Each attribute of the jobs draws from a stream of its own, named after the generator's name and the attribute, a
// fixed number of deviates per job (arrivals excepted): job i keeps its deviates whatever else is changed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "workloads/generate/arrivals.hpp"
#include "workloads/generate/durations.hpp"
#include "workloads/generate/estimates.hpp"
#include "workloads/generate/population.hpp"
#include "workloads/generate/sizes.hpp"
#include "workloads/job.hpp"

namespace alight {

/// What to generate. A part that is left out is the preset's where `like` names one; a part that is given replaces the
/// preset's whole.
struct GeneratorSpec {
  std::string name;                 ///< begins the jobs' ids and names the streams; may be empty
  std::optional<std::string> like;  ///< a preset (presets.hpp)

  // How many jobs, how dense. Two of the three say it; with a preset one is enough and none means the preset's own.
  std::optional<std::int64_t> jobs;
  std::optional<double> horizon_s;   ///< jobs come in [0, horizon)
  std::optional<double> rate_per_s;  ///< mean over a week; their number is then random
  /// Chip-seconds of the jobs over chip-seconds of `chips` in the span they come in. Exact for what was drawn, not only
  /// on average: means of heavy-tailed draws converge too slowly for a load to be kept by its expectation.
  std::optional<double> load;
  std::optional<std::int64_t> chips;  ///< what `load` relates to; the reader of a scenario sets the site's

  std::optional<std::int64_t> max_chips;  ///< sizes above it are left out: what the site can hold

  std::optional<ArrivalSpec> arrivals;
  std::map<std::string, double> statuses;  ///< share of the jobs by how they end; empty = preset's, else all completed
  std::optional<SizeSpec> sizes;
  std::optional<DurationSpec> durations;
  std::optional<PopulationSpec> vcs;
  std::optional<PopulationSpec> users;    ///< of each virtual cluster
  std::optional<EstimateSpec> estimates;  ///< none: the duration
  std::optional<double> resolution_s;     ///< times are whole multiples of it; 1 s unless given, as in the traces

  // The same for all jobs; empty = not stated. Meaning as in Job.
  std::string kinds, stack, traced_chip;
  bool preemptible = false;

  static const Description& description();
};

/// The spec with the preset's parts filled in and every choice made: `arrivals`, `statuses`, `sizes`, `durations`,
/// `estimates` and `resolution_s` are set, and of jobs, horizon, rate and load just two.
GeneratorSpec resolve(const GeneratorSpec& spec);

/// The number of jobs `spec` asks for: given, or the mean of what will be drawn. A load needs `chips`.
double expected_jobs(const GeneratorSpec& spec);

/// What one generator makes at most (a job takes some 200 bytes).
inline constexpr double kMostJobs = 1e8;

/// The jobs, ordered by submit time, ids name1, name2 ... in that order. The same spec and seed give the same jobs.
/// `spec` has passed its description's checks, a load has its `chips` and expected_jobs() is at most kMostJobs
/// (std::logic_error otherwise). All durations and estimates are finite and above 0.
Workload generate(const GeneratorSpec& spec, std::uint64_t seed);

}  // namespace alight
