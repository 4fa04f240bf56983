// Splitwise's measured powers of prompts and tokens on A100, and its times under a cap.
//
// Two rows are used in the fit: llama2-70b, 512 prompt tokens, batch 1, tensor parallel 8 and 2, token phase. All else
// is compared. Powers in the file are of TDP, one reading for the five runs of a configuration: the peak (the prompt
// phase) and the mean (the token phase, 97 % of the time at 512 prompt tokens).
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <map>
#include <tuple>

#include "models/power/clock.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using namespace alight::test;

namespace {

const ChipRatings kA100{64, 400};  // the catalogue's A100 SXM4 80GB
constexpr double kPeak = 312e12, kBandwidth = 2.039e12;
// What its kernels reach, from the catalogue's entry Ampere.
constexpr double kProducts = 0.83, kStreaming = 0.8;

struct Model {
  double parameters, kv_bytes_per_token;
};
// 80 layers with 8 heads of keys and values of 128; 70 layers of 14336.
const std::map<std::string, Model> kModels = {{"llama2-70b", {69e9, 80 * 2.0 * 1024 * 2}},
                                              {"bloom-176b", {176e9, 70 * 2.0 * 14336 * 2}}};

struct Setting {
  std::string model;
  double tensor, prompt, batch, generated;
  auto key() const { return std::tie(model, tensor, prompt, batch, generated); }
  bool operator<(const Setting& other) const { return key() < other.key(); }
  bool fitted() const { return model == "llama2-70b" && (tensor == 8 || tensor == 2) && prompt == 512 && batch == 1; }
  /// The model's context ends at 4096 tokens; the mean powers of longer prompts, 0.17 to 0.18 of TDP at the token times
  /// of the others, are nearly those of an idle chip.
  bool beyond_context() const { return model == "llama2-70b" && prompt > 4096; }
};

struct Measured {
  double peak = 0, mean = 0, prompt_s = 0, token_s = 0;
  int rows = 0;
};

std::map<Setting, Measured> measured(const std::filesystem::path& file, const std::string& hardware) {
  std::map<Setting, Measured> all;
  for (const auto& row : csv_rows(file)) {
    if (row.at("hardware") != hardware) continue;
    const auto number = [&](const char* column) { return std::stod(row.at(column)); };
    Measured& m = all[{row.at("model"), number("tensor_parallel"), number("prompt_size"), number("batch_size"),
                       number("token_size")}];
    m.peak = number("peak_power"), m.mean = number("average_power");
    m.prompt_s += number("prompt_time") / 1000, m.token_s += number("token_time") / 1000, ++m.rows;
  }
  for (auto& [setting, m] : all) m.prompt_s /= m.rows, m.token_s /= m.rows;
  return all;
}

// A step reads the weights and the context once, computes, and waits for the rest.
ChipActivity token_activity(const Setting& s, const Measured& m) {
  const Model& model = kModels.at(s.model);
  const double bytes = 2 * model.parameters + model.kv_bytes_per_token * s.batch * (s.prompt + s.generated / 2);
  ChipActivity activity;
  activity.memory = bytes / s.tensor / (kStreaming * kBandwidth) / m.token_s;
  activity.compute = 2 * model.parameters * s.batch / s.tensor / (kProducts * kPeak) / m.token_s;
  activity.waiting = std::max(0.0, 1 - activity.memory - activity.compute);
  return activity;
}

// A prompt reads the weights and writes its context, waits as long as a step does, and computes the rest of its time.
ChipActivity prompt_activity(const Setting& s, const Measured& m) {
  const Model& model = kModels.at(s.model);
  const double bytes = 2 * model.parameters + model.kv_bytes_per_token * s.batch * s.prompt;
  ChipActivity activity;
  activity.memory = bytes / s.tensor / (kStreaming * kBandwidth) / m.prompt_s;
  activity.waiting = std::min(1 - activity.memory, token_activity(s, m).waiting * m.token_s / m.prompt_s);
  activity.compute = 1 - activity.memory - activity.waiting;
  return activity;
}

double of_tdp(const ChipActivity& activity) {
  return clock_for_power(kA100, activity, kA100.tdp_w).power_w / kA100.tdp_w;
}

class Errors {
 public:
  void add(double error) {
    ++count_;
    sum_ += std::abs(error), bias_ += error;
    worst_ = std::max(worst_, std::abs(error));
    within_ += std::abs(error) <= 0.12;
  }
  double mean() const { return sum_ / count_; }
  double bias() const { return bias_ / count_; }
  int count() const { return count_; }
  int within() const { return within_; }
  std::string text() const {
    return fmt::format("{} settings: mean error {:.1f} %, bias {:+.1f} %, {} within 12 %, worst {:.1f} %", count_,
                       mean() * 100, bias() * 100, within_, worst_ * 100);
  }

