#include "sim/predict/training_case.hpp"

#include "workloads/traces/values.hpp"

namespace alight {

namespace {

// Products of five of these stay finite.
constexpr Range kSome{.min = 1, .max = 1e9}, kCount{.min = 0, .max = 1e9};
constexpr Range kCaseRate{.min = 0, .max = 1e9, .above_min = true};

}  // namespace

TrainingColumns::TrainingColumns(CaseTable& table) : network_(table, "chips_per_leaf") {
  id_ = table.text("id");
  chip_ = table.text("chip");
  chips_ = table.integer("chips", kSome);
  sequence_ = table.integer("seq_len", kSome);
  global_batch_ = table.integer("global_batch", kSome);
  model_ = table.optional_text("model");
  // Without names, the shape must be there; with them it may be.
  if (!table.has("model"))
    for (const char* name : {"layers", "hidden", "heads", "vocab"}) table.integer(name);
  attention_ = table.optional_text("attention");
  sharding_ = table.optional_text("sharding", "none");
  precision_ = table.optional_text("precision", "bf16");
  recompute_ = table.optional_text("recompute");
  software_ = table.optional_text("software");
  flags_ = table.optional_text("flags");
  chips_per_node_ = table.optional_integer("chips_per_node", kSome);
  tensor_ = table.optional_integer("tp", kSome);
  pipeline_ = table.optional_integer("pp", kSome);
  virtual_stages_ = table.optional_integer("vpp", kSome);
  context_ = table.optional_integer("cp", kSome);
  expert_ = table.optional_integer("ep", kSome);
  data_ = table.optional_integer("dp", kSome);
  micro_batch_ = table.optional_integer("micro_batch", kSome);
  sequence_parallel_ = table.optional_flag("sequence_parallel");
  scale_up_ = table.optional_number("scale_up_gbs", kCaseRate);
  scale_out_ = table.optional_number("scale_out_gbps_per_chip", kCaseRate);
  layers_ = table.optional_integer("layers", kSome);
  hidden_ = table.optional_integer("hidden", kSome);
  ffn_ = table.optional_integer("ffn", kCount);
  heads_ = table.optional_integer("heads", kSome);
  kv_heads_ = table.optional_integer("kv_heads", kSome);
  head_dim_ = table.optional_integer("head_dim", kSome);
  vocab_ = table.optional_integer("vocab", kSome);
  gated_ = table.optional_flag("gated_mlp");
  tied_ = table.optional_flag("tied_embeddings");
  causal_ = table.optional_flag("causal");
  experts_ = table.optional_integer("experts", kCount);
  experts_active_ = table.optional_integer("experts_active", kCount);
  experts_shared_ = table.optional_integer("experts_shared", kCount);
  expert_ffn_ = table.optional_integer("expert_ffn", kCount);
  dense_layers_ = table.optional_integer("dense_layers", kCount);
  kv_rank_ = table.optional_integer("kv_lora_rank", kCount);
  q_rank_ = table.optional_integer("q_lora_rank", kCount);
  rope_dim_ = table.optional_integer("rope_head_dim", kCount);
}

TrainingCase TrainingColumns::read(CaseTable& table) const {
  TrainingCase row{.id = table[id_],
                   .model = table[model_],
                   .chip = table[chip_],
                   .attention = table[attention_],
                   .sharding = table[sharding_],
                   .precision = table[precision_],
                   .recompute = table[recompute_],
                   .software = table[software_],
                   .flags = table[flags_],
                   .chips = table[chips_],
                   .sequence = table[sequence_],
                   .global_batch = table[global_batch_],
                   .chips_per_node = table[chips_per_node_],
                   .tensor = table[tensor_],
                   .pipeline = table[pipeline_],
                   .virtual_stages = table[virtual_stages_],
                   .context = table[context_],
                   .expert = table[expert_],
                   .data = table[data_],
                   .micro_batch = table[micro_batch_],
                   .sequence_parallel = table[sequence_parallel_],
                   .servers = {},
                   .layers = table[layers_],
                   .hidden = table[hidden_],
                   .ffn = table[ffn_],
                   .heads = table[heads_],
                   .kv_heads = table[kv_heads_],
                   .head_dim = table[head_dim_],
                   .vocab = table[vocab_],
                   .experts = table[experts_],
                   .experts_active = table[experts_active_],
                   .experts_shared = table[experts_shared_],
                   .expert_ffn = table[expert_ffn_],
                   .dense_layers = table[dense_layers_],
                   .kv_rank = table[kv_rank_],
                   .q_rank = table[q_rank_],
                   .rope_dim = table[rope_dim_],
                   .gated = table[gated_],
                   .tied = table[tied_],
                   .causal = table[causal_]};
  row.servers.scale_up_gbs = table[scale_up_];
  row.servers.scale_out_gbps = table[scale_out_];
  network_.read(table, row.servers);
  return row;
}

namespace {

enum class Kind { truth, count, factor, text, information };

struct Known {
  std::string_view key;
  Kind kind;
};

constexpr Known kKnown[] = {{"flash_attention", Kind::truth},
                            {"dp_overlap", Kind::truth},
                            {"tp_overlap", Kind::truth},
                            {"pipeline_slots", Kind::count},
                            {"pipeline_slots_inferred", Kind::count},
                            {"uneven_stages", Kind::truth},
                            {"hsdp_shard_ranks", Kind::count},
                            {"zero1_shard_ranks", Kind::count},
                            {"sliding_window", Kind::count},
                            {"full_attention_every", Kind::count},
                            {"sliding_every", Kind::count},
                            {"attention_chunk", Kind::count},
                            {"mtp_layers", Kind::count},
                            {"lora", Kind::truth},
                            {"hybrid_architecture", Kind::truth},
                            {"parallel_block", Kind::truth},
                            {"schedule", Kind::text},
                            {"optimizer", Kind::text},
                            {"token_drop", Kind::truth},
                            {"capacity_factor", Kind::factor},
                            {"expert_imbalance", Kind::factor},
                            {"expert_domains", Kind::count},
                            {"devices_per_chip", Kind::information}};

std::string misfit(std::string_view key, std::string_view value, const char* expected) {
  return "flag " + std::string(key) + ": " + in_quotes(value) + " is not " + expected;
}

std::string unknown(std::string_view key) {
  std::vector<std::string> keys;
  for (const Known& known : kKnown) keys.emplace_back(known.key);
  const std::string hint = did_you_mean(key, keys);
  return "unknown flag " + in_quotes(key) + (hint.empty() ? "" : ", " + hint);
}

}  // namespace

std::string TrainingFlags::read(std::string_view flags) {
  while (!flags.empty()) {
    const std::string_view flag = trimmed(flags.substr(0, flags.find(';')));
    flags.remove_prefix(std::min(flags.size(), flags.find(';') == flags.npos ? flags.size() : flags.find(';') + 1));
    if (flag.empty()) continue;
    const std::size_t equals = flag.find('=');
    const std::string_view key = trimmed(flag.substr(0, equals));
    const std::string_view value = equals == flag.npos ? std::string_view("1") : trimmed(flag.substr(equals + 1));
    const Known* known = nullptr;
    for (const Known& one : kKnown)
      if (one.key == key) known = &one;
    if (!known) return unknown(key);

    const bool truth = value == "1";
    if (known->kind == Kind::truth && !truth && value != "0") return misfit(key, value, "1 or 0");
    std::int64_t count = 0;
    if (known->kind == Kind::count) {
      const auto whole = to_whole(value);
      if (!whole || !kCount.holds(static_cast<double>(*whole))) return misfit(key, value, "a whole number from 0");
      count = *whole;
    }
    double factor = 0;
    if (known->kind == Kind::factor) {
      const auto number = to_number(value);
      if (!number || !(*number > 0 && *number <= 1000)) return misfit(key, value, "a number above 0");
      factor = *number;
    }

    if (key == "flash_attention") flash_attention = truth;
    if (key == "dp_overlap") overlap_gradients = truth;
    if (key == "tp_overlap") overlap_tensor = truth;
    if (key == "pipeline_slots" || key == "pipeline_slots_inferred") pipeline_slots = count;
    if (key == "uneven_stages") uneven_stages = truth;
    if (key == "hsdp_shard_ranks" || key == "zero1_shard_ranks") shard_ranks = count;
    if (key == "sliding_window") sliding_window = count;
    if (key == "full_attention_every") full_every = count;
    if (key == "sliding_every") {
      if (count != 2) return misfit(key, value, "2: other patterns have no model; say full_attention_every");
      full_every = 2;
    }
    if (key == "attention_chunk") chunk = count;
    if (key == "mtp_layers") mtp_layers = count;
    if (key == "lora") lora = truth;
    if (key == "hybrid_architecture") hybrid = truth;
    if (key == "parallel_block") parallel_block = truth;
    if (key == "schedule") schedule = value;
    if (key == "optimizer") optimizer = value;
    if (key == "token_drop") token_drop = truth;
    if (key == "expert_domains") expert_domains = count;
    if (key == "capacity_factor") capacity_factor = factor;
    if (key == "expert_imbalance") expert_imbalance = factor;
  }
  return {};
}

}  // namespace alight
