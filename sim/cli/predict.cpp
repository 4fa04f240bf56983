#include <fmt/format.h>

#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/predict/collective.hpp"
#include "sim/predict/serving.hpp"
#include "sim/predict/training.hpp"
#include "sim/scenario/load.hpp"

namespace alight::cli {

namespace {

Zoo zoo_of(const PredictArguments& a, Diagnostics& diagnostics) {
  std::optional<Node> own;
  if (a.own_models)
    if (const auto loaded = load_config(*a.own_models, diagnostics)) {
      const Node* models = loaded->root.find("models");
      own = models ? *models : Node::mapping();
      if (!models) diagnostics.error(loaded->root.where, "models", "is missing; the models of your own go under it");
    }
  return load_zoo(own ? &*own : nullptr, diagnostics);
}

// What a command predicts with: the catalogue and the zoo, built in or a scenario's, with the user's own entries, and
// where the cases run.
template <class Predict>
int predict_with(const PredictArguments& a, bool zoo_needed, Predict predict) {
  Diagnostics diagnostics;
  Prepared data;
  if (a.site) {
    if (auto prepared = prepare(*a.site, a.overrides, diagnostics, false)) data = std::move(*prepared);
    if (zoo_needed && diagnostics.ok()) data.need_zoo(diagnostics);
  } else {
    std::optional<Node> own;
    if (a.own_catalogue)
      if (const auto loaded = load_config(*a.own_catalogue, diagnostics)) own = loaded->root;
    data.catalogue = load_catalogue(own ? &*own : nullptr, diagnostics);
    if (zoo_needed && diagnostics.ok()) data.zoo = zoo_of(a, diagnostics);
    if (a.pool) diagnostics.error_at("--pool", "is of a site; needs --site SCENARIO");
    if (!a.overrides.empty()) diagnostics.error_at("--set", "is of a scenario; needs --site SCENARIO");
  }
  std::size_t rows = 0;
  if (diagnostics.ok()) {
    const CaseGround ground = a.site ? CaseGround(data, a.pool, diagnostics) : CaseGround(data.catalogue);
    if (diagnostics.ok()) rows = predict(data, ground, diagnostics);
  }
  if (!diagnostics.ok()) {
    diagnostics.print(std::cerr);
    return kBadInput;
  }
  std::cout << fmt::format("{}: {} predictions\n", a.out.string(), rows);
  return kDone;
}

}  // namespace

int predict_collective(const PredictArguments& a) {
  return predict_with(a, false, [&](const Prepared& data, const CaseGround& ground, Diagnostics& diagnostics) {
    return predict_collectives(a.cases, a.out, data.catalogue, ground, diagnostics);
  });
}

int predict_serving(const PredictArguments& a) {
  return predict_with(a, true, [&](const Prepared& data, const CaseGround& ground, Diagnostics& diagnostics) {
    return predict_serving_cases(a.cases, a.out, data.catalogue, data.zoo, ground, diagnostics);
  });
}

int predict_training(const PredictArguments& a) {
  return predict_with(a, true, [&](const Prepared& data, const CaseGround& ground, Diagnostics& diagnostics) {
    return predict_training_steps(a.cases, a.out, data.catalogue, data.zoo, ground, diagnostics);
  });
}

}  // namespace alight::cli
