// What a row of serving cases means: model, chip, engine, how the chips are used, and the benchmark it was measured
// with. What a row leaves open is filled in here, by rules that are stated.
#pragma once

#include <string>

#include "models/inference/closed_loop.hpp"
#include "platforms/catalogue.hpp"
#include "platforms/engine.hpp"
#include "sim/predict/case_ground.hpp"
#include "sim/predict/serving_case.hpp"
#include "workloads/zoo.hpp"

namespace alight {

struct ServingSetup {
  Architecture model;
  Accelerator chip;
  Fabric fabric;  ///< as the widest worker finds it
  EngineProfile engine;
  const EngineKind* kind = nullptr;
  KernelChoice kernels;
  bool split = false;
  ServingLayout whole, prefill, decode;  ///< whole, or the others where split
  std::int64_t prefill_workers = 0;      ///< 0: as many as keep up with the decoding ones
  std::int64_t decode_workers = 1;
  bool shares_open = false;  ///< fewer chips decode where prompts cannot keep up otherwise
  std::int64_t prefill_batch = 0;
  ClosedLoop loop;
  Speculation speculation;
  bool drafts = false;            ///< the model comes with a block that guesses tokens ahead
  bool speculation_open = false;  ///< whether it speculates is not said: the answer lies between
  double uncertainty = 0;         ///< one standard deviation, as a share, of the time between tokens
};

/// Reads rows against a catalogue and a zoo, which outlive it.
class ServingResolver {
 public:
  ServingResolver(const Catalogue& catalogue, const Zoo& zoo, const CaseGround& ground)
      : catalogue_(catalogue), zoo_(zoo), ground_(ground) {}
  /// Empty, or why the case cannot be predicted.
  std::string resolve(const ServingCase& row, ServingSetup& out) const;

 private:
  std::string model_of(const ServingCase& row, ServingSetup& out) const;
  std::string chip_of(const ServingCase& row, const Chip*& chip) const;
  std::string fabric_for(const Chip& chip, ServingSetup& out) const;

  const Catalogue& catalogue_;
  const Zoo& zoo_;
  const CaseGround& ground_;
};

}  // namespace alight
