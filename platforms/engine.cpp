#include "platforms/engine.hpp"

#include <algorithm>
#include <stdexcept>

namespace alight {

namespace {

constexpr double kShownMemory = 0.995 * 1024 * 1024 * 1024 / 1e9;

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool fits(const EngineKind& kind, std::string_view version, const Chip& chip) {
  const auto begins_version = [&](const std::string& v) { return begins(version, v); };
  const bool chips =
      kind.chips.empty() || std::find(kind.chips.begin(), kind.chips.end(), chip.name) != kind.chips.end();
  const bool versions =
      kind.versions.empty() || std::any_of(kind.versions.begin(), kind.versions.end(), begins_version);
  return chips && versions;
}

int narrowness(const EngineKind& kind) {
  return (kind.chips.empty() ? 0 : 1) + (kind.versions.empty() ? 0 : 1);
}

// Where only narrow peaks are known, a wider one is taken for half the next narrower, as on most chips.
void fill_wide_peaks(Accelerator& chip) {
  const auto at = [&](Precision p) -> double& { return chip.peak_flops[static_cast<std::size_t>(p)]; };
  if (at(Precision::bf16) > 0) return;
  if (at(Precision::fp8) <= 0) at(Precision::fp8) = at(Precision::mxfp8) = at(Precision::nvfp4) / 2;
  at(Precision::bf16) = at(Precision::fp16) = std::max(at(Precision::fp8), at(Precision::int8)) / 2;
}

// A multiplication the chip has no unit for runs in the next wider one; the weights are read as narrow as they are.
void widen_peaks(Accelerator& chip) {
  const auto at = [&](Precision p) -> double& { return chip.peak_flops[static_cast<std::size_t>(p)]; };
  const auto share = [&](Precision p) -> double& { return chip.kernels.gemm_efficiency[static_cast<std::size_t>(p)]; };
  const auto from = [&](Precision narrow, Precision wide) {
    if (at(narrow) > 0) return;
    at(narrow) = at(wide);
    share(narrow) = share(wide);
  };
  from(Precision::fp8, Precision::bf16);
  from(Precision::int8, Precision::bf16);
  from(Precision::mxfp8, Precision::fp8);
  from(Precision::nvfp4, Precision::fp8);
}

}  // namespace

EngineChoice engine_kind_of(std::string_view engine, std::string_view version, const Chip& chip,
                            const Catalogue& catalogue) {
  const EngineKind* named = catalogue.engines().find(engine);
  const EngineKind* rest = catalogue.engines().find("Unmeasured engine");
  if (!rest) throw std::logic_error("engine_kind_of: the catalogue has no engine \"Unmeasured engine\"");
  if (!named) return {rest, false};
  const EngineKind* best = named;
  for (const EngineKind& kind : catalogue.engines().entries())
    if (kind.engine == named->name && fits(kind, version, chip) && narrowness(kind) >= narrowness(*best)) best = &kind;
  return {best, true};
}

EngineProfile engine_profile(const EngineKind& kind, const Chip& chip, const Catalogue& catalogue) {
  const KernelKind& kernels = *kernels_of(chip, catalogue).kind;
  EngineProfile out;
  out.batching = kind.prefill_first ? Batching::prefill_first : Batching::mixed;
  out.batched_tokens = kind.batched_tokens;
  out.memory_share = kind.memory_share;
  out.reserve = kind.reserve;
  out.lost_slots = static_cast<std::int64_t>(kind.lost_slots);
  out.iteration_s = kind.iteration_us * 1e-6;
  out.sequence_s = kind.sequence_us * 1e-6;
  out.prompt_layer_s = kind.prompt_layer_us * 1e-6;
  out.prompt_expert_layer_s = kind.prompt_expert_layer_us * 1e-6;
  out.layer_s = kind.layer_us * 1e-6;
  out.expert_layer_s = kind.expert_layer_us * 1e-6;
  out.latent_layer_s = kind.latent_layer_us * 1e-6;
  out.mixer_layer_s = kind.mixer_layer_us * 1e-6;
  out.quantise_fp4_s = kind.quantise_fp4_us * 1e-6;
  out.quantise_fp8_s = kind.quantise_fp8_us * 1e-6;
  out.fp8_products = kind.fp8_products;
  out.reduce_s = kind.reduce_us * 1e-6;
  out.expert_products = kind.expert_products * kernels.serving_experts;
  out.expert_reads = kind.expert_reads;
  out.all_experts = kind.all_experts;
  out.cache = kind.cache;
  out.request_s = kind.request_ms * 1e-3;
  out.prompt_token_s = kind.prompt_token_us * 1e-6;
  out.intake_s = kind.intake_ms * 1e-3;
  out.poll = kind.poll;
  out.poll_many = kind.poll_many;
  out.gather = kind.gather;
  out.stream = kind.stream;
  return out;
}

Accelerator serving_chip(const Chip& chip, const Catalogue& catalogue) {
  const KernelKind& kernels = *kernels_of(chip, catalogue).kind;
  Accelerator out = accelerator_of(chip, catalogue);
  out.memory_bytes *= kShownMemory;
  KernelProfile& k = out.kernels;
  k.memory_efficiency = kernels.serving_memory.value_or(kernels.memory);
  k.attention_forward *= kernels.serving_attention;
  for (double& share : k.gemm_efficiency) share *= kernels.serving_products;
  if (kernels.serving_products_fp4) {
    double& share = k.gemm_efficiency[static_cast<std::size_t>(Precision::nvfp4)];
    share *= *kernels.serving_products_fp4 / kernels.serving_products;
  }
  fill_wide_peaks(out);
  widen_peaks(out);
  return out;
}

bool wide_peak_guessed(const Chip& chip, const Catalogue& catalogue) {
  return accelerator_of(chip, catalogue).peak(Precision::bf16) <= 0;
}

}  // namespace alight
