// What a job asks of the cluster, once its names are resolved against the site: how much, in what shape, and which
// pools may give it. Equal requests are kept once, so that a test made for one holds for all.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "workloads/job.hpp"

namespace alight {

using PoolIndex = std::uint32_t;
using ServerIndex = std::uint32_t;
using JobIndex = std::uint32_t;

struct ChipRequest {
  std::int64_t chips = 1;            ///< whole chips; 0 = host processor only
  std::int32_t chip_milli = 1000;    ///< share of each chip; below 1000 only with one chip
  std::int64_t cpu_milli = 0;        ///< for the whole job; spread over its chips
  std::int64_t host_memory_mib = 0;  ///< for the whole job; spread over its chips
  Shape shape = Shape::gang;
  std::uint32_t eligible = 0;  ///< which list of pools may run it, see ChipRequests::pools()
  /// Which list of parts it is made of, see ChipRequests::parts(); 0: it lies in one pool. One with parts lies in all
  /// pools of its list, counts the chips of all in `chips`, and is of whole servers.
  std::uint32_t mixed = 0;
  auto operator<=>(const ChipRequest&) const = default;

  bool fractional() const { return chip_milli < 1000; }
  /// Whole chips anywhere in one pool, nothing else counted: counting free chips decides it.
  bool plain() const {
    return shape == Shape::gang && !fractional() && chips > 0 && cpu_milli == 0 && host_memory_mib == 0;
  }
  /// Lies on one server by its nature.
  bool on_one_server() const { return shape == Shape::one_server || fractional() || chips == 0; }
};

using RequestId = std::uint32_t;

/// What a request of several pools asks of one of them: a request of its own.
struct RequestPart {
  PoolIndex pool = 0;
  RequestId request = 0;
  auto operator<=>(const RequestPart&) const = default;
};

class ChipRequests {
 public:
  std::uint32_t intern_pools(const std::vector<PoolIndex>& pools);
  RequestId intern(const ChipRequest& request);
  /// A request that holds all of `parts` or nothing: at least two, by ascending pool, each in a pool of its own and of
  /// whole servers.
  RequestId intern_mixed(const std::vector<RequestPart>& parts);
  const ChipRequest& operator[](RequestId id) const { return requests_[id]; }
  /// The pools that may run it, in the site's order.
  std::span<const PoolIndex> pools(RequestId id) const { return pool_lists_[requests_[id].eligible]; }
  std::span<const PoolIndex> pool_list(std::uint32_t eligible) const { return pool_lists_[eligible]; }
  /// Of a mixed request, by ascending pool; none of others.
  std::span<const RequestPart> parts(RequestId id) const {
    const std::uint32_t mixed = requests_[id].mixed;
    return mixed == 0 ? std::span<const RequestPart>() : part_lists_[mixed - 1];
  }
  std::size_t size() const { return requests_.size(); }

 private:
  std::vector<ChipRequest> requests_;
  std::map<ChipRequest, RequestId> ids_;
  std::vector<std::vector<PoolIndex>> pool_lists_;
  std::map<std::vector<PoolIndex>, std::uint32_t> pool_list_ids_;
  std::vector<std::vector<RequestPart>> part_lists_;
  std::map<std::vector<RequestPart>, RequestId> mixed_ids_;
};

}  // namespace alight
