// The scenario named on the command line, prepared; or its mistakes, printed.
#pragma once

#include <optional>

#include "sim/cli/commands.hpp"
#include "sim/scenario/load.hpp"

namespace alight::cli {

/// Prints every mistake to standard error and returns nothing when there is one.
std::optional<Prepared> prepare_or_print(const ScenarioArguments& arguments, bool with_workload);

/// The scenario inside the binary: docs/examples/default.yaml.
std::string_view default_scenario();

}  // namespace alight::cli
