#include "models/describe/description.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace alight {

namespace {

/// What the user wrote, in words.
std::string written(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "has no value";
    case Node::Kind::scalar:
      return in_quotes(node.text);
    case Node::Kind::sequence:
      return "is a list";
    case Node::Kind::mapping:
      return "is a mapping";
  }
  return {};
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 16;  // a line or two; longer lists are looked up by other commands
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > kShown) out += " and " + std::to_string(names.size() - kShown) + " more";
  return out;
}

bool wrong(const Node& node, const std::string& key, Diagnostics& diagnostics, const std::string& expected,
           std::string hint = {}) {
  const std::string what = written(node) + (node.kind == Node::Kind::scalar && node.quoted ? " (in quotes)" : "");
  diagnostics.error(node.where, key, what + "; expected " + expected, std::move(hint));
  return false;
}

bool in_range(double value, Range range, std::optional<Unit> in, const Node& node, const std::string& key,
              Diagnostics& diagnostics) {
  if (range.holds(value)) return true;
  std::string what = in_quotes(node.text);
  if (in) {
    const std::string stored = format_quantity(value, *in);
    if (stored != node.text) what += " (" + stored + ")";
  }
  diagnostics.error(node.where, key, what + " is out of range; expected " + range.text(in));
  return false;
}

std::string shown(double value, std::optional<Unit> in) {
  return in ? format_quantity(value, *in) : format_number(value);
}

}  // namespace

bool Range::holds(double value) const {
  return (above_min ? value > min : value >= min) && value <= max;
}

std::string Range::text(std::optional<Unit> in) const {
  const bool low = std::isfinite(min);
  const bool high = std::isfinite(max);
  if (low && above_min) return "more than " + shown(min, in) + (high ? " and at most " + shown(max, in) : "");
  if (low && high) return "from " + shown(min, in) + " to " + shown(max, in);
  if (low) return "at least " + shown(min, in);
  if (high) return "at most " + shown(max, in);
  return {};
}

std::string ValueType::expected() const {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::quantity:
      if (unit->symbol == "1") return "a ratio, e.g. 0.5, 50 % or 2:1";
      return "a quantity of " + std::string(name_of(unit->dimension)) + ", e.g. 10 " + std::string(unit->symbol);
    case Kind::date:
      return "a date, e.g. 2025-06-01 or 2025-06-01 07:30";
    case Kind::choice: {
      const std::string names = listed(choices());
      return names.empty() ? "a name, of which none is known" : "one of " + names;
    }
    case Kind::object: {
      std::vector<std::string> keys;
      for (const Field& field : object()->fields) keys.push_back(field.name);
      return "a mapping with keys of " + listed(keys);
    }
    case Kind::list:
      return "a list, each " + element->expected();
    case Kind::table:
      return "a mapping from names, each to " + element->expected();
  }
  return {};
}

std::string join_key(const std::string& path, std::string_view key) {
  const bool plain = key.find_first_of(".[]\"") == std::string_view::npos && !key.empty();
  const std::string name = plain ? std::string(key) : '"' + std::string(key) + '"';
  return path.empty() ? name : path + '.' + name;
}

const Field* Description::find(std::string_view wanted) const {
  for (const Field& field : fields)
    if (field.name == wanted) return &field;
  return nullptr;
}

std::string Description::shorthand_text() const {
  if (shorthand.empty()) return {};
  return find(shorthand)->type.kind == ValueType::Kind::list ? "A list" : "A plain value";
}

void Description::read(void* object, const Node& node, const std::string& path, Diagnostics& diagnostics) const {
  diagnostics.remember(path, node.where);
  const std::size_t problems_before = diagnostics.problems().size();
  const Field* alone = shorthand.empty() ? nullptr : find(shorthand);
  if (alone && node.kind != (alone->type.kind == ValueType::Kind::list ? Node::Kind::sequence : Node::Kind::scalar))
    alone = nullptr;
  if (alone) {
    const std::string key = join_key(path, shorthand);
    diagnostics.remember(key, node.where);
    alone->read(object, node, key, diagnostics);
  } else if (node.kind == Node::Kind::scalar || node.kind == Node::Kind::sequence) {
    std::vector<std::string> keys;
    for (const Field& field : fields) keys.push_back(field.name);
    wrong(node, path, diagnostics, "a mapping with keys of " + listed(keys));
    return;
  } else {
    for (const Member& member : node.members) {
      const std::string key = join_key(path, member.key);
      const Field* field = find(member.key);
      if (!field) {
        std::vector<std::string> keys;
        for (const Field& f : fields) keys.push_back(f.name);
        std::string hint = did_you_mean(member.key, keys);
        if (hint.empty()) hint = "known keys: " + listed(keys);
        diagnostics.error(member.where, key, "unknown key", std::move(hint));
        continue;
      }
      const Location where = member.value.kind == Node::Kind::null ? member.where : member.value.where;
      diagnostics.remember(key, where);
      if (member.value.kind == Node::Kind::null) {
        Node empty;
        empty.where = where;
        field->read(object, empty, key, diagnostics);
      } else {
        field->read(object, member.value, key, diagnostics);
      }
    }
  }
  for (const Field& field : fields) {
    if (!field.required || node.find(field.name) || &field == alone) continue;
    diagnostics.error(node.where, join_key(path, field.name), "is missing; expected " + field.type.expected());
  }
  if (diagnostics.problems().size() != problems_before) return;
  for (const auto& test : checks) test(object, path, diagnostics);
}

