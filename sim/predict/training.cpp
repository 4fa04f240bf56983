#include "sim/predict/training.hpp"

#include "sim/predict/output.hpp"
#include "sim/predict/training_setup.hpp"

namespace alight {

namespace {

std::string_view name_of(Recompute recompute) {
  switch (recompute) {
    case Recompute::none:
      return "none";
    case Recompute::selective:
      return "selective";
    case Recompute::full:
      return "full";
  }
  return "none";
}

void print(PredictionFile& file, std::string_view id, const TrainingSetup& setup, const TrainingPrediction& p) {
  const TrainingStep& s = p.step;
  const StepBreakdown& b = s.breakdown;
  const TrainingMemory& m = s.memory;
  const auto chips = static_cast<double>(p.layout.chips());
  const double percent = 100 / (s.seconds * chips * setup.chip.peak(p.layout.precision));
  file.print("{},{},{:.7g},{:.7g},{:.7g},{:.6g},{:.4g},{:.4g},{:.4g},{:.5g},", csv_field(id),
             s.could_fit ? "ok" : "out_of_memory", s.seconds, s.low_s, s.high_s,
             s.tokens_per_s_per_chip(p.layout.chips()), s.model_flops * percent, s.model_flops_legacy * percent,
             s.hardware_flops * percent, m.total() * 1e-9);
  file.print("{:.7g},{:.7g},{:.7g},{:.7g},{:.7g},{:.7g},{:.7g},{:.7g},{:.7g},", b.compute_s, b.tensor_s, b.pipeline_s,
             b.data_s, b.expert_s, b.context_s, b.bubble_s, b.optimizer_s, b.other_s);
  file.print("{:.5g},{:.5g},{:.5g},{:.5g},{:.5g},", m.weights * 1e-9, m.gradients * 1e-9, m.optimizer * 1e-9,
             m.activations * 1e-9, m.buffers * 1e-9);
  file.print("{},{},{},{},{},{},{}\n",
             s.fits        ? "yes"
             : s.could_fit ? "tight"
                           : "no",
             p.layout.micro_batch, p.layout.virtual_stages, name_of(p.layout.recompute),
             csv_field(setup.software->name), csv_field(setup.kernels.kind->name), name_of(setup.kernels.basis));
}

}  // namespace

std::size_t predict_training_steps(const std::filesystem::path& cases, const std::filesystem::path& out,
                                   const Catalogue& catalogue, const Zoo& zoo, const CaseGround& ground,
                                   Diagnostics& diagnostics) {
  CaseTable table(cases, diagnostics);
  const TrainingColumns columns(table);
  if (!diagnostics.ok()) return 0;

  PredictionFile file(
      "id,status,step_s,step_low_s,step_high_s,tokens_per_s_per_chip,mfu_pct,mfu_legacy_pct,hfu_pct,memory_gb,"
      "compute_s,exposed_tp_s,exposed_pp_s,exposed_dp_s,exposed_ep_s,exposed_cp_s,bubble_s,optimizer_s,other_s,"
      "weights_gb,gradients_gb,optimizer_gb,activations_gb,buffers_gb,"
      "fits,micro_batch,vpp,recompute,software,kernels,basis\n");
  TrainingResolver resolver(catalogue, zoo, ground);
  TrainingSetup setup;
  TrainingPrediction prediction;
  std::size_t rows = 0;
  while (table.next()) {
    const TrainingCase row = columns.read(table);
    if (!diagnostics.ok()) continue;
    std::string why = resolver.resolve(row, setup);
    if (why.empty()) why = predict_training(setup, prediction);
    if (why.empty())
      print(file, row.id, setup, prediction);
    else
      file.unsupported(row.id, why);
    ++rows;
  }
  if (!diagnostics.ok()) return 0;
  file.write(out, diagnostics);
  return diagnostics.ok() ? rows : 0;
}

}  // namespace alight
