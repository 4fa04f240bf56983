#include "sim/cluster/cluster.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace alight {
namespace {

constexpr std::int64_t kNotCounted = std::numeric_limits<std::int64_t>::max() / 4;

std::uint64_t low_bits(int n) {
  return n >= 64 ? ~0ULL : (1ULL << n) - 1;
}

// A slice's part of a quantity that belongs to the whole job: by its chips, rounded up, so that what is taken is what
// is given back.
std::int64_t part(std::int64_t whole, std::int64_t chips, std::int64_t of_chips) {
  return of_chips <= chips ? whole : (whole * chips + of_chips - 1) / of_chips;
}

}  // namespace

Cluster::Cluster(const Site& site) : site_(site) {
  const auto servers = static_cast<std::size_t>(site.servers);
  pool_of_.resize(servers);
  leaf_of_.resize(servers);
  condition_.assign(servers, Condition::up);
  free_.resize(servers);
  shared_.assign(servers, 0);
  cpu_free_.resize(servers);
  memory_free_.resize(servers);
  chip_base_.resize(servers);
  share_.assign(static_cast<std::size_t>(site.chips), 0);
  holders_.assign(static_cast<std::size_t>(site.chips + site.servers), 0);
  std::uint32_t base = 0;
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    if (pool.server.chips > kMaxChipsPerServer)
      throw std::logic_error("Cluster: more than 64 chips to a server in pool " + pool.name);
    PoolState& state = pools_.emplace_back();
    state.first = static_cast<ServerIndex>(pool.first_server);
    state.servers = static_cast<ServerIndex>(pool.servers);
    state.servers_per_leaf = site.servers_per_leaf(static_cast<std::int64_t>(p));
    state.first_leaf = static_cast<std::uint32_t>(free_servers_of_leaf_.size());
    state.leaves = static_cast<std::uint32_t>((pool.servers + state.servers_per_leaf - 1) / state.servers_per_leaf);
    free_servers_of_leaf_.resize(state.first_leaf + state.leaves, 0);
    state.chips_per_server = static_cast<int>(pool.server.chips);
    state.cpu_milli = pool.server.cpu_cores ? *pool.server.cpu_cores * 1000 : kNotCounted;
    state.memory_mib =
        pool.server.host_memory_gib ? static_cast<std::int64_t>(*pool.server.host_memory_gib * 1024) : kNotCounted;
    state.count_by_free.assign(state.chips_per_server + 1, 0);
    state.by_free.assign(state.chips_per_server + 1, std::vector<std::uint64_t>((state.servers + 63) / 64, 0));
    for (ServerIndex s = state.first; s < state.first + state.servers; ++s) {
      pool_of_[s] = static_cast<PoolIndex>(p);
      leaf_of_[s] = state.first_leaf + static_cast<std::uint32_t>((s - state.first) / state.servers_per_leaf);
      free_[s] = low_bits(state.chips_per_server);
      cpu_free_[s] = state.cpu_milli;
      memory_free_[s] = state.memory_mib;
      chip_base_[s] = base;
      base += static_cast<std::uint32_t>(state.chips_per_server);
      state.free_chips += state.chips_per_server;
      index(s, +1);
    }
    state.free_milli = state.free_chips * 1000;
  }
}

std::uint64_t Cluster::all_mask(PoolIndex p) const {
  return low_bits(pools_[p].chips_per_server);
}

std::int32_t Cluster::chip_free_milli(ServerIndex s, int chip) const {
  const std::uint64_t bit = 1ULL << chip;
  if (!up(s)) return 0;
  if (free_[s] & bit) return 1000;
  return shared_[s] & bit ? share_[chip_base_[s] + chip] : 0;
}

std::int32_t Cluster::best_share(ServerIndex s) const {
  if (free_[s]) return 1000;
  std::int32_t best = 0;
  for (std::uint64_t m = shared_[s]; m; m &= m - 1)
    best = std::max<std::int32_t>(best, share_[chip_base_[s] + std::countr_zero(m)]);
  return best;
}

ServerIndex Cluster::first_server_of_leaf(PoolIndex p, std::uint32_t leaf) const {
  const PoolState& pool = pools_[p];
  return static_cast<ServerIndex>(pool.first + (leaf - pool.first_leaf) * pool.servers_per_leaf);
}

ServerIndex Cluster::next_with_free(PoolIndex p, int free, ServerIndex from) const {
  const PoolState& pool = pools_[p];
  const auto& words = pool.by_free[free];
  const ServerIndex offset = from - pool.first;
  std::size_t w = offset / 64;
  if (w >= words.size()) return pool.first + pool.servers;
  std::uint64_t word = words[w] & ~low_bits(static_cast<int>(offset % 64));
  while (!word) {
    if (++w == words.size()) return pool.first + pool.servers;
    word = words[w];
  }
  return static_cast<ServerIndex>(pool.first + w * 64 + std::countr_zero(word));
}

