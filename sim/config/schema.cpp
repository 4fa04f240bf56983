#include "sim/config/schema.hpp"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sim/config/describe_text.hpp"

namespace alight {

namespace {

using Json = nlohmann::ordered_json;
using Kind = ValueType::Kind;

constexpr const char* kNumber = "[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(".^$*+?()[]{}|\\/").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string quantity_pattern(Unit in) {
  std::string units;
  for (const Unit& unit : units_of(in.dimension))
    if (unit.symbol != "1") units += (units.empty() ? "" : "|") + escaped(unit.symbol);
  const std::string number = kNumber;
  std::string pattern = number + "\\s*(" + units + ")";
  if (in.dimension == Dimension::ratio) {
    pattern = "(" + pattern + "|" + number + "\\s*:\\s*" + number;
    if (in.symbol == "1") pattern += "|" + number;
    pattern += ")";
  }
  return "^\\s*" + pattern + "\\s*$";
}

void add_bounds(Json& schema, Range range) {
  if (std::isfinite(range.min)) schema[range.above_min ? "exclusiveMinimum" : "minimum"] = range.min;
  if (std::isfinite(range.max)) schema["maximum"] = range.max;
}

Json json_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      if (!node.quoted) {
        if (node.text == "true") return true;
        if (node.text == "false") return false;
        if (const auto number = parse_number(node.text)) {
          const bool whole = std::trunc(*number) == *number && std::abs(*number) < 9e15;
          return whole ? Json(static_cast<std::int64_t>(*number)) : Json(*number);
        }
      }
      return node.text;
    case Node::Kind::sequence: {
      Json list = Json::array();
      for (const Node& item : node.items) list.push_back(json_of(item));
      return list;
    }
    case Node::Kind::mapping: {
      Json object = Json::object();
      for (const Member& member : node.members) object[member.key] = json_of(member.value);
      return object;
    }
  }
  return nullptr;
}

class SchemaWriter {
 public:
  std::string run(const Description& root) {
    find_partial(root, true);
    Json schema;
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = root.name;
    const Json body = struct_schema(root);
    for (const auto& [key, value] : body.items()) schema[key] = value;
    Json include;
    include["title"] = "include";
    include["description"] = "Files to take in, relative to this one; what this file says wins.";
    include["anyOf"] = {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}, {{"type", "null"}}};
    schema["properties"]["include"] = std::move(include);
    Json definitions = Json::object();
    // Structs are met while others are written; by name, so that the text does not depend on the order they are met in.
    std::set<const Description*> written;
    while (written.size() < names_.size())
      for (const auto& [description, name] : std::map(names_))
        if (written.insert(description).second) definitions_[name] = with_shorthand(*description);
    for (auto& [name, definition] : definitions_) definitions[name] = std::move(definition);
    if (!definitions.empty()) schema["$defs"] = std::move(definitions);
    return schema.dump(2) + '\n';
  }

 private:
  /// Mappings merge over files and `--set`, so a struct may stand in one file in part, and nothing can be required of
  /// it there; only what is reached through a list, which is replaced whole, must be complete.
  void find_partial(const Description& description, bool partial) {
    if (!visited_.emplace(&description, partial).second) return;
    if (partial) partial_.insert(&description);
    for (const Field& field : description.fields) {
      bool inner_partial = partial;
      const ValueType* type = &field.type;
      for (; type->element; type = type->element.get()) inner_partial = partial && type->kind != Kind::list;
      if (type->kind == Kind::object) find_partial(*type->object(), inner_partial);
    }
  }

  Json reference(const Description* description) {
    auto found = names_.find(description);
    if (found == names_.end()) {
      std::string name;
      for (const char c : description->name) name += c == ' ' || c == '/' || c == '~' ? '_' : c;
      std::string unique = name;
      for (int n = 2; !taken_.insert(unique).second; ++n) unique = name + '_' + std::to_string(n);
      found = names_.emplace(description, unique).first;
    }
    return {{"$ref", "#/$defs/" + found->second}};
  }

  Json value_schema(const ValueType& type) {
    Json schema;
    switch (type.kind) {
      case Kind::text:
        schema["type"] = {"string", "number", "boolean"};
        break;  // any scalar is read as written
      case Kind::boolean:
        schema["type"] = "boolean";
        break;
      case Kind::integer:
        schema["type"] = "integer";
        add_bounds(schema, type.range);
        break;
      case Kind::number:
        schema["type"] = "number";
        add_bounds(schema, type.range);
        break;
      case Kind::quantity:
        schema["type"] = "string";
        if (type.unit->symbol == "1") schema["type"] = {"string", "number"};
        schema["pattern"] = quantity_pattern(*type.unit);
        if (type.unit->symbol == "1") add_bounds(schema, type.range);
        break;
      case Kind::date:
        schema["type"] = "string";
        schema["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?)?$";
        break;
      case Kind::choice:
        schema["type"] = "string";
        if (const auto names = type.choices(); !names.empty()) schema["enum"] = names;
        break;
      case Kind::object:
        return reference(type.object());
      case Kind::list:
        schema["type"] = {"array", "null"};
        schema["items"] = value_schema(*type.element);
        break;
      case Kind::table: {
        schema["type"] = {"object", "null"};
        Json element = value_schema(*type.element);
        schema["additionalProperties"] = {{"anyOf", Json::array({std::move(element), {{"type", "null"}}})}};
        break;
      }
    }
    return schema;
  }

  Json field_schema(const Field& field, const Node* standard) {
    Json value = value_schema(field.type);
    const bool empty_means_none = field.optional || field.type.kind == Kind::object;
    Json schema;
    schema["title"] = field.name;
    schema["description"] = describe_text(field, standard);
    if (empty_means_none)
      schema["anyOf"] = Json::array({std::move(value), {{"type", "null"}}});
    else
      for (const auto& [key, part] : value.items()) schema[key] = part;
    const bool plain =
        field.type.kind != Kind::object && field.type.kind != Kind::list && field.type.kind != Kind::table;
    if (plain && standard && !field.required) schema["default"] = json_of(*standard);
    return schema;
  }

  Json struct_schema(const Description& description) {
    Json schema;
    schema["description"] = description.doc;
    schema["type"] = "object";
    const Node standard = description.defaults();
    Json properties = Json::object();
    Json required = Json::array();
    for (const Field& field : description.fields) {
      properties[field.name] = field_schema(field, standard.find(field.name));
      if (field.required && !partial_.contains(&description)) required.push_back(field.name);
    }
    schema["properties"] = std::move(properties);
    if (!required.empty()) schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    return schema;
  }

  Json with_shorthand(const Description& description) {
    Json schema = struct_schema(description);
    const Field* field = description.shorthand.empty() ? nullptr : description.find(description.shorthand);
    if (!field) return schema;
    Json either;
    either["description"] = schema["description"];
    either["anyOf"] = Json::array({std::move(schema), value_schema(field->type)});
    return either;
  }

  std::set<std::pair<const Description*, bool>> visited_;
  std::set<const Description*> partial_;
  std::map<const Description*, std::string> names_;
  std::set<std::string> taken_;
  std::map<std::string, Json> definitions_;
};

}  // namespace

std::string json_schema(const Description& root) {
  return SchemaWriter{}.run(root);
}

}  // namespace alight
