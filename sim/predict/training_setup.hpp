// From a row of a table of training cases to what the step model computes with, and its prediction.
//
// What a row leaves open is filled in so: dp = chips / (tp pp cp); a blank micro_batch (1, 2, 4), vpp (1 to 8) or
// recompute is the best that is valid: one that fits before one that does not, then the fastest. A row without a
// micro_batch leaves a vpp of 1 open too, and its batch is rounded to a multiple of the data ranks. The shape of the
// model is the zoo's where the columns do not say; software is the one the chip's kernels name for such a layout; the
// network rate is the catalogue's, else kAssumedScaleOutGbps. Guesses widen the range.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "models/training/step.hpp"
#include "platforms/accelerator.hpp"
#include "platforms/catalogue.hpp"
#include "sim/predict/training_case.hpp"
#include "workloads/zoo.hpp"

namespace alight {

/// Scale-out rate of a chip, each direction, where neither the row nor the catalogue knows one and a group needs it.
inline constexpr double kAssumedScaleOutGbps = 200;

struct TrainingSetup {
  Architecture model;
  Layout layout;
  Accelerator chip;
  Fabric fabric;
  const SoftwareKind* software = nullptr;  ///< what drives the chip; of the catalogue
  KernelChoice kernels;                    ///< whose constants the chip has
  bool open_micro_batch = false, open_stages = false, open_recompute = false;  ///< the row leaves them to us
};

struct TrainingPrediction {
  TrainingStep step;
  Layout layout;  ///< with what was open settled
};

/// Resolves rows against a catalogue, a zoo and where they run, and remembers what it looked up. All must outlive it.
/// Not thread-safe.
class TrainingResolver {
 public:
  TrainingResolver(const Catalogue& catalogue, const Zoo& zoo, const CaseGround& ground)
      : catalogue_(catalogue), zoo_(zoo), ground_(ground) {}

  /// Fills `out`; empty, or why the row cannot be predicted.
  std::string resolve(const TrainingCase& row, TrainingSetup& out);

 private:
  /// A chip of the catalogue with one software.
  struct Known {
    const Chip* chip = nullptr;
    Accelerator accelerator;
    KernelChoice kernels;
    const SoftwareKind* software = nullptr;
  };
  std::string chip_of(const TrainingCase& row, const Layout& layout, TrainingSetup& out, const Chip*& chip);
  std::string model_of(const TrainingCase& row, const TrainingFlags& flags, Architecture& model);
  std::string fabric_for(const TrainingCase& row, const Chip& chip, TrainingSetup& out);

  const Catalogue& catalogue_;
  const Zoo& zoo_;
  const CaseGround& ground_;
  std::unordered_map<std::string, Known> chips_;          ///< "chip\nsoftware" as rows say it
  std::unordered_map<std::string, Architecture> models_;  ///< of the zoo; without layers where there is none
  std::string key_;
};

/// The best of what the setup leaves open; empty, or why no candidate is possible.
std::string predict_training(const TrainingSetup& setup, TrainingPrediction& out);

}  // namespace alight
