// A stretch of iterations between two changes of a batch, in closed form.
//
// Iteration i = 0, 1, 2 ... of a stretch takes rest + max(floor, base + per_token C(i)), where the context C(i) grows
// with the tokens each of the n sequences gains: C(i) = C(0) + n (F(j + i) - F(j)), with F the running total of
// tokens (token_pace.hpp) and j the iterations before. C never falls, so the floor holds for the first few
// iterations and the line for all others, and both sum in closed form: k rest + k' floor + (k - k') base + per_token
// times the sum of C, itself n times a sum of F. In whole ticks the result is that of adding the iterations one by one,
// to the last bit.
#pragma once

#include <cstdint>

#include "sim/serving/iteration_lines.hpp"
#include "sim/serving/ticks.hpp"
#include "sim/serving/token_pace.hpp"

namespace alight {

struct Stretch {
  Ticks start = 0;
  IterationLine line;
  std::int64_t decodes = 0;     ///< n
  std::int64_t context = 0;     ///< C(0)
  std::int64_t before = 0;      ///< j
  std::int64_t iterations = 0;  ///< how many it goes on for, as things stand
  std::int64_t at_floor = 0;    ///< iterations the floor holds for, by floor_iterations()

  std::int64_t floor_iterations(const TokenPace& pace) const;

  /// The sum of C over the first k iterations.
  std::int64_t context_sum(std::int64_t k, const TokenPace& pace) const {
    return k * context + decodes * pace.sum(before, k);
  }
  /// When k iterations have passed.
  Ticks after(std::int64_t k, const TokenPace& pace) const;
  /// How many of its iterations end before `t`.
  std::int64_t ended_before(Ticks t, const TokenPace& pace) const;
};

}  // namespace alight
