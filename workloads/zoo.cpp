#include "workloads/zoo.hpp"

#include <array>

namespace alight {

namespace {

/// The name without letter case, blanks, hyphens and underscores: how the zoo compares names.
std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : lower_case(name))
    if (c != ' ' && c != '-' && c != '_') out += c;
  return out;
}

bool four_digits_behind_hyphen(std::string_view text) {
  if (text.size() < 6 || text[text.size() - 5] != '-') return false;
  for (const char c : text.substr(text.size() - 4))
    if (c < '0' || c > '9') return false;
  return true;
}

/// What hubs put behind a model's name; the shape is the same with and without it.
bool drop_suffix(std::string& name) {
  static constexpr std::array<std::string_view, 16> kSuffixes = {
      "-instruct", "-chat", "-base", "-hf",   "-it",   "-pt",       "-fp8",     "-bf16",
      "-nvfp4",    "-v0.1", "-v0.2", "-v0.3", "-v1.0", "-thinking", "-preview", "-dense"};
  for (const std::string_view suffix : kSuffixes) {
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    name.resize(name.size() - suffix.size());
    return true;
  }
  if (!four_digits_behind_hyphen(name)) return false;  // a month: DeepSeek-V3-0324
  name.resize(name.size() - 5);
  return true;
}

}  // namespace

void Zoo::add(const Node& file, Diagnostics& diagnostics) {
  static const std::vector<std::string> kinds = {"models"};
  drafts_.add(file, kinds, "the model zoo", diagnostics);
}

void Zoo::resolve(Diagnostics& diagnostics) {
  drafts_.resolve("models", table_, diagnostics);
  index_.clear();
  const auto& entries = models();
  const auto take = [&](const std::string& name, std::size_t i, const char* key) {
    const auto [place, fresh] = index_.emplace(squeezed(name), i);
    if (fresh || place->second == i) return;
    const std::string path = join_key("models", entries[i].name);
    diagnostics.error_at(key ? join_key(path, key) : path,
                         in_quotes(name) + " reads like a name of \"" + entries[place->second].name + "\"",
                         "letter case, blanks, hyphens and underscores do not tell models apart");
  };
  for (std::size_t i = 0; i < entries.size(); ++i) take(entries[i].name, i, nullptr);
  for (std::size_t i = 0; i < entries.size(); ++i)
    for (const std::string& alias : entries[i].aliases)
      // An alias that another entry has letter by letter was a problem of the table already.
      if (const ModelEntry* owner = table_.find(alias); owner == &entries[i]) take(alias, i, "aliases");
}

const ModelEntry* Zoo::find(std::string_view name) const {
  std::string wanted = lower_case(name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1));
  do {
    const auto found = index_.find(squeezed(wanted));
    if (found != index_.end()) return &models()[found->second];
  } while (drop_suffix(wanted));
  return nullptr;
}

}  // namespace alight
