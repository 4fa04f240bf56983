// Kernels by hand: the roofline of a product, a stream, the slowest of many chips.
#include <catch2/catch.hpp>

#include "tests/support/ideal_chip.hpp"

using namespace alight;
using test::ideal_chip;

TEST_CASE("a large product takes its FLOPs over the rate kernels reach") {
  // 2 x 1000 x 2000 x 5000 = 2e10 FLOP at 100e12 x 0.5: 0.4 ms.
  CHECK(gemm_seconds(ideal_chip(), Precision::bf16, 1000, 2000, 5000) == Approx(0.4e-3));
  CHECK(gemm_seconds(ideal_chip(), Precision::bf16, 1000, 2000, 5000, 3) == Approx(1.2e-3));
}

TEST_CASE("each loss of a product adds what it says") {
  Accelerator chip = ideal_chip();
  chip.kernels.kernel_gap_s = 5e-6;
  CHECK(gemm_seconds(chip, Precision::bf16, 1000, 2000, 5000) == Approx(0.4e-3 + 5e-6));

  // A last wave half empty: 0.5e6 elements beside 2e6 of output, a quarter more; once per launch, not per product.
  chip = ideal_chip();
  chip.kernels.tail_elements = 0.5e6;
  CHECK(gemm_seconds(chip, Precision::bf16, 1000, 2000, 5000) == Approx(0.5e-3));
  CHECK(gemm_seconds(chip, Precision::bf16, 1000, 2000, 5000, 4) == Approx(1.7e-3));

  // An inner dimension as long as the one of half the rate: twice the time.
  chip = ideal_chip();
  chip.kernels.inner_half = 5000;
  CHECK(gemm_seconds(chip, Precision::bf16, 1000, 2000, 5000) == Approx(0.8e-3));
}

TEST_CASE("a thin product is bound by memory") {
  Accelerator chip = ideal_chip();
  chip.memory_bytes_s = 1e12;
  chip.kernels.memory_efficiency = 0.8;
  // m 1, k and n 10,000: weights of 1e8 elements, 2 bytes each, and two vectors: 200.04 MB at 0.8 TB/s.
  CHECK(gemm_seconds(chip, Precision::bf16, 1, 1e4, 1e4) == Approx(200.04e6 / 0.8e12));
  // In fp8 operands are a byte, the result stays at two: 100.01 MB + 20 kB.
  CHECK(gemm_seconds(chip, Precision::fp8, 1, 1e4, 1e4) == Approx(100.03e6 / 0.8e12));
}

TEST_CASE("a stream moves its bytes, more of them where the software fuses less, and pays every gap") {
  Accelerator chip = ideal_chip();
  chip.memory_bytes_s = 1e12;
  chip.kernels.memory_efficiency = 0.5;
  chip.kernels.kernel_gap_s = 1e-6;
  CHECK(stream_seconds(chip, 1e6, 3) == Approx(2e-6 + 3e-6));
  chip.software.traffic = 1.5;
  CHECK(stream_seconds(chip, 1e6, 3) == Approx(3e-6 + 3e-6));
}

TEST_CASE("many chips wait for the slowest") {
  CHECK(slowest_of(1, 0.02) == 1);
  CHECK(slowest_of(1000, 0) == 1);
  // The largest of two normal deviations is 1 / sqrt(pi) = 0.564 on average, of 8 1.424, of 1,000 3.241.
  CHECK(slowest_of(2, 0.01) == Approx(1 + 0.01 * 0.564).margin(0.0004));
  CHECK(slowest_of(8, 0.01) == Approx(1 + 0.01 * 1.424).margin(0.0004));
  CHECK(slowest_of(1000, 0.01) == Approx(1 + 0.01 * 3.241).margin(0.0004));
}

TEST_CASE("a pass takes what the host needs where that is more") {
  Accelerator chip = ideal_chip();
  chip.software.issue_s = 20e-6;
  const Pass pass{.compute_s = 1e-3, .tensor_s = 0.5e-3, .operations = 50};
  CHECK(pass.seconds(chip) == Approx(1.5e-3));
  const Pass many{.compute_s = 1e-3, .operations = 100};
  CHECK(many.seconds(chip) == Approx(2e-3));
}
