#include "models/power/conversion.hpp"

#include <algorithm>
#include <cmath>

#include "models/whole_numbers.hpp"

namespace alight {

double ConversionUnit::input_w(double output_w) const {
  const double u = rated_w > 0 ? output_w / rated_w : 0;
  return (output_w + constant_w) / efficiency + rated_w * (no_load + proportional * u + square * u * u);
}

std::int64_t ConversionStage::running(double output_w) const {
  if (staged_above_w <= 0) return units;
  // In doubles, since a load may be beyond what any number of units carries.
  const double needed = std::ceil(output_w / staged_above_w);
  return static_cast<std::int64_t>(std::clamp(needed, 1.0, whole(units)));
}

double ConversionStage::input_w(double output_w) const {
  const double running_units = whole(running(output_w));
  return running_units * unit.input_w(output_w / running_units);
}

ConversionResult convert_power(std::span<const ConversionStage> outer_to_inner, double load_w) {
  ConversionResult result{load_w, std::vector<double>(outer_to_inner.size())};
  for (std::size_t i = outer_to_inner.size(); i-- > 0;) {
    const double input_w = outer_to_inner[i].input_w(result.input_w);
    result.losses_w[i] = input_w - result.input_w;
    result.input_w = input_w;
  }
  return result;
}

ConversionUnit ups(double rated_w, double full_load_efficiency) {
  const double loss = 1 / full_load_efficiency - 1;
  return {.rated_w = rated_w, .no_load = 0.4 * loss, .proportional = 0.3 * loss, .square = 0.3 * loss};
}

ConversionUnit distribution(double rated_w, double full_load_loss) {
  const double loss = 1 / (1 - full_load_loss) - 1;
  return {.rated_w = rated_w, .no_load = loss / 2, .square = loss / 2};
}

ConversionUnit sivoc() {
  return {.constant_w = 13, .efficiency = 0.98};
}

ConversionUnit rectifier() {
  return {.constant_w = 17, .efficiency = 0.96};
}

ConversionStage rectifier_chassis(std::int64_t rectifiers) {
  return {.name = "rectifiers", .unit = rectifier(), .units = rectifiers, .staged_above_w = 13670};
}

}  // namespace alight
