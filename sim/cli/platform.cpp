#include <iostream>

#include "platforms/simgrid/export_xml.hpp"
#include "sim/cli/scenario_argument.hpp"

namespace alight::cli {

int export_platform(const ScenarioArguments& arguments, const std::filesystem::path& file) {
  const auto prepared = prepare_or_print(arguments, false);
  if (!prepared) return kBadInput;
  if (const std::string problem = export_xml(prepared->site, file); !problem.empty()) {
    std::cerr << "alight: " << problem << '\n';
    return kBadInput;
  }
  std::cout << file.string() << ": " << prepared->site.servers << " hosts\n";
  return kDone;
}

}  // namespace alight::cli
