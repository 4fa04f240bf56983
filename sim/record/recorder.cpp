#include "sim/record/recorder.hpp"

#include <algorithm>
#include <array>

namespace alight {

std::string_view name_of(JobStatus status) {
  static constexpr std::array<std::string_view, kJobStatuses> names = {
      "completed", "failed", "cancelled", "killed", "rejected", "running", "waiting", "not_submitted"};
  return names[static_cast<std::size_t>(status)];
}

double bounded_slowdown(double wait_s, double run_s) {
  constexpr double kShortest = 10;  // seconds, as there
  return std::max(1.0, (wait_s + run_s) / std::max(run_s, kShortest));
}

}  // namespace alight