ServerIndex Cluster::row_with_free(PoolIndex p, int free, ServerIndex first, ServerIndex limit) const {
  const PoolState& pool = pools_[p];
  const auto& words = pool.by_free[free];
  ServerIndex length = 0;
  for (ServerIndex offset = first - pool.first; length < limit && offset / 64 < words.size();) {
    const auto ones = static_cast<ServerIndex>(std::countr_one(words[offset / 64] >> (offset % 64)));
    length += ones;
    offset += ones;
    // The shift filled the top with zeros: only a row that reaches the word's end goes on.
    if (ones == 0 || offset % 64 != 0) break;
  }
  return std::min(length, limit);
}

void Cluster::index(ServerIndex s, int sign) {
  PoolState& pool = pools_[pool_of_[s]];
  const int free = std::popcount(free_[s]);
  const ServerIndex offset = s - pool.first;
  pool.by_free[free][offset / 64] ^= 1ULL << (offset % 64);
  pool.count_by_free[free] += sign;
  if (free == pool.chips_per_server) free_servers_of_leaf_[leaf_of_[s]] += sign;
}

std::int64_t Cluster::usable(const ChipRequest& request, std::uint64_t free, std::uint64_t all, std::int32_t best_share,
                             std::int64_t cpu, std::int64_t memory) {
  if (request.on_one_server()) {
    if (cpu < request.cpu_milli || memory < request.host_memory_mib) return 0;
    if (request.fractional()) return best_share >= request.chip_milli ? 1 : 0;
    if (request.chips == 0) return 1;
    return std::popcount(free) >= request.chips ? request.chips : 0;
  }
  std::int64_t chips = std::popcount(free);
  if (request.shape == Shape::whole_servers && free != all) return 0;
  if (request.cpu_milli > 0)
    while (chips > 0 && part(request.cpu_milli, chips, request.chips) > cpu) --chips;
  if (request.host_memory_mib > 0)
    while (chips > 0 && part(request.host_memory_mib, chips, request.chips) > memory) --chips;
  return chips;
}

std::int64_t Cluster::usable(const ChipRequest& request, ServerIndex s) const {
  if (!up(s)) return 0;
  return usable(request, free_[s], all_mask(pool_of_[s]), request.fractional() ? best_share(s) : 0, cpu_free_[s],
                memory_free_[s]);
}

std::int64_t Cluster::most_held_milli(const ChipRequest& request, std::span<const PoolIndex> pools) const {
  std::int64_t most = request.chips * request.chip_milli;
  if (request.shape != Shape::whole_servers) return most;
  for (const PoolIndex p : pools) {
    const std::int64_t per_server = pools_[p].chips_per_server;
    most = std::max(most, (request.chips + per_server - 1) / per_server * per_server * 1000);
  }
  return most;
}

bool Cluster::fits(const ChipRequest& request, PoolIndex p) const {
  const PoolState& pool = pools_[p];
  if (!request.fractional() && pool.free_chips < request.chips) return false;
  if (request.plain()) return true;
  if (request.fractional() && pool.free_milli < request.chip_milli) return false;
  if (request.shape == Shape::whole_servers && request.cpu_milli == 0 && request.host_memory_mib == 0)
    return pool.count_by_free[pool.chips_per_server] * pool.chips_per_server >= request.chips;
  const std::int64_t need = needed(request);
  std::int64_t room = 0;
  for (ServerIndex s = pool.first; s < pool.first + pool.servers; ++s) {
    const std::int64_t here = usable(request, s);
    if (here >= need) return true;
    room += here;
    if (!request.on_one_server() && room >= need) return true;
  }
  return false;
}

bool Cluster::could_run(const ChipRequest& request, PoolIndex p, std::int64_t without) const {
  const PoolState& pool = pools_[p];
  const std::uint64_t all = all_mask(p);
  const std::int64_t here =
      usable(request, all, all, pool.chips_per_server > 0 ? 1000 : 0, pool.cpu_milli, pool.memory_mib);
  const std::int64_t need = needed(request);
  const std::int64_t servers = pool.servers - pool.never_up - without;
  if (request.on_one_server()) return here >= need && servers > 0;
  return here * servers >= need;
}

void Cluster::renew() {
  for (PoolState& pool : pools_) ++pool.releases;
}

void Cluster::take(const ChipRequest& request, const Slice& slice, int sign) {
  const ServerIndex s = slice.server;
  PoolState& pool = pools_[pool_of_[s]];
  if (!up(s)) throw std::logic_error("Cluster: allocation on a server that is not up");
  index(s, -1);
  const int before = std::popcount(free_[s]);
  if (slice.chip_milli < 1000) {
    const int chip = std::countr_zero(slice.chips);
    const std::uint64_t bit = 1ULL << chip;
    const std::int32_t share = chip_free_milli(s, chip) - sign * slice.chip_milli;
    if (share < 0 || share > 1000) throw std::logic_error("Cluster: a chip's shares do not add up");
    share_[chip_base_[s] + chip] = static_cast<std::int16_t>(share);
    free_[s] = share == 1000 ? free_[s] | bit : free_[s] & ~bit;
    shared_[s] = share == 1000 ? shared_[s] & ~bit : shared_[s] | bit;
  } else if (sign > 0) {
    if ((free_[s] & slice.chips) != slice.chips) throw std::logic_error("Cluster: a chip is allocated twice");
    free_[s] &= ~slice.chips;
  } else {
    if (((free_[s] | shared_[s]) & slice.chips) != 0) throw std::logic_error("Cluster: a free chip is released");
    free_[s] |= slice.chips;
  }
  const std::int64_t held = std::popcount(slice.chips);
  if (held > 0) {
    std::uint16_t& holders = holders_[chip_base_[s] + s + (slice.chip_milli < 1000 ? 0U : static_cast<unsigned>(held))];
    holders = static_cast<std::uint16_t>(holders + sign);
  }
  take_host(request, s, held, sign);
  pool.free_chips += std::popcount(free_[s]) - before;
  pool.free_milli -= sign * slice.milli();
  index(s, +1);
}

