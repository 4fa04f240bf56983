#include "workloads/generate/law.hpp"

#include <cmath>
#include <stdexcept>

#include "workloads/generate/statuses.hpp"

namespace alight {

JobLaw::JobLaw(const GeneratorSpec& spec) {
  if (!spec.sizes || !spec.durations || spec.statuses.empty()) throw std::logic_error("JobLaw: spec is not resolved");
  const auto table = spec.sizes->table();
  double jobs = 0;
  for (const auto& [name, share] : spec.statuses) jobs += share;
  double up_to = 0;
  for (const auto& [name, share] : spec.statuses) {
    if (!(share > 0)) continue;
    const auto status = status_called(name);
    if (!status) throw std::logic_error("JobLaw: unknown status " + name);
    up_to += share / jobs;
    const auto given = spec.sizes->tilt.find(name);
    const double tilt = given == spec.sizes->tilt.end() ? 0 : given->second;
    double sum = 0;
    for (const auto& [chips, weight] : table) sum += weight * std::pow(static_cast<double>(chips), tilt);
    Status& row = statuses.emplace_back(Status{name, *status, share / jobs, up_to, {}});
    double cumulative = 0;
    for (const auto& [chips, weight] : table) {
      const double part = weight * std::pow(static_cast<double>(chips), tilt) / sum;
      cumulative += part;
      row.sizes.push_back({part, cumulative, chips, DurationLaw(*spec.durations, name, chips)});
    }
    row.sizes.back().up_to = 1;
  }
  statuses.back().up_to = 1;
}

double duration_cdf(const JobLaw& law, double t_s) {
  double sum = 0;
  for (const auto& status : law.statuses)
    for (const auto& cell : status.sizes) sum += status.share * cell.share * cell.duration.cdf(t_s);
  return sum;
}

Expectation expectation(const GeneratorSpec& spec) {
  const JobLaw law(resolve(spec));
  Expectation e;
  std::map<std::int64_t, double> by_size;
  for (const auto& status : law.statuses) {
    double chip_s = 0;
    for (const auto& cell : status.sizes) {
      const double share = status.share * cell.share;
      const double mean = cell.duration.mean();
      const double chips = static_cast<double>(cell.chips);
      e.chips += share * chips;
      e.duration_s += share * mean;
      chip_s += share * chips * mean;
      by_size[cell.chips] += share;
    }
    e.chip_s += chip_s;
    e.statuses.push_back({status.name, status.share, chip_s});
  }
  for (auto& part : e.statuses) part.chip_s_share /= e.chip_s;
  e.one_chip = by_size.count(1) ? by_size[1] : 0;
  double up_to = 0;
  for (const auto& [chips, share] : by_size) {
    e.median_chips = static_cast<double>(chips);
    if ((up_to += share) >= 0.5) break;
  }
  // Bisection on the logarithm: 200 halvings of [1e-6, 1e12] s are past the last bit of a double.
  double low = std::log(1e-6), high = std::log(1e12);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (duration_cdf(law, std::exp(middle)) < 0.5 ? low : high) = middle;
  }
  e.median_s = std::exp(high);
  return e;
}

}  // namespace alight
