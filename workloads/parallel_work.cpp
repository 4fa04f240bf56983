#include "workloads/parallel_work.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr std::string_view kWords = "\"each FLOPS BYTES\", \"ranks N flops ... bytes ...\" or \"delay SECONDS\"";

void append(std::string& out, double value) {
  char buffer[32];
  out += ' ';
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  /// The next word, empty at the end.
  std::string_view next() {
    const auto begin = text_.find_first_not_of(' ', at_);
    if (begin == std::string_view::npos) return {};
    at_ = std::min(text_.find(' ', begin), text_.size());
    return text_.substr(begin, at_ - begin);
  }
  std::optional<double> number(double most) {
    word_ = next();
    const auto value = to_number(word_);
    if (!value || *value < 0 || *value > most) return std::nullopt;
    return *value + 0.0;  // -0 is 0
  }
  std::optional<std::int64_t> whole(std::int64_t most) {
    word_ = next();
    const auto value = to_whole(word_);
    if (!value || *value < 1 || *value > most) return std::nullopt;
    return value;
  }
  /// What number() or whole() could not take.
  std::string refused(std::string_view wanted) const {
    return word_.empty() ? "ends where " + std::string(wanted) + " should follow"
                         : '"' + std::string(word_) + "\" is no " + std::string(wanted);
  }

 private:
  std::string_view text_, word_;
  std::size_t at_ = 0;
};

bool read_numbers(Words& words, std::size_t count, std::vector<double>& out) {
  out.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = words.number(ParallelWork::kMostAmount);
    if (!value) return false;
    out.push_back(*value);
  }
  return true;
}

std::string read_task(Words& words, ParallelTask& task) {
  constexpr std::string_view kAmount = "amount from 0 to 1e27";
  constexpr std::int64_t kMostRanks = 100000;
  const auto ranks = words.whole(kMostRanks);
  if (!ranks) return words.refused("number of ranks from 1 to 1e5");
  const auto n = static_cast<std::size_t>(*ranks);
  if (words.next() != "flops") return "\"flops\" should follow the number of ranks";
  if (!read_numbers(words, n, task.flops)) return words.refused(kAmount);
  if (words.next() != "bytes") return "\"bytes\" should follow the flops of all ranks";
  if (!read_numbers(words, n * n, task.bytes)) return words.refused(kAmount);
  return {};
}

std::string read_stage(Words& words, std::string_view word, ParallelWork::Stage& stage) {
  if (word == "ranks") return read_task(words, stage.task);
  if (word == "delay") {
    stage.is_delay = true;
    const auto delay_s = words.number(ParallelWork::kLongestDelayS);
    if (!delay_s) return words.refused("time from 0 to 1e10 s");
    stage.delay_s = *delay_s;
    return {};
  }
  if (word != "each") return '"' + std::string(word) + "\" begins no stage: expected " + std::string(kWords);
  for (double* amount : {&stage.task.flops_each, &stage.task.bytes_each}) {
    const auto value = words.number(ParallelWork::kMostAmount);
    if (!value) return words.refused("amount from 0 to 1e27");
    *amount = *value;
  }
  return {};
}

}  // namespace

std::string text_of(const ParallelWork& work) {
  std::string text;
  for (const ParallelWork::Stage& stage : work.stages) {
    if (!text.empty()) text += " then ";
    if (stage.is_delay) {
      append(text += "delay", stage.delay_s);
    } else if (stage.task.alike()) {
      append(text += "each", stage.task.flops_each);
      append(text, stage.task.bytes_each);
    } else {
      text += "ranks " + std::to_string(stage.task.flops.size()) + " flops";
      for (const double flops : stage.task.flops) append(text, flops);
      text += " bytes";
      for (const double bytes : stage.task.bytes) append(text, bytes);
    }
  }
  if (work.repeat != 1) text += " times " + std::to_string(work.repeat);
  return text;
}

std::string read_parallel_work(std::string_view text, ParallelWork& work) {
  work = {};
  Words words(text);
  std::string_view word = words.next();
  if (word.empty()) return "is empty: expected " + std::string(kWords);
  for (;;) {
    if (work.stages.size() == ParallelWork::kMostStages) return "has more than 10,000 stages";
    if (std::string problem = read_stage(words, word, work.stages.emplace_back()); !problem.empty()) return problem;
    word = words.next();
    if (word.empty()) return {};
    if (word == "times") {
      const auto repeat = words.whole(ParallelWork::kMostRepeats);
      if (!repeat) return words.refused("whole number from 1 to 1e6");
      work.repeat = *repeat;
      if (std::ssize(work.stages) * work.repeat > ParallelWork::kMostTurns) return "goes through more than 1e7 stages";
      word = words.next();
      if (word.empty()) return {};
    }
    if (word != "then" || work.repeat != 1)
      return '"' + std::string(word) + "\" where the text should end, or go on with \"then\"";
    word = words.next();
  }
}

std::string why_unfit(const ParallelWork& work, std::int64_t chips) {
  for (const ParallelWork::Stage& stage : work.stages)
    if (!stage.is_delay && !stage.task.alike() && std::ssize(stage.task.flops) != chips)
      return "its task has " + std::to_string(stage.task.flops.size()) + " ranks, the job " + std::to_string(chips) +
             " chips";
  return {};
}

ParallelWork parallel_work(const Names& names, Names::Id id) {
  ParallelWork work;
  if (const std::string problem = read_parallel_work(names[id], work); !problem.empty())
    throw std::logic_error("parallel_work: " + problem);
  return work;
}

double least_seconds(const ParallelWork& work, double flops_per_s) {
  double sum_s = 0;
  for (const ParallelWork::Stage& stage : work.stages) {
    const std::vector<double>& flops = stage.task.flops;
    const double most = flops.empty() ? stage.task.flops_each : *std::max_element(flops.begin(), flops.end());
    sum_s += stage.is_delay ? stage.delay_s : most / flops_per_s;
  }
  return sum_s * static_cast<double>(work.repeat);
}

}  // namespace alight
