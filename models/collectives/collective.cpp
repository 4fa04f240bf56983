#include "models/collectives/collective.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/collectives/between_domains.hpp"
#include "models/collectives/in_domain.hpp"

namespace alight {

namespace {

constexpr std::array<std::string_view, 6> kCollectives = {"all_reduce", "all_gather", "reduce_scatter",
                                                          "all_to_all", "broadcast",  "send_recv"};
constexpr std::array<std::string_view, 7> kAlgorithms = {"none",   "ring",         "tree", "in_network",
                                                         "direct", "hierarchical", "torus"};

}  // namespace

std::optional<Collective> parse_collective(std::string_view name) {
  std::string_view wanted = name;
  if (wanted == "alltoall") wanted = "all_to_all";
  for (std::size_t i = 0; i < kCollectives.size(); ++i)
    if (std::equal(wanted.begin(), wanted.end(), kCollectives[i].begin(), kCollectives[i].end(),
                   [](char a, char b) { return a == b || (a == '-' && b == '_'); }))
      return static_cast<Collective>(i);
  return std::nullopt;
}

std::string_view name_of(Collective collective) {
  return kCollectives[static_cast<std::size_t>(collective)];
}

std::string_view name_of(Algorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

double bus_factor(Collective collective, std::int64_t ranks) {
  const double n = static_cast<double>(std::max<std::int64_t>(ranks, 1));
  switch (collective) {
    case Collective::all_reduce:
      return 2 * (n - 1) / n;
    case Collective::all_gather:
    case Collective::reduce_scatter:
    case Collective::all_to_all:
      return (n - 1) / n;
    case Collective::broadcast:
    case Collective::send_recv:
      break;
  }
  return n > 1 ? 1 : 0;
}

CollectiveEstimate estimate(Collective collective, double bytes, const Group& group, const Fabric& fabric) {
  if (group.ranks <= 1 || !(bytes > 0)) return {};
  const std::int64_t inside = std::clamp<std::int64_t>(std::min(group.per_domain, fabric.up.domain), 1, group.ranks);
  const Timed best = inside == group.ranks ? in_domain(collective, bytes, group.ranks, group.int8, fabric.up)
                                           : between_domains(collective, bytes, inside, group, fabric);
  CollectiveEstimate out;
  out.seconds = best.us * 1e-6;
  out.busbw_gbs = bytes * bus_factor(collective, group.ranks) / best.us * 1e-3;
  out.algorithm = best.algorithm;
  out.network_s = best.network_us * 1e-6;
  out.domain_bytes = best.domain_bytes;
  return out;
}

}  // namespace alight
