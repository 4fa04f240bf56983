#include "sim/run/servers_out.hpp"

#include <bit>
#include <utility>

namespace alight {
namespace {

OutFor strongest_of(unsigned why) {
  return static_cast<OutFor>(std::countr_zero(why));
}

std::optional<ChipState> dark_state(OutFor why) {
  switch (why) {
    case OutFor::no_power:
    case OutFor::too_hot:
      return ChipState::unpowered;
    case OutFor::failure:
    case OutFor::cut_off:
      return ChipState::failed;
    case OutFor::maintenance:
      return ChipState::maintenance;
    case OutFor::spare:
      break;
  }
  return std::nullopt;
}

Condition condition_of(std::optional<ChipState> state) {
  return state == ChipState::unpowered ? Condition::unpowered
         : state == ChipState::failed  ? Condition::failed
                                       : Condition::maintenance;
}

}  // namespace

ServersOut::ServersOut(Cluster& cluster, Moved moved)
    : cluster_(cluster), moved_(std::move(moved)), why_(static_cast<std::size_t>(cluster.site().servers), 0) {}

void ServersOut::take(ServerIndex s, OutFor why) {
  if (out(s, why)) return;
  why_[s] = static_cast<std::uint8_t>(why_[s] | bit(why));
  renew(s);
}

void ServersOut::give_back(ServerIndex s, OutFor why) {
  if (!out(s, why)) return;
  why_[s] = static_cast<std::uint8_t>(why_[s] & ~bit(why));
  renew(s);
}

void ServersOut::freed(ServerIndex s) {
  if (out(s)) renew(s);
}

bool ServersOut::empty(ServerIndex s) const {
  if (cluster_.condition(s) == Condition::undelivered) return true;
  const auto at = held_back_.find(s);
  return at != held_back_.end() && at->second.all;
}

bool ServersOut::idle(ServerIndex s) const {
  return cluster_.up(s) && !held_back_.contains(s) && wholly_free(s);
}

bool ServersOut::wholly_free(ServerIndex s) const {
  return cluster_.free_count(s) == cluster_.chips_per_server(cluster_.pool_of(s)) &&
         cluster_.cpu_free_milli(s) == cluster_.cpu_capacity_milli(s);
}

// What was kept so far and what is kept from now on are one move each, so that nothing passes through another state.
void ServersOut::renew(ServerIndex s) {
  std::int64_t before = 0;
  const std::optional<ChipState> from = let_go(s, before);
  if (why_[s] != 0) hold_back(s);
  const auto at = held_back_.find(s);
  const std::optional<ChipState> to = at == held_back_.end() ? std::nullopt : at->second.state;
  const std::int64_t after = at == held_back_.end() ? 0 : at->second.milli;
  const PoolIndex pool = cluster_.pool_of(s);
  const std::int64_t both = std::min(before, after);
  const auto move = [&](std::optional<ChipState> a, std::optional<ChipState> b, std::int64_t milli) {
    if (milli > 0 && a != b) moved_(pool, a, b, milli);
  };
  move(from, to, both);
  move(std::nullopt, to, after - both);
  move(from, std::nullopt, before - both);
}

void ServersOut::hold_back(ServerIndex s) {
  if (!cluster_.up(s)) return;  // it is not there yet
  HeldBack& kept = held_back_[s];
  kept.state = dark_state(strongest_of(why_[s]));
  const std::int64_t chips = cluster_.chips_per_server(cluster_.pool_of(s));
  if (kept.state) ++dark_servers_;
  if (wholly_free(s)) {
    kept.all = true;
    kept.milli = chips * 1000;
    return cluster_.set_condition(s, condition_of(kept.state));
  }
  if (const std::uint64_t free = cluster_.free_mask(s)) kept.slices.push_back({.server = s, .chips = free});
  for (std::uint64_t m = cluster_.shared_mask(s); m; m &= m - 1) {
    const int chip = std::countr_zero(m);
    if (const std::int32_t left = cluster_.chip_free_milli(s, chip))
      kept.slices.push_back({.server = s, .chip_milli = left, .chips = std::uint64_t{1} << chip});
  }
  for (const Slice& slice : kept.slices) kept.milli += slice.milli();
  cluster_.allocate({}, kept.slices);
  kept.host = {.chips = 0, .cpu_milli = cluster_.cpu_free_milli(s), .host_memory_mib = cluster_.memory_free_mib(s)};
  const Slice host{.server = s};
  cluster_.allocate(kept.host, {&host, 1});
}

/// The state its chips were in, and how many there were.
std::optional<ChipState> ServersOut::let_go(ServerIndex s, std::int64_t& milli) {
  const auto at = held_back_.find(s);
  if (at == held_back_.end()) return std::nullopt;
  const HeldBack& kept = at->second;
  milli = kept.milli;
  const std::optional<ChipState> state = kept.state;
  if (state) --dark_servers_;
  if (kept.all) {
    cluster_.set_condition(s, Condition::up);
  } else {
    const Slice host{.server = s};
    cluster_.release(kept.host, {&host, 1});
    cluster_.release({}, kept.slices);
  }
  held_back_.erase(at);
  return state;
}

}  // namespace alight
