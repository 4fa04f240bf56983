// The clock of each job whose chips are clocked down: several may ask for one, power caps and heat, and a job goes at
// the lowest that anyone asks of it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "sim/scheduler/scheduler.hpp"

namespace alight {

class JobClocks {
 public:
  /// Who asks: a power cap, by its domain; or heat, by the loop.
  using Asker = std::size_t;
  static constexpr Asker heat(std::size_t loop) { return std::numeric_limits<Asker>::max() - loop; }
  /// Chips of a job run at a clock from now on. False where that cannot be: a replica may have ended as it was played
  /// until now.
  using Set = std::function<bool(JobIndex job, double clock)>;
  explicit JobClocks(Set set) : set_(std::move(set)) {}

  /// Asks for a clock, from now on, instead of what it asked for before; 1: for none. Returns the clock the job goes at
  /// where that is another now.
  std::optional<double> ask(JobIndex job, Asker asker, double clock);
  /// Its chips are free, or out of service.
  void forget(JobIndex job) { clocks_.erase(job); }

  double now(JobIndex job) const;
  /// The lowest that others ask for.
  double lowest_but(JobIndex job, Asker asker) const;
  /// What this one asks for.
  double asked(JobIndex job, Asker asker) const;
  std::vector<Asker> askers(JobIndex job) const;

 private:
  struct Clock {
    double now = 1;
    std::map<Asker, double> asked;
  };
  Set set_;
  std::map<JobIndex, Clock> clocks_;
};

}  // namespace alight
