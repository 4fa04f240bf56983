// Admission: resolves what each job asks against what the site has. A job that no pool could ever run is turned away
// here, with its reason, so that nothing can wait for ever.
#pragma once

#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/cluster/request.hpp"
#include "sim/run/run.hpp"
#include "sim/scheduler/scheduler.hpp"
#include "workloads/job.hpp"

namespace alight {

struct Admission {
  Requests requests;
  std::vector<Candidate> candidates;          ///< [job]
  std::vector<Queue> queues;                  ///< 0 is the common queue
  std::vector<std::vector<double>> slowdown;  ///< [Candidate::speed][pool]
  /// [job] 0 = admitted, else index into `reasons`.
  std::vector<std::uint8_t> turned_away;
  std::vector<std::string> reasons;
};

/// `cluster` answers the feasibility test, empty and complete.
Admission admit(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
                const Cluster& cluster);

}  // namespace alight
