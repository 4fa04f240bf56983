#include "platforms/topology/hubs.hpp"

#include <algorithm>
#include <limits>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

std::int64_t number_of(std::vector<std::string>& places, const std::string& place) {
  const auto found = std::find(places.begin(), places.end(), place);
  if (found != places.end()) return found - places.begin();
  places.push_back(place);
  return std::ssize(places) - 1;
}

}  // namespace

Hubs hubs_of(const Site& site, const std::vector<Part>& parts) {
  Hubs hubs;
  for (const Part& part : parts) hubs.place_of_part.push_back(number_of(hubs.places, part.site.place));
  for (const Wan& wan : site.wan)
    for (const std::string& end : {wan.a, wan.b}) number_of(hubs.places, end);
  const std::size_t n = hubs.places.size();
  struct Cost {
    double latency_s = std::numeric_limits<double>::infinity();
    int links = 0;
    bool operator<(const Cost& o) const {
      return latency_s < o.latency_s || (latency_s == o.latency_s && links < o.links);
    }
  };
  std::vector<std::vector<Cost>> cost(n, std::vector<Cost>(n));
  hubs.next.assign(n, std::vector<std::int64_t>(n, -1));
  hubs.hop.assign(n, std::vector<Hubs::Hop>(n));
  for (std::size_t w = 0; w < site.wan.size(); ++w) {
    const auto a = at(number_of(hubs.places, site.wan[w].a)), b = at(number_of(hubs.places, site.wan[w].b));
    const Cost own{site.wan[w].latency_s, 1};
    if (a == b || !(own < cost[a][b])) continue;
    cost[a][b] = cost[b][a] = own;
    hubs.next[a][b] = static_cast<std::int64_t>(b);
    hubs.next[b][a] = static_cast<std::int64_t>(a);
    hubs.hop[a][b] = {w, false};
    hubs.hop[b][a] = {w, true};
  }
  // Floyd and Warshall: places are few.
  for (std::size_t over = 0; over < n; ++over)
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) {
        if (a == b || a == over || b == over) continue;
        const Cost sum{cost[a][over].latency_s + cost[over][b].latency_s, cost[a][over].links + cost[over][b].links};
        if (!(sum < cost[a][b])) continue;
        cost[a][b] = sum;
        hubs.next[a][b] = hubs.next[a][over];
      }
  return hubs;
}

bool Hubs::joined(std::int64_t a, std::int64_t b) const {
  return a == b || next[at(a)][at(b)] >= 0;
}

std::vector<Hubs::Hop> Hubs::way(std::int64_t a, std::int64_t b) const {
  std::vector<Hop> hops;
  while (a != b) {
    const std::int64_t then = next[at(a)][at(b)];
    if (then < 0) return {};
    hops.push_back(hop[at(a)][at(then)]);
    a = then;
  }
  return hops;
}

}  // namespace alight
