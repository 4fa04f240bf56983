#include "workloads/generate/arrivals.hpp"

#include <algorithm>
#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace alight {
namespace {

constexpr double kHour = 3600;
constexpr int kHoursPerWeek = 168;
constexpr double kWeek = kHour * kHoursPerWeek;

/// Gaps of the process, mean 1.
class Gaps {
 public:
  Gaps(const ArrivalSpec& spec, Stream& stream)
      : process_(spec.process == ArrivalSpec::Process::gamma && spec.cv == 0 ? std::nullopt
                                                                             : std::optional(spec.process)),
        stream_(stream) {
    if (process_ == ArrivalSpec::Process::gamma) {
      // A gamma variable of shape k has coefficient of variation 1 / sqrt(k).
      const double shape = 1 / (spec.cv * spec.cv);
      gamma_ = boost::random::gamma_distribution<double>(shape, 1 / shape);
    }
    if (process_ == ArrivalSpec::Process::batches) {
      new_batch_ = boost::random::bernoulli_distribution<double>(1 / spec.batch);
      exponential_ = boost::random::exponential_distribution<double>(1 / spec.batch);
    }
  }

  double next() {
    if (!process_) return 1;  // a coefficient of variation of 0: a metronome
    switch (*process_) {
      case ArrivalSpec::Process::poisson:
        return exponential_(stream_);
      case ArrivalSpec::Process::gamma:
        return gamma_(stream_);
      case ArrivalSpec::Process::batches: {
        const bool starts_batch = new_batch_(stream_) || first_;
        first_ = false;
        return starts_batch ? exponential_(stream_) : 0;
      }
    }
    throw std::logic_error("arrivals: unknown process");
  }

 private:
  std::optional<ArrivalSpec::Process> process_;
  Stream& stream_;
  bool first_ = true;
  boost::random::exponential_distribution<double> exponential_{1.0};
  boost::random::gamma_distribution<double> gamma_{1.0, 1.0};
  boost::random::bernoulli_distribution<double> new_batch_{1.0};
};

}  // namespace

const Description& ArrivalSpec::description() {
  using Process = ArrivalSpec::Process;
  static const auto d =
      describe<ArrivalSpec>("arrivals", "When generated jobs come.")
          .choice("process", &ArrivalSpec::process,
                  {{"poisson", Process::poisson}, {"gamma", Process::gamma}, {"batches", Process::batches}},
                  "How arrivals follow each other: independently (poisson), with gamma distributed gaps of a given "
                  "`cv`, or in groups at one instant (batches).")
          .number("cv", &ArrivalSpec::cv,
                  "Coefficient of variation of the gaps of a gamma process; above 1 arrivals come in bursts.",
                  {.min = 0, .max = 100})
          .number("batch", &ArrivalSpec::batch, "Mean jobs per group of a batches process.", {.min = 1, .max = 1e6})
          .list("hours", &ArrivalSpec::hours, "24 relative weights of the hours of a day, midnight first.")
          .list("days", &ArrivalSpec::days, "7 relative weights of the days of a week, Monday first.")
          .integer("first_day", &ArrivalSpec::first_day,
                   "Day of the week the workload begins on, at midnight: 0 is Monday, 6 is Sunday.",
                   {.min = 0, .max = 6})
          .check([](const ArrivalSpec& s, const std::string& path, Diagnostics& diagnostics) {
            const auto weights = [&](const char* key, const std::vector<double>& w, std::size_t wanted) {
              if (w.empty()) return;
              const std::string at = join_key(path, key);
              if (w.size() != wanted)
                diagnostics.error_at(
                    at, "expected " + std::to_string(wanted) + " weights, found " + std::to_string(w.size()));
              else if (std::any_of(w.begin(), w.end(), [](double x) { return !(x >= 0) || !std::isfinite(x); }))
                diagnostics.error_at(at, "weights must be 0 or more");
              else if (!(std::accumulate(w.begin(), w.end(), 0.0) > 0))
                diagnostics.error_at(at, "at least one weight must be above 0");
            };
            weights("hours", s.hours, 24);
            weights("days", s.days, 7);
          })
          .done();
  return d;
}

