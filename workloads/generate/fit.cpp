#include "workloads/generate/fit.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "workloads/generate/law.hpp"

namespace alight {
namespace {

constexpr int kMostFitted = 7;
using Vector = std::array<double, kMostFitted>;
using Matrix = std::array<Vector, kMostFitted>;

/// Parameters on scales where a step of 1 is large for each.
FittedShape shape_at(const Vector& x) {
  return {{x[0], x[1], x[2]}, std::exp(x[3]), std::exp(x[4]), x[5], std::exp(x[6])};
}

/// Relative errors of what the shape yields; the last only counts where the size table is free.
Vector errors(const ClusterStatistics& c, const FittedShape& shape) {
  const GeneratorSpec spec = shaped(c, shape);
  const JobLaw law(spec);
  double chips = 0, duration = 0, one = 0;
  std::array<double, 3> chip_s{};
  for (const auto& status : law.statuses) {
    const std::size_t row = status.name == "completed" ? 0 : status.name == "cancelled" ? 1 : 2;
    for (const auto& cell : status.sizes) {
      const double share = status.share * cell.share;
      const double mean = cell.duration.mean();
      chips += share * static_cast<double>(cell.chips);
      duration += share * mean;
      chip_s[row] += share * mean * static_cast<double>(cell.chips);
      if (cell.chips == 1) one += share;
    }
  }
  Vector e{};
  e[0] = std::log(chips / c.mean_chips);
  e[1] = std::log(duration / c.mean_duration_s);
  e[2] = 2 * (duration_cdf(law, c.median_duration_s) - 0.5);
  for (std::size_t i = 0; i < 3; ++i) e[3 + i] = std::log(chip_s[i] * static_cast<double>(c.jobs) / c.chip_s[i]);
  e[6] = one / kAssumedOneChipShare - 1;
  return e;
}

double squares(const Vector& e, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += e[i] * e[i];
  return sum;
}

/// Solves a x = b of order n by elimination with pivoting.
Vector solve(Matrix a, Vector b, int n) {
  for (int k = 0; k < n; ++k) {
    int pivot = k;
    for (int i = k + 1; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (int i = k + 1; i < n; ++i) {
      const double f = a[i][k] / a[k][k];
      for (int j = k; j < n; ++j) a[i][j] -= f * a[k][j];
      b[i] -= f * b[k];
    }
  }
  Vector x{};
  for (int k = n - 1; k >= 0; --k) {
    x[k] = b[k];
    for (int j = k + 1; j < n; ++j) x[k] -= a[k][j] * x[j];
    x[k] /= a[k][k];
  }
  return x;
}

}  // namespace

Fit fit(const ClusterStatistics& cluster) {
  const int n = has_size_table(cluster.name) ? 6 : 7;
  // Sizes thin out with a slope of -1, cancelled jobs are larger; a percent of the one-chip jobs are long.
  const double slope = n == 6 ? 0 : -1;
  Vector x{slope, slope + 0.3, slope, std::log(cluster.median_duration_s), std::log(0.01), 1, std::log(1.0)};
  Vector e = errors(cluster, shape_at(x));
  double damping = 1e-2;
  Fit best;
  for (best.steps = 0; best.steps < 2000 && squares(e, n) > 1e-24; ++best.steps) {
    Matrix jacobian{};
    constexpr double kStep = 1e-6;
    for (int j = 0; j < n; ++j) {
      Vector moved = x;
      moved[j] += kStep;
      const Vector there = errors(cluster, shape_at(moved));
      for (int i = 0; i < n; ++i) jacobian[i][j] = (there[i] - e[i]) / kStep;
    }
    Matrix normal{};
    Vector right{};
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        right[i] -= jacobian[j][i] * e[j];
        for (int k = 0; k < n; ++k) normal[i][j] += jacobian[k][i] * jacobian[k][j];
      }
    bool better = false;
    while (!better && damping < 1e12) {
      Matrix damped = normal;
      for (int i = 0; i < n; ++i) damped[i][i] += damping * std::max(normal[i][i], 1e-9);
      const Vector step = solve(damped, right, n);
      Vector moved = x;
      for (int i = 0; i < n; ++i) moved[i] += std::clamp(step[i], -1.0, 1.0);
      const Vector there = errors(cluster, shape_at(moved));
      better = squares(there, n) < squares(e, n);
      if (better) {
        x = moved;
        e = there;
        damping = std::max(damping / 10, 1e-14);
      } else {
        damping *= 4;
      }
    }
    if (!better) break;
  }
  best.shape = shape_at(x);
  for (int i = 0; i < n; ++i) best.residual = std::max(best.residual, std::abs(e[i]));
  return best;
}

}  // namespace alight
