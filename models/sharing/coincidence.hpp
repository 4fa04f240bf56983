// Bursts on a shared link: how much longer one sender takes when others talk at chance moments.
//
// A job does not load a link evenly. It computes, then talks at the full rate of its NICs, and whom it meets is a
// matter of phase: over many steps jobs of different periods meet in every phase alike. So each of the others is taken
// to talk with a probability, its duty, independently of all else; those that talk at one moment share the link max-min
// fairly (D. Bertsekas, R. Gallager, "Data Networks", 2nd ed., section 6.5.2), each asking for its own rate.
//
// A sender that meets many short bursts goes at the mean of its rates, so it takes 1 / E[share] times as long; one that
// is short beside the bursts it meets takes E[1 / share] times as long. Bursts of one site are neither: the mean of the
// two is taken. Against phase-by-phase play of random jobs that left the least error and bias of the three
// (docs/sharing.md has the figures).
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

/// What one sender meets.
struct Coincidence {
  double stretch = 1;    ///< its seconds of talking over those it takes alone on the link
  double crowded_p = 0;  ///< probability, while it talks, that all together ask for more than the link has
};

/// Of a sender that asks for `rate` on a link of `capacity`. Up to kExactTalkers others all combinations are weighed;
/// beyond that the others are taken as equal in rate and their number as a Poisson-binomial one, by its normal
/// approximation with continuity correction (Y. Hong, "On computing the distribution function for the Poisson binomial
/// distribution", CSDA 59, 2013, section 2.3). Cost: at most 2^kExactTalkers small steps, else linear in the others.
Coincidence coincide(double rate, std::span<const Talker> others, double capacity);

inline constexpr std::size_t kExactTalkers = 5;

}  // namespace alight
