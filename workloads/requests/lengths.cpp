#include "workloads/requests/lengths.hpp"

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "workloads/requests/intake.hpp"

namespace alight {

namespace {

std::optional<std::uint32_t> length_of(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > RequestIntake::kMostTokens)
    return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

void check_weights(const LengthSpec& spec, const std::string& key, Diagnostics& diagnostics) {
  double sum = 0;
  for (const auto& [text, weight] : spec.weights) {
    if (!length_of(text))
      diagnostics.error_at(join_key(key, text), "\"" + text + "\" is no length; expected a whole number from 1");
    if (!(weight >= 0))
      diagnostics.error_at(join_key(key, text), "a weight must be 0 or more");
    else
      sum += weight;
  }
  if (!(sum > 0)) diagnostics.error_at(key, "at least one weight must be above 0");
}

void check_lengths(const LengthSpec& spec, const std::string& path, Diagnostics& diagnostics) {
  std::vector<std::string> laws;
  if (spec.value) laws.emplace_back("value");
  if (spec.median) laws.emplace_back("median");
  if (spec.mean) laws.emplace_back("mean");
  if (!spec.weights.empty()) laws.emplace_back("weights");
  if (laws.size() > 1)
    diagnostics.error_at(join_key(path, laws[1]), "`" + laws[0] + "` already says the law",
                         "one of value, median, mean, weights; or min and max alone");
  if (laws.empty() && !(spec.min && spec.max))
    diagnostics.error_at(path, "states no length", "a number, or one of value, median, mean, weights, or min and max");
  if (spec.median.has_value() != spec.sigma.has_value())
    diagnostics.error_at(spec.median ? path : join_key(path, "sigma"),
                         spec.median ? "a lognormal law needs `sigma`" : "belongs to a lognormal law: give `median`");
  if (spec.min && spec.max && *spec.min > *spec.max) diagnostics.error_at(join_key(path, "min"), "is above `max`");
  if ((spec.min || spec.max) && (spec.value || !spec.weights.empty()))
    diagnostics.error_at(join_key(path, spec.min ? "min" : "max"), "has no effect beside `" + laws[0] + "`");
  if (!spec.weights.empty()) check_weights(spec, join_key(path, "weights"), diagnostics);
}

}  // namespace

const Description& LengthSpec::description() {
  static const Range range{.min = 1, .max = static_cast<double>(RequestIntake::kMostTokens)};
  static const auto d =
      describe<LengthSpec>(
          "length law",
          "How long generated prompts, answers or conversations are: always `value`; lognormal with "
          "`median` and `sigma`; geometric with `mean`; lengths as likely as their `weights`; or, with "
          "`min` and `max` alone, any length between them.")
          .integer("value", &LengthSpec::value, "Always this length.", range)
          .number("median", &LengthSpec::median, "Median of a lognormal law.", range)
          .number("sigma", &LengthSpec::sigma, "Standard deviation of the logarithm of a lognormal law.",
                  {.min = 0, .max = 10})
          .number("mean", &LengthSpec::mean, "Mean of a geometric law, before `min` and `max`.", range)
          .table("weights", &LengthSpec::weights, "Relative weight by length, e.g. {128: 3, 1024: 1}.")
          .integer("min", &LengthSpec::min, "Shorter draws become it; the least of a uniform law.", range)
          .integer("max", &LengthSpec::max, "Longer draws become it; the greatest of a uniform law.", range)
          .shorthand("value")
          .check(check_lengths)
          .done();
  return d;
}

LengthLaw::Kind LengthLaw::kind_of(const LengthSpec& spec) {
  if (spec.value) return Kind::fixed;
  if (spec.median) return Kind::lognormal;
  if (spec.mean) return Kind::geometric;
  return spec.weights.empty() ? Kind::uniform : Kind::weights;
}

LengthLaw::LengthLaw(const LengthSpec& spec)
    : kind_(kind_of(spec)),
      min_(static_cast<double>(spec.min.value_or(1))),
      max_(static_cast<double>(spec.max.value_or(RequestIntake::kMostTokens))) {
  if (spec.value) a_ = static_cast<double>(*spec.value);
  if (spec.mean) a_ = *spec.mean;
  if (spec.median) {
    a_ = *spec.median;
    b_ = spec.sigma.value();
  }
  double sum = 0;
  for (const auto& [text, weight] : spec.weights)
    if (const auto length = length_of(text); length && weight > 0) up_to_.emplace_back(*length, weight);
  std::sort(up_to_.begin(), up_to_.end());
  for (auto& [length, weight] : up_to_) weight = sum += weight;
  for (auto& [length, weight] : up_to_) weight /= sum;
  if (up_to_.empty() != (kind_ != Kind::weights)) throw std::logic_error("LengthLaw: no weights");
  if (!up_to_.empty()) up_to_.back().second = 1;
}

std::uint32_t LengthLaw::held(double length) const {
  return static_cast<std::uint32_t>(std::clamp(std::round(length), min_, max_));
}

std::uint32_t LengthLaw::draw(Stream& stream) const {
  const auto uniform = [&] { return boost::random::uniform_01<double>()(stream); };
  switch (kind_) {
    case Kind::fixed:
      return static_cast<std::uint32_t>(a_);
    case Kind::uniform:
      return static_cast<std::uint32_t>(std::min(max_, min_ + std::floor(uniform() * (max_ - min_ + 1))));
    case Kind::lognormal:
      return held(a_ * std::exp(b_ * boost::random::normal_distribution<double>()(stream)));
    case Kind::geometric:
      // The least n with 1 - (1 - 1/mean)^n > u.
      return a_ <= 1 ? held(1) : held(std::floor(std::log1p(-uniform()) / std::log1p(-1 / a_)) + 1);
    case Kind::weights: {
      const double u = uniform();
      const auto found =
          std::upper_bound(up_to_.begin(), up_to_.end(), u, [](double at, const auto& row) { return at < row.second; });
      return (found == up_to_.end() ? up_to_.back() : *found).first;
    }
  }
  throw std::logic_error("LengthLaw: unknown law");
}

double LengthLaw::mean() const {
  double sum = 0;
  switch (kind_) {
    case Kind::fixed:
      return a_;
    case Kind::uniform:
      return (min_ + max_) / 2;
    case Kind::lognormal:
      if (b_ == 0) return std::clamp(std::round(a_), min_, max_);
      for (double k = min_; k < max_; ++k) {
        const double z = std::log((k + 0.5) / a_) / b_;
        const double above = std::erfc(z / std::sqrt(2.0)) / 2;
        if (above < 1e-18) break;
        sum += above;
      }
      return min_ + sum;
    case Kind::geometric: {
      // q^min + ... + q^(max - 1) with q = 1 - 1 / mean.
      const double q = 1 - 1 / a_;
      return min_ + a_ * (std::pow(q, min_) - std::pow(q, max_));
    }
    case Kind::weights: {
      double below = 0;
      for (const auto& [length, up_to] : up_to_) {
        sum += length * (up_to - below);
        below = up_to;
      }
      return sum;
    }
  }
  throw std::logic_error("LengthLaw: unknown law");
}

}  // namespace alight
