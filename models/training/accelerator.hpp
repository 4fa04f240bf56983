// One chip as the training model sees it: its peaks, and how much of them its kernels reach.
#pragma once

#include <array>
#include <cstddef>

#include "models/training/layout.hpp"

namespace alight {

inline constexpr std::size_t kPrecisions = 6;

/// How the chip's kernels behave inside a training step. The catalogue's `kernels` entries say of every value whether
/// it was solved on published steps, read off a paper, carried over from another chip or judged, and how uncertain it
/// is.
struct KernelProfile {
  /// Share of the dense peak a large matrix product sustains inside a training step, per Precision.
  std::array<double, kPrecisions> gemm_efficiency{};
  /// Output elements in flight at once, over two: what the last, half empty wave of tiles costs on average.
  double tail_elements = 0;
  /// Inner dimension at which a product reaches half its rate: start and end of the accumulation.
  double inner_half = 0;
  /// Rate of the products of many small experts over that of one large product.
  double grouped_efficiency = 1;
  /// Share of the 16-bit peak a fused (flash) attention kernel sustains, forward and backward, heads of 128.
  double attention_forward = 0;
  double attention_backward = 0;
  /// Rate of an attention kernel written for another generation or in a portable language, over those.
  double portable_attention = 1;
  /// Share of the memory bandwidth a streaming kernel sustains.
  double memory_efficiency = 0;
  /// Share of the memory bandwidth the kernels between the two products of a materialised attention sustain.
  double score_efficiency = 0;
  /// From the end of one kernel to the start of the next on the chip, s.
  double kernel_gap_s = 0;
  /// How much slower kernels run while a collective uses the same chip (0 = not at all).
  double overlap_slowdown = 0;
  /// One standard deviation of the speed of chips of this kind, as a share: a synchronous step runs at the slowest.
  double spread = 0;
  /// One standard deviation of a predicted step over the measured one, as a share.
  double uncertainty = 0;

  bool operator==(const KernelProfile&) const = default;
};

/// What stands between the model and the kernels: a framework and how far it is tuned for the chip.
struct Software {
  /// What the host needs to issue one operation, s: the floor of a step of many small kernels. 0 where a compiler
  /// issues whole steps.
  double issue_s = 0;
  /// Bytes its memory-bound kernels move over the fewest a fully fused kernel would.
  double traffic = 1;
  /// The same, on top, of rotary positions and gated activations, which many frameworks leave to several kernels.
  double gate_traffic = 1;
  /// It runs attention in the kernel tuned for the chip rather than in a portable one.
  bool tuned_attention = true;
  /// Share of the forward pass that selective recomputation repeats; 0 = what layer.hpp says.
  double selective_share = 0;
  /// Share of the computation beside it that a collective of sharded weights can hide under: prefetching is imperfect.
  double prefetch = 1;
  /// Share of tensor-parallel communication it runs beside the products it feeds, where the layout asks for that.
  double tensor_hidden = 0;

  bool operator==(const Software&) const = default;
};

/// One chip. FLOP/s dense, bytes, bytes/s.
struct Accelerator {
  std::array<double, kPrecisions> peak_flops{};  ///< per Precision; 0 = not supported
  double memory_bytes = 0;
  double memory_bytes_s = 0;
  KernelProfile kernels;
  Software software;

  double peak(Precision precision) const { return peak_flops[static_cast<std::size_t>(precision)]; }
  /// Of the peak, what a large matrix product sustains.
  double reached(Precision precision) const {
    return peak(precision) * kernels.gemm_efficiency[static_cast<std::size_t>(precision)];
  }
  bool operator==(const Accelerator&) const = default;
};

/// Seconds of C[m x n] = A[m x k] B[k x n], `count` of them in one launch, operands and result of `bytes` each:
///
///   t = gap + max( 2 count n k (m n + tail) / (n P eta) (1 + k_half / k),  bytes count (m k + k n + m n) / (B eta_B) )
///
/// The roofline of Williams et al. (CACM 52(4), 2009) with the two losses a tiled kernel has: the last wave of tiles is
/// half empty, and each tile fills and drains its accumulation pipeline.
double gemm_seconds(const Accelerator& chip, Precision precision, double m, double n, double k, double count = 1);

/// How much longer `chips` that wait for each other take than the mean one: 1 + spread E[max of n standard normals].
/// The expectation after Blom, "Statistical Estimates and Transformed Beta-Variables" (1958): the normal quantile at (n
/// - 0.375) / (n + 0.25), itself by Abramowitz and Stegun 26.2.23.
double slowest_of(std::int64_t chips, double spread);

/// Bytes of one element.
double bytes_of(Precision precision);

/// Seconds to move `bytes` (of the fused minimum) through memory with simple kernels, `kernels` of them.
double stream_seconds(const Accelerator& chip, double bytes, double kernels = 1);

}  // namespace alight
