#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/config/explain.hpp"
#include "sim/config/reference.hpp"
#include "sim/config/schema.hpp"
#include "sim/scenario/scenario.hpp"

namespace alight::cli {

int explain_key(const std::string& key) {
  const Explanation explanation = explain(Scenario::description(), key);
  (explanation.found ? std::cout : std::cerr) << explanation.text;
  if (!explanation.found) std::cerr << "    `alight explain` alone lists all keys\n";
  return explanation.found ? kDone : kBadInput;
}

int print_schema() {
  std::cout << json_schema(Scenario::description());
  return kDone;
}

int print_reference() {
  std::cout << "# Every key of a scenario\n\n"
               "Written by `alight reference`, as `alight explain KEY` has it for one key. A scenario is a YAML file; "
               "quantities\n"
               "carry units; `include: [FILE, ...]` takes in other files, what the including file says wins.\n\n"
            << reference_markdown(Scenario::description());
  return kDone;
}

}  // namespace alight::cli
