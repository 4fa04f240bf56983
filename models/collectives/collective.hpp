// The time of one collective operation, closed form: latency of the steps plus bytes over the slowest wire, for each
// algorithm the library could take; the one it would take is the answer.
//
// Equations: NCCL's cost model, t = latency * steps + bytes / bandwidth (src/graph/tuning.cc, C118 of the collected
// constants), with wire efficiencies and latencies as measured instead of NCCL's own; hierarchical and rail
// algorithms after Thakur, Rabenseifner, Gropp, "Optimization of Collective Communication Operations in MPICH" (2005);
// double binary trees after Sanders, Speck, Traeff, "Two-tree algorithms" (2009). See docs/collectives.md.
//
// Pure and without state: safe from any thread, no allocation, well under a microsecond.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/collectives/fabric.hpp"

namespace alight {

enum class Collective { all_reduce, all_gather, reduce_scatter, all_to_all, broadcast, send_recv };

enum class Algorithm {
  none,          ///< nothing to send: one rank
  ring,          ///< around all ranks
  tree,          ///< double binary tree between domains, chains inside
  in_network,    ///< the switches reduce and multicast (NVLS, SHARP)
  direct,        ///< every rank with every other at once
  hierarchical,  ///< inside the domain, then between domains over all rails, then inside again
  torus,         ///< rings along all axes of a torus at once
};

/// "all_reduce" ...; nothing for an unknown name. "alltoall" and "reduce-scatter" are read too.
std::optional<Collective> parse_collective(std::string_view name);
std::string_view name_of(Collective collective);
std::string_view name_of(Algorithm algorithm);

/// The ranks of a collective and where they are. All counts are of ranks of this group; others do not matter.
struct Group {
  std::int64_t ranks = 1;
  std::int64_t per_domain = 1;  ///< inside one scale-up domain; more than the domain holds counts as the domain
  std::int64_t per_leaf = 0;    ///< below one leaf switch (0: all)
  std::int64_t per_pod = 0;     ///< below one pod of leaves (0: all)
  bool int8 = false;            ///< one-byte elements: reductions run at another rate, switches do not reduce them
};

struct CollectiveEstimate {
  double seconds = 0;
  double busbw_gbs = 0;  ///< bytes / seconds * bus_factor: what nccl-tests print
  Algorithm algorithm = Algorithm::none;
  // Of a group over several domains:
  double network_s = 0;     ///< of `seconds`, with the network between them busy
  double domain_bytes = 0;  ///< that leave each domain of the group, all its ranks' NICs together
};

/// Bytes each rank must at least send or receive over the bytes counted: 2(n-1)/n for all_reduce, (n-1)/n for
/// all_gather, reduce_scatter and all_to_all, 1 for the others (nccl-tests PERFORMANCE.md).
double bus_factor(Collective collective, std::int64_t ranks);

/// `bytes` as nccl-tests count them: the buffer of one rank for all_reduce, all_to_all, broadcast and send_recv; the
/// gathered result for all_gather; the input of one rank for reduce_scatter. One rank or no bytes take no time. A group
/// over several domains without a network (fabric.out.gbs 0) takes infinite time.
CollectiveEstimate estimate(Collective collective, double bytes, const Group& group, const Fabric& fabric);

}  // namespace alight
