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

  FluidNetwork network_;
};

}  // namespace alight
