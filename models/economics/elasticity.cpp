#include "models/economics/elasticity.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

std::vector<Elasticity> elasticities(const std::vector<NamedInput>& inputs,
                                     const std::function<double(const std::vector<NamedInput>&)>& compute,
                                     double lift) {
  const double result = compute(inputs);
  const double scale = result != 0 ? std::abs(result) : 1;
  std::vector<Elasticity> all;
  std::vector<NamedInput> lifted = inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    lifted[i].value = inputs[i].value * (1 + lift);
    const double moved = compute(lifted);
    lifted[i].value = inputs[i].value;
    all.push_back({inputs[i].name, inputs[i].value, moved, (moved - result) / (scale * lift)});
  }
  std::stable_sort(all.begin(), all.end(), [](const Elasticity& a, const Elasticity& b) {
    return std::abs(a.elasticity) > std::abs(b.elasticity);
  });
  return all;
}

}  // namespace alight
