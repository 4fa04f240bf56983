// Cooling units that fail in a run, by chance and at known times, and are repaired: how many of each loop run.
//
// Units fail independently, spare ones too: all run. The draws of a loop are streams of its own, "cooling units: NAME"
// and "repairs: cooling units: NAME".
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/reliability/failures.hpp"
#include "sim/engine/engine.hpp"
#include "sim/facility/heat.hpp"
#include "sim/record/recorder.hpp"

namespace alight {

class FailingUnits {
 public:
  struct Hooks {
    /// Whether anything is left that it could befall; then it counts as a part of the run.
    std::function<bool()> goes_on;
    /// So many units of a loop run from now on. In turn `condition`.
    std::function<void(std::size_t loop, std::int64_t running)> changed;
  };
  /// All outlive this.
  FailingUnits(const HeatPlan& plan, std::uint64_t seed, Engine& engine, Hooks hooks, std::span<Recorder* const> tell);

  std::int64_t running(std::size_t loop) const;

 private:
  struct Units {
    Failures by_chance;
    Stream repairs;
    std::int64_t down = 0, lost = 0;  ///< by chance; at known times
  };
  void post_next();
  void fail_next(std::uint64_t);
  void repaired(std::uint64_t which);
  void lose(std::uint64_t which);
  void regain(std::uint64_t which);
  void change(std::size_t loop, std::string_view kind, std::int64_t units);

  const HeatPlan& plan_;
  Engine& engine_;
  Hooks hooks_;
  std::vector<Recorder*> recorders_;
  std::vector<Units> units_;  ///< [loop]
  double posted_s_ = -1;
};

}  // namespace alight
