#include "sim/predict/serving_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "sim/predict/serving_layout.hpp"

namespace alight {

namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '_' && c != '-' && c != '(' && c != ')')
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// What hubs add to the name of a model for the precision or the date of its weights.
std::string_view without_suffix(std::string_view name) {
  static constexpr std::string_view kSuffixes[] = {"-FP8",  "-NVFP4", "-FP4",     "-MXFP4",    "-BF16", "-AWQ",
                                                   "-GPTQ", "-INT8",  "-INT4",    "-Instruct", "-0528", "-0324",
                                                   "-2507", "-v2",    "-Dynamic", "-Thinking", "-KV"};
  for (const std::string_view suffix : kSuffixes)
    if (name.size() > suffix.size() && squeezed(name.substr(name.size() - suffix.size())) == squeezed(suffix))
      return name.substr(0, name.size() - suffix.size());
  return name;
}

struct Named {
  std::string_view name;
  Precision precision;
};

// As quantisation modes are called; kinds of four bits that keep 16-bit activations count as four bits too.
std::string precision_of(std::string_view name, Precision& out) {
  static constexpr Named kNames[] = {{"bf16", Precision::bf16},         {"bfloat16", Precision::bf16},
                                     {"fp16", Precision::bf16},         {"float16", Precision::bf16},
                                     {"fp8", Precision::fp8},           {"fp8_block", Precision::fp8},
                                     {"fp8_ootb", Precision::fp8},      {"fp8_static", Precision::fp8},
                                     {"mxfp8", Precision::mxfp8},       {"int8", Precision::int8},
                                     {"int8_wo", Precision::fp8},       {"sq", Precision::int8},
                                     {"nvfp4", Precision::nvfp4},       {"fp4", Precision::nvfp4},
                                     {"mxfp4", Precision::nvfp4},       {"int4", Precision::nvfp4},
                                     {"int4_wo", Precision::nvfp4},     {"w4afp8", Precision::nvfp4},
                                     {"w4a16_mxfp4", Precision::nvfp4}, {"w4a8_mxfp4_mxfp8", Precision::nvfp4}};
  for (const Named& each : kNames)
    if (squeezed(each.name) == squeezed(name)) {
      out = each.precision;
      return {};
    }
  return fmt::format("no precision named \"{}\"; expected bf16, fp8, nvfp4 or a quantisation mode", name);
}

// Runs of InferenceX whose tables do not say that they draft: TensorRT-LLM on one server, from the day its recipes with
// drafts came (SemiAnalysisAI/InferenceX, pull request 412 of 2026-01-12), later by the release that those alone used
// (pull request 1489: the recipes without drafts stayed at 1.2.0rc6.post2).
bool published_with_drafts(const ServingCase& row) {
  return row.engine == "trtllm" && (holds(row.source, "measured=2026-01-14") || row.version == "1.2.0rc6.post3");
}

std::int64_t stated_concurrency(std::string_view source) {
  constexpr std::string_view kKey = "silicon_concurrency=";
  const std::size_t at = source.find(kKey);
  std::int64_t out = 0;
  if (at != std::string_view::npos)
    std::from_chars(source.data() + at + kKey.size(), source.data() + source.size(), out);
  return out;
}

// A run of equal requests, as aiconfigurator's own gap analyses are; InferenceX draws lengths between 80 and 100 %.
bool equal_requests(std::string_view source) {
  return source.empty() || (holds(source, "gap-analysis") && holds(source, "/data/"));
}

}  // namespace

std::string ServingResolver::model_of(const ServingCase& row, ServingSetup& out) const {
  std::string_view name = row.model;
  const ModelEntry* entry = zoo_.find(name);
  while (!entry) {
    const std::string_view shorter = without_suffix(name);
    if (shorter.size() == name.size()) break;
    name = shorter;
    entry = zoo_.find(name);
  }
  if (!entry || entry->generic())
    return fmt::format("no language model named \"{}\" in the zoo{}", row.model, [&] {
      const std::string hint = did_you_mean(row.model, zoo_.all_names());
      return hint.empty() ? hint : ", " + hint;
    }());
  out.model = entry->architecture();
  // DeepSeek-V3 and those built like it come with a block that guesses a token ahead (arXiv 2412.19437 section 2.2).
  out.drafts = out.model.latent.kv_rank > 0 && out.model.experts.count > 0;
  out.model.mtp_layers = 0;  // they draft; the model itself is without them
  return {};
}

