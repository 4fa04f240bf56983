// Jobs that do nothing but send over shared links, played to their ends without a scheduler.
#pragma once

#include <atomic>
#include <cmath>
#include <memory>
#include <vector>

#include "sim/network/link_faults.hpp"
#include "sim/network/link_users.hpp"
#include "tests/support/in_child.hpp"

namespace alight::test {

/// Its steps take one second alone and are one exchange, between one chip of each server it holds.
struct TalkingJob {
  Exchange exchange;
  std::vector<Slice> held;
  double steps = 1;
};

/// When each ends; all begin at 0. What `plan` breaks is broken.
inline std::vector<double> ends_of(const Site& site, Sharing sharing, const std::vector<TalkingJob>& jobs,
                                   const FaultPlan& plan = {}) {
  return in_child([&]() -> std::vector<double> {
    Engine engine;
    struct World {
      Engine& engine;
      std::vector<double> ends;
      std::vector<std::uint32_t> dated;
      std::unique_ptr<LinkUsers> links;
      std::unique_ptr<LinkFaults> faults;
      void end(std::uint64_t which) {
        const auto job = static_cast<std::uint32_t>(which);
        if (dated[job] != which >> 32) return;
        ends[job] = engine.now();
        links->end(job);
      }
      void date(std::uint32_t job, double at_s) {
        const std::uint64_t ticket = static_cast<std::uint64_t>(++dated[job]) << 32 | job;
        if (std::isfinite(at_s)) engine.at(at_s, Turn::runtime, Action::to<&World::end>(this, ticket));
      }
      void breaks(std::uint64_t) {
        faults->advance(engine.now());
        for (const LinkIndex link : faults->moved()) links->set_part(link, faults->part(link));
        post_faults();
      }
      void post_faults() {
        if (std::isfinite(faults->next_s()))
          engine.at(faults->next_s(), Turn::condition, Action::to<&World::breaks>(this));
      }
    } world{.engine = engine};
    world.ends.resize(jobs.size());
    world.dated.resize(jobs.size());
    world.links =
        make_link_users(site, sharing, engine,
                        {.changed =
                             [&](std::uint32_t job, const Split&, const LinkUse&, std::optional<double> end_s) {
                               if (end_s) world.date(job, *end_s);
                             },
                         .ended = [&](std::uint32_t job) { world.ends[job] = engine.now(), world.links->end(job); },
                         .carries = [](const LinkState&) {},
                         .loaded = [](std::uint32_t) {}});
    Detours& ways = world.links->let_break();
    const Breakables breakables(site, ways);
    world.faults = std::make_unique<LinkFaults>(plan, breakables, ways, 1);
    std::vector<TrainingRate> rates(jobs.size());
    for (std::uint32_t j = 0; j < jobs.size(); ++j) {
      rates[j].layout.data = std::ssize(jobs[j].held);
      rates[j].step.seconds = rates[j].step.tokens = 1;
      rates[j].exchanges = {jobs[j].exchange};
      world.links->begin(j, rates[j], jobs[j].held, jobs[j].steps);
      if (sharing == Sharing::fluid) world.date(j, world.links->find(j)->end_s());
    }
    world.post_faults();
    const std::atomic<bool> interrupt{false};
    engine.run(1e6, interrupt);
    return world.ends;
  });
}

}  // namespace alight::test
