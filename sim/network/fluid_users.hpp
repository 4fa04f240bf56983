// Users of links as rates: each goes at the step the fluid network gives it until something changes.
#pragma once

#include "sim/engine/engine.hpp"
#include "sim/network/fluid.hpp"
#include "sim/network/link_users.hpp"

namespace alight {

class FluidUsers : public LinkUsers {
 public:
  /// Saturated links are shared by SimGrid in the engine, which outlives this.
  FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks);

 private:
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

  FluidNetwork network_;
};

}  // namespace alight
