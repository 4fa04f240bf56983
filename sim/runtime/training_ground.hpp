// What predicting training on a site needs, resolved once from catalogue and zoo: how each pool's chips compute and
// talk, and what the models are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/collectives/fabric.hpp"
#include "models/reliability/interruptions.hpp"
#include "models/training/accelerator.hpp"
#include "models/training/architecture.hpp"
#include "models/training/generic.hpp"
#include "platforms/catalogue.hpp"
#include "platforms/site.hpp"
#include "platforms/topology/pool_network.hpp"
#include "sim/runtime/storage_way.hpp"
#include "workloads/job.hpp"
#include "workloads/zoo.hpp"

namespace alight {

struct TrainingGround {
  struct PoolGround {
    Accelerator chip;
    Fabric fabric;        ///< of a job that lies on as few servers as it can, under one leaf
    std::string missing;  ///< what is not known of the chip, so that nothing runs there; empty
    std::int64_t server_chips = 1;
    std::int64_t leaf_servers = 0;   ///< servers below one leaf; 0: all of the pool
    std::vector<std::int64_t> pods;  ///< [leaf of the pool]; empty: all leaves in one
    /// Leaves of one scale-up network of several servers: 1 where a leaf is a supernode; 0: there is none.
    std::int64_t domain_leaves = 0;
    /// How fast each of its chips is is drawn in the run: then rates do not expect what the slowest of them costs.
    bool speeds_drawn = false;
    bool domain_is_grid = false;  ///< its servers are cabled to each other, so that jobs in it can share links

    /// A chip of the pool, as rates have it: without its kind's spread where speeds are drawn.
    Accelerator with_drawn_speeds(Accelerator of_pool) const {
      if (speeds_drawn) of_pool.kernels.spread = 0;
      return of_pool;
    }
  };
  std::vector<PoolGround> pools;                    ///< [pool]
  std::vector<StorageWay> storage;                  ///< [pool]; empty in a site without one
  std::vector<std::vector<FailureCause>> failures;  ///< [pool] what interrupts jobs by chance; empty where nothing does
  /// [pool][pool]: what lies between them beyond their own networks; empty in a site of one network.
  std::vector<std::vector<std::optional<Between>>> between;
  /// The pool's chip under the software that drives a layout somebody gave, and what that software decides of the
  /// layout. Null: PoolGround::chip, the layout as it stands.
  std::function<Accelerator(std::size_t pool, Layout& layout)> drive;
  /// By the names that jobs use. A name that is not in the zoo is in neither.
  std::unordered_map<std::string, Architecture> models;
  std::unordered_map<std::string, GenericModel> generics;  ///< known by the figures of a sample
};

/// [pool] of a numbered site: how its chips compute and talk, with the site's own NICs and oversubscription. The
/// prediction of a job alone rests on this, in a run and in `alight predict` alike.
std::vector<TrainingGround::PoolGround> pool_grounds(const Site& site, const Catalogue& catalogue);

/// Of the pools: kernels, software and fabric of their chips (platforms/accelerator.hpp, platforms/fabric.hpp). Of the
/// models: those that training jobs of the workload name. Site and catalogue outlive it. Empty where no job trains.
TrainingGround training_ground(const Site& site, const Workload& workload, const Catalogue& catalogue, const Zoo& zoo);

}  // namespace alight
