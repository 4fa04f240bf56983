// A running training job as a rate: what its work comes to on the chips it got.
#pragma once

#include <string>
#include <vector>

#include "models/training/exchanges.hpp"
#include "models/training/step.hpp"
#include "sim/ledger/split.hpp"

namespace alight {

/// What a job's work comes to on chips that lie in one way.
struct TrainingRate {
  std::string unfit;  ///< "unfit: why" where it cannot run there, and nothing else holds then; else empty
  Layout layout;      ///< of a mixed job: what all its pipelines share
  std::string layout_text;
  TrainingStep step;
  std::vector<Exchange> exchanges;  ///< between scale-up domains; empty on one server, and of a mixed job
  Split split{ChipState::below_peak};
  double mfu = 0;
  double startup_s = 0;
  double tokens_per_s() const { return step.tokens / step.seconds; }
};

}  // namespace alight
