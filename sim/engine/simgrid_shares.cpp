#include "sim/engine/simgrid_shares.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/engine/second_hosts.hpp"

namespace alight {
namespace {

using simgrid::s4u::Exec;
using simgrid::s4u::ExecPtr;
using simgrid::s4u::Host;

// Steps of an execution: more than any run has.
constexpr double kSteps = 1e12;

}  // namespace

struct SimgridShares::Impl {
  struct Member {
    ExecPtr exec;
    std::size_t own = 0;  ///< the host that is its cap
    std::vector<StepBytes> uses;
    double steps_per_s = 0;
    double rate = 0;
  };
  std::vector<double> capacities;
  std::map<std::uint32_t, Member> members;
  std::unordered_map<LinkIndex, Host*> links;  ///< made at their first use
  std::vector<Host*> owns;
  std::vector<std::size_t> free_owns;
  std::vector<ExecPtr> leaving;  ///< cancelled; SimGrid wants them until its next event
  bool solved = true;

  Host* link(LinkIndex index) {
    Host*& host = links[index];
    if (!host) host = add_second_host("alight.shared." + std::to_string(index));
    return host;
  }
  std::size_t take_own() {
    if (free_owns.empty()) {
      free_owns.push_back(owns.size());
      owns.push_back(add_second_host("alight.member." + std::to_string(owns.size())));
    }
    const std::size_t own = free_owns.back();
    free_owns.pop_back();
    return own;
  }
  bool stuck(const Member& member) const {
    return std::any_of(member.uses.begin(), member.uses.end(),
                       [this](const StepBytes& use) { return !(capacities[use.link] > 0); });
  }
  // Who uses a link that carries nothing is kept out: SimGrid takes no endless amount.
  void start(Member& member) {
    solved = false;
    member.rate = 0;
    if (stuck(member)) return;
    std::vector<Host*> hosts = {owns[member.own]};
    std::vector<double> operations = {kOperationsPerS * kSteps / member.steps_per_s};
    for (const StepBytes& use : member.uses) {
      hosts.push_back(link(use.link));
      operations.push_back(kOperationsPerS * kSteps * use.bytes / capacities[use.link]);
    }
    member.exec = Exec::init();
    member.exec->set_flops_amounts(operations);
    member.exec->set_hosts(hosts);
    member.exec->start();
  }
  // What is cancelled keeps its place in the solver until SimGrid's next event: it is suspended first.
  void stop(Member& member) {
    if (!member.exec) return;
    member.exec->suspend();
    member.exec->cancel();
    leaving.push_back(std::move(member.exec));
    solved = false;
  }
  void solve() {
    std::unordered_map<const void*, Member*> by_activity;
    for (auto& [id, member] : members)
      if (member.exec) by_activity.emplace(member.exec->get_impl(), &member);
    simgrid_compat::for_each_rate([&](const void* activity, double rate) {
      if (const auto at = by_activity.find(activity); at != by_activity.end()) at->second->rate = rate * kSteps;
    });
    solved = true;
  }
};

SimgridShares::SimgridShares(Engine& engine, std::vector<double> capacities) : impl_(std::make_unique<Impl>()) {
  impl_->capacities = std::move(capacities);
  engine.follow(this);
}
SimgridShares::~SimgridShares() = default;

void SimgridShares::set_capacity(LinkIndex link, double bytes_per_s) {
  impl_->capacities[link] = bytes_per_s;
  for (auto& [id, member] : impl_->members)
    for (const StepBytes& use : member.uses)
      if (use.link == link) {
        impl_->stop(member);
        impl_->start(member);
        break;
      }
}

void SimgridShares::set(std::uint32_t id, std::span<const StepBytes> uses, double steps_per_s) {
  const auto [at, fresh] = impl_->members.try_emplace(id);
  Impl::Member& member = at->second;
  if (fresh)
    member.own = impl_->take_own();
  else
    impl_->stop(member);
  member.uses.assign(uses.begin(), uses.end());
  member.steps_per_s = steps_per_s;
  impl_->start(member);
}

void SimgridShares::remove(std::uint32_t id) {
  const auto at = impl_->members.find(id);
  if (at == impl_->members.end()) throw std::logic_error("SimgridShares: no member " + std::to_string(id));
  impl_->stop(at->second);
  impl_->free_owns.push_back(at->second.own);
  impl_->members.erase(at);
}

double SimgridShares::rate(std::uint32_t id) {
  if (!impl_->solved) impl_->solve();
  return impl_->members.at(id).rate;
}

double SimgridShares::next_s() const {
  return std::numeric_limits<double>::infinity();
}

void SimgridShares::close_all() {
  while (!impl_->members.empty()) remove(impl_->members.begin()->first);
}

}  // namespace alight