 private:
  int count_ = 0, within_ = 0;
  double sum_ = 0, bias_ = 0, worst_ = 0;
};

}  // namespace

TEST_CASE("powers of prompts and tokens are Splitwise's within 12 %") {
  ALIGHT_REFERENCE_OR_SKIP(file, "measured/splitwise_power/perf_model.csv");
  Errors prompts, tokens;
  std::cout << "model      tp prompt batch | prompt measured here error % | token measured here error %\n";
  for (const auto& [s, m] : measured(file, "a100-80gb")) {
    if (m.peak == 0) continue;  // not measured
    const double prompt = of_tdp(prompt_activity(s, m)), token = of_tdp(token_activity(s, m));
    const double prompt_error = prompt / m.peak - 1, token_error = token / m.mean - 1;
    prompts.add(prompt_error);
    if (!s.fitted() && !s.beyond_context()) tokens.add(token_error);
    std::cout << fmt::format("{} {:>2} {:>6} {:>5} | {:>14.3f} {:.3f} {:>+7.1f} | {:>13.3f} {:.3f} {:>+7.1f}{}\n",
                             s.model, s.tensor, s.prompt, s.batch, m.peak, prompt, prompt_error * 100, m.mean, token,
                             token_error * 100,
                             s.fitted()           ? " (fitted)"
                             : s.beyond_context() ? " (beyond the model's context)"
                                                  : "");
    if (s.fitted()) CHECK(std::abs(token_error) < 0.002);
  }
  std::cout << "prompts: " << prompts.text() << "\ntokens: " << tokens.text() << '\n';
  CHECK(prompts.count() == 44);
  CHECK(tokens.count() == 39);
  CHECK(prompts.mean() <= 0.12);
  CHECK(std::abs(prompts.bias()) <= 0.05);
  CHECK(prompts.within() >= 36);
  CHECK(tokens.mean() <= 0.06);
  CHECK(std::abs(tokens.bias()) <= 0.03);
  CHECK(tokens.within() >= 38);
}

TEST_CASE("a cap at half of the power lengthens prompts as Splitwise has it, and tokens not") {
  ALIGHT_REFERENCE_OR_SKIP(file, "measured/splitwise_power/perf_model.csv");
  // Its H100 rows under a cap are the free ones times a constant; the paper (P. Patel et al., ISCA 2024) caps a GPU at
  // half of its power.
  const auto free = measured(file, "h100-80gb"), capped = measured(file, "h100-80gb-pcap");
  double prompts = 0, tokens = 0;
  for (const auto& [s, m] : free) {
    prompts += capped.at(s).prompt_s / m.prompt_s / static_cast<double>(free.size());
    tokens += capped.at(s).token_s / m.token_s / static_cast<double>(free.size());
  }
  const ClockedChip prompt = clock_for_power({70, 700}, ChipActivity::compute_bound(), 350);
  std::cout << fmt::format("prompts take {:.3f} times as long, here {:.3f}; tokens {:.3f}, here {:.3f}\n", prompts,
                           prompt.time, tokens, time_at_clock(ChipActivity::memory_bound(), prompt.clock));
  CHECK(prompt.time == Approx(prompts).epsilon(0.03));
  CHECK(time_at_clock(ChipActivity::memory_bound(), prompt.clock) == Approx(tokens).epsilon(0.01));
}
