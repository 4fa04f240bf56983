#include "sim/predict/serving_case.hpp"

#include <string>

namespace alight {

namespace {

constexpr Range kServingSome{.min = 1, .max = 1e9}, kServingCount{.min = 0, .max = 1e6};

}  // namespace

ServingColumns::LayoutColumns::LayoutColumns(CaseTable& table, const std::string& prefix)
    : workers(table.integer_or(prefix + "num_workers", 0, kServingCount)),
      batch(table.integer_or(prefix + "batch_size", 0, kServingCount)),
      tensor(table.integer_or(prefix + "tp_size", 0, kServingCount)),
      pipeline(table.integer_or(prefix + "pp_size", 0, kServingCount)),
      data(table.integer_or(prefix + "attention_dp_size", 0, kServingCount)),
      expert_tensor(table.integer_or(prefix + "moe_tp_size", 0, kServingCount)),
      expert(table.integer_or(prefix + "moe_ep_size", 0, kServingCount)) {}

StatedLayout ServingColumns::LayoutColumns::read(CaseTable& table) const {
  StatedLayout out;
  out.workers = table[workers];
  out.batch = table[batch];
  out.tensor = table[tensor];
  out.pipeline = table[pipeline];
  out.data = table[data];
  out.expert_tensor = table[expert_tensor];
  out.expert = table[expert];
  return out;
}

ServingColumns::ServingColumns(CaseTable& table)
    : id_(table.text("id")),
      model_(table.text("model_path")),
      system_(table.text("system")),
      engine_(table.text("backend")),
      version_(table.optional_text("backend_version")),
      source_(table.optional_text("silicon_data_source")),
      precision_(table.optional_text("precision")),
      product_precision_(table.optional_text("gemm_quant_mode")),
      expert_precision_(table.optional_text("moe_quant_mode")),
      mode_(table.choice_or("mode", {"agg", "disagg"}, 0)),
      input_(table.integer("isl", kServingSome)),
      output_(table.integer("osl", kServingSome)),
      concurrency_(table.integer_or("concurrency", 0, kServingCount)),
      whole_(table, ""),
      prefill_(table, "prefill_"),
      decode_(table, "decode_"),
      shortest_(table.optional_number("shortest_share", {.min = 0, .max = 1})),
      acceptance_(table.optional_number("acceptance", {.min = 0, .max = 1})),
      cached_(table.optional_number("cached_share", {.min = 0, .max = 1})),
      expert_imbalance_(table.optional_number("expert_imbalance", {.min = 1, .max = 1000})),
      drafted_(table.optional_integer("draft_tokens", {.min = 0, .max = 64})),
      rounds_(table.optional_integer("rounds", {.min = 1, .max = 1000})),
      two_batches_(table.optional_flag("two_batches")) {
  if (!table.has("tp_size") && !table.has("decode_tp_size")) table.integer("tp_size");
  if (table.has("decode_tp_size") && !table.has("prefill_tp_size")) table.integer("prefill_tp_size");
}

ServingCase ServingColumns::read(CaseTable& table) const {
  ServingCase out;
  out.id = table[id_];
  out.model = table[model_];
  out.system = table[system_];
  out.engine = table[engine_];
  out.version = table[version_];
  out.source = table[source_];
  out.precision = table[precision_];
  out.product_precision = table[product_precision_];
  out.expert_precision = table[expert_precision_];
  out.split = table[mode_] == 1;
  out.input = table[input_];
  out.output = table[output_];
  out.concurrency = table[concurrency_];
  out.whole = whole_.read(table);
  out.prefill = prefill_.read(table);
  out.decode = decode_.read(table);
  out.shortest = table[shortest_];
  out.acceptance = table[acceptance_];
  out.cached = table[cached_];
  out.expert_imbalance = table[expert_imbalance_];
  out.drafted = table[drafted_];
  out.rounds = table[rounds_];
  out.two_batches = table[two_batches_];
  return out;
}

}  // namespace alight
