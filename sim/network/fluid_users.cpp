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
  if (!use(job).halted) leave(job);
}

// Who crosses no link for a while, because what it crosses is whole again, is no member.
void FluidUsers::leave(JobIndex job) {
  if (!use(job).footprint.empty()) network_.close(job);
}

void FluidUsers::join(JobIndex job) {
  const LinkUse& mine = use(job);
  if (!mine.footprint.empty()) network_.open(job, mine.footprint);
  go_on(job, mine.footprint.step_s, kNoLink);
}

void FluidUsers::settle() {
  for (const JobIndex job : network_.settle()) go_on(job, network_.step_s(job), network_.worst_link(job));
  for (const LinkIndex link : network_.touched())
    callbacks().carries({engine().now(), link, network_.load(link), network_.crowded(link)});
}

}  // namespace alight
