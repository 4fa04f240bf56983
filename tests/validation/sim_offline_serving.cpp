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

namespace {

// Header of rows for services of DeepSeek's, with workers for prompts that always keep up.
constexpr const char* kServiceHeader =
    "id,backend,model_path,system,precision,mode,isl,osl,concurrency,rounds,shortest_share,tp_size,attention_dp_size,"
    "moe_"
    "ep_size,prefill_tp_size,prefill_attention_dp_size,prefill_moe_ep_size,prefill_num_workers,decode_num_workers,"
    "decode_"
    "tp_size,decode_attention_dp_size,decode_moe_ep_size,draft_tokens,acceptance,cached_share,expert_imbalance,two_"
    "batches\n";

// Prompts alone: answers of one token, and twice as many prompts under way as the 32 ranks compute at once.
std::string prompts_row(const std::string& id, const std::string& chip, int prompt, double cached, double imbalance) {
  return id + ",sglang,DeepSeek-R1," + chip + "," + (chip[0] == 'A' ? "int8" : "fp8") + ",agg," +
         std::to_string(prompt) + ",1,256,20,1,1,32,32,,,,,,,,,0,," + std::to_string(cached) + "," +
         std::to_string(imbalance) + ",1\n";
}

std::string answers_row(const std::string& id, const std::string& chip, int prompt, int answer, int ranks, int batch,
                        int drafted) {
  const std::string n = std::to_string(ranks);
  return id + ",sglang,DeepSeek-R1," + chip + "," + (chip[0] == 'A' ? "int8" : "fp8") + ",disagg," +
         std::to_string(prompt) + "," + std::to_string(answer) + "," + std::to_string(batch * ranks) +
         ",2,1,,,,1,32,32,200,1,1," + n + "," + n + "," + std::to_string(drafted) + ",0.7,,,1\n";
}

struct Published {
  const char* what;
  double measured;                                         ///< tokens/s of a chip
  double tpot_ms;                                          ///< 0: prompts
  std::vector<std::pair<std::string, std::string>> cases;  ///< by id
  double bound;                                            ///< percent; 0: none
};

}  // namespace

// Rates that DeepSeek and the CloudMatrix384 paper (arXiv 2506.12708 tables 4 and 5, as remembered) publish. No
// constant was fitted to them but one: how uneven experts are without a perfect balancer, on the paper's 5,655.
TEST_CASE("production rates of DeepSeek and CloudMatrix384") {
  const int prompt = 4096;
  constexpr double kUneven = 1.33;
  std::vector<Published> all = {
      {"H800, prompts of 4,096, balanced experts (DeepSeek's profile)", 7839, 0, {}, 15},
      {"910C, prompts of 4,096, balanced experts", 6688, 0, {}, 15},
      {"910C, prompts of 4,096, experts as they come (solved)", 5655, 0, {}, 15},
      {"H800, prompts, full load, 56.3 % from the cache, experts as they come, against the mean of a day",
       9212,
       0,
       {},
       0},
      {"H800, answers at 21 tokens/s each, mean context 4,989, EP144", 1850, 1000. / 21, {}, 15},
      {"H800, answers at 50 ms, context 4,096, EP128 (DeepSeek's profile)", 2325, 50.2, {}, 15},
      {"910C, answers within 50 ms, context 4,096, 1 token drafted, 70 % kept", 1943, 49.4, {}, 15},
      {"910C, answers within 30 ms", 974, 24.6, {}, 15}};
  const auto add = [&](std::size_t i, const std::string& row, const std::string& id) {
    all[i].cases.emplace_back(id, row);
  };
  add(0, prompts_row("p0", "H800", prompt, 0, 1), "p0");
  add(1, prompts_row("p1", "Ascend 910C", prompt, 0, 1), "p1");
  add(2, prompts_row("p2", "Ascend 910C", prompt, 0, kUneven), "p2");
  add(3, prompts_row("p3", "H800", 4384, 0.563, kUneven), "p3");
  for (const int batch : {16, 24, 32, 64, 80, 96, 112, 128, 160}) {
    const std::string b = std::to_string(batch);
    add(4, answers_row("a" + b, "H800", 4384, 1211, 144, batch, 0), "a" + b);
    add(5, answers_row("b" + b, "H800", 3596, 1000, 128, batch, 0), "b" + b);
    add(6, answers_row("c" + b, "Ascend 910C", 3596, 1000, 160, batch, 1), "c" + b);
    add(7, answers_row("d" + b, "Ascend 910C", 3596, 1000, 160, batch, 1), "d" + b);
  }
  std::string text = kServiceHeader;
  for (const Published& p : all)
    for (const auto& [id, row] : p.cases) text += row;
  Folder folder;
  write_file(folder / "cases.csv", text);
  const Outcome o =
      run_binary(ALIGHT_BINARY, {"predict", "serving", "--cases", "cases.csv", "--out", "out.csv"}, folder.path(), 600);
  INFO(o.text());
  REQUIRE(o.code == 0);
  std::map<std::string, CsvRow> rows;
  for (const CsvRow& p : csv_rows(folder / "out.csv")) rows[p.at("id")] = p;
  for (const Published& p : all) {
    double rate = 0;
    if (p.tpot_ms == 0) {
      const CsvRow& row = rows.at(p.cases.front().first);
      const double tokens = p.cases.front().first == "p3" ? 4384 : prompt;
      rate = std::stod(row.at("requests_per_s")) * tokens / std::stod(row.at("chips"));
    } else {
      // Sequences that decode over the time between tokens, between the two batches around the published one.
      double before_ms = 0, before_rate = 0;
      for (const auto& [id, text_of_row] : p.cases) {
        const CsvRow& row = rows.at(id);
        const double ranks = p.cases.front().first[0] == 'a' ? 144 : p.cases.front().first[0] == 'b' ? 128 : 160;
        const double ms = std::stod(row.at("tpot_ms")), now = std::stod(row.at("batch")) / ranks / ms * 1e3;
        if (ms >= p.tpot_ms && before_ms > 0) {
          rate = before_rate + (now - before_rate) * (p.tpot_ms - before_ms) / (ms - before_ms);
          break;
        }
        before_ms = ms;
        before_rate = now;
      }
    }
    const double error = 100 * (rate / p.measured - 1);
    std::printf("  %-96s published %6.0f predicted %6.0f  %+5.1f %%\n", p.what, p.measured, rate, error);
    CAPTURE(p.what);
    if (p.bound > 0) CHECK(std::abs(error) < p.bound);
  }
}