std::string ServingResolver::chip_of(const ServingCase& row, const Chip*& chip) const {
  chip = catalogue_.find_chip(row.system);
  const std::string wanted = squeezed(row.system);
  for (const Chip& each : catalogue_.chips().entries()) {
    if (chip) break;
    if (squeezed(each.name) == wanted) chip = &each;
    for (const std::string& alias : each.aliases)
      if (squeezed(alias) == wanted) chip = &each;
  }
  // "a100_sxm": the form alone, where the catalogue adds the memory's size. The first there is.
  for (const Chip& each : catalogue_.chips().entries()) {
    if (chip) break;
    if (wanted.size() >= 3 && squeezed(each.name).substr(0, wanted.size()) == wanted) chip = &each;
  }
  if (chip) return {};
  const std::string hint = did_you_mean(row.system, catalogue_.chips().all_names());
  return fmt::format("no chip named \"{}\" in the catalogue{}{}", row.system, hint.empty() ? "" : ", ", hint);
}

std::string ServingResolver::fabric_for(const Chip& chip, ServingSetup& out) const {
  const std::int64_t widest = out.split ? std::max(out.prefill.chips(), out.decode.chips()) : out.whole.chips();
  CaseServers servers;
  servers.chip = &chip;
  servers.domain = std::max<std::int64_t>(1, chip.scale_up_domain.value_or(8));
  servers.chips = widest;
  servers.per_server = std::min(widest, servers.domain);
  CasePlace place;
  if (std::string why = ground_.place(servers, place); !why.empty()) return why;
  out.fabric = place.fabric;
  if (out.fabric.out.gbs <= 0 && widest > out.fabric.up.domain)
    return fmt::format("a worker of {} chips spans domains of {} and the chip's network is not known", widest,
                       out.fabric.up.domain);
  return {};
}

namespace {

std::string precisions_of(const ServingCase& row, const Architecture& model, Precision& weights, Precision& attention) {
  std::string_view dense = row.product_precision.empty() ? row.precision : row.product_precision;
  if (dense.empty()) dense = holds(row.model, "FP8") ? "fp8" : holds(row.model, "FP4") ? "nvfp4" : "bf16";
  const std::string_view routed = row.expert_precision.empty() ? dense : row.expert_precision;
  std::string why = precision_of(model.experts.count > 0 ? routed : dense, weights);
  if (why.empty()) why = precision_of(dense, attention);
  // Checkpoints in nvfp4 leave latent attention in 16 bits (hf_quant_config.json of nvidia/DeepSeek-R1-FP4).
  if (attention == Precision::nvfp4 && model.latent.kv_rank > 0) attention = Precision::bf16;
  return why;
}

// Requests under way; 0: not said.
std::int64_t concurrency_of(const ServingCase& row) {
  const auto one = [](std::int64_t n) { return std::max<std::int64_t>(1, n); };
  if (row.concurrency > 0) return row.concurrency;
  if (!row.split && row.whole.batch > 0) return row.whole.batch * one(row.whole.data);
  if (const std::int64_t stated = stated_concurrency(row.source); stated > 0) return stated;
  return row.decode.batch * one(row.decode.workers) * one(row.decode.data);
}

void set_layouts(const ServingCase& row, const Chip& chip, Precision weights, Precision attention, ServingSetup& out) {
  const double bytes = parameters(out.model) * weight_bytes(weights);
  const auto domain = static_cast<std::int64_t>(chip.scale_up_domain.value_or(8));
  const auto prepare = [&](ServingLayout layout) {
    layout.weights = weights;
    layout.attention = attention;
    layout.two_batches = row.two_batches.value_or(false);
    layout.expert_imbalance = row.expert_imbalance.value_or(1);
    layout.kv_bytes = out.kind->narrow_cache && weights != Precision::bf16 ? 1 : 2;
    return layout;
  };
  out.split = row.split || whole_deployment(row.whole, out.model, bytes, out.chip.memory_bytes);
  if (!out.split) {
    out.whole = prepare(layout_of(row.whole, out.model));
    return;
  }
  const SplitLayout split = split_layout_of(row, out.model, domain, out.loop.concurrency, bytes, out.chip.memory_bytes,
                                            weights == Precision::nvfp4);
  out.prefill = prepare(split.prefill);
  out.decode = prepare(split.decode);
  out.prefill_workers = split.prefill_workers;
  out.shares_open = split.shares_open;
  out.decode_workers = split.decode_workers;
}

void set_benchmark(const ServingCase& row, ServingSetup& out) {
  ClosedLoop& loop = out.loop;
  loop.input = static_cast<double>(row.input);
  loop.output = static_cast<double>(row.output);
  const bool equal = equal_requests(row.source);
  loop.shortest = row.shortest.value_or(equal ? 1 - out.kind->spread : 0.8);
  if (equal && !row.shortest) {
    // Equal requests do not stay in step for ever: they are spread a little about the length that is said.
    loop.input *= 2 / (1 + loop.shortest);
    loop.output *= 2 / (1 + loop.shortest);
  }
  loop.cached = row.cached.value_or(0);
  constexpr std::int64_t kRounds = 10, kMostRequests = 20000;
  loop.requests = row.rounds.value_or(kRounds) * loop.concurrency;
  if (!row.rounds) loop.requests = std::min(loop.requests, std::max(kMostRequests, 3 * loop.concurrency));
  // A batch as large as the requests under way, of which the engine keeps a slot: seen on dense models in 16 bits only.
  const Precision weights = out.whole.weights;
  if (!equal || out.model.experts.count > 0 || out.split || weights != Precision::bf16) out.engine.lost_slots = 0;
  if (out.engine.lost_slots > 0) loop.slots = loop.concurrency;
}

void set_speculation(const ServingCase& row, ServingSetup& out) {
  // Published recipes draft three tokens, and one where attention has data ranks; split pools only where more sequences
  // than this are on each.
  constexpr std::int64_t kDrafted = 3, kManySequences = 32;
  const std::int64_t ranks = out.split ? out.decode.data : out.whole.data;
  const std::int64_t sequences = out.loop.concurrency / std::max<std::int64_t>(1, ranks * out.decode_workers);
  if (row.drafted) {
    out.speculation.drafted = *row.drafted;
  } else if (out.drafts && ((out.split && row.decode.workers == 0) || published_with_drafts(row))) {
    out.speculation.drafted = ranks > 1 && (!out.split || sequences > kManySequences) ? 1 : kDrafted;
    out.speculation_open = out.split;
  }
  out.speculation.acceptance = row.acceptance.value_or(out.kind->acceptance);
}

}  // namespace

