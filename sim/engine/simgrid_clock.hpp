// SimGrid as a clock: one engine, one pending timer. The only place in sim/ that includes SimGrid.
#pragma once

#include <functional>
#include <memory>

namespace alight {

class SimgridClock {
 public:
  SimgridClock();
  ~SimgridClock();
  double now() const;
  /// Calls `wake` when SimGrid's clock reaches `time_s`. At most one such call is pending.
  void wake_at(double time_s, std::function<void()> wake);
  /// Runs SimGrid until nothing is pending. Exceptions of `wake` come out here.
  void run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace alight
