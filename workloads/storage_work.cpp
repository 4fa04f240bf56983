#include "workloads/storage_work.hpp"

#include <algorithm>
#include <vector>

#include "models/describe/units.hpp"

namespace alight {
namespace {

constexpr double kMostBytes = 1e18;
constexpr double kLongestS = 1e10;
constexpr double kMostSteps = 1e12;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, at - begin));
  }
  return words;
}

bool is_rule(const std::string& word) {
  return word == "young" || word == "daly";
}

std::string read_bytes(std::string_view text, double least, double& out) {
  const Parsed parsed = parse_quantity(text, unit("B"));
  if (!parsed.value) return parsed.problem;
  if (*parsed.value < least || *parsed.value > kMostBytes)
    return "\"" + std::string(text) + "\" is out of range; expected " + (least > 0 ? "more than 0" : "0") +
           " to 1e18 B";
  out = *parsed.value;
  return {};
}

}  // namespace

std::string read_load(std::string_view text, StorageWork& work) {
  work.load_bytes = 0;
  work.load = StorageWork::Load::none;
  if (text.empty() || text == "none") return {};
  if (text == "weights") {
    work.load = StorageWork::Load::weights;
  } else if (text == "checkpoint") {
    work.load = StorageWork::Load::checkpoint;
  } else {
    if (std::string problem = read_bytes(text, 1e-12, work.load_bytes); !problem.empty())
      return problem + "; expected none, weights, checkpoint or bytes, e.g. 120 GB";
    work.load = StorageWork::Load::bytes;
  }
  return {};
}

std::string load_text(const StorageWork& work) {
  switch (work.load) {
    case StorageWork::Load::none:
      return {};
    case StorageWork::Load::weights:
      return "weights";
    case StorageWork::Load::checkpoint:
      return "checkpoint";
    case StorageWork::Load::bytes:
      return format_quantity(work.load_bytes, unit("B"));
  }
  return {};
}

std::string read_every(std::string_view text, StorageWork& work) {
  static const std::string expected =
      "; expected a time of training or steps, e.g. 30 min or 500 steps, or young or daly";
  work.every_s = work.every_steps = 0;
  work.interval = StorageWork::Interval::stated;
  const std::vector<std::string> words = words_of(text);
  if (words.empty() || (words.size() == 1 && words[0] == "none")) return {};
  if (words.size() == 1 && is_rule(words[0])) {
    work.interval = words[0] == "young" ? StorageWork::Interval::young : StorageWork::Interval::daly;
    return {};
  }
  if (words.size() == 2 && (words[1] == "steps" || words[1] == "step")) {
    const auto steps = parse_number(words[0]);
    if (!steps || *steps < 1 || *steps > kMostSteps) return "\"" + words[0] + "\" is no number of steps" + expected;
    work.every_steps = *steps;
    return {};
  }
  const Parsed parsed = parse_quantity(text, unit("s"));
  if (!parsed.value) return parsed.problem + expected;
  if (*parsed.value <= 0 || *parsed.value > kLongestS)
    return "\"" + std::string(text) + "\" is out of range; expected more than 0 to 1e10 s";
  work.every_s = *parsed.value;
  return {};
}

std::string read_checkpoint(std::string_view text, StorageWork& work) {
  std::vector<std::string> words = words_of(text);
  work.asynchronous = false;
  work.checkpoint_bytes = 0;
  if (!words.empty() && (words.back() == "asynchronous" || words.back() == "blocking")) {
    work.asynchronous = words.back() == "asynchronous";
    words.pop_back();
    if (words.empty()) return "no interval before the mode; expected e.g. 30 min asynchronous";
  }
  const std::size_t size = !words.empty() && is_rule(words[0]) ? 1 : 2;  // where it stands
  if (words.size() > size) {
    if (std::string problem = read_bytes(words[size] + (words.size() > size + 1 ? " " + words[size + 1] : ""), 1e-12,
                                         work.checkpoint_bytes);
        !problem.empty())
      return problem;
    if (words.size() > size + 2) return "\"" + words[size + 2] + "\" after the size; expected blocking or asynchronous";
    words.resize(size);
  }
  std::string every;
  for (const std::string& word : words) every += (every.empty() ? "" : " ") + word;
  return read_every(every, work);
}

std::string checkpoint_text(const StorageWork& work) {
  if (!work.checkpoints()) return {};
  std::string text = work.interval == StorageWork::Interval::young  ? "young"
                     : work.interval == StorageWork::Interval::daly ? "daly"
                     : work.every_s > 0                             ? format_quantity(work.every_s, unit("s"))
                                                                    : format_number(work.every_steps) + " steps";
  if (work.checkpoint_bytes > 0) text += " " + format_quantity(work.checkpoint_bytes, unit("B"));
  return work.asynchronous ? text + " asynchronous" : text;
}

std::string read_token_bytes(std::string_view text, StorageWork& work) {
  work.token_bytes = 0;
  return text.empty() ? std::string() : read_bytes(text, 0, work.token_bytes);
}

std::string token_bytes_text(const StorageWork& work) {
  return work.token_bytes > 0 ? format_quantity(work.token_bytes, unit("B")) : std::string();
}

}  // namespace alight
