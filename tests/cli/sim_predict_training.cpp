// `alight predict training`: what it writes, what it fills in, and what it says of mistakes.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/predictions.hpp"

using namespace alight::test;

namespace {

constexpr const char* kHeader =
    "id,model,chip,chips,seq_len,tp,pp,dp,sharding,micro_batch,global_batch,precision,recompute,flags\n";

constexpr Predict predict{"training"};

}  // namespace

TEST_CASE("a row becomes a step whose parts sum to it, and memory whose parts sum to it") {
  Folder folder;
  const Outcome o = predict(folder, std::string(kHeader) +
                                        "gpt3,GPT-3 175B,A100 SXM4 80GB,1024,2048,8,8,16,zero1,1,1536,bf16,full,\n"
                                        "llama,Llama-3.1-8B,H100,64,8192,1,1,64,fsdp,1,128,bf16,none,\n"
                                        "v3,DeepSeek-V3,H100,2048,4096,1,16,128,zero1,1,15360,fp8,full,\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  CHECK(o.out.find("3 predictions") != std::string::npos);
  const auto rows = predictions(folder);
  REQUIRE(rows.size() == 3);
  for (const auto& [id, row] : rows) {
    CAPTURE(id);
    CHECK((row.at("status") == "ok" || row.at("status") == "out_of_memory"));
    double parts = 0;
    for (const char* key : {"compute_s", "exposed_tp_s", "exposed_pp_s", "exposed_dp_s", "exposed_ep_s", "exposed_cp_s",
                            "bubble_s", "optimizer_s", "other_s"})
      parts += number(row, key);
    CHECK(parts == Approx(number(row, "step_s")).epsilon(1e-5));
    double memory = 0;
    for (const char* key : {"weights_gb", "gradients_gb", "optimizer_gb", "activations_gb", "buffers_gb"})
      memory += number(row, key);
    CHECK(memory == Approx(number(row, "memory_gb")).epsilon(1e-3));
    CHECK(number(row, "step_low_s") < number(row, "step_s"));
    CHECK(number(row, "step_high_s") > number(row, "step_s"));
    CHECK(number(row, "mfu_pct") > 0);
    CHECK(number(row, "mfu_legacy_pct") > number(row, "mfu_pct"));
    CHECK(number(row, "hfu_pct") >= number(row, "mfu_pct"));
  }
  const CsvRow& gpt = rows.at("gpt3");
  CHECK(number(gpt, "tokens_per_s_per_chip") == Approx(1536 * 2048 / number(gpt, "step_s") / 1024).epsilon(1e-4));
  CHECK(gpt.at("software") == "megatron");
  CHECK(rows.at("llama").at("software") == "pytorch");
  CHECK_FALSE(std::filesystem::exists(folder / "out.csv.part"));
}

TEST_CASE("measured columns and columns of no concern change nothing") {
  Folder one, two;
  const std::string row = "a,GPT-3 175B,A100 SXM4 80GB,1024,2048,8,8,16,zero1,1,1536,bf16,full,";
  REQUIRE(predict(one, std::string(kHeader) + row + "\n").code == 0);
  std::string header = kHeader;
  header.insert(header.size() - 1, ",step_s,tokens_per_s_per_chip,mfu_pct,colour");
  REQUIRE(predict(two, header + row + ",nonsense,-1,1e999,blue\n").code == 0);
  CHECK(text_of(one / "out.csv") == text_of(two / "out.csv"));
}

TEST_CASE("what a row leaves open is filled in") {
  Folder folder;
  const Outcome o =
      predict(folder,
              "id,model,chip,chips,seq_len,tp,pp,vpp,dp,sharding,micro_batch,global_batch,recompute,software\n"
              "dp,Llama-3.1-8B,H100,64,8192,2,2,,,zero1,1,128,full,\n"
              "batch,Llama-3.1-8B,H100,64,8192,2,1,,32,zero1,,256,full,\n"
              "mode,Llama-3.1-8B,H100,64,8192,1,1,,64,fsdp,1,128,,\n"
              "soft,Llama-3.1-8B,H100,64,8192,1,1,,64,fsdp,1,128,none,MaxText\n"
              "tpu,Llama-3.1-8B,TPU v5p,64,8192,1,1,,64,fsdp,1,128,none,\n"
              "npu,Llama-3.1-8B,Ascend 910B2,64,8192,8,1,,8,zero1,1,128,none,\n"
              "new,Llama-3.1-8B,Kunlun P800,64,8192,8,1,,8,zero1,1,128,none,\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  for (const auto& [id, row] : rows) {
    CAPTURE(id, row.at("status"));
    CHECK(row.at("status").find("unsupported") == std::string::npos);
  }
  CHECK(number(rows.at("dp"), "vpp") >= 1);
  CHECK(number(rows.at("batch"), "micro_batch") >= 1);
  CHECK_FALSE(rows.at("mode").at("recompute").empty());
  CHECK(rows.at("soft").at("software") == "xla");
  CHECK(rows.at("tpu").at("software") == "xla");
  CHECK(rows.at("npu").at("software") == "mindspeed");
  CHECK(rows.at("tpu").at("basis") == "measured");
  CHECK(rows.at("new").at("basis") == "guess");
  const auto width = [&](const char* id) {
    return number(rows.at(id), "step_high_s") / number(rows.at(id), "step_low_s");
  };
  CHECK(width("new") > width("npu"));
}

TEST_CASE("a shape in the columns wins over the zoo, and needs no name there") {
  Folder folder;
  const std::string header =
      "id,model,chip,chips,seq_len,tp,sharding,micro_batch,global_batch,layers,hidden,ffn,heads,kv_heads,vocab,gated_"
      "mlp\n";
  const Outcome o = predict(folder, header +
                                        "zoo,Llama-3.1-8B,H100,8,4096,8,zero1,1,8,,,,,,,\n"
                                        "half,Llama-3.1-8B,H100,8,4096,8,zero1,1,8,16,,,,,,\n"
                                        "own,Mine,H100,8,4096,8,zero1,1,8,32,4096,14336,32,8,128256,1\n"
                                        "less,Mine,H100,8,4096,8,zero1,1,8,32,4096,,32,8,128256,1\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  CHECK(number(rows.at("half"), "step_s") < 0.7 * number(rows.at("zoo"), "step_s"));
  CHECK(rows.at("own").at("step_s") == rows.at("zoo").at("step_s"));
  CHECK(rows.at("less").at("status").find("unsupported: no model named \"Mine\"") == 0);
}

TEST_CASE("a network of the catalogue may be named") {
  Folder folder;
  const Outcome o = predict(folder,
                            "id,model,chip,chips,seq_len,tp,pp,dp,micro_batch,global_batch,network\n"
                            "rail,GPT-3 175B,A100 SXM4 80GB,64,2048,8,4,2,1,32,\n"
                            "same,GPT-3 175B,A100 SXM4 80GB,64,2048,8,4,2,1,32,rail network\n"
                            "slow,GPT-3 175B,A100 SXM4 80GB,64,2048,8,4,2,1,32,Omni-Path 100\n"
                            "none,GPT-3 175B,A100 SXM4 80GB,64,2048,8,4,2,1,32,Omni-Path 10\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  CHECK(rows.at("rail").at("step_s") == rows.at("same").at("step_s"));
  CHECK(number(rows.at("slow"), "step_s") > number(rows.at("rail"), "step_s"));
  CHECK(rows.at("none").at("status").find("unsupported: no network named \"Omni-Path 10\" in the catalogue's fabrics, "
                                          "did you mean \"Omni-Path 100\"") == 0);
}

TEST_CASE("what cannot be predicted says why, beside rows that can") {
  Folder folder;
  const std::string good = "Llama-3.1-8B,H100,64,8192,2,2,16,zero1,1,128,bf16,full,";
  const auto with = [&](const std::string& id, const std::string& from, const std::string& to) {
    std::string row = good;
    return id + "," + row.replace(row.find(from), from.size(), to) + "\n";
  };
  const Outcome o =
      predict(folder, std::string(kHeader) + "good," + good + "\n" + with("chip", "H100", "H1000") +
                          with("model", "Llama-3.1-8B", "Llama-3.1-9B") + with("precision", "bf16", "bf61") +
                          with("none", "H100", "T4") + with("fp4", "bf16", "nvfp4") +
                          with("sharding", "zero1", "zero7") + with("recompute", "full", "some") +
                          with("ranks", ",16,", ",17,") + with("heads", ",2,2,16,", ",64,1,1,") +
                          with("batch", "128", "127") + "flag," + good + "pipelin_slots=4\n" + "value," + good +
                          "uneven_stages=maybe\n" + "schedule," + good + "schedule=gpip\n" + "flags," + good +
                          "dp_overlap=0; flash_attention=1 ;optimizer=adam;schedule=gpipe;\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  const auto status = [&](const char* id) { return rows.at(id).at("status"); };
  CHECK(status("good") == "ok");
  CHECK(status("chip") == "unsupported: no chip named \"H1000\", did you mean \"H100\"?");
  CHECK(status("model").find("unsupported: no model named \"Llama-3.1-9B\", did you mean \"Llama-3.1-8B\"?") == 0);
  CHECK(status("precision") == "unsupported: no precision \"bf61\", did you mean \"bf16\"?");
  CHECK(status("fp4").find("unsupported: H100 SXM5 80GB is not known to compute in nvfp4") == 0);
  CHECK(status("sharding").find("unsupported: no sharding \"zero7\", did you mean \"zero") == 0);
  CHECK(status("recompute").find("unsupported: no recomputation \"some\"") == 0);
  CHECK(status("ranks") == "unsupported: tp 2 x pp 2 x cp 1 x dp 17 are not 64 chips");
  CHECK(status("heads") == "unsupported: 32 heads over 64 tensor ranks");
  CHECK(status("batch").find("unsupported: a batch of 127 sequences over 16 data ranks") == 0);
  CHECK(status("flag") == "unsupported: unknown flag \"pipelin_slots\", did you mean \"pipeline_slots\"?");
  CHECK(status("value") == "unsupported: flag uneven_stages: \"maybe\" is not 1 or 0");
  CHECK(status("schedule") == "unsupported: no schedule \"gpip\", did you mean \"gpipe\"?");
  CHECK(status("flags") == "ok");
  CHECK(rows.at("chip").at("step_s").empty());
}

TEST_CASE("mistakes of the table end with code 2, all of them told, nothing written") {
  Folder folder;
  const Outcome o = predict(folder, std::string(kHeader) +
                                        "a,GPT-3 175B,A100,many,2048,8,8,16,zero1,1,1536,bf16,full,\n"
                                        "b,GPT-3 175B,A100,1024,2048,0,8,16,zero1,1,1536,bf16,full,\n"
                                        "c,GPT-3 175B,A100,1024,2048,8,8,16,zero1,1.5,,bf16,full,\n");
  INFO(o.text());
  CHECK(o.code == 2);
  CHECK(o.err.find("cases.csv:2:19: chips: \"many\" is not a whole number") != std::string::npos);
  CHECK(o.err.find("cases.csv:3:29: tp: \"0\" is not a whole number of from 1") != std::string::npos);
  CHECK(o.err.find("micro_batch: \"1.5\" is not a whole number") != std::string::npos);
  CHECK(o.err.find("global_batch: is empty") != std::string::npos);
  CHECK(o.err.find("4 errors, nothing was run") != std::string::npos);
  CHECK(nothing_left(folder));

  const Outcome missing = predict(folder, "id,chip,chip_count,seq_len\n");
  INFO(missing.text());
  CHECK(missing.code == 2);
  for (const char* column : {"chips", "global_batch", "layers", "hidden", "heads", "vocab"})
    CHECK(missing.err.find(std::string(column) + ": the table has no such column") != std::string::npos);
  CHECK(nothing_left(folder));

  const Outcome absent =
      run_binary(ALIGHT_BINARY, {"predict", "training", "--cases", "no.csv", "--out", "out.csv"}, folder.path());
  CHECK(absent.code == 2);
  CHECK(nothing_left(folder));

  const Outcome nowhere = predict(
      folder, std::string(kHeader) + "a,GPT-3 175B,A100,1024,2048,8,8,16,zero1,1,1536,bf16,full,\n", "no/o.csv");
  INFO(nowhere.text());
  CHECK(nowhere.code == 2);
  CHECK(nowhere.err.find("--out") != std::string::npos);
}

TEST_CASE("models and kernels of one's own") {
  Folder folder;
  write_file(folder / "models.yaml", "models:\n  Mine: {like: Llama-3.1-8B, layers: 16}\n");
  write_file(folder / "chips.yaml",
             "chips:\n  Fast: {like: H100 SXM5 80GB}\n"
             "kernels:\n  Fast kernels: {like: H100 kernels, chips: [Fast], gemm_16bit: 0.9}\n");
  write_file(folder / "cases.csv", std::string(kHeader) +
                                       "a,Mine,H100,8,4096,8,1,1,zero1,1,8,bf16,full,\n"
                                       "b,Mine,Fast,8,4096,8,1,1,zero1,1,8,bf16,full,\n");
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"predict", "training", "--cases", "cases.csv", "--out", "out.csv", "--models",
                                "models.yaml", "--with", "chips.yaml"},
                               folder.path());
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto rows = predictions(folder);
  CHECK(number(rows.at("b"), "step_s") < number(rows.at("a"), "step_s"));
  CHECK(rows.at("b").at("basis") == "measured");
}
