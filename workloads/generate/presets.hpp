// Generators that reproduce published clusters: what was published, and the parameters fitted to it
// (docs/generators.md).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/generate/generator.hpp"

namespace alight {

/// The published numbers of a cluster's GPU jobs. Statuses in the order completed, cancelled, failed.
struct ClusterStatistics {
  std::string_view name;
  std::int64_t jobs;
  double days;  ///< length of the trace
  std::int64_t chips;
  double mean_duration_s, median_duration_s, max_duration_s;
  double mean_chips;
  std::int64_t max_chips;
  std::array<double, 3> job_share;
  std::array<double, 3> chip_s;  ///< chip-seconds in the whole trace
};

/// The six (seven) parameters that the fit finds.
struct FittedShape {
  std::array<double, 3> tilt;  ///< of sizes, by status
  double short_median_s;       ///< of the short component
  double long_weight;          ///< odds of the long component for one chip
  double long_growth;          ///< exponent of chips in these odds
  double one_chip_weight;      ///< of one chip in the table of sizes, where the table is not published
};

/// The names `like` accepts: eight fitted clusters and `classic`.
const std::vector<std::string>& preset_names();
/// A preset whole, of jobs and density the published ones. Unknown names are our bug.
GeneratorSpec preset(std::string_view name);

/// What the fitted presets are built from; empty for `classic`.
const std::vector<ClusterStatistics>& published_clusters();
const FittedShape& fitted_shape(std::string_view cluster);
/// The generator of a cluster under given parameters: the family that the fit searches.
GeneratorSpec shaped(const ClusterStatistics& cluster, const FittedShape& shape);
/// Whether the cluster's table of sizes is published (then one_chip_weight is not used).
bool has_size_table(std::string_view cluster);

}  // namespace alight
