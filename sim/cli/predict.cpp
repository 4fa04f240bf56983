#include <fmt/format.h>

#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/predict/collective.hpp"
#include "sim/predict/training.hpp"
#include "sim/scenario/load.hpp"

namespace alight::cli {

namespace {

// What a command predicts with: the built-in data and the user's own, then the rows it writes.
template <class Predict>
int predict_with(const PredictArguments& a, Predict predict) {
  Diagnostics diagnostics;
  std::optional<Node> own;
  if (a.own_catalogue)
    if (const auto loaded = load_config(*a.own_catalogue, diagnostics)) own = loaded->root;
  const Catalogue catalogue = load_catalogue(own ? &*own : nullptr, diagnostics);
  std::size_t rows = 0;
  if (diagnostics.ok()) rows = predict(catalogue, diagnostics);
  if (!diagnostics.ok()) {
    diagnostics.print(std::cerr);
    return kBadInput;
  }
  std::cout << fmt::format("{}: {} predictions\n", a.out.string(), rows);
  return kDone;
}

}  // namespace

int predict_collective(const PredictArguments& a) {
  return predict_with(a, [&](const Catalogue& catalogue, Diagnostics& diagnostics) {
    return predict_collectives(a.cases, a.out, catalogue, diagnostics);
  });
}

int predict_training(const PredictArguments& a) {
  return predict_with(a, [&](const Catalogue& catalogue, Diagnostics& diagnostics) {
    std::optional<Node> own;
    if (a.own_models)
      if (const auto loaded = load_config(*a.own_models, diagnostics)) {
        const Node* models = loaded->root.find("models");
        own = models ? *models : Node::mapping();
        if (!models) diagnostics.error(loaded->root.where, "models", "is missing; the models of your own go under it");
      }
    const Zoo zoo = load_zoo(own ? &*own : nullptr, diagnostics);
    if (!diagnostics.ok()) return std::size_t{0};
    return predict_training_steps(a.cases, a.out, catalogue, zoo, diagnostics);
  });
}

}  // namespace alight::cli
