// Admission: resolves what each job asks against what the site has. A job that no pool could ever run is turned away
// here, with its reason, so that nothing can wait for ever.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/cluster/request.hpp"
#include "sim/run/elastic_sizes.hpp"
#include "sim/run/run.hpp"
#include "sim/runtime/training.hpp"
#include "sim/scheduler/scheduler.hpp"
#include "workloads/job.hpp"

namespace alight {

struct Admission {
  ChipRequests requests;
  std::vector<Candidate> candidates;          ///< [job]
  std::vector<Queue> queues;                  ///< 0 is the common queue
  std::vector<std::vector<double>> slowdown;  ///< [Candidate::speed][pool]
  /// [job] 0 = admitted, else index into `reasons`.
  std::vector<std::uint32_t> turned_away;
  std::vector<std::string> reasons;
  std::vector<std::string> notes;  ///< pools that some training job may use but cannot, and why
  /// [job] of training ones; empty where there is none. Of a job with a mix, a MixedRates::Kind.
  std::vector<TrainingRates::Kind> training;
  std::map<JobIndex, ElasticSizes> elastic;
};

/// `cluster` answers the feasibility test, empty and complete; `rates` says where training jobs are fit, and how fast.
Admission admit(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
                const Cluster& cluster, TrainingRates& rates);

}  // namespace alight
