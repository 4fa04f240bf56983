#include "sim/config/catalogue.hpp"

#include <sstream>
#include <stdexcept>

#include "sim/config/yaml.hpp"

namespace alight {

const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = [] {
    Catalogue built_in;
    Diagnostics diagnostics;
    for (const EmbeddedFile& file : embedded_catalogue())
      if (const auto tree = parse_yaml(file.text, "catalog/" + std::string(file.name), diagnostics))
        built_in.add(*tree, diagnostics);
    built_in.resolve(diagnostics);
    if (!diagnostics.ok()) {
      std::ostringstream problems;
      diagnostics.print(problems);
      throw std::logic_error("built-in catalogue: " + problems.str());
    }
    return built_in;
  }();
  return catalogue;
}

}  // namespace alight
