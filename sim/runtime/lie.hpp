// How the chips of a training job lie in a pool, and what their network then is.
#pragma once

#include <compare>
#include <cstdint>

#include "sim/runtime/training_ground.hpp"

namespace alight {

/// How the chips of a job lie: all that its rate depends on besides their kind.
struct Lie {
  std::int64_t chips = 0;  ///< held
  std::int64_t servers = 0;
  std::int64_t leaves = 0;
  std::int64_t pods = 0;
  std::int64_t domains = 1;  ///< scale-up networks of several servers (supernodes, grids); 1 where there are none
  auto operator<=>(const Lie&) const = default;
};

/// The fewest servers, leaves and pods of the pool that can hold `chips`, all chips of these servers where `shape` asks
/// for whole ones.
Lie least_lie(const TrainingGround::PoolGround& ground, std::int64_t chips, Shape shape);

/// `chips` over these servers, under as few leaves and pods as can be.
Lie lie_on(const TrainingGround::PoolGround& ground, std::int64_t chips, std::int64_t servers);

/// What they send each other over links that others can use too, as a network between servers: fabric_at(), but for
/// chips inside one grid that is their scale-up domain. There servers are domains of their own, joined at the rate that
/// the step model takes a chip to have inside the grid.
Fabric shared_fabric_at(const TrainingGround::PoolGround& ground, const Lie& lie);

/// The network of chips that lie so. They are taken as spread evenly over what they lie on; an uneven lie is as slow as
/// its thinnest server. Where they lie in more scale-up networks than they need, the domain is their part in one.
Fabric fabric_at(const TrainingGround::PoolGround& ground, const Lie& lie);

}  // namespace alight
