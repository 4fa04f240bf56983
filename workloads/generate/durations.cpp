#include "workloads/generate/durations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "workloads/generate/statuses.hpp"

namespace alight {
namespace {

/// The standard normal distribution function.
double phi(double x) {
  return 0.5 * std::erfc(-x * M_SQRT1_2);
}

}  // namespace

const Description& DurationComponent::description() {
  using Kind = DurationComponent::Kind;
  static const auto d =
      describe<DurationComponent>("duration component", "One law of a mixture of run times.")
          .choice("kind", &DurationComponent::kind, {{"lognormal", Kind::lognormal}, {"pareto", Kind::pareto}},
                  "Lognormal (median, sigma) or Pareto (median, index).")
          .number("weight", &DurationComponent::weight,
                  "Share of one-chip jobs it is drawn for, relative to the other components that apply.", {.min = 0})
          .number("weight_growth", &DurationComponent::weight_growth,
                  "The weight is multiplied by chips to this power: long laws take over as jobs get larger.",
                  {.min = -10, .max = 10})
          .quantity("median", &DurationComponent::median_s, "s", "Median run time of one-chip jobs.",
                    {.min = 1e-3, .max = 1e9})
          .number("median_growth", &DurationComponent::median_growth,
                  "The median is multiplied by chips to this power.", {.min = -10, .max = 10})
          .number("sigma", &DurationComponent::sigma, "Standard deviation of the logarithm of a lognormal run time.",
                  {.min = 0, .max = 10})
          .number("index", &DurationComponent::index, "Tail index of a Pareto run time; the mean is finite above 1.",
                  {.min = 0.05, .max = 100})
          .list("statuses", &DurationComponent::statuses, "Applies to jobs that end so; all when left out.")
          .integer("from_chips", &DurationComponent::from_chips, "Applies to jobs of at least so many chips.",
                   {.min = 1})
          .integer("to_chips", &DurationComponent::to_chips, "Applies to jobs of at most so many chips.", {.min = 1})
          .check([](const DurationComponent& c, const std::string& path, Diagnostics& diagnostics) {
            for (std::size_t i = 0; i < c.statuses.size(); ++i)
              if (!status_called(c.statuses[i]))
                diagnostics.error_at(join_key(path, "statuses") + "[" + std::to_string(i) + "]",
                                     "no status \"" + c.statuses[i] + "\"",
                                     did_you_mean(c.statuses[i], status_names()));
            if (c.to_chips && *c.to_chips < c.from_chips)
              diagnostics.error_at(join_key(path, "to_chips"), "is below from_chips");
          })
          .done();
  return d;
}

const Description& DurationSpec::description() {
  static const auto d =
      describe<DurationSpec>("durations", "How long generated jobs run.")
          .list("components", &DurationSpec::components,
                "The mixture; each job draws from the components that apply to its status and size.")
          .required()
          .quantity("minimum", &DurationSpec::minimum_s, "s", "Shorter draws become this.", {.min = 0, .max = 1e9})
          .quantity("cap", &DurationSpec::cap_s, "s", "Longer draws become this: the site's time limit.",
                    {.min = 1e-3, .max = 1e9})
          .check([](const DurationSpec& s, const std::string& path, Diagnostics& diagnostics) {
            if (s.components.empty())
              diagnostics.error_at(join_key(path, "components"), "needs at least one component");
            if (s.cap_s && *s.cap_s < s.minimum_s) diagnostics.error_at(join_key(path, "cap"), "is below minimum");
            const bool tailed = std::any_of(s.components.begin(), s.components.end(), [](const auto& c) {
              return c.kind == DurationComponent::Kind::pareto && c.index <= 1;
            });
            if (tailed && !s.cap_s)
              diagnostics.error_at(join_key(path, "components"),
                                   "a Pareto component with an index of 1 or less has no mean: give a cap");
          })
          .done();
  return d;
}

bool DurationLaw::applies(const DurationComponent& c, const std::string& status, std::int64_t chips) {
  return c.weight > 0 && chips >= c.from_chips && (!c.to_chips || chips <= *c.to_chips) &&
         (c.statuses.empty() || std::find(c.statuses.begin(), c.statuses.end(), status) != c.statuses.end());
}

DurationLaw::DurationLaw(const DurationSpec& spec, const std::string& status, std::int64_t chips)
    : minimum_s_(spec.minimum_s), cap_s_(spec.cap_s.value_or(std::numeric_limits<double>::infinity())) {
  double sum = 0;
  const double size = static_cast<double>(chips);
  for (const DurationComponent& c : spec.components) {
    if (!applies(c, status, chips)) continue;
    const bool pareto = c.kind == DurationComponent::Kind::pareto;
    Part part{};
    part.pareto = pareto;
    part.weight = c.weight * std::pow(size, c.weight_growth);
    part.a = std::log(c.median_s) + c.median_growth * std::log(size) - (pareto ? M_LN2 / c.index : 0);
    part.b = pareto ? c.index : c.sigma;
    sum += part.weight;
    part.up_to = sum;
    parts_.push_back(part);
  }
  if (parts_.empty()) throw std::logic_error("DurationLaw: no component for a status and size");
  for (Part& part : parts_) {
    part.weight /= sum;
    part.up_to /= sum;
  }
  parts_.back().up_to = 1;
}

double DurationLaw::draw(double pick, double z) const {
  auto part = parts_.begin();
  while (pick >= part->up_to && part + 1 != parts_.end()) ++part;
  // The normal deviate's upper tail probability is the uniform deviate a Pareto law needs.
  const double log_t = part->pareto ? part->a - std::log(phi(-z)) / part->b : part->a + part->b * z;
  return std::clamp(std::exp(log_t), minimum_s_, cap_s_);
}

double DurationLaw::part_cdf(const Part& part, double t_s) const {
  if (!(t_s > 0)) return 0;
  if (std::isinf(t_s)) return 1;
  const double above = std::log(t_s) - part.a;
  if (part.pareto) return above <= 0 ? 0 : 1 - std::exp(-part.b * above);
  if (part.b == 0) return above >= 0 ? 1 : 0;
  return phi(above / part.b);
}

double DurationLaw::part_mean(const Part& part) const {
  const double at_limits =
      minimum_s_ * part_cdf(part, minimum_s_) + (std::isinf(cap_s_) ? 0 : cap_s_ * (1 - part_cdf(part, cap_s_)));
  const double low = minimum_s_ > 0 ? std::log(minimum_s_) : -std::numeric_limits<double>::infinity();
  const double high = std::log(cap_s_);
  if (part.pareto) {
    // Integral of x dF between the limits, with the density index * m^index / x^(index + 1) above m.
    const double from = std::max(low, part.a);
    if (high <= from) return at_limits;
    const double k = part.b;
    if (std::abs(k - 1) < 1e-9) return at_limits + std::exp(part.a) * (high - from);
    const double upper = std::isinf(high) ? 0 : std::exp(k * part.a + (1 - k) * high);
    return at_limits + k / (k - 1) * (std::exp(k * part.a + (1 - k) * from) - upper);
  }
  if (part.b == 0) return std::clamp(std::exp(part.a), minimum_s_, cap_s_);
  const double variance = part.b * part.b;
  const double inside =
      phi((high - part.a - variance) / part.b) - phi((low - part.a - variance) / part.b);  // partial expectation
  return at_limits + std::exp(part.a + variance / 2) * inside;
}

double DurationLaw::mean() const {
  double sum = 0;
  for (const Part& part : parts_) sum += part.weight * part_mean(part);
  return sum;
}

double DurationLaw::cdf(double t_s) const {
  if (t_s < minimum_s_) return 0;
  if (t_s >= cap_s_) return 1;
  double sum = 0;
  for (const Part& part : parts_) sum += part.weight * part_cdf(part, t_s);
  return sum;
}

}  // namespace alight
