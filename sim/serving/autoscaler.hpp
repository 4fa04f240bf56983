// How many replicas a pool should have.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/serving/ticks.hpp"

namespace alight {

enum class ScaleBy : std::uint8_t {
  fixed,
  queue,        ///< requests in flight, waiting or running, per replica
  utilisation,  ///< requests in flight per place in a batch
  slo,          ///< share of first tokens that came within the service's target
};

struct Autoscale {
  ScaleBy by = ScaleBy::fixed;
  std::int64_t min = 1, max = 1;
  double target = 1;       ///< of the measure
  double every_s = 15;     ///< between two looks (Kubernetes' horizontal autoscaler looks every 15 s)
  double tolerance = 0.1;  ///< within this share of the target nothing moves (the same one's default)
  double hold_s = 300;     ///< fewer replicas only when fewer were wanted all this time (the same one's default)
};

/// What a look sees. Replicas that start count as there: they have been asked for.
struct PoolSight {
  std::int64_t replicas = 0;      ///< that serve or start
  std::int64_t in_flight = 0;     ///< requests
  std::int64_t places = 0;        ///< of the batch of one replica
  std::int64_t first_tokens = 0;  ///< since the last look
  std::int64_t in_time = 0;       ///< of these
};

class Autoscaler {
 public:
  explicit Autoscaler(const Autoscale& config) : config_(config) {}

  /// The replicas wanted at `t`, from min to max. Replicas in proportion to the measure over its target, as Kubernetes'
  /// horizontal autoscaler counts them; by `slo`, one more while the share is missed, and one fewer when it is met and
  /// the others would have room for all.
  std::int64_t wanted(const PoolSight& sight, Ticks t);

 private:
  std::int64_t proposal(const PoolSight& sight) const;
  Autoscale config_;
  std::optional<Ticks> fewer_since_;
  std::int64_t most_wanted_ = 0;  ///< since then
};

}  // namespace alight
