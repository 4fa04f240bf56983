#include "sim/serving/iteration_lines.hpp"

#include <algorithm>
#include <limits>

namespace alight {

IterationLine::IterationLine(const IterationTime& time)
    : rest(ticks(time.rest_s)),
      floor(ticks(time.floor_s)),
      base(ticks(time.base_s)),
      per_token(ticks(time.per_token_s)) {
  if (floor < base) return;
  constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::max();
  const Ticks context = per_token == 0 ? Ticks{kAlways} : (floor - base) / per_token;
  floor_context = static_cast<std::int64_t>(std::min(context, Ticks{kAlways}));
}

IterationLine IterationLines::decode(std::int64_t decodes, double speed) {
  const auto i = static_cast<std::size_t>(decodes);
  if (i >= decodes_.size()) decodes_.resize(i + 1);
  std::optional<Decode>& known = decodes_[i];
  if (!known) {
    const IterationTime time = times_->iteration_time({.decodes = static_cast<double>(decodes)});
    known = {.time = time, .line = IterationLine(time)};
  }
  return speed == 1 ? known->line : line(known->time, speed);
}

}  // namespace alight
