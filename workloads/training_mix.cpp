#include "workloads/training_mix.hpp"

#include <charconv>

namespace alight {

std::int64_t TrainingMix::chips() const {
  std::int64_t sum = 0;
  for (const Part& part : parts) sum += part.chips;
  return sum;
}

// A line for each part, "128 h20", and one for the path where one is stated, "path 25 GB/s staged".
std::string text_of(const TrainingMix& mix) {
  std::string text;
  for (const TrainingMix::Part& part : mix.parts) text += std::to_string(part.chips) + " " + part.pool + "\n";
  if (!mix.path.empty()) text += "path " + mix.path + "\n";
  return text;
}

TrainingMix training_mix(std::string_view text) {
  TrainingMix mix;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return {};
    const std::string_view first = line.substr(0, blank), rest = line.substr(blank + 1);
    std::int64_t chips = 0;
    const auto read = std::from_chars(first.data(), first.data() + first.size(), chips);
    if (first == "path")
      mix.path = rest;
    else if (read.ec == std::errc{} && read.ptr == first.data() + first.size() && chips > 0)
      mix.parts.push_back({std::string(rest), chips});
    else
      return {};
  }
  return mix;
}

}  // namespace alight
