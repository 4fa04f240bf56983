// `alight predict serving`: what it writes, what it fills in, and what it says of mistakes.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/predictions.hpp"

using namespace alight::test;

namespace {

constexpr const char* kHeader =
    "id,backend,backend_version,model_path,system,precision,mode,isl,osl,batch_size,tp_size,attention_dp_size,"
    "moe_tp_size,moe_ep_size\n";

constexpr const char* kSplitHeader =
    "id,backend,model_path,system,precision,mode,isl,osl,concurrency,prefill_num_workers,prefill_tp_size,"
    "prefill_attention_dp_size,prefill_moe_ep_size,decode_num_workers,decode_tp_size,decode_attention_dp_size,"
    "decode_moe_ep_size\n";

constexpr Predict predict{"serving"};

void check_sums(const CsvRow& row) {
  double parts = 0;
  for (const char* key : {"products_ms", "experts_ms", "cache_ms", "exchange_ms", "launch_ms", "host_ms", "waiting_ms"})
    parts += number(row, key);
  CHECK(parts == Approx(number(row, "tpot_ms")).epsilon(1e-3));
  CHECK(number(row, "weights_gb") + number(row, "cache_gb") + number(row, "activations_gb") ==
        Approx(number(row, "memory_gb")).epsilon(1e-3));
  for (const char* key : {"ttft", "tpot"}) {
    const std::string name(key);
    CHECK(number(row, (name + "_low_ms").c_str()) < number(row, (name + "_ms").c_str()));
    CHECK(number(row, (name + "_high_ms").c_str()) > number(row, (name + "_ms").c_str()));
  }
  CHECK(number(row, "tokens_per_s_per_chip") > 0);
}

}  // namespace

