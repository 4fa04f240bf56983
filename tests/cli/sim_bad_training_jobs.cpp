// Training jobs that contradict themselves, their model or the site are refused, naming the key.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/bad_input.hpp"

using namespace alight::test;

TEST_CASE("jobs over several pools that cannot be are refused") {
  Judge judge;
  const auto job = [](const std::string& keys) {
    return with("    - {id: b,",
                "    - {id: t, type: training, model: Qwen2.5-7B, tokens: 1e9, " + keys + "}\n    - {id: b,");
  };
  const std::string key = "workload.jobs[1]";
  judge.refused_text("a pool nobody knows", job("mix: {h: 8, m: 8}"), key + ".mix.m");
  judge.refused_text("one pool", job("mix: {h: 8}"), key + ".mix");
  judge.refused_text("no chips", job("mix: {h: 8, n: 0}"), key + ".mix.n");
  judge.refused_text("chips that are not the sum", job("mix: {h: 8, n: 8}, chips: 24"),
                     "have 16 chips, the job has 24");
  judge.refused_text("pools beside it", job("mix: {h: 8, n: 8}, pools: [h]"), key + ".pools");
  judge.refused_text("kinds beside it", job("mix: {h: 8, n: 8}, kinds: H20"), key + ".kinds");
  judge.refused_text("a stack beside it", job("mix: {h: 8, n: 8}, stack: cuda"), key + ".stack");
  judge.refused_text("a layout", job("mix: {h: 8, n: 8}, layout: tp8"), key + ".layout");
  judge.refused_text("a path of no words", job("mix: {h: 8, n: 8}, path: by mule"), key + ".path");
  judge.refused_text("a path without a mix", job("chips: 8, path: direct"), key + ".path");
  judge.refused_text("a precision one kind lacks", job("mix: {h: 8, n: 8}, precision: fp8"), "unfit: n");
  judge.refused_text("more than a pool has", job("mix: {h: 8, n: 17}"), "larger in one pool than the pool");
  judge.refused_text("a rigid job",
                     with("    - {id: b,", "    - {id: t, duration: 1 h, mix: {h: 8, n: 8}}\n    - {id: b,"),
                     key + ".mix");
}

TEST_CASE("training jobs that say too little, too much, or what cannot be are refused") {
  Judge judge;
  const auto job = [](const std::string& keys) {
    return with("    - {id: b,", "    - {id: t, type: training, " + keys + "}\n    - {id: b,");
  };
  const std::string key = "workload.jobs[1]";
  judge.refused_text("no model", job("tokens: 1e9, chips: 16"), key + ".model");
  judge.refused_text("a model nobody knows", job("model: Qwen2.5-7X, tokens: 1e9, chips: 16"), "did you mean");
  judge.refused_text("tokens of a model of samples", job("model: ResNet-50, tokens: 1e9, chips: 16"), key + ".tokens");
  judge.refused_text("neither tokens nor steps", job("model: Qwen2.5-7B, chips: 16"), key + ".tokens");
  judge.refused_text("both tokens and steps", job("model: Qwen2.5-7B, tokens: 1e9, steps: 5, chips: 16"), "tokens");
  judge.refused_text("a duration", job("model: Qwen2.5-7B, tokens: 1e9, duration: 1 h, chips: 16"), key + ".duration");
  judge.refused_text("a layout of no words", job("model: Qwen2.5-7B, tokens: 1e9, chips: 16, layout: tp8 qq2"), "qq2");
  judge.refused_text("a layout that contradicts itself",
                     job("model: Qwen2.5-7B, tokens: 1e9, chips: 16, layout: tp8 tp4"), key + ".layout");
  judge.refused_text("a layout of other chips", job("model: Qwen2.5-7B, tokens: 1e9, chips: 16, layout: tp8 dp8"),
                     "takes 64 chips");
  judge.refused_text("a layout the chips do not give", job("model: Qwen2.5-7B, tokens: 1e9, chips: 12, layout: tp8"),
                     "unfit: 12 chips over 8");
  judge.refused_text("a layout without the memory",
                     job("model: Llama-3.1-405B, tokens: 1e9, chips: 16, layout: tp8 pp2"), "out of memory");
  judge.refused_text("a model without the memory", job("model: Llama-3.1-405B, tokens: 1e9, chips: 8"),
                     "out of memory");
  judge.refused_text("more tokens than time", job("model: Qwen2.5-7B, tokens: 1e18, chips: 8"), "1e10 s");
  judge.refused_text("a precision", job("model: Qwen2.5-7B, tokens: 1e9, chips: 8, precision: fp7"), "precision");
  judge.refused_text("a pool nobody has", job("model: Qwen2.5-7B, tokens: 1e9, chips: 8, pools: [h, m]"),
                     key + ".pools[1]");
  judge.refused_text("pools and kinds", job("model: Qwen2.5-7B, tokens: 1e9, chips: 8, pools: [h], kinds: H20"),
                     key + ".pools");
  judge.refused_text("a batch of nothing", job("model: Qwen2.5-7B, tokens: 1e9, chips: 8, global_batch: 0"),
                     key + ".global_batch");
  judge.refused_text("tokens of a rigid job", with("duration: 1 h, ", "duration: 1 h, tokens: 1e9, "), "tokens");
}
