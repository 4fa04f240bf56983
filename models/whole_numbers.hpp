// Whole numbers as the rest of the code needs them: as a factor, as an index, divided upwards.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alight {

/// `n` as a factor of a product of doubles; exact below 2^53.
constexpr double whole(std::int64_t n) {
  return static_cast<double>(n);
}

/// `i`, which is not negative, as an index.
constexpr std::size_t at(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

/// The least whole number that is at least a / b; `a` is not negative and `b` positive.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace alight
