#include "sim/network/footprint.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "sim/network/own_box.hpp"

namespace alight {
namespace {

using Pairs = std::map<std::pair<std::int64_t, std::int64_t>, double>;

/// Bytes from place to place in one exchange.
class Traffic {
 public:
  Traffic(const Exchange& exchange, std::span<const std::int64_t> places) : exchange_(exchange), places_(places) {
    const auto& [ranks, stride, bases] = exchange.groups;
    const std::int64_t last = static_cast<std::int64_t>(places.size()) - (ranks - 1) * stride;
    for (std::int64_t base = 0; base < std::min(bases, last); ++base)
      if (base / stride % ranks == 0) group(base);
  }
  const Pairs& pairs() const { return pairs_; }

 private:
  std::int64_t place(std::int64_t base, std::int64_t member) const {
    return places_[static_cast<std::size_t>(base + member * exchange_.groups.stride)];
  }
  void send(std::int64_t from, std::int64_t to, double bytes) {
    if (from != to) pairs_[{from, to}] += bytes;
  }
  void group(std::int64_t base) {
    const std::int64_t ranks = exchange_.groups.ranks;
    const std::int64_t inside = exchange_.per_domain;
    switch (exchange_.pattern) {
      case Pattern::ring:
        for (std::int64_t d = 0; d < ranks; d += inside)
          send(place(base, d), place(base, (d + inside) % ranks), exchange_.domain_bytes);
        break;
      case Pattern::chain:
        for (std::int64_t i = 0; i + 1 < ranks; ++i) {
          send(place(base, i), place(base, i + 1), exchange_.domain_bytes);
          send(place(base, i + 1), place(base, i), exchange_.domain_bytes);
        }
        break;
      case Pattern::everyone:
        everyone(base);
        break;
      case Pattern::store:  // no pair of places: see storage_loads()
      case Pattern::fetch:
        break;
    }
  }
  void everyone(std::int64_t base) {
    const std::int64_t ranks = exchange_.groups.ranks;
    counts_.clear();
    for (std::int64_t i = 0; i < ranks; ++i) {
      const std::int64_t at = place(base, i);
      if (counts_.empty() || counts_.back().first != at) counts_.emplace_back(at, 0);
      ++counts_.back().second;
    }
    const auto inside = static_cast<double>(exchange_.per_domain);
    const double each = exchange_.domain_bytes / (inside * (static_cast<double>(ranks) - inside));
    for (const auto& [from, senders] : counts_)
      for (const auto& [to, receivers] : counts_)
        send(from, to, each * static_cast<double>(senders) * static_cast<double>(receivers));
  }

  const Exchange& exchange_;
  std::span<const std::int64_t> places_;
  Pairs pairs_;
  std::vector<std::pair<std::int64_t, std::int64_t>> counts_;
};

void add_way(const std::vector<Crossing>& way, double bytes, std::map<LinkIndex, double>& loads) {
  for (const Crossing& crossing : way) loads[crossing.link] += bytes * crossing.share;
}

/// Each rank its part to the storage, or from it.
void storage_loads(const Exchange& exchange, std::span<const std::int64_t> places, const Routes& routes,
                   std::map<LinkIndex, double>& loads) {
  std::vector<Crossing> way;
  for (std::size_t first = 0, next = 0; first < places.size(); first = next) {
    while (next < places.size() && places[next] == places[first]) ++next;
    way.clear();
    if (exchange.pattern == Pattern::store)
      routes.to_storage(places[first], way);
    else
      routes.from_storage(places[first], way);
    add_way(way, exchange.domain_bytes * static_cast<double>(next - first), loads);
  }
}

}  // namespace

std::vector<std::int64_t> servers_of_ranks(std::span<const Slice> held, std::int64_t ranks) {
  std::vector<std::int64_t> servers;
  servers.reserve(static_cast<std::size_t>(ranks));
  for (const Slice& slice : held)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) {
      const auto left = static_cast<std::size_t>(ranks - std::ssize(servers));
      servers.insert(servers.end(), std::min(left, static_cast<std::size_t>(std::popcount(slice.chips))), s);
    }
  return servers;
}

