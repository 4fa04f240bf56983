#include "sim/network/fluid_users.hpp"

#include "sim/engine/simgrid_shares.hpp"

namespace alight {

FluidUsers::FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      network_(capacities(), std::make_unique<SimgridShares>(engine, capacities())) {}

void FluidUsers::begun(JobIndex job, const LinkUse& use) {
  network_.open(job, use.footprint);
}

void FluidUsers::gone(JobIndex job) {
  network_.close(job);
}

void FluidUsers::settle() {
  for (const JobIndex job : network_.settle()) {
    LinkUse& moved = use(job);
    const Split before = moved.split;
    moved.go_on(engine().now(), network_.step_s(job), network_.worst_link(job));
    callbacks().changed(job, before, moved, moved.end_s());
  }
  for (const LinkIndex link : network_.touched())
    callbacks().carries({engine().now(), link, network_.load(link), network_.crowded(link)});
}

}  // namespace alight
