#include "models/training/accelerator.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

double gemm_seconds(const Accelerator& chip, Precision precision, double m, double n, double k, double count) {
  const KernelProfile& kernels = chip.kernels;
  const auto p = static_cast<std::size_t>(precision);
  const double rate = chip.peak_flops[p] * kernels.gemm_efficiency[p];
  const double flops = 2 * k * (count * m * n + kernels.tail_elements);
  const double bytes = bytes_of(precision) * count * (m * k + k * n) + 2 * count * m * n;
  const double computing = flops / rate * (1 + kernels.inner_half / k);
  const double moving = bytes / (chip.memory_bytes_s * kernels.memory_efficiency);
  return kernels.kernel_gap_s + std::max(computing, moving);
}

double stream_seconds(const Accelerator& chip, double bytes, double kernels) {
  return kernels * chip.kernels.kernel_gap_s +
         chip.software.traffic * bytes / (chip.memory_bytes_s * chip.kernels.memory_efficiency);
}

double slowest_of(std::int64_t chips, double spread) {
  if (chips <= 1 || spread <= 0) return 1;
  // The upper quantile q of the normal distribution, Abramowitz and Stegun 26.2.23 (error below 4.5e-4).
  const double q = 0.625 / (static_cast<double>(chips) + 0.25);
  const double t = std::sqrt(-2 * std::log(q));
  const double z =
      t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return 1 + spread * z;
}

double bytes_of(Precision precision) {
  switch (precision) {
    case Precision::fp16:
    case Precision::bf16:
      return 2;
    case Precision::fp8:
    case Precision::mxfp8:
    case Precision::int8:
      return 1;
    case Precision::nvfp4:
      return 0.5;
  }
  return 2;
}

}  // namespace alight