void Cluster::take_host(const ChipRequest& request, ServerIndex s, std::int64_t chips, int sign) {
  if (request.cpu_milli == 0 && request.host_memory_mib == 0) return;
  const std::int64_t of_chips = request.on_one_server() ? chips : request.chips;
  cpu_free_[s] -= sign * part(request.cpu_milli, chips, of_chips);
  memory_free_[s] -= sign * part(request.host_memory_mib, chips, of_chips);
  if (cpu_free_[s] < 0 || memory_free_[s] < 0)
    throw std::logic_error("Cluster: host processor or memory of server " + std::to_string(s) + " is over-allocated");
}

// Whole servers in a row move between "all free" and "none free" word by word. The index knows up servers only, so a
// row that stands in it whole is free (or held) and up.
void Cluster::take_row(const ChipRequest& request, const Slice& row, int sign) {
  const PoolIndex p = pool_of_[row.server];
  PoolState& pool = pools_[p];
  const std::uint64_t all = all_mask(p);
  const ServerIndex end = row.server + row.servers;
  if (row.chips != all || row.chip_milli != 1000 || end > pool.first + pool.servers)
    throw std::logic_error("Cluster: several servers are taken, but not whole");
  auto& from = pool.by_free[sign > 0 ? pool.chips_per_server : 0];
  auto& to = pool.by_free[sign > 0 ? 0 : pool.chips_per_server];
  for (ServerIndex at = row.server - pool.first; at < end - pool.first;) {
    const ServerIndex next = std::min((at / 64 + 1) * 64, end - pool.first);
    const std::uint64_t bits = low_bits(static_cast<int>(next - at)) << (at % 64);
    if ((from[at / 64] & bits) != bits)
      throw std::logic_error("Cluster: a chip is allocated twice, or a free one released");
    from[at / 64] ^= bits;
    to[at / 64] ^= bits;
    at = next;
  }
  std::fill(free_.begin() + row.server, free_.begin() + end, sign > 0 ? 0 : all);
  const auto per_server = static_cast<std::size_t>(pool.chips_per_server);
  std::uint16_t* whole = &holders_[chip_base_[row.server] + row.server + per_server];
  for (ServerIndex i = 0; i < row.servers; ++i) whole[i * (per_server + 1)] += static_cast<std::uint16_t>(sign);
  if (request.cpu_milli > 0 || request.host_memory_mib > 0)
    for (ServerIndex s = row.server; s < end; ++s) take_host(request, s, pool.chips_per_server, sign);
  for (ServerIndex s = row.server; s < end;) {
    const ServerIndex next = std::min(end_server_of_leaf(p, leaf_of_[s]), end);
    free_servers_of_leaf_[leaf_of_[s]] -= sign * static_cast<std::int32_t>(next - s);
    s = next;
  }
  const std::int64_t servers = sign * static_cast<std::int64_t>(row.servers);
  pool.count_by_free[pool.chips_per_server] -= servers;
  pool.count_by_free[0] += servers;
  pool.free_chips -= servers * pool.chips_per_server;
  pool.free_milli -= servers * pool.chips_per_server * 1000;
}

void Cluster::allocate(const ChipRequest& request, std::span<const Slice> slices) {
  for (const Slice& slice : slices) slice.servers > 1 ? take_row(request, slice, +1) : take(request, slice, +1);
}

void Cluster::release(const ChipRequest& request, std::span<const Slice> slices) {
  for (const Slice& slice : slices) {
    slice.servers > 1 ? take_row(request, slice, -1) : take(request, slice, -1);
    ++pools_[pool_of_[slice.server]].releases;
  }
}

void Cluster::set_condition(ServerIndex s, Condition condition) {
  if (condition == condition_[s]) return;
  PoolState& pool = pools_[pool_of_[s]];
  const bool was_up = up(s), is_up = condition == Condition::up;
  condition_[s] = condition;
  if (was_up == is_up) return;
  if (free_[s] != all_mask(pool_of_[s]) || cpu_free_[s] != pool.cpu_milli)
    throw std::logic_error("Cluster: server " + std::to_string(s) + " changes condition while jobs hold it");
  const int sign = is_up ? +1 : -1;
  index(s, sign);
  pool.free_chips += sign * pool.chips_per_server;
  pool.free_milli += sign * pool.chips_per_server * 1000LL;
  if (is_up) ++pool.releases;
}

}  // namespace alight
