// Tokens an iteration yields to each decoding sequence: one, or with speculative decoding the expected number of
// accepted ones, as a running total in whole tokens.
//
// After j decode iterations a sequence that decoded in all of them has had F(j) = floor(j pace) tokens. Fractions are
// thus carried over, the same for all sequences of a replica, and no draw is needed: a replica with 1.7 tokens an
// iteration yields 1, 2, 2, 1, 2, 2, ... . What is lost against drawing acceptances one by one is their spread.
#pragma once

#include <cmath>
#include <cstdint>

namespace alight {

class TokenPace {
 public:
  /// `per_iteration` from 1 to 64, kept to 1e-6.
  explicit TokenPace(double per_iteration = 1) : step_(std::llround(per_iteration * kUnit)) {}

  double per_iteration() const { return static_cast<double>(step_) / kUnit; }

  /// F(iterations), below 2^36 iterations.
  std::int64_t at(std::int64_t iterations) const { return (iterations * step_) >> kShift; }

  /// The fewest iterations j with F(j) >= tokens.
  std::int64_t iterations_for(std::int64_t tokens) const {
    if (step_ == kUnit || tokens <= 0) return tokens > 0 ? tokens : 0;
    return ((tokens << kShift) + step_ - 1) / step_;
  }

  /// The sum of F(from + i) - F(from) over i = 0 ... count - 1.
  std::int64_t sum(std::int64_t from, std::int64_t count) const {
    if (step_ == kUnit) return count * (count - 1) / 2;
    const std::int64_t phase = (from * step_) & (kUnit - 1);
    return floor_sum(count, kUnit, step_, phase);
  }

 private:
  static constexpr int kShift = 20;
  static constexpr std::int64_t kUnit = std::int64_t{1} << kShift;

  /// The sum of floor((a i + b) / m) over i = 0 ... n - 1, by Euclid's algorithm on the lattice points under the line
  /// (Graham, Knuth, Patashnik, Concrete Mathematics, 3.5).
  static std::int64_t floor_sum(std::int64_t n, std::int64_t m, std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    while (n > 0) {
      sum += n * (n - 1) / 2 * (a / m) + n * (b / m);
      a %= m;
      b %= m;
      const std::int64_t top = a * n + b;
      if (top < m) break;
      n = top / m;
      b = top % m;
      const std::int64_t swap = m;
      m = a;
      a = swap;
    }
    return sum;
  }

  std::int64_t step_;
};

}  // namespace alight
