#include "workloads/generate/statuses.hpp"

namespace alight {

const std::vector<std::string>& status_names() {
  static const std::vector<std::string> names{"completed", "failed", "cancelled", "killed"};
  return names;
}

std::optional<TraceStatus> status_called(std::string_view name) {
  if (name == "completed") return TraceStatus::completed;
  if (name == "failed") return TraceStatus::failed;
  if (name == "cancelled") return TraceStatus::cancelled;
  if (name == "killed") return TraceStatus::killed;
  return std::nullopt;
}

}  // namespace alight
