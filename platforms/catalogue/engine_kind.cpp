#include "platforms/catalogue/engine_kind.hpp"

namespace alight {

const Description& EngineKind::description() {
  const Range some{.min = 0}, part{.min = 0, .max = 1}, share{.min = 0, .max = 1, .above_min = true};
  static const auto d = [&] {
    using S = EngineKind;
    auto kind = begin_entry<S>("engine", "A serving engine, or what one does on some chips or in some versions.");
    kind.text("engine", &S::engine, "Name of the engine this is of. Default: the entry's own.")
        .list("chips", &S::chips, "It holds on these chips only. Default: on all.")
        .list("versions", &S::versions, "It holds for versions that begin so only. Default: for all.")
        .flag("prefill_first", &S::prefill_first, "Iterations hold prompts or decoding sequences, never both.")
        .flag("narrow_cache", &S::narrow_cache, "It keeps keys and values in 8 bits where weights are that narrow.")
        .number("batched_tokens", &S::batched_tokens, "Tokens of an iteration of one data rank.",
                {.min = 1, .max = 1e7})
        .quantity("memory_share", &S::memory_share, "1", "Share of the chip's memory it takes.", share)
        .quantity("reserve", &S::reserve, "1", "Share of an answer's length it keeps cache for at admission.", part)
        .quantity("iteration", &S::iteration_us, "us", "Host's time of an iteration that the chips wait for.", some)
        .quantity("sequence", &S::sequence_us, "us", "The same for each sequence of a data rank.", some)
        .quantity("layer", &S::layer_us, "us", "Small kernels of a layer.", some)
        .quantity("expert_layer", &S::expert_layer_us, "us", "More of a layer of experts.", some)
        .quantity("latent_layer", &S::latent_layer_us, "us", "More of a layer of latent attention.", some)
        .quantity("mixer_layer", &S::mixer_layer_us, "us", "More of a layer of linear attention.", some)
        .quantity("prompt_layer", &S::prompt_layer_us, "us", "More of a layer in an iteration with prompts.", some)
        .quantity("prompt_expert_layer", &S::prompt_expert_layer_us, "us", "More of it, where it has experts.", some)
        .quantity("quantise_fp4", &S::quantise_fp4_us, "us",
                  "More of a product in 4 bits: its input brought to blocks.", some)
        .quantity("quantise_fp8", &S::quantise_fp8_us, "us", "The same in fp8, where each block has a scale.", some)
        .quantity("fp8_products", &S::fp8_products, "1",
                  "Rate of products in fp8 over what the chip reaches elsewhere.", share)
        .quantity("reduce", &S::reduce_us, "us", "Latency of its own small all-reduce. 0: the library's.", some)
        .quantity("expert_products", &S::expert_products, "1",
                  "Rate of the products of experts over that of one large product.", share)
        .quantity("expert_reads", &S::expert_reads, "1", "Share of the memory bandwidth experts are read at.", share)
        .flag("all_experts", &S::all_experts, "It reads every expert's weights, whichever the batch chose.")
        .quantity("cache", &S::cache, "1", "Share of the memory bandwidth keys and values are read at.", share)
        .quantity("request", &S::request_ms, "ms", "Of a request, outside iterations.", some)
        .quantity("prompt_token", &S::prompt_token_us, "us", "The same, of each of its prompt tokens.", some)
        .quantity("intake", &S::intake_ms, "ms", "Of a request in the front end, one after the other.", some)
        .number("poll", &S::poll, "Decode iterations between two looks for requests.", some)
        .number("poll_many", &S::poll_many, "The same where 16 requests or more are under way.", some)
        .number("gather", &S::gather, "Iterations that prompts wait for all data ranks to have one.", some)
        .number("stream", &S::stream, "Tokens it sends together.", {.min = 1})
        .number("lost_slots", &S::lost_slots, "Slots of a batch no request gets.", some)
        .quantity("acceptance", &S::acceptance, "1", "Share of drafted tokens kept, where nothing is said.", part)
        .quantity("spread", &S::spread, "1", "What the lengths of equal requests differ by.", part)
        .quantity("uncertainty", &S::uncertainty, "1", "One standard deviation of a predicted time over the measured.",
                  {.min = 0, .max = 2});
    return end_entry(kind);
  }();
  return d;
}

}  // namespace alight