std::string ServingResolver::resolve(const ServingCase& row, ServingSetup& out) const {
  out = ServingSetup{};
  const Chip* chip = nullptr;
  std::string why = model_of(row, out);
  if (why.empty()) why = chip_of(row, chip);
  if (!why.empty()) return why;
  out.chip = serving_chip(*chip, catalogue_);
  out.kernels = kernels_of(*chip, catalogue_);
  constexpr double kPeakUncertainty = 0.2;
  const double guessed = wide_peak_guessed(*chip, catalogue_) ? kPeakUncertainty : 0;
  if (out.chip.memory_bytes <= 0) return fmt::format("the memory of {} is not known", chip->name);
  if (out.chip.memory_bytes_s <= 0) return fmt::format("the memory bandwidth of {} is not known", chip->name);
  if (out.chip.peak(Precision::bf16) <= 0) return fmt::format("the peak of {} is not known", chip->name);
  const EngineChoice choice = engine_kind_of(row.engine, row.version, *chip, catalogue_);
  out.kind = choice.kind;
  out.engine = engine_profile(*choice.kind, *chip, catalogue_);
  out.uncertainty =
      std::hypot(choice.kind->uncertainty, out.kernels.basis == KernelBasis::measured ? 0.0 : 0.15, guessed);

  Precision weights = Precision::bf16, attention = Precision::bf16;
  why = precisions_of(row, out.model, weights, attention);
  if (!why.empty()) return why;
  out.loop.concurrency = concurrency_of(row);
  if (out.loop.concurrency == 0)
    return row.split ? "how many requests are under way is not said: decode_batch_size or concurrency is needed"
                     : "how many requests are under way is not said: batch_size or concurrency is needed";
  set_layouts(row, *chip, weights, attention, out);
  const std::int64_t tensor = out.split ? std::max(out.prefill.tensor, out.decode.tensor) : out.whole.tensor;
  if (tensor > out.model.heads) return fmt::format("{} tensor ranks for {} heads", tensor, out.model.heads);
  if (why = fabric_for(*chip, out); !why.empty()) return why;
  set_benchmark(row, out);
  set_speculation(row, out);
  return {};
}

}  // namespace alight
