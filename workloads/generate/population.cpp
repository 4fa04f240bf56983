#include "workloads/generate/population.hpp"

#include <cmath>

namespace alight {

const Description& PopulationSpec::description() {
  static const auto d =
      describe<PopulationSpec>("population", "A weighted list of users or virtual clusters.")
          .table("weights", &PopulationSpec::weights, "Share of the jobs by name, relative to the others.")
          .integer("count", &PopulationSpec::count, "Instead of weights: so many, with weights by Zipf's law.",
                   {.min = 1, .max = 1e6})
          .number("exponent", &PopulationSpec::exponent,
                  "Zipf exponent: the k-th has the weight k^-exponent; 0 = equal.", {.min = 0, .max = 10})
          .check([](const PopulationSpec& s, const std::string& path, Diagnostics& diagnostics) {
            if (s.weights.empty() == !s.count) diagnostics.error_at(path, "needs either weights or count");
            double sum = 0;
            for (const auto& [name, weight] : s.weights) {
              if (!(weight >= 0))
                diagnostics.error_at(join_key(join_key(path, "weights"), name), "a weight must be 0 or more");
              sum += weight;
            }
            if (!s.weights.empty() && !(sum > 0))
              diagnostics.error_at(join_key(path, "weights"), "at least one weight must be above 0");
          })
          .shorthand("count")
          .done();
  return d;
}

std::vector<std::pair<std::string, double>> PopulationSpec::members(const std::string& prefix) const {
  std::vector<std::pair<std::string, double>> out(weights.begin(), weights.end());
  for (std::int64_t k = 1; k <= count.value_or(0); ++k)
    out.emplace_back(prefix + std::to_string(k), std::pow(static_cast<double>(k), -exponent));
  return out;
}

}  // namespace alight
