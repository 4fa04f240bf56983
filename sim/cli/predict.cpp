#include <fmt/format.h>

#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/predict/collective.hpp"
#include "sim/scenario/load.hpp"

namespace alight::cli {

int predict_collective(const PredictArguments& a) {
  Diagnostics diagnostics;
  std::optional<Node> own;
  if (a.own_catalogue)
    if (const auto loaded = load_config(*a.own_catalogue, diagnostics)) own = loaded->root;
  const Catalogue catalogue = load_catalogue(own ? &*own : nullptr, diagnostics);
  std::size_t rows = 0;
  if (diagnostics.ok()) rows = predict_collectives(a.cases, a.out, catalogue, diagnostics);
  if (!diagnostics.ok()) {
    diagnostics.print(std::cerr);
    return kBadInput;
  }
  std::cout << fmt::format("{}: {} predictions\n", a.out.string(), rows);
  return kDone;
}

}  // namespace alight::cli
