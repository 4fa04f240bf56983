// Mixed chips against published runs: Sailor's clusters of RTX 3090, RTX 2080 and Titan RTX, and BLOOM's slow node.
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "models/training/stave.hpp"
#include "sim/plan/pool.hpp"
#include "tests/support/built_in_catalogue.hpp"
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
  kind.fabric.out = {
      .gbs = network.at("inter").at(name).at("8").at(1).get<double>() / 1e9 / static_cast<double>(per_node),
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

namespace {

Architecture bloom_176b() {
  Architecture m;
  m.name = "BLOOM-176B";
  m.layers = 70;
  m.hidden = 14336;
  m.ffn = 57344;
  m.heads = m.kv_heads = 112;
  m.head_dim = 128;
  m.vocab = 250880;
  m.gated = false;
  m.biased = true;
  m.tied = true;
  return m;
}

std::vector<ChipKind> pool_of(const std::string& text) {
  Diagnostics diagnostics;
  const PlanPool pool = read_pool(text, test::built_in_catalogue(), Precision::bf16, diagnostics);
  REQUIRE(diagnostics.ok());
  return pool.chip_kinds();
}

struct Mix {
  MixedPlans plans;
  BucketEffect effect;
};

Mix mix_of(const Architecture& model, const std::string& chips, std::int64_t batch) {
  MixedRequest request;
  request.common.global_batch = batch;
  request.common.sequence = 4096;
  const auto kinds = pool_of(chips);
  Mix mix;
  mix.plans = plan_mixed(model, request, kinds);
  REQUIRE(mix.plans.best);
  REQUIRE(mix.plans.naive);
  mix.effect = bucket_effect(model, request, kinds, mix.plans);
  find_staves(model, request, kinds, mix.plans, mix.effect);
  std::cout << chips << ": eta_bucket " << mix.effect.eta_bucket << ", naive " << *mix.effect.eta_naive << ", best "
            << *mix.effect.eta_mix << ", recovery " << mix.effect.recovery << "\n";
  for (const Lift& lift : mix.effect.lifts)
    std::cout << "    " << kinds[lift.kind].name << " " << name_of(lift.stave) << " +" << lift.gain_pct << " %\n";
  return mix;
}

Architecture llama_70b(std::int64_t layers = 80) {
  Architecture m;
  m.layers = layers;
  m.hidden = 8192;
  m.ffn = 28672;
  m.heads = 64;
  m.kv_heads = 8;
  m.head_dim = 128;
  m.vocab = 32000;
  return m;
}

}  // namespace

// BLOOM's chronicles: a step took 105.16 s, and 111.14 s while one of the 48 nodes was slow (TP4 PP12 DP8, batch 2048
// in micro-batches of 2). A node holds one stage of two replicas. Of a step of 128 + 11 micro-batches' time the slow
// stage stretches 128: with a share c of it computation, a factor f costs c (f - 1) 128 / 139.
TEST_CASE("one slow node of BLOOM's 48 slows all 384 chips") {
  auto kinds = pool_of("384 x A100 SXM4 80GB");
  kinds[0].chip.kernels.spread = 0;
  MixedLayout layout;
  layout.common.global_batch = 2048;
  layout.common.sequence = 2048;
  layout.common.flash_attention = false;
  layout.common.sharding = Sharding::zero1;
  const auto pipeline = [](std::int64_t replicas, double slow) {
    MixedPipeline p{.replicas = replicas, .micro_batch = 2, .sequences = 256 * replicas};
    for (int i = 0; i < 12; ++i)
      p.stages.push_back({.tensor = 4, .layers = i == 0 || i == 11 ? 5 : 6, .recompute = Recompute::full});
    p.stages[5].slow = slow;
    return p;
  };
  const auto step = [&](double slow) {
    layout.pipelines = {pipeline(6, 1)};
    layout.pipelines.push_back(pipeline(2, slow));
    REQUIRE(why_impossible(bloom_176b(), layout, kinds) == "");
    return predict_mixed(bloom_176b(), layout, kinds, {});
  };
  const MixedStep healthy = step(1);
  CHECK(healthy.bucket_s == Approx(0).margin(1e-9));
  double low = 1, high = 1.5;  // the factor that explains the published slowdown
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (step(middle).seconds / healthy.seconds < 111.14 / 105.16 ? low : high) = middle;
  }
  const MixedStep slow = step(high);
  const double share = healthy.breakdown.compute_s / (healthy.seconds - healthy.breakdown.bubble_s);
  std::cout << "BLOOM: " << healthy.seconds << " s; one node " << high << " times as slow: " << slow.seconds
            << " s, bucket " << 100 * slow.bucket_s / slow.seconds << " %\n";
  CHECK(slow.seconds / healthy.seconds - 1 == Approx(share * (high - 1) * 128 / 139).epsilon(0.1));
  // Published clock losses of a throttled A100 are 5 to 10 %: no other cause is needed.
  CHECK(high > 1.05);
  CHECK(high < 1.10);
  // The healthy chips pay: what the step is longer is their wait.
  CHECK(slow.bucket_s == Approx(slow.seconds - healthy.seconds).epsilon(0.1));
}

TEST_CASE("mixes of domestic and imported chips: the planner recovers what equal shares lose") {
  struct Case {
    const char* chips;
    std::int64_t batch;
  };
  for (const Case& c :
       {Case{"512 x Ascend 910B3 + 512 x H20 96GB", 4096}, Case{"896 x Ascend 910B3 + 128 x H20 96GB", 4096},
        Case{"512 x H800 SXM5 80GB + 512 x Ascend 910C", 4096}, Case{"896 x H800 SXM5 80GB + 128 x Ascend 910C", 4096},
        Case{"256 x Ascend 910B3 + 256 x MetaX C500 + 256 x MLU590", 3072}}) {
    INFO(c.chips);
    const Mix mix = mix_of(llama_70b(), c.chips, c.batch);
    CHECK(*mix.effect.eta_naive < mix.effect.eta_bucket + 0.1);
    CHECK(*mix.effect.eta_mix > 0.93);
    CHECK(*mix.effect.eta_mix >= *mix.effect.eta_naive);
    CHECK_FALSE(mix.effect.lifts.empty());
  }
}

// HETHUB (arXiv 2405.16256): 128 AMD chips and 640 of an accelerator A that is not named train a Llama of 140B at 97.49
// % of what they give alone. Neither the chips nor the batch are published: here MI250X and MetaX C500, and 3,072
// sequences.
TEST_CASE("a layout like HETHUB's reaches about 97 %, equal shares do not") {
  const Mix mix = mix_of(llama_70b(160), "128 x MI250X + 640 x MetaX C500", 3072);
  CHECK(*mix.effect.eta_mix == Approx(0.975).margin(0.025));
  CHECK(*mix.effect.eta_naive < 0.93);
}
