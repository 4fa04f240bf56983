#include "sim/cli/scenario_argument.hpp"

#include <iostream>

namespace alight::cli {

std::optional<Prepared> prepare_or_print(const ScenarioArguments& arguments, bool with_workload) {
  Diagnostics diagnostics;
  std::vector<std::string> overrides = arguments.overrides;
  if (arguments.seed) overrides.push_back("seed=" + std::to_string(*arguments.seed));
  auto prepared = arguments.file
                      ? prepare(*arguments.file, overrides, diagnostics, with_workload)
                      : prepare_text(default_scenario(), "the default scenario", overrides, diagnostics, with_workload);
  if (!prepared) diagnostics.print(std::cerr);
  return prepared;
}

}  // namespace alight::cli