TEST_CASE("a row becomes times whose parts sum to them") {
  Folder folder;
  const Outcome o =
      predict(folder, std::string(kHeader) +
                          "llama,vllm,,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,32,4,1,4,1\n"
                          "v3,sglang,0.5.9,deepseek-ai/DeepSeek-V3,b200_sxm,fp8,agg,8192,1024,16,8,1,1,8\n"
                          "qwen,trtllm,,Qwen/Qwen3-32B,h100_sxm,,agg,1000,300,8,2,,,\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  CHECK(o.out.find("3 predictions") != std::string::npos);
  const auto rows = predictions(folder);
  REQUIRE(rows.size() == 3);
  for (const auto& [id, row] : rows) {
    CAPTURE(id);
    CHECK(row.at("status") == "ok");
    check_sums(row);
  }
  CHECK(rows.at("llama").at("chips") == "4");
  CHECK(rows.at("llama").at("experts_ms") == "0");
  CHECK(number(rows.at("v3"), "experts_ms") > 0);
  CHECK(rows.at("v3").at("engine") == "sglang 0.5.9 on Blackwell");
  CHECK(rows.at("v3").at("basis") == "measured");
  // 35 of 70.6 GB of weights in 8 bits, embedding and output in 16, on 4 chips.
  CHECK(number(rows.at("llama"), "weights_gb") == Approx(18.2).epsilon(0.02));
}

TEST_CASE("a split row has workers of both kinds") {
  Folder folder;
  const Outcome o =
      predict(folder, std::string(kSplitHeader) +
                          "split,trtllm,deepseek-ai/DeepSeek-V3,gb200,fp4,disagg,1024,1024,48,1,1,4,4,4,8,1,8\n"
                          "open,trtllm,deepseek-ai/DeepSeek-R1,gb200,fp4,disagg,1024,1024,48,,4,1,4,,8,1,4\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  CHECK(rows.at("split").at("chips") == "36");
  CHECK(rows.at("split").at("prefill_workers") == "1");
  CHECK(rows.at("split").at("decode_workers") == "4");
  check_sums(rows.at("split"));
  // Left open: the workers of the published recipes; whether it speculates, so that the range holds both answers.
  CHECK(rows.at("open").at("decode_workers") == "4");
  CHECK(number(rows.at("open"), "tpot_high_ms") > 1.3 * number(rows.at("open"), "tpot_low_ms"));
}

TEST_CASE("what cannot be is said in the row's status") {
  Folder folder;
  const Outcome o = predict(folder, std::string(kHeader) +
                                        "big,vllm,,meta-llama/Llama-3.1-405B,h100_sxm,bf16,agg,1024,1024,4,8,1,,\n"
                                        "model,vllm,,meta-llama/Lama-3.1-70B,h100_sxm,fp8,agg,1024,1024,4,8,1,,\n"
                                        "chip,vllm,,meta-llama/Llama-3.1-70B,h1000_sxm,fp8,agg,1024,1024,4,8,1,,\n"
                                        "mode,vllm,,meta-llama/Llama-3.1-70B,h100_sxm,fp5,agg,1024,1024,4,8,1,,\n"
                                        "load,vllm,,meta-llama/Llama-3.1-70B,h100_sxm,fp8,agg,1024,1024,,8,1,,\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  CHECK(rows.at("big").at("status") == "out_of_memory");
  CHECK(number(rows.at("big"), "tpot_ms") > 0);
  CHECK(rows.at("model").at("status").find("unsupported: no language model named") == 0);
  CHECK(rows.at("chip").at("status").find("unsupported: no chip named \"h1000_sxm\"") == 0);
  CHECK(rows.at("mode").at("status").find("unsupported: no precision named \"fp5\"") == 0);
  CHECK(rows.at("load").at("status").find("how many requests are under way is not said") != std::string::npos);
  CHECK(rows.at("load").at("ttft_ms").empty());
}

TEST_CASE("chips and engines that nobody measured have an answer too") {
  Folder folder;
  std::string cases = kHeader;
  for (const char* chip : {"A100 SXM4 80GB", "H20 96GB", "L20", "L40S", "MI300X", "Ascend 910B2", "Ascend 910C"})
    cases += std::string(chip) + ",lmdeploy,,Qwen/Qwen3-8B," + chip + ",fp8,agg,1000,200,8,1,1,,\n";
  const Outcome o = predict(folder, cases);
  INFO(o.text());
  REQUIRE(o.code == 0);
  for (const auto& [id, row] : predictions(folder)) {
    CAPTURE(id);
    CHECK(row.at("status") == "ok");
    CHECK(row.at("engine") == "Unmeasured engine");
    check_sums(row);
  }
}

TEST_CASE("a mistake of the table is one error, and nothing is written") {
  const std::string row = "a,vllm,,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,32,4,1,4,1\n";
  struct Mistake {
    std::string text, says;
  };
  const std::string header = kHeader;
  const auto changed = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  const Mistake mistakes[] = {
      {changed(header, "isl", "isll") + row, "did you mean \"isll\"?"},
      {changed(header, "tp_size", "tensor") + row, "tp_size: the table has no such column"},
      {header + changed(row, "1024,1024", "1024,many"), "osl: \"many\" is not a whole number"},
      {header + changed(row, "1024,1024", "0,1024"), "isl: \"0\" is not a whole number of from 1"},
      {header + changed(row, "agg", "agregated"), "mode: \"agregated\" is not one of agg, disagg"},
      {header + changed(row, ",32,", ",-1,"), "batch_size: \"-1\" is not a whole number"},
      {header + "a,vllm\n", "fewer cells than the header has columns"},
  };
  for (const Mistake& mistake : mistakes) {
    Folder folder;
    const Outcome o = predict(folder, mistake.text);
    INFO(o.text());
    CHECK(o.code == 2);
    CHECK(o.err.find("cases.csv:") != std::string::npos);
    CHECK(o.err.find(mistake.says) != std::string::npos);
    CHECK(nothing_left(folder));
  }
}
