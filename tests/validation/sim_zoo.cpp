// The zoo against the collected architectures and the model FLOPs published runs were rated by.
#include <catch2/catch.hpp>
#include <map>

#include "sim/scenario/load.hpp"
#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using test::csv_rows;
using test::CsvRow;

namespace {

const Zoo& zoo() {
  static const Zoo built_in = [] {
    Diagnostics diagnostics;
    Zoo loaded = load_zoo(nullptr, diagnostics);
    for (const Problem& problem : diagnostics.problems()) FAIL(problem.key << ": " << problem.message);
    return loaded;
  }();
  return built_in;
}

std::int64_t whole(const CsvRow& row, const char* key) {
  const std::string& text = row.at(key);
  return text.empty() ? 0 : std::stoll(text);
}

/// The row's own shape; what no column holds (ranks, windows, mixers) is the zoo's.
Architecture shape_of(const CsvRow& row) {
  Architecture a;
  const ModelEntry* known = zoo().find(row.at("model"));
  if (row.at("flags").find("hybrid_architecture") != std::string::npos) return known->architecture();
  if (row.at("attention") == "mla") a.latent = known->architecture().latent;
  a.layers = whole(row, "layers");
  a.hidden = whole(row, "hidden");
  a.ffn = whole(row, "ffn");
  a.heads = whole(row, "heads");
  a.kv_heads = whole(row, "kv_heads");
  a.head_dim = whole(row, "head_dim");
  a.vocab = whole(row, "vocab");
  a.gated = row.at("gated_mlp") == "1";
  a.causal = row.at("causal") == "1";
  a.experts.count = whole(row, "experts");
  a.experts.active = whole(row, "experts_active");
  a.experts.shared = whole(row, "experts_shared");
  a.experts.ffn = whole(row, "expert_ffn");
  a.experts.dense_layers = whole(row, "dense_layers");
  return a;
}

double peak_flops(const CsvRow& row) {
  const Chip* chip = test::built_in_catalogue().find_chip(row.at("chip"));
  REQUIRE(chip);
  const std::string& precision = row.at("precision");
  const auto& rate = precision == "nvfp4"                         ? chip->fp4_tflops
                     : precision == "int8"                        ? chip->int8_tops
                     : precision == "fp8" || precision == "mxfp8" ? chip->fp8_tflops
                                                                  : chip->bf16_tflops;
  REQUIRE(rate);
  return *rate * 1e12;
}

}  // namespace

TEST_CASE("all collected architectures are in the zoo, and their counts meet the published ones") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/models_llm.csv");
  const auto rows = csv_rows(file);
  REQUIRE(rows.size() == 172);
  for (const CsvRow& row : rows) {
    INFO(row.at("name"));
    const ModelEntry* model = zoo().find(row.at("name"));
    REQUIRE(model);
    CHECK(model->name == row.at("name"));
    const Architecture a = model->architecture();
    CHECK(a.layers == whole(row, "layers"));
    CHECK(a.hidden == whole(row, "hidden"));
    CHECK(a.ffn == whole(row, "ffn"));
    CHECK(a.heads == whole(row, "heads"));
    CHECK(a.kv_heads == whole(row, "kv_heads"));
    CHECK(a.head_dim == whole(row, "head_dim"));
    CHECK(a.vocab == whole(row, "vocab"));
    CHECK(a.gated == (row.at("gated_mlp") == "1"));
    CHECK(a.tied == (row.at("tied_embeddings") == "1"));
    CHECK(a.experts.count == whole(row, "experts"));
    CHECK(a.experts.active == whole(row, "experts_active"));
    CHECK(a.experts.shared == whole(row, "experts_shared"));
    CHECK(a.experts.ffn == whole(row, "expert_ffn"));
    CHECK(a.experts.dense_layers == whole(row, "dense_layers"));
    CHECK(a.latent.kv_rank == whole(row, "kv_lora_rank"));
    const double published = std::stod(row.at("params_total"));
    CHECK(model->parameters.value_or(0) == Approx(published).epsilon(1e-9));
    // The 1.7B of Megatron's table is rounded up from 1.65.
    if (row.at("name") == "Megatron GPT 1.7B") continue;
    CHECK(parameters(a) == Approx(published).epsilon(a.experts.count > 0 ? 0.03 : 0.02));
    CHECK(active_parameters(a) <= parameters(a));
  }
}

TEST_CASE("names of published training runs are found") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/cases_training.csv");
  for (const CsvRow& row : csv_rows(file)) {
    // vTrain's grid and its like are no models but shapes, all in the columns.
    if (row.at("model").starts_with("vTrain")) continue;
    INFO(row.at("id") << ' ' << row.at("model"));
    CHECK(zoo().find(row.at("model")));
  }
}

TEST_CASE("model FLOPs over the peak of the row's precision are the MFU derived for published runs") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/cases_training.csv");
  int rows = 0;
  for (const CsvRow& row : csv_rows(file)) {
    if (row.at("mfu_convention") != "derived_causal" || row.at("mfu_pct").empty()) continue;
    INFO(row.at("id"));
    // The collected figures count every token before, also of layers that slide; so does this shape without a window.
    const double flops = model_flops_per_token(shape_of(row), whole(row, "seq_len"));
    const double mfu = 100 * std::stod(row.at("tokens_per_s_per_chip")) * flops / peak_flops(row);
    // Printed to 0.01 percentage points.
    CHECK(mfu == Approx(std::stod(row.at("mfu_pct"))).epsilon(1.5e-3).margin(0.006));
    ++rows;
  }
  CHECK(rows > 500);
}

TEST_CASE("hybrids: Megatron-Bridge's own count of FLOPs") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/cases_training.csv");
  for (const CsvRow& row : csv_rows(file)) {
    if (row.at("set") != "megatronbridge_hybrid" || row.at("mfu_pct").empty()) continue;
    // A later model of about the same dimensions, whose shape is not published.
    if (row.at("note").find("Nemotron 3.5") != std::string::npos) continue;
    INFO(row.at("id") << ' ' << row.at("model"));
    const double flops = model_flops_per_token(shape_of(row), whole(row, "seq_len"));
    const double mfu = 100 * std::stod(row.at("tokens_per_s_per_chip")) * flops / peak_flops(row);
    // What a scan on the state costs is a matter of convention: 15 %.
    CHECK(mfu == Approx(std::stod(row.at("mfu_pct"))).epsilon(0.15));
  }
}
