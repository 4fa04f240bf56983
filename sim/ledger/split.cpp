#include "sim/ledger/split.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace alight {

Split Split::in_proportion(const StateTimes& weights, const Computing& computing) {
  double sum = 0;
  for (const double w : weights) {
    if (!(w >= 0) || std::isinf(w)) throw std::logic_error("Split: a weight is negative or no number");
    sum += w;
  }
  if (!(sum > 0)) throw std::logic_error("Split: no weight is above 0");
  Split split;
  split.computing_ = computing;
  StateTimes lost{};
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
  split.unseen_ = split.parts(ChipState::opaque) > 0;
  return split;
}

StateTimes Split::shares() const {
  StateTimes all{};
  for (std::size_t s = 0; s < kChipStates; ++s) all[s] = share(static_cast<ChipState>(s));
  return all;
}

Split Split::redone() const {
  Split again = *this;
  again.redone_ = true;
  return again;
}

Split Split::first_done() const {
  Split first = *this;
  first.redone_ = false;
  return first;
}

Split Split::clocked(double clock, double stretch) const {
  StateTimes time = shares();
  time[static_cast<std::size_t>(ChipState::throttled)] += stretch - 1;
  return in_proportion(time, computing_).at(clock).drawing(unseen_share_);
}

Split Split::drawing(double share) const {
  Split same = *this;
  same.unseen_share_ = share;
  return same;
}

Split Split::at(double clock) const {
  Split same = *this;
  same.clock_ = clock;
  return same;
}

}  // namespace alight
