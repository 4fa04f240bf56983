#include "sim/config/describe_text.hpp"

#include <algorithm>

#include "sim/config/yaml.hpp"

namespace alight {

namespace {

using Kind = ValueType::Kind;

std::string with_bounds(std::string text, const ValueType& type) {
  const std::string bounds = type.range.text(type.unit);
  return bounds.empty() ? text : text + ", " + bounds;
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 24;  // more is a catalogue, which has a command of its own
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > kShown) out += " and " + std::to_string(names.size() - kShown) + " more";
  return out;
}

}  // namespace

std::string type_text(const ValueType& type) {
  switch (type.kind) {
    case Kind::text:
      return "text";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return with_bounds("whole number", type);
    case Kind::number:
      return with_bounds("number", type);
    case Kind::quantity: {
      const std::string name(name_of(type.unit->dimension));
      return with_bounds(type.unit->symbol == "1" ? name : name + " in " + std::string(type.unit->symbol), type);
    }
    case Kind::date:
      return "date";
    case Kind::choice: {
      const auto names = type.choices();
      return names.empty() ? "name" : "one of " + joined(names);
    }
    case Kind::object:
      return type.object()->name;
    case Kind::list:
      return "list of " + type_text(*type.element);
    case Kind::table:
      return "names, each with " + type_text(*type.element);
  }
  return {};
}

std::string value_text(const Node* value) {
  if (!value || value->kind == Node::Kind::null) return {};
  if (value->kind == Node::Kind::scalar && value->text.empty()) return "empty";
  if (value->kind == Node::Kind::mapping && !value->members.empty()) {
    std::string out = "{";
    for (const Member& member : value->members)
      out += (out.size() > 1 ? ", " : "") + member.key + ": " + value_text(&member.value);
    return out + '}';
  }
  if (value->kind == Node::Kind::sequence && !value->items.empty()) {
    std::string out = "[";
    for (const Node& item : value->items) out += (out.size() > 1 ? ", " : "") + value_text(&item);
    return out + ']';
  }
  if (value->kind == Node::Kind::scalar) return value->text;
  return "empty";
}

std::string default_text(const Field& field, const Node* standard) {
  if (field.required) return "required";
  const std::string value = value_text(standard);
  return value.empty() ? "unset unless given" : "default " + value;
}

std::string describe_text(const Field& field, const Node* standard) {
  std::string out = field.doc;
  if (!out.empty() && out.back() != '.') out += '.';
  if (!out.empty()) out += ' ';
  std::string type = type_text(field.type);
  type.front() =
      type.front() >= 'a' && type.front() <= 'z' ? static_cast<char>(type.front() - 'a' + 'A') : type.front();
  out += type;
  const bool composed = field.type.kind == Kind::object;  // its keys state their own defaults
  return out + (composed && !field.required ? "." : "; " + default_text(field, standard) + '.');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(" \n");
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
    const std::string_view word = text.substr(start, end - start);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    text.remove_prefix(end);
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace alight
