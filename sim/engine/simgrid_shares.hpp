// Max-min shares of saturated links, by SimGrid: every member is one parallel execution (host model ptask_L07) that
// uses all its links in step and gets on at the pace of the tightest, its own cap among them.
//
// A link is a host whose operations are seconds of the link's use, as in shared_tasks.hpp; a member's cap is a host of
// its own. Executions are long enough never to end; their rates are read from SimGrid's solver.
#pragma once

#include <memory>

#include "sim/engine/engine.hpp"
#include "sim/engine/fair_shares.hpp"

namespace alight {

class SimgridShares : public FairShares, public Paced {
 public:
  /// `capacities`: bytes/s of each link. The engine outlives this.
  SimgridShares(Engine& engine, std::vector<double> capacities);
  ~SimgridShares() override;

  void set_capacity(LinkIndex link, double bytes_per_s) override;
  void set(std::uint32_t member, std::span<const StepBytes> uses, double steps_per_s) override;
  void remove(std::uint32_t member) override;
  double rate(std::uint32_t member) override;

  // -- For the engine: nothing here ends by itself.
  void reached(double) override {}
  double next_s() const override;
  bool any_open() const override { return false; }
  void close_all() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace alight
