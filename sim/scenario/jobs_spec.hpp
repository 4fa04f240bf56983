// Jobs as a scenario writes them itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "sim/scenario/storage_spec.hpp"
#include "workloads/job.hpp"
#include "workloads/training_mix.hpp"
#include "workloads/training_work.hpp"

namespace alight {

/// A training job that may go on with fewer chips.
struct ElasticSpec {
  std::int64_t replicas = 0;
  double grow_s = ElasticWork{}.grow_s;
  static const Description& description();
};

/// A job written into the scenario itself.
struct JobSpec {
  std::string id;
  JobType type = JobType::rigid;
  double submit_s = 0;
  std::optional<double> duration_s;
  std::optional<double> estimate_s;
  std::optional<std::int64_t> chips;
  std::string kinds, stack, vc, user;
  std::int64_t priority = 0;
  bool preemptible = false;
  std::int64_t count = 1;
  std::vector<std::string> pools;
  std::string task;  ///< of type parallel, as read_parallel_work() reads it

  // Of type training.
  std::string model;
  std::optional<double> tokens, steps;
  std::int64_t global_batch = TrainingWork::kGlobalBatch;
  std::int64_t sequence = TrainingWork::kSequence;
  Precision precision = Precision::bf16;
  std::string layout = "plan";
  double startup_s = 0;
  std::string load;
  std::optional<CheckpointSpec> checkpoint;
  std::optional<ElasticSpec> elastic;
  double dataset_bytes = 0;                 ///< of a token or sample
  std::map<std::string, std::int64_t> mix;  ///< chips by pool, of a job that lies in several
  std::string path;                         ///< between those pools

  /// As stated; of a mix, those of all its pools; else 1.
  std::int64_t chips_held() const;
  TrainingMix training_mix() const;
  /// What a training job does; the layout is one that reads without a problem.
  TrainingWork work() const;
  static const Description& description();
};

}  // namespace alight
