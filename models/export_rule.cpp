#include "models/export_rule.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace alight {

std::optional<double> total_processing_performance(const ExportFigures& chip) {
  std::optional<double> largest;
  const auto count = [&](const std::optional<double>& rate, double bits) {
    if (rate && (!largest || *rate * bits > *largest)) largest = *rate * bits;
  };
  count(chip.fp64_tflops, 64);
  count(chip.fp32_tflops, 32);
  count(chip.bf16_tflops, 16);
  count(chip.fp8_tflops, 8);
  count(chip.int8_tops, 8);
  count(chip.fp4_tflops, 4);
  return largest;
}

std::optional<double> performance_density(const ExportFigures& chip) {
  const auto tpp = total_processing_performance(chip);
  if (!tpp || !chip.die_mm2 || *chip.die_mm2 <= 0) return std::nullopt;
  return *tpp / *chip.die_mm2;
}

const std::vector<ExportRule>& export_rules() {
  static const std::vector<ExportRule> rules = {{
      .name = "3A090 of 2023-10-17",
      .from = *parse_date("2023-10-17"),
      .tpp_a = 4800,
      .tpp_a_dense = 1600,
      .density_a = 5.92,
      .tpp_b = 2400,
      .density_b = 1.6,
      .tpp_b_dense = 1600,
      .density_b_dense = 3.2,
  }};
  return rules;
}

const ExportRule* export_rule_on(Date day) {
  const ExportRule* in_force = nullptr;
  for (const ExportRule& rule : export_rules())
    if (rule.from <= day) in_force = &rule;
  return in_force;
}

std::string_view name_of(ExportStatus status) {
  switch (status) {
    case ExportStatus::controlled:
      return "controlled";
    case ExportStatus::not_controlled:
      return "not controlled";
    case ExportStatus::unknown:
      return "unknown";
  }
  throw std::logic_error("export rule: a status without a name");
}

ExportFinding apply(const ExportRule& rule, const ExportFigures& chip) {
  using enum ExportStatus;
  ExportFinding out;
  out.tpp = total_processing_performance(chip);
  out.density = performance_density(chip);
  const auto found = [&](ExportStatus status, std::string paragraph, std::string why) {
    out.status = status;
    out.paragraph = std::move(paragraph);
    out.why = std::move(why);
    return out;
  };
  if (!out.tpp) return found(unknown, "", "no rate is known");
  const double tpp = *out.tpp;
  if (tpp >= rule.tpp_a) return found(controlled, "3A090.a", fmt::format("TPP {:.0f} >= {}", tpp, rule.tpp_a));
  if (!chip.datacentre)
    return found(not_controlled, "", fmt::format("TPP {:.0f} < {}, and a consumer part", tpp, rule.tpp_a));
  if (tpp < rule.tpp_a_dense && tpp < rule.tpp_b && tpp < rule.tpp_b_dense)
    return found(not_controlled, "", fmt::format("TPP {:.0f} < {}", tpp, rule.tpp_a_dense));
  if (!out.density)
    return found(unknown, "", fmt::format("TPP {:.0f} >= {} and the die area is unknown", tpp, rule.tpp_a_dense));
  const double density = *out.density;
  const std::string both = fmt::format("TPP {:.0f}, density {:.2f}", tpp, density);
  if (tpp >= rule.tpp_a_dense && density >= rule.density_a) return found(controlled, "3A090.a", both);
  const bool broad = tpp >= rule.tpp_b && density >= rule.density_b && density < rule.density_a;
  const bool dense = tpp >= rule.tpp_b_dense && density >= rule.density_b_dense && density < rule.density_a;
  if (broad || dense) return found(controlled, "3A090.b", both);
  return found(not_controlled, "", both + ": below the thresholds");
}

}  // namespace alight
