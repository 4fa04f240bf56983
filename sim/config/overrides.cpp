#include "sim/config/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "models/describe/description.hpp"
#include "sim/config/yaml.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr std::string_view kMark = "--set ";
constexpr std::size_t kLongestPath = 64;  // steps; as deep as files may be

void relocate(Node& node, const Location& where) {
  node.where = where;
  for (Node& item : node.items) relocate(item, where);
  for (Member& member : node.members) {
    member.where = where;
    relocate(member.value, where);
  }
}

std::optional<Node> value_of(std::string_view text, const Location& where, const std::string& key,
                             Diagnostics& diagnostics) {
  text = trimmed(text);
  Node node;
  if (text.empty() || text == "null" || text == "~") {
    node.where = where;
    return node;
  }
  if (std::string_view("[{\"'!&*|>").find(text.front()) == std::string_view::npos) {
    node = Node::scalar(std::string(text), where);
    return node;
  }
  Diagnostics inner;
  std::optional<Node> parsed = parse_yaml(text, *where.file, inner);
  for (const Problem& problem : inner.problems())
    diagnostics.error(where, key, "the value is not YAML: " + problem.message, problem.hint);
  if (parsed) relocate(*parsed, where);
  return parsed;
}

std::string kind_text(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "has no value";
    case Node::Kind::scalar:
      return "is \"" + node.text + '"';
    case Node::Kind::sequence:
      return "is a list";
    case Node::Kind::mapping:
      return "is a mapping";
  }
  return {};
}

/// One step down from `at`; null after a problem.
Node* follow(Node& at, const KeyStep& step, const std::string& path, const Location& where, Diagnostics& diagnostics) {
  if (!step.name.empty()) {
    if (at.kind == Node::Kind::null) {
      at = Node::mapping();
      at.where = where;
    }
    if (at.kind != Node::Kind::mapping) {
      diagnostics.error(where, path, kind_text(at) + ", it has no key \"" + step.name + '"');
      return nullptr;
    }
    if (Node* found = at.find(step.name)) return found;
    Node made;
    made.where = where;
    at.add(step.name, std::move(made));
    return &at.members.back().value;
  }
  if (at.kind != Node::Kind::sequence) {
    diagnostics.error(where, path, kind_text(at) + ", not a list");
    return nullptr;
  }
  if (step.index < 0 || static_cast<std::size_t>(step.index) >= at.items.size()) {
    diagnostics.error(where, path,
                      "has " + std::to_string(at.items.size()) + " items, numbered from 0; there is no [" +
                          (step.index < 0 ? "" : std::to_string(step.index)) + ']');
    return nullptr;
  }
  return &at.items[static_cast<std::size_t>(step.index)];
}

}  // namespace

bool split_key(std::string_view key, std::vector<KeyStep>& steps, std::string& problem) {
  steps.clear();
  bool expects_name = true;
  std::size_t i = 0;
  while (i < key.size()) {
    if (key[i] == '[') {
      if (steps.empty() || (expects_name && i > 0)) {
        problem = "a name must stand before \"[\"";
        return false;
      }
      const std::size_t end = key.find(']', i);
      if (end == std::string_view::npos) {
        problem = "\"[\" without \"]\"";
        return false;
      }
      const std::string_view digits = key.substr(i + 1, end - i - 1);
      KeyStep step{{}, KeyStep::kAnyItem};
      if (!digits.empty()) {
        const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
        if (error != std::errc{} || stop != digits.data() + digits.size() || step.index < 0) {
          problem = "\"" + std::string(digits) + "\" is no index; expected a whole number from 0";
          return false;
        }
      }
      steps.push_back(step);
      i = end + 1;
      expects_name = false;
    } else if (key[i] == '.') {
      if (expects_name) break;
      expects_name = true;
      ++i;
    } else {
      if (!expects_name) break;
      std::size_t end = 0;
      KeyStep step;
      if (key[i] == '"') {
        end = key.find('"', i + 1);
        if (end == std::string_view::npos) {
          problem = "a quote is not closed";
          return false;
        }
        step.name = key.substr(i + 1, end - i - 1);
        ++end;
      } else {
        end = std::min(key.find_first_of(".[", i), key.size());
        step.name = key.substr(i, end - i);
      }
      if (step.name.empty()) break;
      if (step.name.size() > kLongestKey) {
        problem = "longer than any key";
        return false;
      }
      steps.push_back(std::move(step));
      i = end;
      expects_name = false;
    }
  }
  if (i == key.size() && !expects_name) return true;
  problem = "expected names joined by dots, e.g. site.pools[0].count";
  return false;
}

void apply_override(Node& root, std::string_view assignment, Diagnostics& diagnostics) {
  const Location where{std::make_shared<const std::string>(std::string(kMark) + std::string(assignment)), 0, 0};
  // The first "=" outside quotes: a quoted name may hold one.
  std::size_t equals = 0;
  for (bool quoted = false; equals < assignment.size() && (quoted || assignment[equals] != '='); ++equals)
    if (assignment[equals] == '"') quoted = !quoted;
  const std::string key(trimmed(assignment.substr(0, equals)));
  if (equals == assignment.size()) {
    diagnostics.error(where, key, "expected key=value, e.g. --set seed=7");
    return;
  }
  std::vector<KeyStep> steps;
  std::string problem;
  if (!split_key(key, steps, problem)) {
    diagnostics.error(where, key, "is not a key: " + problem);
    return;
  }
  if (steps.size() > kLongestPath) {
    diagnostics.error(where, {}, "the key is deeper than " + std::to_string(kLongestPath) + " levels");
    return;
  }
  const std::optional<Node> value = value_of(assignment.substr(equals + 1), where, key, diagnostics);
  if (!value) return;
  Node* at = &root;
  std::string path;
  for (const KeyStep& step : steps) {
    at = follow(*at, step, path, where, diagnostics);
    if (!at) return;
    path = step.name.empty() ? path + '[' + std::to_string(step.index) + ']' : join_key(path, step.name);
  }
  *at = *value;
}

void apply_overrides(Node& root, const std::vector<std::string>& assignments, Diagnostics& diagnostics) {
  for (const std::string& assignment : assignments) apply_override(root, assignment, diagnostics);
}

bool is_override(const Location& where) {
  return where.file && where.file->starts_with(kMark);
}

}  // namespace alight
