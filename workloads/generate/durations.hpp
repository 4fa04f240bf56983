// How long jobs run: a mixture of laws, which of them apply and how much depending on how a job ends and on its size.
//
// GPU time is dominated by a few large, long jobs; a law that ignores the size of a job gets the load of a cluster
// wrong by a factor. Two ways tie run time to size: a component's median may grow as chips^median_growth, and its
// weight as chips^weight_growth (the second is what the Philly trace shows; docs/generators.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

struct DurationComponent {
  enum class Kind {
    lognormal,  ///< median_s, sigma
    pareto,     ///< median_s, index: P(X > x) = (minimum / x)^index with minimum = median_s * 2^(-1 / index)
  };
  Kind kind = Kind::lognormal;
  double weight = 1;                     ///< of one-chip jobs, relative to the other components that apply to a job
  double weight_growth = 0;              ///< weight is multiplied by chips^weight_growth
  double median_s = 600;                 ///< of one-chip jobs
  double median_growth = 0;              ///< median is multiplied by chips^median_growth
  double sigma = 1.5;                    ///< standard deviation of ln(duration)
  double index = 1.5;                    ///< tail index
  std::vector<std::string> statuses;     ///< applies to jobs that end so; empty = all
  std::int64_t from_chips = 1;           ///< applies to jobs of at least so many chips
  std::optional<std::int64_t> to_chips;  ///< and at most so many
  static const Description& description();
};

struct DurationSpec {
  std::vector<DurationComponent> components;
  double minimum_s = 1;         ///< shorter draws become it
  std::optional<double> cap_s;  ///< longer draws become it: the site's time limit
  static const Description& description();
};

/// The law of the durations of one status and one size: the components that apply, ready to draw from.
class DurationLaw {
 public:
  /// Throws std::logic_error when no component applies; descriptions check that before.
  DurationLaw(const DurationSpec& spec, const std::string& status, std::int64_t chips);
  static bool applies(const DurationComponent& component, const std::string& status, std::int64_t chips);

  /// The duration at `pick` in [0, 1) (which component) and `z` (a standard normal deviate). Two deviates whatever the
  /// law, so that changing a law never shifts the draws of the jobs after.
  double draw(double pick, double z) const;
  /// Mean in seconds, exact, minimum and cap included.
  double mean() const;
  /// P(duration <= t_s), exact.
  double cdf(double t_s) const;

 private:
  struct Part {
    double up_to;  ///< cumulative weight, 1 for the last
    double weight;
    bool pareto;
    double a;  ///< ln median, or ln minimum
    double b;  ///< sigma, or index
  };
  double part_cdf(const Part& part, double t_s) const;
  double part_mean(const Part& part) const;
  std::vector<Part> parts_;
  double minimum_s_, cap_s_;
};

}  // namespace alight
