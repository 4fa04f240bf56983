#include "sim/config/reference.hpp"

#include <algorithm>
#include <vector>

#include "sim/config/describe_text.hpp"

namespace alight {

namespace {

using Kind = ValueType::Kind;

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// The anchor that Markdown renderers give a heading.
std::string anchor(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') out += c;
    if (c == ' ') out += '-';
  }
  return out;
}

const Description* struct_of(const ValueType& type) {
  if (type.kind == Kind::object) return type.object();
  return type.element ? struct_of(*type.element) : nullptr;
}

std::string linked_type(const ValueType& type) {
  switch (type.kind) {
    case Kind::object:
      return '[' + cell(type.object()->name) + "](#" + anchor(type.object()->name) + ')';
    case Kind::list:
      return "list of " + linked_type(*type.element);
    case Kind::table:
      return "names, each with " + linked_type(*type.element);
    default:
      return cell(type_text(type));
  }
}

std::string default_cell(const Field& field, const Node* standard) {
  if (field.required) return "required";
  if (field.type.kind == Kind::object) return field.optional ? "unset" : "";
  const std::string value = value_text(standard);
  if (value.empty()) return "unset";
  return value == "empty" ? value : '`' + cell(value) + '`';
}

std::string section(const Description& description) {
  std::string out = "## " + description.name + "\n\n";
  for (const std::string& line : wrapped(description.doc, 110)) out += line + '\n';
  if (!description.shorthand.empty())
    out += description.shorthand_text() + " in its place stands for `" + description.shorthand + "`.\n";
  out += "\n| key | value | default | meaning |\n|---|---|---|---|\n";
  const Node standard = description.defaults();
  for (const Field& field : description.fields)
    out += "| `" + field.name + "` | " + linked_type(field.type) + " | " +
           default_cell(field, standard.find(field.name)) + " | " + cell(field.doc) + " |\n";
  return out;
}

void collect(const Description& description, std::vector<const Description*>& met) {
  if (std::find(met.begin(), met.end(), &description) != met.end()) return;
  met.push_back(&description);
  for (const Field& field : description.fields)
    if (const Description* inner = struct_of(field.type)) collect(*inner, met);
}

}  // namespace

std::string reference_markdown(const Description& root) {
  std::vector<const Description*> met;
  collect(root, met);
  std::string out;
  for (const Description* description : met) out += (out.empty() ? "" : "\n") + section(*description);
  return out;
}

}  // namespace alight
