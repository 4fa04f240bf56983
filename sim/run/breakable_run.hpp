// A run whose network, servers and chips break, as those who break them see it (network_faults.hpp, breakdowns.hpp).
#pragma once

#include <string>

#include "platforms/topology/routes.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// Told in turn `condition`, but for what is only asked.
class BreakableRun {
 public:
  /// A job stands still from now on because of a link; it goes on; it ends.
  virtual void halt(JobIndex job, LinkIndex by) = 0;
  virtual void resume(JobIndex job) = 0;
  virtual void fail(JobIndex job, const std::string& reason) = 0;
  /// Links of its servers broke, or were repaired.
  virtual void own_links_changed(JobIndex job) = 0;
  /// Something of a job broke and nobody knows: its chips are lost from now on.
  virtual void hang(JobIndex job) = 0;
  /// It loses its chips because of what broke, and waits again, or ends.
  virtual void interrupt(JobIndex job, const std::string& reason) = 0;
  /// A chip goes at `part` of its own speed from now on; and no longer.
  virtual void fall(ServerIndex server, int chip, double part) = 0;
  virtual void mend(ServerIndex server, int chip, double part) = 0;
  /// Of a job that holds such a chip.
  virtual void speeds_changed(JobIndex job) = 0;
  /// How often it has started; it runs where `running`.
  virtual std::uint32_t starts(JobIndex job) const = 0;
  virtual bool running(JobIndex job) const = 0;
  virtual bool serves(JobIndex job) const = 0;
  /// Whether the job is done at this very instant, so that nothing can befall it.
  virtual bool done(JobIndex job) const = 0;
  virtual const Allocation& held(JobIndex job) const = 0;
  /// Something breaks or is repaired. False where nothing is left that it could befall.
  virtual bool concerns_anyone() = 0;

 protected:
  ~BreakableRun() = default;
};

}  // namespace alight
