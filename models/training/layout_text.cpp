#include "models/training/layout_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace alight {

namespace {

struct Count {
  std::string_view word;
  std::int64_t Layout::*field;
};
constexpr std::array<Count, 10> kCounts{{{"tp", &Layout::tensor},
                                         {"pp", &Layout::pipeline},
                                         {"cp", &Layout::context},
                                         {"ep", &Layout::expert},
                                         {"dp", &Layout::data},
                                         {"vpp", &Layout::virtual_stages},
                                         {"mb", &Layout::micro_batch},
                                         {"gb", &Layout::global_batch},
                                         {"seq", &Layout::sequence},
                                         {"shard", &Layout::shard_ranks}}};

template <class E>
struct Choice {
  std::string_view word;
  E value;
};
constexpr std::array<Choice<Precision>, 6> kPrecisionWords{{{"fp16", Precision::fp16},
                                                            {"bf16", Precision::bf16},
                                                            {"fp8", Precision::fp8},
                                                            {"mxfp8", Precision::mxfp8},
                                                            {"nvfp4", Precision::nvfp4},
                                                            {"int8", Precision::int8}}};
constexpr std::array<Choice<Sharding>, 6> kShardings{{{"zero1", Sharding::zero1},
                                                      {"zero1_node", Sharding::zero1_node},
                                                      {"zero2", Sharding::zero2},
                                                      {"zero3", Sharding::zero3},
                                                      {"fsdp", Sharding::fsdp},
                                                      {"hsdp", Sharding::hsdp}}};
constexpr std::array<Choice<Recompute>, 2> kRecomputes{
    {{"selective", Recompute::selective}, {"full", Recompute::full}}};
constexpr std::array<Choice<Schedule>, 2> kSchedules{{{"gpipe", Schedule::gpipe}, {"dualpipe", Schedule::dualpipe}}};

template <class E, std::size_t N>
bool choose(std::string_view word, const std::array<Choice<E>, N>& choices, E& out) {
  for (const auto& choice : choices)
    if (choice.word == word) {
      out = choice.value;
      return true;
    }
  return false;
}

bool read_count(std::string_view digits, std::int64_t& out) {
  constexpr std::int64_t kMost = 10'000'000;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 1 || value > kMost) return false;
  out = value;
  return true;
}

// Two words of one group contradict each other.
std::string_view group_of(std::string_view word) {
  Layout scratch;
  if (choose(word, kPrecisionWords, scratch.precision)) return "precision";
  if (choose(word, kShardings, scratch.sharding)) return "sharding";
  if (choose(word, kRecomputes, scratch.recompute)) return "recomputation";
  if (choose(word, kSchedules, scratch.schedule)) return "schedule";
  return word.substr(0, word.find_first_of("0123456789"));
}

}  // namespace

std::string_view name_of(Precision precision) {
  return kPrecisionWords[static_cast<std::size_t>(precision)].word;
}

std::optional<Precision> parse_precision(std::string_view name) {
  Precision precision{};
  if (!choose(name, kPrecisionWords, precision)) return std::nullopt;
  return precision;
}

bool read_layout_word(std::string_view word, Layout& layout) {
  if (choose(word, kPrecisionWords, layout.precision) || choose(word, kShardings, layout.sharding) ||
      choose(word, kRecomputes, layout.recompute) || choose(word, kSchedules, layout.schedule))
    return true;
  if (word == "sp") return layout.sequence_parallel = true;
  if (word == "overlap_tp") return layout.overlap_tensor = true;
  if (word == "lora") return layout.low_rank_adapters = true;
  if (word == "noflash") return !(layout.flash_attention = false);
  if (word == "nooverlap") return !(layout.overlap_gradients = false);
  if (word == "sgd") {
    layout.optimizer = Optimizer::sgd;
    return true;
  }
  const std::size_t digits = word.find_first_of("0123456789");
  if (digits == std::string_view::npos) return false;
  for (const Count& count : kCounts)
    if (word.substr(0, digits) == count.word) return read_count(word.substr(digits), layout.*count.field);
  return false;
}

std::string read_layout(std::string_view text, Layout& layout) {
  std::vector<std::pair<std::string_view, std::string_view>> seen;  // group, word
  layout.data = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!read_layout_word(word, layout)) return "no such word of a layout: \"" + std::string(word.substr(0, 40)) + '"';
    const std::string_view group = group_of(word);
    for (const auto& [other, earlier] : seen)
      if (other == group) return std::string(word) + " after " + std::string(earlier);
    seen.emplace_back(group, word);
  }
  return {};
}

std::string text_of(const Layout& layout) {
  const Layout plain;
  std::string text;
  const auto say = [&](std::string_view word) {
    if (!text.empty()) text += ' ';
    text += word;
  };
  const auto count = [&](std::size_t i) {
    const std::int64_t value = layout.*kCounts[i].field;
    if (value == plain.*kCounts[i].field || value == 0) return;
    say(kCounts[i].word);
    text += std::to_string(value);
  };
  for (std::size_t i = 0; i < 4; ++i) count(i);
  // dp1 is said: left out it means "what the chips give".
  if (layout.data > 0) say("dp" + std::to_string(layout.data));
  if (layout.sequence_parallel) say("sp");
  for (std::size_t i = 5; i < 9; ++i) count(i);
  if (layout.precision != plain.precision) say(name_of(layout.precision));
  for (const auto& choice : kShardings)
    if (choice.value == layout.sharding) say(choice.word);
  count(9);
  for (const auto& choice : kRecomputes)
    if (choice.value == layout.recompute) say(choice.word);
  for (const auto& choice : kSchedules)
    if (choice.value == layout.schedule) say(choice.word);
  if (layout.optimizer == Optimizer::sgd) say("sgd");
  if (layout.low_rank_adapters) say("lora");
  if (!layout.flash_attention) say("noflash");
  if (!layout.overlap_gradients) say("nooverlap");
  if (layout.overlap_tensor) say("overlap_tp");
  return text;
}

std::string fill_data_ranks(Layout& layout, std::int64_t chips) {
  const std::int64_t others = layout.tensor * layout.pipeline * layout.context;
  if (layout.data == 0 && chips % others == 0) {
    layout.data = chips / others;
    return {};
  }
  if (layout.data == 0)
    return std::to_string(chips) + " chips over " + std::to_string(others) + " tensor x pipeline x context ranks";
  if (layout.chips() != chips)
    return "the layout takes " + std::to_string(layout.chips()) + " chips, the job has " + std::to_string(chips);
  return {};
}

}  // namespace alight
