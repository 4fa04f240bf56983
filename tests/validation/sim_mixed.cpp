// Mixed chips against published runs: Sailor's clusters of RTX 3090, RTX 2080 and Titan RTX, and BLOOM's slow node.
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "models/training/mixed.hpp"
#include "tests/support/reference.hpp"
#include "workloads/traces/input.hpp"

using namespace alight;
using json = nlohmann::json;

namespace {

json read_json(const std::filesystem::path& file) {
  const auto input = read_input(file);
  REQUIRE(input);
  return json::parse(input->text);
}

/// OPT-350M as Sailor trains it: 24 layers, embedding and head apart, everything in 32 bits.
Architecture opt_350m() {
  Architecture m;
  m.name = "OPT-350M";
  m.layers = 24;
  m.hidden = 1024;
  m.ffn = 4096;
  m.heads = m.kv_heads = 16;
  m.head_dim = 64;
  m.vocab = 50272;
  m.gated = false;
  m.biased = true;
  m.learned_positions = 2050;
  return m;
}

/// A kind of Sailor's: layers as profiled (parts 0 and last are embedding and head), the network as measured between
/// nodes of the kind, shared by the `per_node` chips that a node works with.
ChipKind sailor_kind(const std::string& name, std::int64_t per_node, const json& profiles, const json& network) {
  ChipKind kind;
  kind.name = name;
  kind.chips = 64;
  kind.chip.peak_flops.fill(1e13);
  kind.chip.memory_bytes = 11e9;
  kind.chip.memory_bytes_s = 600e9;
  kind.chip.kernels.gemm_efficiency.fill(1);
  kind.chip.kernels.memory_efficiency = 0.8;
  kind.chip.kernels.attention_forward = kind.chip.kernels.attention_backward = 0.5;
  kind.chip.kernels.score_efficiency = 0.8;
  kind.fabric.up = {.gbs = 10, .domain = 8, .simple = {.efficiency = 0.8}, .direct = {.efficiency = 0.8}};
  kind.fabric.out = {.gbs = network.at("inter").at(name).at("8").at(1).get<double>() / 1e9 /
                            static_cast<double>(per_node),
                     .efficiency = 1,
                     .direct_efficiency = 1};
  for (const auto& [micro_batch, by_tensor] : profiles.at("OPT-350").at(name).items())
    for (const auto& [tensor, parts] : by_tensor.items()) {
      const auto part = [&](std::size_t i) {
        const json& row = parts.at(std::to_string(i));
        return MeasuredPart{.forward_s = row.at(0), .backward_s = row.at(1)};
      };
      MeasuredLayers m{.tensor = std::stoll(tensor), .micro_batch = std::stoll(micro_batch)};
      m.input = part(0);
      m.head = part(parts.size() - 1);
      const auto layers = static_cast<double>(parts.size() - 2);
      for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
        m.layer.forward_s += part(i).forward_s / layers;
        m.layer.backward_s += part(i).backward_s / layers;
      }
      kind.measured.push_back(m);
    }
  return kind;
}

std::size_t index_of(const std::string& name) {
  return name == "RTX-3090" ? 0 : name == "RTX-2080" ? 1 : 2;
}

MixedLayout sailor_layout(std::int64_t batch) {
  MixedLayout layout;
  layout.common.sequence = 2048;
  layout.common.global_batch = batch;
  layout.common.flash_attention = false;
  layout.common.overlap_gradients = false;
  layout.common.recompute = Recompute::none;
  layout.activation_bytes = 4;
  return layout;
}

/// A plan file: pipelines of stages over one data-parallel degree; every replica may be of another kind.
MixedLayout layout_of(const json& plan) {
  MixedLayout layout = sailor_layout(plan.at("gbs"));
  const json& pipeline = plan.at("pipeline_list").at(0);
  const std::size_t stages = pipeline.at("num_stages");
  const std::int64_t replicas = pipeline.at("dp").at(0);
  for (std::int64_t r = 0; r < replicas; ++r) {
    MixedPipeline p{.micro_batch = plan.at("mbs"), .sequences = layout.common.global_batch / replicas};
    for (std::size_t i = 0; i < stages; ++i) {
      const json& chips = pipeline.at("tmp_per_stage").at(i).at(static_cast<std::size_t>(r));
      MixedStage stage{.kind = index_of(chips.at(0).at(0).at(0)), .tensor = chips.at(1)};
      stage.layers = static_cast<std::int64_t>(pipeline.at("layers_per_stage").at(i).size());
      if (i == 0) --stage.layers;           // Sailor counts the embedding as a layer
      if (i + 1 == stages) --stage.layers;  // and the head
      p.stages.push_back(stage);
    }
    layout.pipelines.push_back(p);
  }
  return layout;
}

std::vector<ChipKind> sailor_kinds(std::int64_t per_node, const std::filesystem::path& folder) {
  const json profiles = read_json(folder / "profiles_tmp.json.xz");
  const json network = read_json(folder / "network/network_coeffs_all_homo.json");
  return {sailor_kind("RTX-3090", per_node, profiles, network), sailor_kind("RTX-2080", per_node, profiles, network),
          sailor_kind("Titan-RTX", per_node, profiles, network)};
}

}  // namespace

TEST_CASE("Sailor's mixed clusters, from its profiles") {
  ALIGHT_REFERENCE_OR_SKIP(folder, "measured/sailor");
  double sum = 0;
  for (const char* name : {"N2_D1", "N2_D2", "N4_D1", "N4_D4"}) {
    const json plan = read_json(folder / ("plans/plan_config_" + std::string(name) + ".json"));
    const MixedLayout layout = layout_of(plan);
    const auto kinds = sailor_kinds(layout.pipelines[0].stages[0].tensor, folder);
    REQUIRE(why_impossible(opt_350m(), layout, kinds) == "");
    const MixedStep step = predict_mixed(opt_350m(), layout, kinds, {});
    const double error = step.seconds / plan.at("real").get<double>() - 1;
    std::cout << name << ": " << step.seconds << " s of " << plan.at("real") << ", " << 100 * error << " %\n";
    CHECK(std::abs(error) < 0.15);
    sum += std::abs(error);
  }
  CHECK(sum / 4 < 0.08);
}

// The published table does not say how the 26 layers, embedding and head among them, were split over three stages. The
// plan of four stages gives all but the first the rounded-up share; so does this. One layer less on the first stage,
// behind the slow network of the RTX 3090, is 6 s less.
TEST_CASE("Sailor's pipelines of three kinds side by side") {
  ALIGHT_REFERENCE_OR_SKIP(folder, "measured/sailor");
  const double published_s = 59.455;  // H015 of the collected table of mixed runs
  MixedLayout layout = sailor_layout(288);
  const std::int64_t layers[] = {7, 9, 8};
  for (const char* first : {"RTX-3090", "RTX-2080"}) {
    MixedPipeline p{.micro_batch = 2, .sequences = 144};
    const std::size_t kinds[] = {index_of(first), index_of("RTX-2080"), index_of("Titan-RTX")};
    for (std::size_t i = 0; i < 3; ++i) p.stages.push_back({.kind = kinds[i], .tensor = 8, .layers = layers[i]});
    layout.pipelines.push_back(p);
  }
  const MixedStep step = predict_mixed(opt_350m(), layout, sailor_kinds(8, folder), {});
  CHECK(step.seconds == Approx(published_s).epsilon(0.15));
  CHECK(step.pace == index_of("RTX-3090"));
}
