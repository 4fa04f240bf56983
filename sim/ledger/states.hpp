// The states a chip can be in: the leaves of a tree whose root is `installed`. At every instant every installed chip
// (every thousandth of it, where jobs share chips) is in exactly one leaf.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace alight {

enum class ChipState : std::uint8_t {
  // dark
  undelivered,  ///< built later
  unpowered,    ///< no power or no cooling left for it under the site's cap
  failed,       ///< down, in repair
  maintenance,  ///< drained on purpose
  mismatched,   ///< work is queued, but none of it can run on this pool
  fragmented,   ///< work is queued that this pool could run; gang size, shape, quota or a reservation keeps it out
  idle,         ///< nothing is queued
  // lit
  starting,      ///< image, model or checkpoint load, compile, warm-up
  lost,          ///< work thrown away at a failure or preemption; checkpoint writing
  bucket,        ///< waiting for slower chips in the same job
  exposed_comm,  ///< waiting for the network
  bubble,        ///< pipeline fill and drain
  throttled,     ///< clocked down by heat or a power cap
  no_requests,   ///< inference replica waiting for traffic
  below_peak,    ///< computing, but below peak
  useful,        ///< model FLOPs at peak
  opaque,        ///< a job known only by its traced duration: lit, but nobody can see inside
};

inline constexpr std::size_t kChipStates = 17;
/// Seconds, chip-seconds or joules by state.
using StateTimes = std::array<double, kChipStates>;

inline constexpr std::array<std::string_view, kChipStates> kChipStateNames = {
    "undelivered", "unpowered",    "failed", "maintenance", "mismatched",  "fragmented", "idle",   "starting", "lost",
    "bucket",      "exposed_comm", "bubble", "throttled",   "no_requests", "below_peak", "useful", "opaque"};

constexpr std::string_view name_of(ChipState state) {
  return kChipStateNames[static_cast<std::size_t>(state)];
}
constexpr bool is_lit(ChipState state) {
  return state >= ChipState::starting;
}
/// Powered, networked, accepted, schedulable: everything but what is undelivered or without power.
constexpr bool is_powered(ChipState state) {
  return state > ChipState::unpowered;
}
/// Powered and in working order.
constexpr bool is_available(ChipState state) {
  return state > ChipState::maintenance;
}
/// Allocated time in which the job gets on: all lit states but starting and lost.
constexpr bool is_productive(ChipState state) {
  return state > ChipState::lost;
}

}  // namespace alight
