#include "models/chip_speed.hpp"

namespace alight {

double slowdown(const ChipSpeed& from, const ChipSpeed& to) {
  const auto ratio = [](const std::optional<double>& a, const std::optional<double>& b) -> std::optional<double> {
    if (!a || !b || *a <= 0 || *b <= 0) return std::nullopt;
    return *a / *b;
  };
  const auto by_flops = ratio(from.bf16_tflops, to.bf16_tflops);
  const auto by_memory = ratio(from.memory_gbs, to.memory_gbs);
  if (by_flops && by_memory) return 0.5 * *by_flops + 0.5 * *by_memory;
  return by_flops ? *by_flops : by_memory.value_or(1.0);
}

}  // namespace alight
