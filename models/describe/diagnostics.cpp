#include "models/describe/diagnostics.hpp"

#include <algorithm>
#include <ostream>
#include <tuple>
#include <utility>

namespace alight {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// Edits (insert, delete, replace, swap of neighbours) between two texts.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({row[j - 1] + 1, last[j] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// On one line, without what would steer a terminal: users' values stand in messages.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

}  // namespace

void Diagnostics::error(Location where, std::string key, std::string message, std::string hint) {
  problems_.push_back({std::move(where), std::move(key), std::move(message), std::move(hint)});
}

void Diagnostics::error_at(std::string_view key, std::string message, std::string hint) {
  error(place_of(key), std::string(key), std::move(message), std::move(hint));
}

void Diagnostics::remember(std::string key, Location where) {
  places_.insert_or_assign(std::move(key), std::move(where));
}

Location Diagnostics::place_of(std::string_view key) const {
  std::string path(key);
  while (true) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    if (path.empty()) return {};
    const std::size_t cut = path.find_last_of(".[");
    path.resize(cut == std::string::npos ? 0 : cut);
  }
}

void Diagnostics::print(std::ostream& out) const {
  // Files in the order they were first complained about: the scenario comes before what it includes.
  std::vector<std::string> files;
  std::vector<std::pair<std::size_t, const Problem*>> order;
  for (const Problem& problem : problems_) {
    const std::string file = problem.where.file ? *problem.where.file : std::string{};
    auto at = std::find(files.begin(), files.end(), file);
    if (at == files.end()) at = files.insert(files.end(), file);
    order.emplace_back(static_cast<std::size_t>(at - files.begin()), &problem);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second->where.line, a.second->where.column) <
           std::tuple(b.first, b.second->where.line, b.second->where.column);
  });
  for (const auto& [rank, problem] : order) {
    if (const std::string place = problem->where.text(); !place.empty()) out << one_line(place) << ": ";
    if (!problem->key.empty()) out << one_line(problem->key) << ": ";
    out << one_line(problem->message) << '\n';
    if (!problem->hint.empty()) out << "    " << one_line(problem->hint) << '\n';
  }
  if (!problems_.empty())
    out << problems_.size() << (problems_.size() == 1 ? " error" : " errors") << ", nothing was run\n";
}

std::string nearest(std::string_view wrong, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestName = 80;  // beyond it, it is not a mistyped name
  if (wrong.empty() || wrong.size() > kLongestName) return {};
  const std::string a = lowered(wrong);
  const std::size_t allowed = std::max<std::size_t>(1, a.size() / 3);
  std::string best;
  std::size_t best_distance = allowed + 1;
  std::string longest_shared;  // a candidate that the wrong name starts with, or that starts with it
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestName) continue;
    const std::string b = lowered(candidate);
    const std::size_t shorter = std::min(a.size(), b.size());
    if (shorter >= 3 && a.compare(0, shorter, b, 0, shorter) == 0 &&
        (longest_shared.empty() || (b.size() <= a.size() && b.size() > longest_shared.size())))
      longest_shared = candidate;
    const std::size_t gap = std::max(a.size(), b.size()) - shorter;
    if (gap >= best_distance) continue;
    const std::size_t distance = edit_distance(a, b);
    // A name of which every letter would have to change is not near, however short.
    if (distance < best_distance && distance < std::max(a.size(), b.size())) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best.empty() ? longest_shared : best;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;  // enough to recognise a value by
  if (text.size() <= kShown) return '"' + std::string(text) + '"';
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return '"' + std::string(text.substr(0, end)) + "...\"";
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates) {
  const std::string best = nearest(wrong, candidates);
  return best.empty() ? std::string{} : "did you mean \"" + best + "\"?";
}

}  // namespace alight
