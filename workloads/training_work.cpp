#include "workloads/training_work.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "models/training/layout_text.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr double kLongestStartS = 1e7;

std::string shortest(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

bool read_start(std::string_view text, double& out) {
  const auto seconds = to_number(text);
  if (!seconds || *seconds < 0 || *seconds > kLongestStartS) return false;
  out = *seconds;
  return true;
}

std::string exchanged(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

/// A word behind which others read what it says.
struct PrefixedWord {
  std::string_view prefix;
  std::string (*read)(std::string_view text, TrainingWork& work);
  std::string (*text)(const TrainingWork& work);
};
template <auto part, auto read_part, auto text_of_part>
constexpr PrefixedWord prefixed(std::string_view prefix) {
  return {prefix, [](std::string_view text, TrainingWork& work) { return read_part(text, work.*part); },
          [](const TrainingWork& work) { return text_of_part(work.*part); }};
}
constexpr PrefixedWord kPrefixedWords[] = {
    prefixed<&TrainingWork::elastic, read_elastic, elastic_text>("elastic:"),
    prefixed<&TrainingWork::storage, read_load, load_text>("load:"),
    prefixed<&TrainingWork::storage, read_checkpoint, checkpoint_text>("ckpt:"),
    prefixed<&TrainingWork::storage, read_token_bytes, token_bytes_text>("data:")};

/// Nothing where `word` is none of these, else what is wrong with it.
std::optional<std::string> read_prefixed(std::string_view word, TrainingWork& work) {
  for (const PrefixedWord& known : kPrefixedWords)
    if (word.starts_with(known.prefix))
      return known.read(exchanged(std::string(word.substr(known.prefix.size())), '_', ' '), work);
  return std::nullopt;
}

}  // namespace

std::string text_of(const TrainingWork& work) {
  std::string text = work.startup_s > 0 ? "start" + shortest(work.startup_s) + " " : "";
  for (const PrefixedWord& word : kPrefixedWords)
    if (const std::string value = word.text(work); !value.empty())
      (text += word.prefix) += exchanged(value, ' ', '_') + " ";
  if (work.planned) text += "plan ";
  return text + text_of(work.layout);
}

std::string read_training_work(std::string_view text, TrainingWork& work) {
  work = {.layout = {}, .planned = false};  // as text_of(): what differs from Layout's defaults is said
  std::string rest;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (const auto problem = read_prefixed(word, work)) {
      if (!problem->empty()) return *problem;
      continue;
    }
    if (word == "plan")
      work.planned = true;
    else if (word.starts_with("start") && !read_start(word.substr(5), work.startup_s))
      return "no number of seconds: \"" + std::string(word) + '"';
    else if (!word.starts_with("start"))
      (rest += word) += ' ';
  }
  return read_layout(rest, work.layout);
}

TrainingWork training_work(const Names& names, Names::Id id) {
  TrainingWork work;
  if (id == 0) return work;
  if (const std::string problem = read_training_work(names[id], work); !problem.empty())
    throw std::logic_error("training_work: " + problem);
  return work;
}

void TrainingCells::clear() {
  if (!stated_) return;
  for (std::string& cell : cells_) cell.clear();
  stated_ = false;
}

void TrainingCells::set(Part part, std::string_view cell) {
  cells_[static_cast<std::size_t>(part)] = cell;
  stated_ = true;
}

std::optional<TrainingCells::Part> TrainingCells::read(TrainingWork& work) const {
  const auto cell = [&](Part part) -> const std::string& { return cells_[static_cast<std::size_t>(part)]; };
  const std::string& layout = cell(Part::layout);
  if (!layout.empty() && layout != "plan") {
    work.planned = false;
    if (!read_layout(layout, work.layout).empty()) return Part::layout;
  }
  const auto word = [&](Part part, std::string_view prefix) {
    return cell(part).empty() || read_layout_word(std::string(prefix) + cell(part), work.layout);
  };
  if (!word(Part::global_batch, "gb")) return Part::global_batch;
  if (!word(Part::sequence, "seq")) return Part::sequence;
  if (!cell(Part::precision).empty()) {
    const auto precision = parse_precision(cell(Part::precision));
    if (!precision) return Part::precision;
    work.layout.precision = *precision;
  }
  if (!cell(Part::startup).empty() && !read_start(cell(Part::startup), work.startup_s)) return Part::startup;
  if (!read_load(cell(Part::load), work.storage).empty()) return Part::load;
  if (!read_checkpoint(cell(Part::checkpoint), work.storage).empty()) return Part::checkpoint;
  if (!read_token_bytes(cell(Part::token_bytes), work.storage).empty()) return Part::token_bytes;
  if (!read_elastic(cell(Part::elastic), work.elastic).empty()) return Part::elastic;
  // What it goes on from, and what a replica is.
  if (work.elastic.least_replicas > 0 && (work.planned || !work.storage.checkpoints())) return Part::elastic;
  return std::nullopt;
}

std::optional<TrainingCells::Part> TrainingCells::intern(Names& names, Row& row) {
  row = {};
  if (!stated_) return std::nullopt;
  std::size_t mix = 0;
  for (const std::string& cell : cells_)
    for (const char c : cell) mix = mix * 31 + static_cast<unsigned char>(c);
  Known& known = known_[mix % known_.size()];
  if (known.row.id == 0 || known.cells != cells_) {
    TrainingWork work;
    if (const auto bad = read(work)) return bad;
    known = {cells_, {names.intern(text_of(work)), work.tokens_per_step()}};
  }
  row = known.row;
  return std::nullopt;
}

std::string TrainingCells::cell(Part part, const TrainingWork& work) {
  const TrainingWork plain;
  switch (part) {
    case Part::layout: {
      if (work.planned) return {};
      Layout bare = work.layout;
      const Layout defaults;
      bare.global_batch = defaults.global_batch;
      bare.sequence = defaults.sequence;
      bare.precision = defaults.precision;
      std::string text = text_of(bare);
      return text.empty() ? "tp1" : text;
    }
    case Part::global_batch:
      return work.layout.global_batch == plain.layout.global_batch ? "" : std::to_string(work.layout.global_batch);
    case Part::sequence:
      return work.layout.sequence == plain.layout.sequence ? "" : std::to_string(work.layout.sequence);
    case Part::precision:
      return work.layout.precision == plain.layout.precision ? "" : std::string(name_of(work.layout.precision));
    case Part::startup:
      return work.startup_s == 0 ? "" : shortest(work.startup_s);
    case Part::load:
      return load_text(work.storage);
    case Part::checkpoint:
      return checkpoint_text(work.storage);
    case Part::token_bytes:
      return token_bytes_text(work.storage);
    case Part::elastic:
      return elastic_text(work.elastic);
  }
  return {};
}

}  // namespace alight
