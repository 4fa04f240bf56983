// SimGrid hosts that stand for links, or for what a task has to itself: their operations are seconds of use. A parallel
// execution over such hosts uses them in step, and no matrix of bytes is ever made. For .cpp files of this folder.
#pragma once

#include <cstdint>
#include <string>

#include "platforms/simgrid/compat.hpp"

namespace alight {

/// SimGrid's solver takes a host with less than 1e-5 operations/s left as full (maxmin/precision): one second is this
/// many operations, so that nothing is lost to that.
inline constexpr double kOperationsPerS = 1e12;

/// In a zone of its own, so that it can come into being at any time; SimGrid wants names that are there once.
inline simgrid::s4u::Host* add_second_host(const std::string& of) {
  namespace sg = simgrid_compat;
  static std::uint64_t made = 0;
  const std::string name = of + "." + std::to_string(made++);
  auto* zone = sg::add_zone(sg::root(), sg::root(), sg::Zone::star, name + ".zone");
  simgrid::s4u::Host* host = sg::add_host(zone, name, kOperationsPerS);
  host->seal();
  zone->seal();
  return host;
}

}  // namespace alight
