// Who gets how much of saturated links: max-min fair, every member one activity that uses all its links in step.
#pragma once

#include <cstdint>
#include <span>

#include "platforms/topology/routes.hpp"

namespace alight {

/// A member's use of one link, bytes per step.
struct StepBytes {
  LinkIndex link = kNoLink;
  double bytes = 0;
};

class FairShares {
 public:
  virtual ~FairShares() = default;
  virtual void set_capacity(LinkIndex link, double bytes_per_s) = 0;
  /// Opens, or changes, a member: its bytes and the steps per second it would go at, at most.
  virtual void set(std::uint32_t member, std::span<const StepBytes> uses, double steps_per_s) = 0;
  virtual void remove(std::uint32_t member) = 0;
  /// Steps per second of an open member, with all changes so far; 0 where a link it uses carries nothing.
  virtual double rate(std::uint32_t member) = 0;
};

}  // namespace alight
