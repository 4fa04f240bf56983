#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "platforms/topology/parts.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

// "east, west".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void resolve_storage(Prepared& prepared, Diagnostics& d) {
  if (!prepared.scenario.site.storage) return;
  const StorageSpec& spec = *prepared.scenario.site.storage;
  const double link_gbps = spec.link_gbps.value_or(std::numeric_limits<double>::infinity());
  constexpr double kGbitPerGB = 8;
  Storage storage{.name = spec.name,
                  .read_gbps = std::min(spec.read_gbs * kGbitPerGB, link_gbps),
                  .write_gbps = std::min(spec.write_gbs * kGbitPerGB, link_gbps),
                  .latency_s = spec.latency_s,
                  .place = {},
                  .server_gbps = spec.server_gbps.value_or(0)};
  if (spec.fabric == StorageSpec::Fabric::shared) {
    std::vector<std::string> places;
    for (const Part& part : parts_of(prepared.site))
      if (std::find(places.begin(), places.end(), part.site.place) == places.end()) places.push_back(part.site.place);
    storage.place = spec.place.value_or(places.front());
    if (!spec.place && places.size() > 1)
      d.error_at("site.storage.place", "is missing; the networks stand at several places: " + listed(places));
    else if (std::find(places.begin(), places.end(), storage.place) == places.end())
      d.error_at("site.storage.place",
                 fmt::format("no network stands at \"{}\"; expected {}", storage.place, listed(places)),
                 did_you_mean(storage.place, places));
  }
  prepared.site.storage = std::move(storage);
}

}  // namespace alight