namespace {

bool all_equal(std::span<const std::int64_t> values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

/// Adds what an exchange with the storage puts on the servers' NICs that count.
void add_own_to_storage(const Exchange& exchange, const OwnLinks& own, const Routes& routes,
                        std::map<LinkIndex, double>& loads) {
  if (!routes.storage_over_network()) return;
  for (const std::int64_t server : own.servers) {  // once for each of its ranks
    const LinkIndex nic = exchange.pattern == Pattern::store ? routes.nic_up(server) : routes.nic_down(server);
    if (own.count(nic)) loads[nic] += exchange.domain_bytes;
  }
}

/// Adds what an exchange puts on the servers' own links that count.
void add_own(const Exchange& exchange, const OwnLinks& own, const Routes& routes, std::map<LinkIndex, double>& loads) {
  const Traffic traffic(exchange, own.servers);
  for (const auto& [pair, bytes] : traffic.pairs()) {
    const Ends by = routes.ends(routes.place_of(pair.first), routes.place_of(pair.second));
    if (by == Ends::none) continue;
    const bool nics = by == Ends::nics;
    for (const LinkIndex link : {nics ? routes.nic_up(pair.first) : routes.port_up(pair.first),
                                 nics ? routes.nic_down(pair.second) : routes.port_down(pair.second)})
      if (own.count(link)) loads[link] += bytes;
  }
}

/// What is not more than a step by this factor is a step, rounded.
constexpr double kMore = 1 + 1e-9;

}  // namespace

double alone_s(const Footprint& footprint, std::span<const double> capacities) {
  double step_s = footprint.step_s;
  std::map<LinkIndex, double> busy_s;
  for (const SharedExchange& shared : footprint.exchanges) {
    double stretch = 1;
    for (const LinkBytes& load : shared.loads) {
      const double each_s = load.bytes / capacities[load.link];
      stretch = std::max(stretch, each_s / shared.exchange.network_s);
      busy_s[load.link] += each_s * shared.exchange.times;
    }
    step_s += shared.exchange.lengthening_s(stretch);
  }
  for (const auto& [link, s] : busy_s)
    if (s > step_s * kMore) step_s = s;
  return step_s;
}

namespace {

void lay_pairs(const Pairs& pairs, double network_s, const Routes& routes, const SliceWays* slice, const OwnBox* box,
               std::map<LinkIndex, double>& loads) {
  const double alone_s = box ? box->busiest_s(pairs) : 0;
  const double part = network_s > 0 && alone_s > network_s ? network_s / alone_s : 1;
  std::vector<Crossing> way;
  for (const auto& [ends, bytes] : pairs) {
    way.clear();
    if (slice)
      slice->way(ends.first, ends.second, way);
    else
      routes.way(ends.first, ends.second, way);
    add_way(way, part * bytes, loads);
  }
}

Footprint lay(double step_s, std::span<const Exchange> exchanges, std::span<const std::int64_t> places,
              const Routes& routes, const SliceWays* slice, const OwnBox* box, const OwnLinks& own) {
  Footprint footprint{.step_s = step_s, .exchanges = {}};
  const bool apart = !all_equal(places);
  std::map<LinkIndex, double> loads;
  for (const Exchange& exchange : exchanges) {
    loads.clear();
    if (exchange.with_storage()) {
      storage_loads(exchange, places, routes, loads);
      if (own.count) add_own_to_storage(exchange, own, routes, loads);
    } else {
      if (apart) lay_pairs(Traffic(exchange, places).pairs(), exchange.network_s, routes, slice, box, loads);
      if (own.count) add_own(exchange, own, routes, loads);
    }
    if (loads.empty()) continue;
    SharedExchange& shared = footprint.exchanges.emplace_back(SharedExchange{
        .exchange = exchange, .loads = {}, .number = static_cast<std::uint32_t>(&exchange - exchanges.data())});
    shared.loads.reserve(loads.size());
    for (const auto& [link, bytes] : loads) shared.loads.push_back({link, bytes});
  }
  return footprint;
}

bool in_one_grid(const Routes& routes, const std::vector<std::int64_t>& servers) {
  return !servers.empty() && routes.grid_of(servers.front()) &&
         std::all_of(servers.begin() + 1, servers.end(), [&](std::int64_t s) {
           return routes.ends(routes.place_of(servers.front()), routes.place_of(s)) == Ends::none;
         });
}

}  // namespace

Footprint footprint_of(double step_s, std::span<const Exchange> exchanges, std::span<const Slice> held,
                       std::int64_t ranks, const Routes& routes, const OwnLinks& own) {
  std::vector<std::int64_t> places = servers_of_ranks(held, ranks);
  for (std::int64_t& place : places) place = routes.place_of(place);
  std::vector<std::int64_t> servers;
  for (const Slice& slice : held)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) servers.push_back(s);
  if (exchanges.empty() || !in_one_grid(routes, servers))
    return lay(step_s, exchanges, places, routes, nullptr, nullptr, own);
  const auto slice = routes.slice(servers);
  std::vector<std::int64_t> places_of_servers;
  for (const std::int64_t s : servers) places_of_servers.push_back(routes.place_of(s));
  const OwnBox box(*routes.grid_of(servers.front()), places_of_servers);
  return lay(step_s, exchanges, places, routes, slice.get(), &box, own);
}

namespace {

/// Bytes from server to server.
Pairs pairs_of(const Send& send) {
  const std::size_t parts = std::max(send.from.size(), send.to.size());
  Pairs pairs;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::int64_t from = send.from[i * send.from.size() / parts], to = send.to[i * send.to.size() / parts];
    if (from != to) pairs[{from, to}] += send.bytes / static_cast<double>(parts);
  }
  return pairs;
}

}  // namespace

bool leaves_a_server(const Send& send) {
  return !pairs_of(send).empty();
}

Footprint footprint_of(const Send& send, const Routes& routes, std::span<const double> capacities) {
  std::map<LinkIndex, double> loads;
  std::vector<Crossing> way;
  double latency_s = 0;
  for (const auto& [servers, bytes] : pairs_of(send)) {
    way.clear();
    routes.route(servers.first, servers.second, way);
    add_way(way, bytes, loads);
    latency_s = std::max(latency_s, routes.latency_s(servers.first, servers.second));
  }
  Footprint footprint;
  if (loads.empty()) return footprint;
  SharedExchange& shared = footprint.exchanges.emplace_back();
  double& network_s = shared.exchange.network_s = send.apart_s;
  for (const auto& [link, bytes] : loads) {
    shared.loads.push_back({link, bytes});
    network_s = std::max(network_s, bytes / capacities[link]);
  }
  shared.exchange.kind = ExchangeKind::keys_values;
  shared.exchange.times = 1;
  shared.exchange.seconds = footprint.step_s = send.latency_s + latency_s + network_s;
  return footprint;
}

}  // namespace alight
