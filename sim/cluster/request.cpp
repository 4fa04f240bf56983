#include "sim/cluster/request.hpp"

#include <stdexcept>

namespace alight {

std::uint32_t ChipRequests::intern_pools(const std::vector<PoolIndex>& pools) {
  const auto [it, fresh] = pool_list_ids_.try_emplace(pools, static_cast<std::uint32_t>(pool_lists_.size()));
  if (fresh) pool_lists_.push_back(pools);
  return it->second;
}

RequestId ChipRequests::intern(const ChipRequest& request) {
  const auto [it, fresh] = ids_.try_emplace(request, static_cast<RequestId>(requests_.size()));
  if (fresh) requests_.push_back(request);
  return it->second;
}

RequestId ChipRequests::intern_mixed(const std::vector<RequestPart>& parts) {
  const auto [it, fresh] = mixed_ids_.try_emplace(parts, 0);
  if (!fresh) return it->second;
  part_lists_.push_back(parts);
  ChipRequest all{.chips = 0, .shape = Shape::whole_servers, .mixed = static_cast<std::uint32_t>(part_lists_.size())};
  std::vector<PoolIndex> pools;
  for (const RequestPart& part : parts) {
    const ChipRequest& of_part = requests_[part.request];
    if (of_part.shape != Shape::whole_servers || of_part.cpu_milli != 0 || of_part.host_memory_mib != 0 ||
        (!pools.empty() && part.pool <= pools.back()))
      throw std::logic_error("ChipRequests: a part is not of whole servers, or parts are out of order");
    all.chips += of_part.chips;
    pools.push_back(part.pool);
  }
  all.eligible = intern_pools(pools);
  return it->second = intern(all);
}

}  // namespace alight
