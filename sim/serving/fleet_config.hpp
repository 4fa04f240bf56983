// What a service's fleet is made of, and what it asks of the world around it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/serving/autoscaler.hpp"
#include "sim/serving/iteration_lines.hpp"
#include "sim/serving/replica_config.hpp"
#include "sim/serving/router.hpp"
#include "sim/serving/service_results.hpp"

namespace alight {

/// Replicas that are alike.
struct ServingPool {
  std::string name;
  ReplicaConfig replica;
  const IterationTimes* times = nullptr;  ///< outlives the fleet
  double weight = 1;                      ///< speed of one, in a unit common to all pools of the service
  std::int64_t replicas = 1;              ///< that serve from the start
  Autoscale scale;
  double kv_bytes_per_token = 0, kv_bytes_per_sequence = 0;  ///< what a prefill pool hands over
  /// What a request spends outside of iterations until its first token is seen (server, tokeniser); it delays what the
  /// user sees of it, not the engine.
  double request_s = 0, prompt_token_s = 0;
};

struct FleetConfig {
  std::string name;
  std::vector<ServingPool> pools;  ///< aggregated ones, or prefill and decode ones; several may share either work
  RouterConfig router;
  ServiceTargets targets;
  std::int64_t queue_limit = 0;  ///< a replica with so many waiting takes no more; 0: none
  double timeout_s = 0;          ///< from arrival to the last token; 0: none
  int retries = 3;               ///< of a request whose replica failed
  bool keep_outcomes = false;    ///< of every request; 32 bytes each

  /// Whether first tokens are made elsewhere than others.
  bool split() const {
    return std::any_of(pools.begin(), pools.end(),
                       [](const ServingPool& pool) { return pool.replica.role != ReplicaRole::aggregated; });
  }
};

/// The world around a fleet. What it is asked here it answers later, by the number it was given, with Fleet::started
/// or Fleet::transferred; not from within the call.
class FleetSurroundings {
 public:
  virtual ~FleetSurroundings() = default;
  /// A replica is to be started: chips found, weights loaded, warmed up.
  virtual void start(std::uint32_t replica, std::uint64_t ticket, Ticks t) = 0;
  /// A replica has stopped, or need no longer start: its chips are free.
  virtual void stop(std::uint32_t replica, Ticks t) = 0;
  /// Keys and values are to be sent between replicas.
  virtual void transfer(double bytes, std::uint32_t from, std::uint32_t to, std::uint64_t ticket, Ticks t) = 0;
};

}  // namespace alight
