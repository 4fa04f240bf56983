#include "platforms/accelerator.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace alight {

namespace {

constexpr double kFamilyUncertainty = 0.05, kVendorUncertainty = 0.15, kBandwidthUncertainty = 0.2;
constexpr double kAssumedBytesPerFlop = 0.004;

bool holds(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

const SoftwareKind& known_software(const Catalogue& catalogue, std::string_view name) {
  const SoftwareKind* kind = catalogue.software().find(name);
  if (!kind) throw std::logic_error("accelerator_of: the catalogue has no software \"" + std::string(name) + "\"");
  return *kind;
}

}  // namespace

std::string_view name_of(KernelBasis basis) {
  switch (basis) {
    case KernelBasis::measured:
      return "measured";
    case KernelBasis::family:
      return "family";
    case KernelBasis::vendor:
      return "vendor";
    case KernelBasis::guess:
      return "guess";
  }
  return "guess";
}

KernelChoice kernels_of(const Chip& chip, const Catalogue& catalogue) {
  // The last that fits: a user's own entries come after the built-in ones.
  const auto last = [&](auto&& fits) -> const KernelKind* {
    const auto& entries = catalogue.kernels().entries();
    const auto found = std::find_if(entries.rbegin(), entries.rend(), fits);
    return found == entries.rend() ? nullptr : &*found;
  };
  if (const KernelKind* kind = last([&](const KernelKind& k) { return holds(k.chips, chip.name); }))
    return {kind, KernelBasis::measured};
  if (const KernelKind* kind = last([&](const KernelKind& k) { return holds(k.family, chip.name); }))
    return {kind, KernelBasis::family};
  if (const KernelKind* kind =
          last([&](const KernelKind& k) { return !chip.vendor.empty() && holds(k.vendors, chip.vendor); }))
    return {kind, KernelBasis::vendor};
  const KernelKind* kind = catalogue.kernels().find("Unmeasured chip");
  if (!kind) throw std::logic_error("kernels_of: the catalogue has no kernels \"Unmeasured chip\"");
  return {kind, KernelBasis::guess};
}

const SoftwareKind& default_software(const Chip& chip, const Catalogue& catalogue, const Layout& layout) {
  const KernelKind& kind = *kernels_of(chip, catalogue).kind;
  const bool sharded =
      layout.sharding == Sharding::zero3 || layout.sharding == Sharding::fsdp || layout.sharding == Sharding::hsdp;
  if (sharded && !kind.software_sharded.empty()) return known_software(catalogue, kind.software_sharded);
  if (bytes_of(layout.precision) < 2 && !kind.software_narrow.empty())
    return known_software(catalogue, kind.software_narrow);
  return known_software(catalogue, kind.software);
}

void set_habits(Layout& layout, const KernelKind& kind, const SoftwareKind& software) {
  layout.overlap_gradients = layout.flash_attention;
  layout.overlap_parameters = layout.overlap_gradients && kind.overlaps;
  // A compiler splits what the tensor ranks would repeat.
  if (software.issue_us == 0 && layout.tensor > 1) layout.sequence_parallel = true;
  // Collectives in pieces need activations split by sequence, or a compiler that splits them itself.
  layout.overlap_tensor = layout.flash_attention && kind.overlaps && layout.sequence_parallel;
}

Accelerator accelerator_of(const Chip& chip, const Catalogue& catalogue, std::string_view software) {
  const KernelChoice choice = kernels_of(chip, catalogue);
  const KernelKind& kind = *choice.kind;
  Accelerator out;
  const double bf16 = chip.bf16_tflops.value_or(0) * 1e12, fp8 = chip.fp8_tflops.value_or(0) * 1e12;
  out.peak_flops = {bf16, bf16, fp8, fp8, chip.fp4_tflops.value_or(0) * 1e12, chip.int8_tops.value_or(0) * 1e12};
  out.memory_bytes = chip.memory_gb.value_or(0) * 1e9;
  out.memory_bytes_s = chip.memory_gbs.value_or(0) * 1e9;

  KernelProfile& k = out.kernels;
  const double e16 = kind.gemm_16bit, e8 = kind.gemm_fp8.value_or(e16), emx = kind.gemm_mxfp8.value_or(e8);
  k.gemm_efficiency = {e16, e16, e8, emx, kind.gemm_nvfp4.value_or(emx), kind.gemm_int8.value_or(e16)};
  k.tail_elements = kind.tail_elements;
  k.inner_half = kind.inner_half;
  k.attention_forward = kind.attention_forward;
  k.attention_backward = kind.attention_backward;
  k.grouped_efficiency = kind.grouped;
  k.portable_attention = kind.portable_attention;
  k.memory_efficiency = kind.memory;
  k.score_efficiency = kind.score_memory;
  k.kernel_gap_s = kind.kernel_gap_us * 1e-6;
  k.overlap_slowdown = kind.overlap_slowdown;
  k.spread = kind.spread;
  k.uncertainty = kind.uncertainty;
  if (choice.basis == KernelBasis::family) k.uncertainty = std::hypot(k.uncertainty, kFamilyUncertainty);
  if (choice.basis == KernelBasis::vendor) k.uncertainty = std::hypot(k.uncertainty, kVendorUncertainty);

  if (!chip.memory_gbs && bf16 > 0) {
    out.memory_bytes_s = kAssumedBytesPerFlop * bf16;
    k.uncertainty = std::hypot(k.uncertainty, kBandwidthUncertainty);
  }

  const SoftwareKind& driver = known_software(catalogue, software.empty() ? kind.software : software);
  out.software = {.issue_s = driver.issue_us * 1e-6 * kind.host,
                  .traffic = driver.traffic,
                  .gate_traffic = driver.gate_traffic,
                  .tuned_attention = driver.tuned_attention,
                  .selective_share = driver.selective_share,
                  .prefetch = driver.prefetch,
                  .tensor_hidden = driver.tensor_hidden};
  return out;
}

}  // namespace alight
