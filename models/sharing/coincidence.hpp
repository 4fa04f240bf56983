// Bursts on a shared link: how much longer one sender takes when others talk at chance moments.
//
// A job does not load a link evenly. It computes, then talks at the full rate of its NICs, and whom it meets is a
// matter of phase: over many steps jobs of different periods meet in every phase alike. So each of the others is taken
// to talk with a probability, its duty, independently of all else; those that talk at one moment share the link max-min
// fairly (D. Bertsekas, R. Gallager, "Data Networks", 2nd ed., section 6.5.2), each asking for its own rate.
//
// A sender that meets many short bursts goes at the mean of its rates, so it takes 1 / E[share] times as long; one that
// is short beside the bursts it meets takes E[1 / share] times as long. Bursts of one site are neither: the mean of the
// two is taken; docs/sharing.md has what that is off against phase-by-phase play.
//
// Since the mean of shares can never sum to more than the link has, neither can the loads that follow from it.
#pragma once

#include <span>

namespace alight {

/// Another sender on the link.
struct Talker {
  double duty = 0;  ///< share of the time in which it talks, 0 to 1
  double rate = 0;  ///< it asks for while it talks; any unit, the same throughout
};

/// Many talkers in three sums.
struct Crowd {
  double number = 0;    ///< of them that talk at a time, mean
  double variance = 0;  ///< of that
  double load = 0;      ///< asked for, mean
  std::size_t of = 0;

  void add(const Talker& talker) {
    number += talker.duty;
    variance += talker.duty * (1 - talker.duty);
    load += talker.duty * talker.rate;
    ++of;
  }
  void remove(const Talker& talker) {
    number -= talker.duty;
    variance -= talker.duty * (1 - talker.duty);
    load -= talker.duty * talker.rate;
    --of;
  }
};

/// Of a sender that asks for `rate` on a link of `capacity`: its seconds of talking over those it takes alone with as
/// much as it asks for, at least 1. Up to kExactTalkers others all combinations are weighed. Of more, the number that
/// talks is taken as normal (Y. Hong, "On computing the distribution function for the Poisson binomial distribution",
/// CSDA 59, 2013, section 2.3), each asking for their mean rate, and the means by Gauss-Hermite quadrature of seven
/// points. Cost: at most 2^kExactTalkers small steps, else a few and one for each other.
double stretch_among(double rate, std::span<const Talker> others, double capacity);
/// The same of others known by their sums.
double stretch_in(double rate, const Crowd& others, double capacity);

/// Probability that all of `talkers` together ask for more than the link has, by the same approximations.
double crowding_of(std::span<const Talker> talkers, double capacity);

inline constexpr std::size_t kExactTalkers = 4;

}  // namespace alight
