// Which inputs a result depends on most: each is lifted a little, alone, and the result computed anew.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace alight {

struct NamedInput {
  std::string name;
  double value = 0;
};

struct Elasticity {
  std::string name;
  double value = 0;
  double result = 0;      ///< with the input lifted
  double elasticity = 0;  ///< per cent by which the result moves for one per cent of the input
};

/// For each input, most first (by size, then in the order given): (result lifted - result) / (|result| lift). Where the
/// result is 0, the change itself over the lift. An input of 0 moves nothing.
/// `compute` gets all inputs in the order given and has no side effect that a second call would see.
std::vector<Elasticity> elasticities(const std::vector<NamedInput>& inputs,
                                     const std::function<double(const std::vector<NamedInput>&)>& compute,
                                     double lift = 0.01);

}  // namespace alight
