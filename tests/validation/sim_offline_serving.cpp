// Tokens per second of a chip against published runs without a limit on latency: configurations that are stated, and
// MLPerf's, which are not, with the best layout found among those of one server.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight::test;

namespace {

constexpr const char* kHeader =
    "id,backend,model_path,system,precision,isl,osl,concurrency,rounds,tp_size,attention_dp_size,moe_tp_size,moe_ep_"
    "size\n";

/// As the catalogue calls it; empty where it has no such chip.
std::string chip_named(const std::string& text) {
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  if (has("GB300")) return "GB300";
  if (has("GB200")) return "GB200";
  if (has("B200")) return "B200";
  if (has("H200-NVL")) return "";
  if (has("H200")) return "H200";
  if (has("H100")) return "H100";
  if (has("L40S")) return "L40S";
  if (has("MI325X") && has("MI300X")) return "";
  if (has("MI325X")) return "MI325X";
  if (has("MI300X")) return "MI300X";
  return "";
}

std::string model_named(const std::string& text) {
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  if (has("llama2-70b")) return "Llama-2-70B";
  if (has("llama3.1-405b")) return "Llama-3.1-405B";
  if (has("llama3.1-8b")) return "Llama-3.1-8B";
  if (has("mixtral-8x7b")) return "Mixtral-8x7B";
  if (has("deepseek-r1")) return "DeepSeek-R1";
  if (has("Llama-3.3-70B")) return "Llama-3.1-70B";
  return text;
}

/// Mean prompt and answer of MLPerf's data sets (its rules; the columns of inference.csv).
std::pair<int, int> lengths_of(const std::string& model) {
  if (model == "Llama-2-70B") return {294, 294};
  if (model == "Llama-3.1-405B") return {9400, 680};
  if (model == "Llama-3.1-8B") return {778, 73};
  if (model == "Mixtral-8x7B") return {294, 145};
  return {800, 3880};
}

bool has_experts(const std::string& model) {
  return model == "Mixtral-8x7B" || model == "DeepSeek-R1" || model.find("A22B") != std::string::npos;
}

struct Case {
  std::string key, row;
};

/// Best predicted tokens per second and chip of each key.
std::map<std::string, std::pair<double, std::string>> best_of(const std::vector<Case>& cases) {
  Folder folder;
  std::string text = kHeader;
  for (std::size_t i = 0; i < cases.size(); ++i) text += std::to_string(i) + "," + cases[i].row + "\n";
  write_file(folder / "cases.csv", text);
  const Outcome o =
      run_binary(ALIGHT_BINARY, {"predict", "serving", "--cases", "cases.csv", "--out", "out.csv"}, folder.path(), 600);
  INFO(o.text());
  REQUIRE(o.code == 0);
  std::map<std::string, std::pair<double, std::string>> best;
  for (const CsvRow& p : csv_rows(folder / "out.csv")) {
    const Case& c = cases[std::stoul(p.at("id"))];
    if (p.at("status") != "ok") continue;
    const double rate = std::stod(p.at("tokens_per_s_per_chip"));
    auto& held = best[c.key];
    if (rate > held.first) held = {rate, c.row};
  }
  return best;
}

struct Row {
  std::string id, model, chip;
  double measured;
};

double report(const char* title, const std::vector<Row>& rows, const std::vector<Case>& cases) {
  const auto best = best_of(cases);
  double sum = 0, bias = 0;
  int n = 0;
  std::printf("%s\n", title);
  for (const Row& row : rows) {
    const auto found = best.find(row.id);
    if (found == best.end()) {
      std::printf("  %-10s %-18s %-7s no answer\n", row.id.c_str(), row.model.c_str(), row.chip.c_str());
      continue;
    }
    const double error = 100 * (found->second.first / row.measured - 1);
    std::printf("  %-10s %-18s %-7s measured %8.1f predicted %8.1f  %+6.1f %%  %s\n", row.id.c_str(), row.model.c_str(),
                row.chip.c_str(), row.measured, found->second.first, error, found->second.second.c_str());
    sum += std::abs(error);
    bias += error;
    ++n;
  }
  std::printf("  %d rows, mean absolute error %.1f %%, bias %+.1f %%\n", n, sum / n, bias / n);
  return sum / n;
}

}  // namespace

