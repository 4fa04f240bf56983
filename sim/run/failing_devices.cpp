#include "sim/run/failing_devices.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace alight {

FailingDevices::FailingDevices(const BreakdownPlan& plan, const Site& site, std::uint64_t seed) : site_(site) {
  for (const BreakdownPlan::Cause& cause : plan.causes) {
    Kind& kind =
        kinds_.emplace_back(Kind{.cause = &cause.of,
                                 .loop_racks = cause.loop_racks,
                                 .pools = std::vector<bool>(site.pools.size(), false),
                                 .failures = Failures(cause.of.lifetime(), stream(seed, "failures: " + cause.stream)),
                                 .servers = {},
                                 .first = std::vector<Failures::Device>(static_cast<std::size_t>(site.servers), -1),
                                 .failed = {},
                                 .slows = cause.slows_to.has_value()});
    for (const PoolIndex p : cause.pools) kind.pools[p] = true;
  }
}

void FailingDevices::add(ServerIndex first, ServerIndex end, double now_s) {
  if (first == end) return;
  const auto p = static_cast<std::size_t>(site_.pool_of_server(first));
  const Pool& pool = site_.pools[p];
  for (Kind& kind : kinds_) {
    if (!kind.pools[p]) continue;
    if (of_servers(kind)) {
      const Failures::Device each = kind.cause->per == Per::chip ? pool.server.chips : 1;
      Failures::Device device = kind.failures.add(static_cast<std::int64_t>(end - first) * each, now_s);
      for (ServerIndex s = first; s < end; ++s, device += each) {
        kind.first[s] = device;
        kind.servers.insert(kind.servers.end(), static_cast<std::size_t>(each), {s, s + 1});
      }
      continue;
    }
    const std::int64_t each =
        kind.cause->per == Per::rack ? pool.servers_per_rack : site_.servers_per_leaf(static_cast<std::int64_t>(p));
    for (ServerIndex s = first; s < end; ++s) {
      if (kind.first[s] >= 0) continue;
      const std::int64_t place = (s - pool.first_server) / each;
      const auto from = static_cast<ServerIndex>(pool.first_server + place * each);
      const auto to = static_cast<ServerIndex>(pool.first_server + std::min(pool.servers, (place + 1) * each));
      std::fill(kind.first.begin() + from, kind.first.begin() + to, kind.failures.add(1, now_s));
      kind.servers.emplace_back(from, to);
    }
  }
}

double FailingDevices::next_s() const {
  double next = std::numeric_limits<double>::infinity();
  for (const Kind& kind : kinds_) next = std::min(next, kind.failures.next_s());
  return next;
}

FailingDevices::Failure FailingDevices::fail() {
  const auto earliest = std::min_element(kinds_.begin(), kinds_.end(), [](const Kind& a, const Kind& b) {
    return a.failures.next_s() < b.failures.next_s();
  });
  Kind& kind = *earliest;
  const Failures::Device device = kind.failures.fail();
  kind.failed.insert(device);
  const auto [from, to] = kind.servers[static_cast<std::size_t>(device)];
  Failure failure{
      .cause = static_cast<std::size_t>(earliest - kinds_.begin()), .device = device, .first = from, .end = to};
  std::tie(failure.out_first, failure.out_end) = loop_of(kind, from, to);
  if (kind.cause->per == Per::chip) failure.chip = static_cast<int>(device - kind.first[from]);
  return failure;
}

std::pair<ServerIndex, ServerIndex> FailingDevices::loop_of(const Kind& kind, ServerIndex from, ServerIndex to) const {
  if (kind.loop_racks <= 1) return {from, to};
  const Pool& pool = site_.pools[static_cast<std::size_t>(site_.pool_of_server(from))];
  return loop_servers(pool, (from - pool.first_server) / pool.servers_per_rack, kind.loop_racks);
}

std::pair<ServerIndex, ServerIndex> loop_servers(const Pool& pool, std::int64_t rack, std::int64_t racks) {
  const std::int64_t first = rack / racks * racks * pool.servers_per_rack;
  const std::int64_t end = std::min(pool.servers, first + racks * pool.servers_per_rack);
  return {static_cast<ServerIndex>(pool.first_server + first), static_cast<ServerIndex>(pool.first_server + end)};
}

void FailingDevices::put_back(const Failure& failure, double now_s, bool at_risk) {
  Kind& kind = kinds_[failure.cause];
  kind.failed.erase(failure.device);
  if (at_risk) kind.failures.put_back(failure.device, now_s);
}

std::pair<Failures::Device, Failures::Device> FailingDevices::devices(const Kind& kind, ServerIndex s) const {
  if (!of_servers(kind) || kind.first[s] < 0) return {0, 0};
  const Pool& pool = site_.pools[static_cast<std::size_t>(site_.pool_of_server(s))];
  return {kind.first[s], kind.first[s] + (kind.cause->per == Per::chip ? pool.server.chips : 1)};
}

void FailingDevices::take_out(ServerIndex s, double now_s) {
  for (Kind& kind : kinds_) {
    const auto [from, to] = devices(kind, s);
    for (Failures::Device d = from; d < to; ++d) kind.failures.take_out(d, now_s);
  }
}

void FailingDevices::put_back(ServerIndex s, double now_s) {
  for (Kind& kind : kinds_) {
    const auto [from, to] = devices(kind, s);
    for (Failures::Device d = from; d < to; ++d) {
      if (kind.slows && kind.failed.contains(d)) continue;
      kind.failures.put_back(d, now_s,
                             kind.failed.erase(d) > 0 ? Failures::Repaired::as_new : Failures::Repaired::as_old);
    }
  }
}

}  // namespace alight
