// How much longer a job takes on another chip than the one it was traced on, when nothing better is known.
#pragma once

#include <optional>

namespace alight {

/// What the rule looks at: dense bf16 rate and memory bandwidth.
struct ChipSpeed {
  std::optional<double> bf16_tflops;
  std::optional<double> memory_gbs;
};

/// Run time on `to` over run time on `from`: half of the time is taken to be bound by dense bf16 FLOPs and half by
/// memory bandwidth, each scaling inversely with its rate,
///
///     t_to / t_from = 1/2 F_from/F_to + 1/2 B_from/B_to
///
/// (Amdahl's law over the two roofs of S. Williams et al., "Roofline", CACM 52(4), 2009; the equal split is our
/// assumption, stated in docs/models.md). Where one figure is unknown the other decides; where both are, the ratio
/// is 1.
double slowdown(const ChipSpeed& from, const ChipSpeed& to);

}  // namespace alight
