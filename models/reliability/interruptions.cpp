#include "models/reliability/interruptions.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/reliability/failures.hpp"
#include "models/reliability/rates.hpp"
#include "models/whole_numbers.hpp"

namespace alight {

const std::vector<std::pair<std::string, Component>>& components() {
  static const std::vector<std::pair<std::string, Component>> all = {
      {"chip", Component::chip},       {"memory", Component::memory},
      {"nic", Component::nic},         {"host", Component::host},
      {"cable", Component::cable},     {"switch", Component::network_switch},
      {"network", Component::network}, {"power_supply", Component::power_supply},
      {"cooling", Component::cooling}, {"software", Component::software},
      {"other", Component::other}};
  return all;
}

std::string_view name_of(Component component) {
  for (const auto& [name, value] : components())
    if (value == component) return name;
  return "other";
}

Lifetime FailureCause::lifetime() const {
  Lifetime life;
  if (per_year > 0) life = Lifetime::exponential(per_year);
  return life.with(early).with(wear);
}

Extent extent_of(std::int64_t chips, std::int64_t chips_per_server) {
  return {chips, ceil_div(chips, chips_per_server)};
}

std::int64_t devices(const FailureCause& cause, const Extent& extent) {
  switch (cause.per) {
    case Per::chip:
      return extent.chips;
    case Per::server:
      return extent.servers;
    case Per::rack:
      return extent.racks;
    case Per::network_switch:
      return extent.switches;
  }
  return 0;
}

double failures_per_year(std::span<const FailureCause> causes, const Extent& extent) {
  double sum = 0;
  for (const FailureCause& cause : causes) sum += cause.per_year * whole(devices(cause, extent));
  return sum;
}

double mttf_s(std::span<const FailureCause> causes, const Extent& extent) {
  const double rate = failures_per_year(causes, extent);
  return rate > 0 ? kSecondsPerYear / rate : std::numeric_limits<double>::infinity();
}

std::vector<double> expected_failures(std::span<const FailureCause> causes, const Extent& extent, double time_s) {
  std::vector<double> expected;
  for (const FailureCause& cause : causes)
    expected.push_back(cause.per_year * whole(devices(cause, extent)) * time_s / kSecondsPerYear);
  return expected;
}

std::vector<Interruption> draw_interruptions(std::span<const FailureCause> causes, const Extent& extent, double time_s,
                                             double down_s, std::uint64_t seed) {
  std::vector<Failures> running;
  for (const FailureCause& cause : causes) {
    running.emplace_back(cause.lifetime(), stream(seed, "failures: " + cause.name));
    running.back().add(devices(cause, extent));
  }
  std::vector<Interruption> all;
  // Devices live by the time the job has run: while it is down the clock of their lives stands still.
  double down_so_far = 0;
  while (true) {
    std::size_t first = 0;
    for (std::size_t c = 1; c < running.size(); ++c)
      if (running[c].next_s() < running[first].next_s()) first = c;
    if (running.empty() || !(running[first].next_s() + down_so_far <= time_s)) return all;
    const double ran = running[first].next_s();
    const Failures::Device device = running[first].fail();
    running[first].put_back(device, ran);
    all.push_back({ran + down_so_far, first, device});
    down_so_far += down_s;
  }
}

}  // namespace alight