WeeklyClock::WeeklyClock(const ArrivalSpec& spec) : rate_(kHoursPerWeek), mass_(kHoursPerWeek + 1) {
  double sum = 0;
  for (int hour = 0; hour < kHoursPerWeek; ++hour) {
    const auto day = static_cast<std::size_t>((spec.first_day + hour / 24) % 7);
    const auto of_day = static_cast<std::size_t>(hour % 24);
    rate_[hour] = (spec.hours.empty() ? 1 : spec.hours[of_day]) * (spec.days.empty() ? 1 : spec.days[day]);
    sum += rate_[hour];
  }
  for (int hour = 0; hour < kHoursPerWeek; ++hour) {
    rate_[hour] *= kHoursPerWeek / sum;
    mass_[hour + 1] = mass_[hour] + rate_[hour] * kHour;
  }
  mass_.back() = kWeek;
}

double WeeklyClock::operational(double t_s) const {
  const double week = std::floor(t_s / kWeek);
  const double in_week = t_s - week * kWeek;
  const auto hour = std::min<std::size_t>(static_cast<std::size_t>(in_week / kHour), kHoursPerWeek - 1);
  return week * kWeek + mass_[hour] + rate_[hour] * (in_week - static_cast<double>(hour) * kHour);
}

double WeeklyClock::calendar(double u_s) const {
  const double week = std::floor(u_s / kWeek);
  const double in_week = u_s - week * kWeek;
  // The last hour that begins at or before u: hours of rate 0 are never it, unless nothing follows them.
  const auto after = std::upper_bound(mass_.begin(), mass_.end(), in_week);
  const auto hour = std::min<std::size_t>(static_cast<std::size_t>(after - mass_.begin()) - 1, kHoursPerWeek - 1);
  const double into = rate_[hour] > 0 ? (in_week - mass_[hour]) / rate_[hour] : 0;
  return week * kWeek + static_cast<double>(hour) * kHour + std::clamp(into, 0.0, kHour);
}

std::vector<double> arrivals_over(const ArrivalSpec& spec, std::int64_t count, double horizon_s, Stream& stream) {
  std::vector<double> times(static_cast<std::size_t>(count));
  if (times.empty()) return times;
  // Given their number, Poisson arrivals are n+1 exponential gaps scaled to the span (order statistics of the uniform);
  // the same scaling of gamma gaps keeps their coefficient of variation.
  Gaps gaps(spec, stream);
  double sum = 0;
  for (double& t : times) t = sum += gaps.next();
  sum += gaps.next();
  const WeeklyClock clock(spec);
  const double scale = sum > 0 ? clock.operational(horizon_s) / sum : 0;
  const double last = std::nextafter(horizon_s, 0.0);
  for (double& t : times) t = std::min(clock.calendar(t * scale), last);
  return times;
}

std::vector<double> arrivals_at(const ArrivalSpec& spec, double rate_per_s, std::optional<std::int64_t> count,
                                std::optional<double> horizon_s, Stream& stream) {
  if (!count && !horizon_s) throw std::logic_error("arrivals_at: neither count nor horizon");
  if (!(rate_per_s > 0)) throw std::logic_error("arrivals_at: rate not above 0");
  std::vector<double> times;
  Gaps gaps(spec, stream);
  const WeeklyClock clock(spec);
  const double end = horizon_s ? clock.operational(*horizon_s) : INFINITY;
  double u = 0;
  while (!count || static_cast<std::int64_t>(times.size()) < *count) {
    u += gaps.next() / rate_per_s;
    if (u >= end) break;
    times.push_back(clock.calendar(u));
  }
  return times;
}

}  // namespace alight