TEST_CASE("offline runs whose configuration is stated") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/inference.csv");
  std::vector<Row> rows;
  std::vector<Case> cases;
  for (const CsvRow& r : csv_rows(file)) {
    if (r.at("group").find("TensorRT-LLM v1.0 perf-overview") == std::string::npos) continue;
    const std::string model = model_named(r.at("model")), chip = chip_named(r.at("chip")), tp = r.at("TP");
    rows.push_back({r.at("id"), model, chip, std::stod(r.at("per_chip"))});
    const std::string start = "trtllm," + model + "," + chip + "," + (r.at("precision") == "FP4" ? "fp4" : "fp8") +
                              "," + r.at("input_len") + "," + r.at("output_len") + ",2048,2,";
    cases.push_back({r.at("id"), start + tp + (has_experts(model) ? ",1,1," + tp : ",1,,")});
  }
  REQUIRE(rows.size() > 40);
  CHECK(report("TensorRT-LLM 1.0, layouts as stated", rows, cases) < 15);
}

TEST_CASE("MLPerf offline, the best layout of a server") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/inference_grid_mlperf51.csv");
  std::vector<Row> rows;
  std::vector<Case> cases;
  int number = 0;
  for (const CsvRow& r : csv_rows(file)) {
    if (r.at("scenario") != "Offline" || r.at("division") != "closed" || r.at("per_accelerator").empty()) continue;
    const std::string model = model_named(r.at("model")), chip = chip_named(r.at("accelerator"));
    if (chip.empty() || r.at("units") != "Tokens/s") continue;
    const std::string id = "G" + std::to_string(++number);
    rows.push_back({id, model, chip, std::stod(r.at("per_accelerator"))});
    const auto [input, output] = lengths_of(model);
    const std::string engine = chip[0] == 'M' || chip == "L40S" ? "vllm" : "trtllm";
    const int most = std::stoi(r.at("acc_per_node"));
    for (int tp = 1; tp <= most; tp *= 2) {
      const std::string t = std::to_string(tp);
      const std::string start = engine + "," + model + "," + chip + "," + r.at("weight_dtype") + "," +
                                std::to_string(input) + "," + std::to_string(output) + ",2048,2,";
      cases.push_back({id, start + t + (has_experts(model) ? ",1,1," + t : ",1,,")});
      if (has_experts(model) && tp > 1) cases.push_back({id, start + "1," + t + ",1," + t});
    }
  }
  REQUIRE(rows.size() > 20);
  CHECK(report("MLPerf Inference 5.1 closed, offline", rows, cases) < 15);
}

TEST_CASE("production rates of DeepSeek and CloudMatrix384") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/inference.csv");
  std::map<std::string, CsvRow> stated;
  for (const CsvRow& r : csv_rows(file)) stated[r.at("id")] = r;
  Folder folder;
  // Prompts alone: answers of one token, four on each data rank. Decoding: workers for prompts that keep up, batches
  // searched for the published time between tokens (20 to 22 tokens a second; 50 ms).
  std::string text =
      "id,backend,model_path,system,precision,mode,isl,osl,concurrency,rounds,tp_size,attention_dp_size,moe_ep_size,"
      "prefill_tp_size,prefill_attention_dp_size,prefill_moe_ep_size,prefill_num_workers,decode_num_workers,"
      "decode_tp_size,decode_attention_dp_size,decode_moe_ep_size,draft_tokens,two_batches\n"
      "h800_prefill,sglang,DeepSeek-V3,H800,fp8,agg,4096,1,128,4,1,32,32,,,,,,,,,0,1\n"
      "910c_prefill,sglang,DeepSeek-R1,Ascend 910C,int8,agg,4096,1,128,4,1,32,32,,,,,,,,,0,1\n";
  for (const int batch : {32, 48, 64, 96, 128, 160}) {
    text += "h800_decode_" + std::to_string(batch) + ",sglang,DeepSeek-V3,H800,fp8,disagg,4400,1200," +
            std::to_string(batch * 144) + ",2,,,,1,32,32,40,1,1,144,144,0,1\n";
    text += "910c_decode_" + std::to_string(batch) + ",sglang,DeepSeek-R1,Ascend 910C,int8,disagg,4096,512," +
            std::to_string(batch * 160) + ",2,,,,1,32,32,40,1,1,160,160,1,1\n";
  }
  write_file(folder / "cases.csv", text);
  const Outcome o =
      run_binary(ALIGHT_BINARY, {"predict", "serving", "--cases", "cases.csv", "--out", "out.csv"}, folder.path(), 600);
  INFO(o.text());
  REQUIRE(o.code == 0);
  for (const CsvRow& p : csv_rows(folder / "out.csv")) {
    std::printf("  %-18s %-14s ", p.at("id").c_str(), p.at("status").substr(0, 60).c_str());
    if (!p.at("tpot_ms").empty())
      std::printf("tpot %7.2f ms  requests/s %9.3f  decoding chips %s of %s  batch %s", std::stod(p.at("tpot_ms")),
                  std::stod(p.at("requests_per_s")), p.at("decode_workers").c_str(), p.at("chips").c_str(),
                  p.at("batch").c_str());
    std::printf("\n");
  }
}