Node Description::write(const void* object) const {
  return detail::write_fields(fields, object);
}

namespace detail {

bool read_text(const Node& node, std::string& out, const std::string& key, Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::scalar) return wrong(node, key, diagnostics, "text");
  out = node.text;
  return true;
}

bool read_boolean(const Node& node, bool& out, const std::string& key, Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::scalar || node.quoted) return wrong(node, key, diagnostics, "true or false");
  if (node.text == "true" || node.text == "false") {
    out = node.text == "true";
    return true;
  }
  std::string word = node.text;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string hint;
  if (word == "yes" || word == "on" || word == "1" || word == "true" || word == "y") hint = "did you mean \"true\"?";
  if (word == "no" || word == "off" || word == "0" || word == "false" || word == "n") hint = "did you mean \"false\"?";
  return wrong(node, key, diagnostics, "true or false", hint);
}

bool read_integer(const Node& node, std::int64_t& out, Range range, const std::string& key, Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::scalar || node.quoted) return wrong(node, key, diagnostics, "a whole number");
  const char* end = node.text.data() + node.text.size();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (error != std::errc{} || stop != end) {
    // "2e9" and "64.0" are whole numbers too, as far as a double tells them apart.
    constexpr double kExact = 9007199254740992.0;
    const auto number = parse_number(node.text);
    if (!number || std::trunc(*number) != *number) return wrong(node, key, diagnostics, "a whole number");
    if (std::abs(*number) > kExact) {
      diagnostics.error(node.where, key, in_quotes(node.text) + " is too large for a whole number");
      return false;
    }
    value = static_cast<std::int64_t>(*number);
  }
  if (!in_range(static_cast<double>(value), range, {}, node, key, diagnostics)) return false;
  out = value;
  return true;
}

bool read_number(const Node& node, double& out, Range range, const std::string& key, Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::scalar || node.quoted) return wrong(node, key, diagnostics, "a number");
  const auto number = parse_number(node.text);
  if (!number) return wrong(node, key, diagnostics, "a finite number without a unit");
  if (!in_range(*number, range, {}, node, key, diagnostics)) return false;
  out = *number;
  return true;
}

bool read_quantity(const Node& node, double& out, Unit in, Range range, const std::string& key,
                   Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::scalar)
    return wrong(node, key, diagnostics, ValueType{.kind = ValueType::Kind::quantity, .unit = in}.expected());
  const Parsed parsed = parse_quantity(node.text, in);
  if (!parsed.value) {
    diagnostics.error(node.where, key, parsed.problem, parsed.hint);
    return false;
  }
  if (!in_range(*parsed.value, range, in, node, key, diagnostics)) return false;
  out = *parsed.value;
  return true;
}

bool read_date(const Node& node, Date& out, const std::string& key, Diagnostics& diagnostics) {
  const std::string expected = ValueType{.kind = ValueType::Kind::date}.expected();
  if (node.kind != Node::Kind::scalar) return wrong(node, key, diagnostics, expected);
  const auto date = parse_date(node.text);
  if (!date) return wrong(node, key, diagnostics, expected);
  out = *date;
  return true;
}

bool read_choice(const Node& node, std::string& out, const std::vector<std::string>& choices, const std::string& key,
                 Diagnostics& diagnostics) {
  const std::string expected = choices.empty() ? "a name, of which none is known" : "one of " + listed(choices);
  if (node.kind != Node::Kind::scalar) return wrong(node, key, diagnostics, expected);
  if (std::find(choices.begin(), choices.end(), node.text) == choices.end()) {
    diagnostics.error(node.where, key, in_quotes(node.text) + " is not known; expected " + expected,
                      did_you_mean(node.text, choices));
    return false;
  }
  out = node.text;
  return true;
}

bool expect_sequence(const Node& node, const std::string& key, Diagnostics& diagnostics) {
  if (node.kind == Node::Kind::sequence || node.kind == Node::Kind::null) return true;
  return wrong(node, key, diagnostics, "a list",
               node.kind == Node::Kind::scalar ? "write [" + node.text.substr(0, 40) + "] for a list of one" : "");
}

bool expect_mapping(const Node& node, const std::string& key, Diagnostics& diagnostics) {
  if (node.kind == Node::Kind::mapping || node.kind == Node::Kind::null) return true;
  return wrong(node, key, diagnostics, "a mapping from names to values");
}

Node number_node(double value, std::optional<Unit> in) {
  if (!std::isfinite(value)) return {};
  return Node::scalar(shown(value, in));
}

Node write_fields(const std::vector<Field>& fields, const void* object) {
  Node node = Node::mapping();
  for (const Field& field : fields) {
    Node value = field.write(object);
    if (value.kind != Node::Kind::null) node.add(field.name, std::move(value));
  }
  return node;
}

}  // namespace detail

}  // namespace alight
