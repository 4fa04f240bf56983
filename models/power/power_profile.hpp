// How unevenly chips with work draw, where nobody can see into the work: a distribution of shares of the span from idle
// to the limit, by quantiles.
#pragma once

#include <cstddef>
#include <vector>

#include "models/random/streams.hpp"

namespace alight {

class PowerProfile {
 public:
  /// All draw this share.
  explicit PowerProfile(double share) : quantiles_{share} {}
  /// At even steps from the least share to the greatest, two at least, none below the one before; linear in between.
  explicit PowerProfile(std::vector<double> quantiles) : quantiles_(std::move(quantiles)) {}

  bool even() const { return quantiles_.size() == 1; }
  double mean() const;
  /// The share that `below` of them, from 0 to 1, are at or below.
  double at(double below) const;

 private:
  std::vector<double> quantiles_;
};

/// Of so many jobs, one after the other; in whole per cents, since nobody knows them closer.
std::vector<double> drawn_shares(const PowerProfile& profile, std::size_t jobs, Stream dice);

}  // namespace alight
