#include "sim/predict/training_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "platforms/catalogue/entries.hpp"
#include "platforms/fabric.hpp"

namespace alight {

namespace {

// What a guess adds to the uncertainty, in quadrature.
constexpr double kNetworkUncertainty = 0.1, kBlockUncertainty = 0.05;

void widen(TrainingSetup& setup, double by) {
  setup.chip.kernels.uncertainty = std::hypot(setup.chip.kernels.uncertainty, by);
}

std::string unknown(std::string_view what, std::string_view name, const std::string& hint) {
  return fmt::format("no {} \"{}\"{}{}", what, name, hint.empty() ? "" : ", ", hint);
}

template <class T, std::size_t N>
const T* find(const std::array<std::pair<std::string_view, T>, N>& names, std::string_view name) {
  for (const auto& [known, value] : names)
    if (known == name) return &value;
  return nullptr;
}

template <class T, std::size_t N>
std::string take(const std::array<std::pair<std::string_view, T>, N>& names, std::string_view what,
                 std::string_view name, T& out) {
  if (const T* value = find(names, name)) {
    out = *value;
    return {};
  }
  std::vector<std::string> all;
  for (const auto& known : names) all.emplace_back(known.first);
  const std::string hint = did_you_mean(name, all);
  return unknown(what, name, hint.empty() ? fmt::format("but {}", fmt::join(all, ", ")) : hint);
}

constexpr std::array<std::pair<std::string_view, Sharding>, 7> kShardings{{{"none", Sharding::none},
                                                                           {"zero1", Sharding::zero1},
                                                                           {"zero1_node", Sharding::zero1_node},
                                                                           {"zero2", Sharding::zero2},
                                                                           {"zero3", Sharding::zero3},
                                                                           {"fsdp", Sharding::fsdp},
                                                                           {"hsdp", Sharding::hsdp}}};
constexpr std::array<std::pair<std::string_view, Precision>, 6> kPrecisionNames{{{"fp16", Precision::fp16},
                                                                                 {"bf16", Precision::bf16},
                                                                                 {"fp8", Precision::fp8},
                                                                                 {"mxfp8", Precision::mxfp8},
                                                                                 {"nvfp4", Precision::nvfp4},
                                                                                 {"int8", Precision::int8}}};
constexpr std::array<std::pair<std::string_view, Recompute>, 3> kRecomputes{
    {{"none", Recompute::none}, {"selective", Recompute::selective}, {"full", Recompute::full}}};
constexpr std::array<std::pair<std::string_view, Schedule>, 3> kSchedules{
    {{"gpipe", Schedule::gpipe}, {"1f1b", Schedule::one_f_one_b}, {"dualpipe", Schedule::dualpipe}}};
constexpr std::array<std::pair<std::string_view, Optimizer>, 3> kOptimizers{
    {{"adam", Optimizer::adam}, {"adamw", Optimizer::adam}, {"sgd", Optimizer::sgd}}};

std::string layout_of(const TrainingCase& row, const TrainingFlags& flags, TrainingSetup& out) {
  Layout& l = out.layout;
  l = {};
  l.tensor = row.tensor.value_or(1);
  l.pipeline = row.pipeline.value_or(1);
  l.virtual_stages = row.virtual_stages.value_or(1);
  l.context = row.context.value_or(1);
  l.expert = row.expert.value_or(1);
  l.sequence_parallel = row.sequence_parallel.value_or(false);
  l.micro_batch = row.micro_batch.value_or(1);
  l.global_batch = row.global_batch;
  l.sequence = row.sequence;
  const double replica =
      static_cast<double>(l.tensor) * static_cast<double>(l.pipeline) * static_cast<double>(l.context);
  const auto dp = static_cast<std::int64_t>(static_cast<double>(row.chips) / replica);
  l.data = row.data.value_or(std::max<std::int64_t>(dp, 1));
  if (replica * static_cast<double>(l.data) != static_cast<double>(row.chips))
    return fmt::format("tp {} x pp {} x cp {} x dp {} are not {} chips", l.tensor, l.pipeline, l.context, l.data,
                       row.chips);
  out.open_micro_batch = !row.micro_batch;
  // A batch that does not divide is one that was rounded when it was published, if the rank's share is not known.
  if (out.open_micro_batch && l.global_batch > l.data) l.global_batch = (l.global_batch + l.data / 2) / l.data * l.data;
  // Who does not say the micro-batch does not say the interleaving either: tables then have a 1.
  out.open_stages = l.pipeline > 1 && (!row.virtual_stages || (!row.micro_batch && l.virtual_stages == 1));
  out.open_recompute = row.recompute.empty();

  std::string why = take(kShardings, "sharding", row.sharding, l.sharding);
  if (why.empty()) why = take(kPrecisionNames, "precision", row.precision, l.precision);
  if (why.empty() && !out.open_recompute) why = take(kRecomputes, "recomputation", row.recompute, l.recompute);
  if (why.empty() && !flags.schedule.empty()) why = take(kSchedules, "schedule", flags.schedule, l.schedule);
  if (why.empty() && !flags.optimizer.empty()) why = take(kOptimizers, "optimizer", flags.optimizer, l.optimizer);
  l.flash_attention = flags.flash_attention;
  l.pipeline_slots = flags.pipeline_slots;
  l.uneven_stages = flags.uneven_stages;
  l.shard_ranks = flags.shard_ranks;
  l.low_rank_adapters = flags.lora;
  l.capacity_factor = flags.capacity_factor > 0 ? flags.capacity_factor : flags.token_drop ? 1 : 0;
  if (flags.expert_imbalance > 0) l.expert_imbalance = flags.expert_imbalance;
  l.expert_domains = flags.expert_domains;
  return why;
}

}  // namespace

std::string TrainingResolver::chip_of(const TrainingCase& row, const Layout& layout, TrainingSetup& out,
                                      const Chip*& chip) {
  key_.assign(row.chip).append("\n").append(row.software);
  // What drives a chip by default depends on these two.
  key_ += static_cast<char>('a' + static_cast<int>(layout.precision));
  key_ += static_cast<char>('a' + static_cast<int>(layout.sharding));
  auto found = chips_.find(key_);
  if (found == chips_.end()) {
    Known known;
    known.chip = catalogue_.find_chip(row.chip);
    if (!known.chip) return unknown("chip named", row.chip, did_you_mean(row.chip, catalogue_.chips().all_names()));
    known.software = row.software.empty() ? &default_software(*known.chip, catalogue_, layout)
                                          : catalogue_.software().find(row.software);
    if (!known.software)
      return unknown("software", row.software, did_you_mean(row.software, catalogue_.software().all_names()));
    known.accelerator = accelerator_of(*known.chip, catalogue_, known.software->name);
    known.kernels = kernels_of(*known.chip, catalogue_);
    found = chips_.emplace(key_, std::move(known)).first;
  }
  const Known& known = found->second;
  chip = known.chip;
  out.chip = known.accelerator;
  out.kernels = known.kernels;
  out.software = known.software;
  if (out.chip.peak(layout.precision) <= 0)
    return fmt::format("{} is not known to compute in {}", chip->name, row.precision);
  if (out.chip.memory_bytes <= 0) return fmt::format("the memory of {} is not known", chip->name);
  return {};
}

std::string TrainingResolver::model_of(const TrainingCase& row, const TrainingFlags& flags, Architecture& model) {
  key_.assign(row.model);
  auto found = models_.find(key_);
  if (found == models_.end()) {
    Architecture zoo;
    const ModelEntry* entry = row.model.empty() ? nullptr : zoo_.find(row.model);
    if (entry && !entry->generic()) zoo = entry->architecture();
    zoo.name = row.model;
    found = models_.emplace(key_, std::move(zoo)).first;
  }
  model = found->second;
  const bool in_zoo = model.layers > 0;
  const bool shaped = row.layers && row.hidden && row.heads && row.vocab && (row.ffn || row.expert_ffn);
  if (!in_zoo && !shaped)
    return unknown("model named", row.model, did_you_mean(row.model, zoo_.all_names())) +
           "; a model that is not in the zoo needs layers, hidden, ffn, heads and vocab";

  const auto over = [](std::int64_t& value, const std::optional<std::int64_t>& given) {
    value = given.value_or(value);
  };
  over(model.layers, row.layers);
  over(model.hidden, row.hidden);
  over(model.ffn, row.ffn);
  over(model.heads, row.heads);
  if (row.heads && !in_zoo) model.kv_heads = *row.heads;
  over(model.kv_heads, row.kv_heads);
  if (row.hidden && row.heads && !in_zoo) model.head_dim = *row.hidden / *row.heads;
  over(model.head_dim, row.head_dim);
  over(model.vocab, row.vocab);
  model.gated = row.gated.value_or(model.gated);
  model.tied = row.tied.value_or(model.tied);
  model.causal = row.causal.value_or(model.causal);
  over(model.experts.count, row.experts);
  over(model.experts.active, row.experts_active);
  over(model.experts.shared, row.experts_shared);
  over(model.experts.ffn, row.expert_ffn);
  over(model.experts.dense_layers, row.dense_layers);
  over(model.latent.kv_rank, row.kv_rank);
  over(model.latent.q_rank, row.q_rank);
  over(model.latent.rope_dim, row.rope_dim);
  if (model.head_dim < 1 || model.kv_heads < 1) return "heads of no width";
  if (model.experts.count > 0 && (model.experts.active < 1 || model.experts.ffn < 1))
    return "experts without their number per token or their width";
  if (row.attention == "mla" && model.latent.kv_rank < 1)
    return fmt::format("the ranks of the latent attention of \"{}\" are not known", row.model);

  if (flags.sliding_window) {
    model.sliding_window = *flags.sliding_window;
    model.full_every = flags.full_every.value_or(model.full_every);
  } else if (flags.full_every) {
    model.full_every = *flags.full_every;
  }
  if (flags.chunk) {
    model.sliding_window = *flags.chunk;
    model.chunked = true;
    model.full_every = flags.full_every.value_or(model.full_every > 0 ? model.full_every : 4);  // as in Llama 4
  }
  // A row that gives the shape says whether the extra blocks were trained; a name alone means the published model.
  if (flags.mtp_layers || shaped) model.mtp_layers = flags.mtp_layers.value_or(0);
  model.hybrid = model.hybrid || flags.hybrid;
  return {};
}

std::string TrainingResolver::fabric_for(const TrainingCase& row, const Chip& chip, TrainingSetup& out) {
  const Layout& l = out.layout;
  CaseServers servers = row.servers;
  servers.chip = &chip;
  servers.chips = l.chips();
  servers.domain = std::max<std::int64_t>(chip.scale_up_domain.value_or(1), 1);
  if (row.chips_per_node && fabric_kind_of(chip, catalogue_).up->topology == ScaleUpTopology::host)
    servers.domain = std::max(servers.domain, *row.chips_per_node);
  else if (row.chips_per_node && servers.domain <= kLargestServer)
    servers.domain = *row.chips_per_node;
  if (!ground_.on_site())
    servers.per_server = std::min(servers.chips, row.chips_per_node.value_or(std::min(servers.domain, kLargestServer)));
  CasePlace place;
  if (std::string why = ground_.place(servers, place); !why.empty()) return why;
  out.fabric = place.fabric;
  ScaleUp& up = out.fabric.up;
  // One shard group is a slice of the torus; the slices are joined by the network of the datacentre.
  if (up.topology == ScaleUpTopology::torus && l.sharding == Sharding::hsdp && l.shard_ranks > 0)
    up.domain = std::min(up.domain, l.shard_ranks * l.tensor);
  if (out.fabric.out.gbs <= 0) {
    out.fabric.out.gbs = kAssumedScaleOutGbps / 8;
    if (l.chips() > up.domain) widen(out, kNetworkUncertainty);
  }
  return {};
}

std::string TrainingResolver::resolve(const TrainingCase& row, TrainingSetup& out) {
  TrainingFlags flags;
  std::string why = flags.read(row.flags);
  if (why.empty()) why = layout_of(row, flags, out);
  const Chip* chip = nullptr;
  if (why.empty()) why = chip_of(row, out.layout, out, chip);
  if (why.empty()) why = model_of(row, flags, out.model);
  if (why.empty()) why = fabric_for(row, *chip, out);
  if (!why.empty()) return why;
  if (flags.parallel_block) widen(out, kBlockUncertainty);
  set_habits(out.layout, *out.kernels.kind, *out.software);
  if (flags.overlap_gradients) {
    out.layout.overlap_gradients = *flags.overlap_gradients;
    out.layout.overlap_parameters = *flags.overlap_gradients && out.layout.overlap_parameters;
  }
  out.layout.overlap_tensor = flags.overlap_tensor.value_or(out.layout.overlap_tensor);
  // DeepSeek's routers, the ones that go with latent attention, choose among the experts of four nodes (arXiv
  // 2412.19437 section 2.1.2).
  if (out.model.latent.kv_rank > 0 && out.model.experts.count > 0 && flags.expert_domains == 0)
    out.layout.expert_domains = 4;
  return {};
}

namespace {

// Whether the layers divide evenly over the chunks, as interleaving wants them.
bool even_chunks(const Architecture& model, const Layout& layout) {
  const std::int64_t slots = layout.pipeline_slots > 0 ? layout.pipeline_slots : model.layers;
  return layout.virtual_stages == 1 || slots % (layout.pipeline * layout.virtual_stages) == 0;
}

bool better(const TrainingStep& a, const TrainingStep& b) {
  return a.fits != b.fits ? a.fits : a.seconds < b.seconds;
}

}  // namespace

std::string predict_training(const TrainingSetup& setup, TrainingPrediction& out) {
  constexpr std::int64_t kMicroBatches[] = {1, 2, 4}, kStages[] = {1, 2, 3, 4, 5, 6, 7, 8};
  constexpr Recompute kModes[] = {Recompute::none, Recompute::selective, Recompute::full};
  std::string why;
  bool found = false;
  Layout layout = setup.layout;
  const auto attempt = [&] {
    std::string impossible = why_impossible(setup.model, layout, setup.chip);
    if (!impossible.empty()) {
      if (why.empty()) why = std::move(impossible);
      return;
    }
    TrainingStep step = predict_step(setup.model, layout, setup.chip, setup.fabric);
    if (!std::isfinite(step.seconds)) {
      if (why.empty()) why = "a group spans domains and the chip has no network";
      return;
    }
    if (found && !better(step, out.step)) return;
    out.step = step;
    out.layout = layout;
    found = true;
  };
  for (const std::int64_t micro_batch : kMicroBatches) {
    if (setup.open_micro_batch) layout.micro_batch = micro_batch;
    for (const std::int64_t stages : kStages) {
      if (setup.open_stages) layout.virtual_stages = stages;
      for (const Recompute mode : kModes) {
        if (setup.open_recompute) layout.recompute = mode;
        if (!setup.open_stages || even_chunks(setup.model, layout)) attempt();
        if (!setup.open_recompute) break;
      }
      if (!setup.open_stages) break;
    }
    if (!setup.open_micro_batch) break;
  }
  return found ? std::string{} : why;
}

}  // namespace alight
