// A fleet played on its own: a trace of requests, a fleet, and a world around it in which starting a replica and
// sending keys and values take fixed times. For tests, benchmarks, and questions that need no centre around them.
#pragma once

#include <vector>

#include "sim/serving/fleet.hpp"

namespace alight {

struct PlaySettings {
  double start_s = 60;             ///< a replica takes to start
  double transfer_bytes_s = 50e9;  ///< of keys and values, each transfer for itself
  double transfer_latency_s = 5e-6;

  /// A replica fails, and starts again when it is repaired.
  struct Loss {
    double at_s = 0, back_s = 0;
    std::uint32_t replica = 0;
  };
  std::vector<Loss> losses;
};

struct PlayedRequests {
  ServiceResults results;
  std::vector<ReplicaHours> hours;  ///< by replica
  std::vector<std::size_t> pools;   ///< of each replica
  std::int64_t steps = 0;           ///< instants at which an engine was looked at
  std::int64_t most_replicas = 0;   ///< that served or started at once
};

/// Plays all requests of the trace to their ends.
PlayedRequests play_requests(const RequestTrace& trace, const FleetConfig& fleet, const PlaySettings& settings = {});

}  // namespace alight
