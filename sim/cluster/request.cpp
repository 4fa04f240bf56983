#include "sim/cluster/request.hpp"

namespace alight {

std::uint32_t Requests::intern_pools(const std::vector<PoolIndex>& pools) {
  const auto [it, fresh] = pool_list_ids_.try_emplace(pools, static_cast<std::uint32_t>(pool_lists_.size()));
  if (fresh) pool_lists_.push_back(pools);
  return it->second;
}

RequestId Requests::intern(const Request& request) {
  const auto [it, fresh] = ids_.try_emplace(request, static_cast<RequestId>(requests_.size()));
  if (fresh) requests_.push_back(request);
  return it->second;
}

}  // namespace alight
