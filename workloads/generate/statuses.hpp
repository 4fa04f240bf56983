// The names a generator's user writes for how jobs end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"

namespace alight {

/// completed, failed, cancelled, killed.
const std::vector<std::string>& status_names();
std::optional<TraceStatus> status_called(std::string_view name);

}  // namespace alight
