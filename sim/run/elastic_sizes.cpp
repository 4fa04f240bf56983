#include "sim/run/elastic_sizes.hpp"

namespace alight {

std::optional<ElasticSizes> elastic_sizes(const TrainingWork& work, TrainingRates::Kind kind, RequestId full,
                                          ChipRequests& requests, TrainingRates& rates) {
  const Layout& replica = work.layout;
  ElasticSizes sizes{.least = work.elastic.least_replicas,
                     .replica_chips = replica.tensor * replica.pipeline * replica.context,
                     .grow_s = work.elastic.grow_s,
                     .requests = {},
                     .kinds = {}};
  const ChipRequest all = requests[full];
  if (sizes.least * sizes.replica_chips > all.chips) return {};
  for (std::int64_t n = sizes.least; n * sizes.replica_chips < all.chips; ++n) {
    ChipRequest fewer = all;
    fewer.chips = n * sizes.replica_chips;
    fewer.cpu_milli = all.cpu_milli * fewer.chips / all.chips;
    fewer.host_memory_mib = all.host_memory_mib * fewer.chips / all.chips;
    sizes.requests.push_back(requests.intern(fewer));
    sizes.kinds.push_back(rates.resized(kind, fewer.chips));
  }
  sizes.requests.push_back(full);
  sizes.kinds.push_back(kind);
  return sizes;
}

}  // namespace alight
