// A service ready to be played: its requests, its fleet, and what its replicas compute with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/inference/replica.hpp"
#include "sim/runtime/training_rate.hpp"
#include "sim/serving/fleet_config.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

/// Replicas that are alike; the pool of the same number in Service::fleet.
struct ServiceReplicas {
  std::size_t pool = 0;  ///< of the site
  std::unique_ptr<const ReplicaModel> model;
  std::unique_ptr<const IterationTimes> times;
  std::int64_t count = 0;  ///< at first
  std::int64_t most = 0;   ///< that can be asked for: so many jobs of the workload are theirs
  double startup_s = 0;    ///< from its chips to its first request, loading apart
  /// Keys and values of one request between servers, and within one: by the NICs, and the scale-up links, of one of its
  /// data-parallel parts. Infinite where its servers have none.
  double nic_bytes_s = 0, scale_up_bytes_s = 0;
  std::int64_t data_parts = 1;
  TrainingRate load;  ///< of its weights, from the site's storage
};

/// Does not move: its fleet points into it.
struct Service {
  std::string name;
  RequestTrace trace;
  FleetConfig fleet;  ///< with no replicas at first: they are started
  std::vector<ServiceReplicas> replicas;

  /// The name of the job that holds the chips of a replica.
  static std::string job_id(const std::string& service, std::size_t number) {
    return service + "." + std::to_string(number);
  }
};

using Services = std::vector<std::unique_ptr<const Service>>;

}  // namespace alight
