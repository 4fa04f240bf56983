#include "platforms/catalogue/kernel_kind.hpp"

namespace alight {

namespace {

// What every entry must have, of its own or from the one it is like.
void check_kernels(const KernelKind& kind, const std::string& path, Diagnostics& diagnostics) {
  const std::pair<const char*, double> needed[] = {{"gemm_16bit", kind.gemm_16bit},
                                                   {"attention_forward", kind.attention_forward},
                                                   {"attention_backward", kind.attention_backward},
                                                   {"memory", kind.memory},
                                                   {"score_memory", kind.score_memory}};
  for (const auto& [key, value] : needed)
    if (value <= 0) diagnostics.error_at(join_key(path, key), "is missing; kernels need this share");
  if (kind.software.empty())
    diagnostics.error_at(join_key(path, "software"), "is missing; name an entry of `software`");
}

}  // namespace

const Description& KernelKind::description() {
  const Range some{.min = 0}, share{.min = 0, .max = 1, .above_min = true}, part{.min = 0, .max = 1};
  static const auto d = [&] {
    using S = KernelKind;
    auto kind = begin_entry<S>("kernel", "What a chip's kernels reach in training, as measured or carried over.");
    kind.list("chips", &S::chips, "Chips these were measured on.")
        .list("family", &S::family, "Chips of the same design it stands for, not measured.")
        .list("vendors", &S::vendors, "Vendors whose other chips it stands for.")
        .text("software", &S::software, "Entry of `software` that drives such chips where nothing is said.")
        .text("software_sharded", &S::software_sharded, "The same where weights are sharded. Default: as software.")
        .text("software_narrow", &S::software_narrow, "The same below 16 bits. Default: as software.")
        .flag("overlaps", &S::overlaps,
              "Its software runs tensor collectives and the gathering of parameters beside computation.")
        .quantity("gemm_16bit", &S::gemm_16bit, "1", "Share of the dense peak large matrix products reach.", share)
        .quantity("gemm_fp8", &S::gemm_fp8, "1", "The same in fp8, of the fp8 peak. Default: as gemm_16bit.", share)
        .quantity("gemm_mxfp8", &S::gemm_mxfp8, "1", "The same in mxfp8. Default: as gemm_fp8.", share)
        .quantity("gemm_nvfp4", &S::gemm_nvfp4, "1", "The same in nvfp4. Default: as gemm_mxfp8.", share)
        .quantity("gemm_int8", &S::gemm_int8, "1", "The same in int8. Default: as gemm_16bit.", share)
        .number("tail_elements", &S::tail_elements, "Output elements in flight at once, over two.", some)
        .number("inner_half", &S::inner_half, "Inner dimension at which a product reaches half its rate.", some)
        .quantity("grouped", &S::grouped, "1", "Rate of the products of many experts over that of one large product.",
                  share)
        .quantity("attention_forward", &S::attention_forward, "1",
                  "Share of the 16-bit peak the fused attention kernel reaches.", share)
        .quantity("attention_backward", &S::attention_backward, "1", "The same, backward.", share)
        .quantity("portable_attention", &S::portable_attention, "1",
                  "Rate of an attention kernel not tuned for the chip over the tuned one.", share)
        .quantity("memory", &S::memory, "1", "Share of the memory bandwidth a streaming kernel reaches.", share)
        .quantity("score_memory", &S::score_memory, "1",
                  "The same between the two products of an attention that is not fused.", share)
        .quantity("kernel_gap", &S::kernel_gap_us, "us", "From the end of a kernel to the start of the next.", some)
        .number("host", &S::host, "Time its host needs to issue an operation over the software's own.", some)
        .quantity("overlap_slowdown", &S::overlap_slowdown, "1", "How much slower kernels run beside a collective.",
                  part)
        .quantity("serving_memory", &S::serving_memory, "1",
                  "Share of the memory bandwidth in serving. Default: as memory.", share)
        .number("serving_products", &S::serving_products, "Rate of products in serving over that in training.", some)
        .quantity("serving_products_fp4", &S::serving_products_fp4, "1",
                  "The same in nvfp4. Default: as serving_products.", some)
        .number("serving_attention", &S::serving_attention,
                "Rate of attention over prompts in serving over that in training.", some)
        .number("serving_experts", &S::serving_experts,
                "Rate of experts' products in serving over the engine's elsewhere.", some)
        .quantity("spread", &S::spread, "1", "One standard deviation of the speed of chips of this kind.", part)
        .quantity("uncertainty", &S::uncertainty, "1", "One standard deviation of a predicted step over the measured.",
                  {.min = 0, .max = 2})
        .check(check_kernels);
    return end_entry(kind);
  }();
  return d;
}

const Description& SoftwareKind::description() {
  const Range some{.min = 0};
  static const auto d = [&] {
    using S = SoftwareKind;
    auto kind = begin_entry<S>("software", "A training framework: what stands between the model and the kernels.");
    kind.quantity("issue", &S::issue_us, "us", "Time the host needs to issue one operation.", some)
        .number("traffic", &S::traffic, "Bytes its memory-bound kernels move over the fewest possible.",
                {.min = 0, .above_min = true})
        .number("gate_traffic", &S::gate_traffic, "The same, on top, of rotary positions and gated activations.",
                {.min = 0, .above_min = true})
        .flag("tuned_attention", &S::tuned_attention, "It runs attention in a kernel tuned for the chip.")
        .quantity("selective_share", &S::selective_share, "1",
                  "Share of the forward pass that selective recomputation repeats; 0: what the model says.",
                  {.min = 0, .max = 1})
        .quantity("prefetch", &S::prefetch, "1",
                  "Share of computation under which the gathering of sharded weights can hide.", {.min = 0, .max = 1})
        .quantity("tensor_hidden", &S::tensor_hidden, "1",
                  "Share of tensor-parallel communication it runs beside the products it feeds.", {.min = 0, .max = 1});
    return end_entry(kind);
  }();
  return d;
}

}  // namespace alight
