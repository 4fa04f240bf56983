// What a chip draws by what it does.
//
// Over the power of an idle chip stand three things, each a share of the span from idle to the limit (TDP):
//
//     P = idle + (tdp - idle) (w a + (1 - w) c + (m0 - w) m)
//
// a: the time it has kernels running or spins for others; c: the time its matrix units compute at the rate they reach;
// m: the time its memory streams at the rate it reaches. Computation alone draws the limit, so it needs no constant.
// The other two, w and m0, were solved on two measured rows; see kWaitingShare. What would pass the limit is clocked
// down to it (clock.hpp).
#pragma once

namespace alight {

struct ChipRatings {
  double idle_w = 0;
  double tdp_w = 0;
};

/// Of chips whose idle power is unknown: row `idle` of section `throttling` in the reference's cooling.csv (H200 cards
/// idle at 74 to 80 W of 593 to 700).
inline constexpr double kIdleShare = 0.115;

/// Shares of time. Computing and streaming may overlap; what else is named excludes them; the rest is idle.
struct ChipActivity {
  double compute = 0;        ///< matrix units at the rate they reach: prompts, training
  double memory = 0;         ///< memory at the rate it reaches: decoding
  double communicating = 0;  ///< moving data between chips
  double waiting = 0;        ///< spinning in a collective, or between kernels
  double starting = 0;       ///< loading a model, compiling

  static ChipActivity idle() { return {}; }
  static ChipActivity compute_bound() { return {.compute = 1}; }
  static ChipActivity memory_bound() { return {.memory = 1}; }
};

/// w and m0, of the span from idle to limit. Solved on two rows of the token phase in measured/splitwise_power:
/// llama2-70b on A100 80GB, 512 prompt tokens, batch 1, tensor parallel 8 (0.4349 of TDP) and 2 (0.7360), the weights
/// streamed at 80 % of 2039 GB/s and the rest of each step spent waiting. docs/power.md has the errors elsewhere.
inline constexpr double kWaitingShare = 0.1698;
inline constexpr double kMemoryShare = 0.8325;
/// Of a chip that communicates, how busy its memory is: NVLink's rate of an A100, 300 GB/s in and as much out, over its
/// memory's 1631 GB/s. A computation, not a measurement.
inline constexpr double kCommunicatingMemory = 0.37;
/// Of a chip that starts, of the span: half of waiting. An assumption.
inline constexpr double kStartingShare = kWaitingShare / 2;

/// W at a clock from 0 to 1 of the full one, limits left aside; `clock.hpp` says what the clock does.
double chip_power_w(const ChipRatings& chip, const ChipActivity& activity, double clock = 1);

}  // namespace alight
