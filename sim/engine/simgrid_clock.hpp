// SimGrid as a clock: one engine, one pending timer. The only place in sim/ that includes SimGrid.
#pragma once

#include <functional>
#include <memory>

namespace simgrid::s4u {
class Engine;
}

namespace alight {

using PopulateSimgrid = std::function<void(simgrid::s4u::Engine&)>;

class SimgridClock {
 public:
  /// `populate` builds what SimGrid holds besides a clock, at construction; none: nothing. It gets the engine, with its
  /// models chosen, and closes the outermost zone itself.
  explicit SimgridClock(const PopulateSimgrid& populate = {});
  ~SimgridClock();
  double now() const;
  /// Calls `wake` when SimGrid's clock reaches `time_s`. A call still pending is dropped.
  void wake_at(double time_s, std::function<void()> wake);
  /// Runs SimGrid until nothing is pending. Exceptions of `wake` come out here.
  void run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace alight
