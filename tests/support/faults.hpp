// Sites whose networks break in tests, and what is to break in them, by name.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/network/fault_plan.hpp"
#include "tests/support/random_runs.hpp"

namespace alight::test {

/// `leaves` leaves of `per_leaf` servers of one chip and one NIC of 100 Gbps, under `spines` spines; four cables of
/// 100 Gbps go up from each leaf.
inline Site leaf_spine_site(std::int64_t leaves, std::int64_t per_leaf, std::int64_t spines = 2) {
  Site site;
  Pool pool = chips_pool("p", leaves * per_leaf);
  pool.nic_gbps = 100;
  site.pools.push_back(pool);
  site.tiers = {
      {.name = "leaf", .rate_gbps = 100, .down_ports = per_leaf, .oversubscription = static_cast<double>(per_leaf) / 4},
      {.name = "spine", .rate_gbps = 100, .down_ports = 4 * leaves / spines}};
  number(site);
  return site;
}

/// Adds faults to a plan; events are given in the order of time.
class Faulty {
 public:
  explicit Faulty(const Site& site) : routes_(routes_of(site)), breakables_(site, *routes_) {}

  Faulty& cable(double at_s, const std::string& link, std::int64_t number, double part) {
    return add(at_s, {.kind = FaultTarget::Kind::cable, .index = index_of(link), .cable = number - 1}, part);
  }
  Faulty& link(double at_s, const std::string& link, double part) {
    return add(at_s, {.kind = FaultTarget::Kind::link, .index = index_of(link)}, part);
  }
  Faulty& switch_(double at_s, const std::string& name, double part) {
    const auto found = breakables_.find_switch(name);
    if (!found) throw std::logic_error("no switch " + name);
    return add(at_s, {.kind = FaultTarget::Kind::switch_, .index = static_cast<std::uint32_t>(*found)}, part);
  }
  Faulty& fail() {
    plan_.on_cut = OnCut::fail;
    return *this;
  }
  LinkIndex index_of(const std::string& link) const {
    const auto found = breakables_.find_link(link);
    if (!found) throw std::logic_error("no link " + link);
    return *found;
  }
  const Routes& routes() const { return *routes_; }
  const Breakables& breakables() const { return breakables_; }
  FaultPlan& plan() { return plan_; }
  RunSettings settings(RunSettings settings = {}) const {
    settings.faults = std::make_shared<FaultPlan>(plan_);
    return settings;
  }

 private:
  Faulty& add(double at_s, FaultTarget target, double part) {
    plan_.events.push_back({at_s, target, part});
    return *this;
  }
  std::unique_ptr<const Routes> routes_;
  Breakables breakables_;
  FaultPlan plan_;
};

/// Six times a link of the site goes down for 40 s. Null where there is none.
inline std::shared_ptr<const FaultPlan> random_link_faults(Dice& dice, const Site& site) {
  const std::vector<LinkIndex> links = Faulty(site).breakables().links();
  if (links.empty()) return nullptr;
  auto plan = std::make_shared<FaultPlan>();
  plan->on_cut = dice.one_in(2) ? OnCut::fail : OnCut::stall;
  for (int i = 0; i < 6; ++i) {
    const LinkIndex link = links[static_cast<std::size_t>(dice(0, std::ssize(links) - 1))];
    const double at_s = static_cast<double>(dice(0, 60));
    plan->events.push_back({at_s, {.kind = FaultTarget::Kind::link, .index = link}, 0});
    plan->events.push_back({at_s + 40, {.kind = FaultTarget::Kind::link, .index = link}, 1});
  }
  std::stable_sort(plan->events.begin(), plan->events.end(),
                   [](const auto& a, const auto& b) { return a.time_s < b.time_s; });
  return plan;
}

}  // namespace alight::test
