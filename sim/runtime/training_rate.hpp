// A running training job as a rate: what its work comes to on the chips it got.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/training/exchanges.hpp"
#include "models/training/step.hpp"
#include "sim/ledger/split.hpp"
#include "sim/runtime/storage_rate.hpp"

namespace alight {

/// What chips do while they compute a step, as training_activity() has it; `reached_flops` of all of them together.
Computing computing_of(const TrainingStep& step, double reached_flops);

/// What the step of a rate was predicted from: for those who ask what it would be on other chips.
struct StepCase {
  Accelerator chip;
  std::int64_t held = 0;  ///< chips, also those the layout leaves unused
  double waits = 0;       ///< of its computation, for replicas that have more to do than others
  std::function<TrainingStep(const Accelerator&)> step;
  std::function<std::vector<Exchange>(const Accelerator&)> exchanges;  ///< between scale-up domains; null: none
};

/// What a job's work comes to on chips that lie in one way.
struct TrainingRate {
  std::string unfit;  ///< "unfit: why" where it cannot run there, and nothing else holds then; else empty
  Layout layout;      ///< of a mixed job: what all its pipelines share
  std::string layout_text;
  TrainingStep step;
  /// Between scale-up domains, and with the storage; of the former none on one server, and none of a mixed job.
  std::vector<Exchange> exchanges;
  StorageRate storage;  ///< nothing in a site without one
  Split split{ChipState::below_peak};
  double mfu = 0;
  double startup_s = 0;                  ///< before it loads
  double slow_s = 0;                     ///< of a step, because its chips are slower than their kind
  std::shared_ptr<const StepCase> made;  ///< null where it is unfit, or of a mixed job
  /// Of a step, with what checkpoints and data hold it up, alone.
  double step_s() const { return step.seconds + storage.blocked_s(); }
  double tokens_per_s() const { return step.tokens / step_s(); }
  /// From the start to the first step, alone.
  double begin_s() const { return startup_s + storage.load_s; }
};

}  // namespace alight
