// Jobs that do nothing but send over shared links, played to their ends without a scheduler.
#pragma once

#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
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
  double killed_s = std::numeric_limits<double>::infinity();  ///< ended then, done or not
};

/// What became of them, and of the links, by number.
struct Talked {
  std::vector<double> ends_s;
  std::vector<double> bytes, saturated_s;
};

/// All begin at 0. What `plan` breaks is broken. Nothing is played beyond `horizon_s`.
inline Talked talk(const Site& site, Sharing sharing, const std::vector<TalkingJob>& jobs, const FaultPlan& plan = {},
                   double horizon_s = 1e6) {
  const std::vector<double> numbers = in_child([&]() -> std::vector<double> {
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
      void kill(std::uint64_t job) {
        if (!links->find(static_cast<std::uint32_t>(job))) return;
        ++dated[job];
        ends[job] = engine.now();
        links->end(static_cast<std::uint32_t>(job));
      }
      std::vector<LinkState> carrying;
      std::vector<double> bytes, saturated_s;
      void carries(const LinkState& state) {
        LinkState& before = carrying[state.link];
        const double s = state.time_s - before.time_s;
        if (s < 0) throw std::logic_error("a link carries something before what it carried before");
        bytes[state.link] += before.bytes_per_s * s;
        saturated_s[state.link] += before.saturated * s;
        before = state;
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
                         .carries = [&](const LinkState& state) { world.carries(state); },
                         .loaded = [](std::uint32_t) {}});
    const std::size_t links = world.links->routes().links().size();
    world.bytes.resize(links);
    world.saturated_s.resize(links);
    for (LinkIndex l = 0; l < links; ++l) world.carrying.push_back({0, l, 0, 0});
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
      if (std::isfinite(jobs[j].killed_s))
        engine.at(jobs[j].killed_s, Turn::runtime, Action::to<&World::kill>(&world, j));
    }
    world.post_faults();
    const std::atomic<bool> interrupt{false};
    engine.run(horizon_s, interrupt);
    for (LinkIndex l = 0; l < links; ++l) world.carries({engine.now(), l, 0, 0});
    std::vector<double> out = world.ends;
    out.insert(out.end(), world.bytes.begin(), world.bytes.end());
    out.insert(out.end(), world.saturated_s.begin(), world.saturated_s.end());
    return out;
  });
  const auto ends = numbers.begin() + std::ssize(jobs), bytes = ends + (numbers.end() - ends) / 2;
  return {{numbers.begin(), ends}, {ends, bytes}, {bytes, numbers.end()}};
}

/// When each ends.
inline std::vector<double> ends_of(const Site& site, Sharing sharing, const std::vector<TalkingJob>& jobs,
                                   const FaultPlan& plan = {}) {
  return talk(site, sharing, jobs, plan).ends_s;
}

}  // namespace alight::test
