// Users of links as rates: each goes at the step the fluid network gives it until something changes. A transfer from
// the storage is a step of its own that is taken once.
#pragma once

#include <unordered_map>

#include "sim/engine/engine.hpp"
#include "sim/network/fluid.hpp"
#include "sim/network/link_users.hpp"

namespace alight {

class FluidUsers : public LinkUsers {
 public:
  /// Saturated links are shared by SimGrid in the engine, which outlives this.
  FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks);

 private:
  /// A transfer on its way.
  struct Loading {
    double left = 1;  ///< of it, as of `since_s`
    double since_s = 0;
    double step_s = 0;  ///< of the whole, now
    std::uint32_t dated = 0;
  };
  void load_begun(JobIndex job, const Footprint& transfer) override;
  void load_gone(JobIndex job) override;
  void begun(JobIndex job, const LinkUse& use) override;
  void gone(JobIndex job) override;
  void settle() override;
  void carries_otherwise(LinkIndex link) override { network_.set_capacity(link, carries_now(link)); }
  void to_relay(JobIndex job) override { leave(job); }
  void relaid(JobIndex job) override { join(job); }
  void halted(JobIndex job) override { leave(job); }
  void resumed(JobIndex job) override { join(job); }
  bool dates_ends() const override { return true; }
  void leave(JobIndex job);
  void join(JobIndex job);
  void date(JobIndex job, Loading& loading);
  void load_over(std::uint64_t which);
  double waits_for_checkpoints(JobIndex job) const;

  FluidNetwork network_;
  std::unordered_map<JobIndex, Loading> loading_;
};

}  // namespace alight
