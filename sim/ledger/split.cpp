#include "sim/ledger/split.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace alight {

Split Split::in_proportion(const std::array<double, kChipStates>& weights, const Computing& computing) {
  double sum = 0;
  for (const double w : weights) {
    if (!(w >= 0) || std::isinf(w)) throw std::logic_error("Split: a weight is negative or no number");
    sum += w;
  }
  if (!(sum > 0)) throw std::logic_error("Split: no weight is above 0");
  Split split;
  split.computing_ = computing;
  std::array<double, kChipStates> lost{};
  std::int64_t left = kWhole;
  for (std::size_t s = 0; s < kChipStates; ++s) {
    const double exact = weights[s] / sum * static_cast<double>(kWhole);
    split.parts_[s] = std::min(static_cast<std::int64_t>(std::floor(exact)), left);
    left -= split.parts_[s];
    lost[s] = exact - static_cast<double>(split.parts_[s]);
  }
  for (; left > 0; --left) {
    const auto most = static_cast<std::size_t>(std::max_element(lost.begin(), lost.end()) - lost.begin());
    ++split.parts_[most];
    lost[most] -= 1;
  }
  return split;
}

Split Split::redone() const {
  Split again(ChipState::lost);
  const double computes = share(ChipState::useful) + share(ChipState::below_peak);
  again.computing_ = {.compute = computing_.compute * computes, .memory = computing_.memory * computes};
  again.redone_ = true;
  return again;
}

}  // namespace alight
