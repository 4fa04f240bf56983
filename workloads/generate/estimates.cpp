#include "workloads/generate/estimates.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

const Description& EstimateSpec::description() {
  static const auto d =
      describe<EstimateSpec>("estimates", "The run times that generated jobs ask for.")
          .number("factor_min", &EstimateSpec::factor_min,
                  "Estimates are the duration times a factor drawn uniformly between factor_min and factor_max.",
                  {.min = 0, .max = 1e6, .above_min = true})
          .number("factor_max", &EstimateSpec::factor_max, "See factor_min.", {.min = 0, .max = 1e6, .above_min = true})
          .quantity("round_up", &EstimateSpec::round_up_s, "s", "Estimates are rounded up to a multiple of this.",
                    {.min = 1e-6, .max = 1e9})
          .list("classes", &EstimateSpec::classes_s,
                "Estimates become the smallest of these that is long enough (what a form offers), in ascending order.",
                "s")
          .flag("kill", &EstimateSpec::kill, "Jobs that would run longer than their estimate are killed at it.")
          .check([](const EstimateSpec& s, const std::string& path, Diagnostics& diagnostics) {
            if (s.factor_max < s.factor_min) diagnostics.error_at(join_key(path, "factor_max"), "is below factor_min");
            for (std::size_t i = 0; i < s.classes_s.size(); ++i)
              if (!(s.classes_s[i] > (i ? s.classes_s[i - 1] : 0)))
                diagnostics.error_at(join_key(path, "classes") + "[" + std::to_string(i) + "]",
                                     i ? "must be longer than the one before" : "must be above 0");
          })
          .done();
  return d;
}

double EstimateSpec::estimate(double duration_s, double uniform) const {
  double e = duration_s * (factor_min + (factor_max - factor_min) * uniform);
  if (round_up_s) e = std::ceil(e / *round_up_s) * *round_up_s;
  const auto fits = std::lower_bound(classes_s.begin(), classes_s.end(), e);
  return fits != classes_s.end() ? *fits : e;
}

}  // namespace alight
