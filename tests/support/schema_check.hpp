// The part of JSON Schema that our schemas use, for tests that hold examples against them.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>

#include "models/describe/node.hpp"
#include "models/describe/units.hpp"

namespace alight::test {

using Json = nlohmann::ordered_json;

/// The tree as a YAML 1.2 reader would hand it to a schema checker.
inline Json json_of(const Node& node) {
  Json out;
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      if (node.quoted) return node.text;
      if (node.text == "true") return true;
      if (node.text == "false") return false;
      if (const auto number = parse_number(node.text)) return *number;
      return node.text;
    case Node::Kind::sequence:
      out = Json::array();
      for (const Node& item : node.items) out.push_back(json_of(item));
      return out;
    case Node::Kind::mapping:
      out = Json::object();
      for (const Member& member : node.members) out[member.key] = json_of(member.value);
      return out;
  }
  return out;
}

inline bool is_of_type(const Json& value, const std::string& type) {
  if (type == "integer")
    return value.is_number() && value.get<double>() == static_cast<double>(value.get<std::int64_t>());
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return false;
}

/// Why `value` is not valid under `schema`, with the path to it; empty when it is. Throws on keywords it does not know.
inline std::string schema_problem(const Json& value, const Json& schema, const Json& root,
                                  const std::string& path = "$") {
  for (const auto& [keyword, rule] : schema.items()) {
    const auto wrong = [&, &k = keyword] {
      return path + ": " + k + ' ' + schema[k].dump() + " against " + value.dump();
    };
    if (keyword == "$ref") {
      const std::string name = rule.get<std::string>().substr(std::string("#/$defs/").size());
      if (auto p = schema_problem(value, root.at("$defs").at(name), root, path); !p.empty()) return p;
    } else if (keyword == "anyOf") {
      bool any = false;
      std::string why;
      for (const Json& option : rule) {
        const std::string p = schema_problem(value, option, root, path);
        any = any || p.empty();
        if (!p.empty()) why += (why.empty() ? "" : " / ") + p;
      }
      if (!any) return why;
    } else if (keyword == "type") {
      bool any = false;
      for (const Json& type : rule.is_array() ? rule : Json::array({rule})) any = any || is_of_type(value, type);
      if (!any) return wrong();
    } else if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) return wrong();
    } else if (keyword == "pattern") {
      if (value.is_string() && !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>())))
        return wrong();
    } else if (keyword == "minimum") {
      if (value.is_number() && value.get<double>() < rule.get<double>()) return wrong();
    } else if (keyword == "exclusiveMinimum") {
      if (value.is_number() && value.get<double>() <= rule.get<double>()) return wrong();
    } else if (keyword == "maximum") {
      if (value.is_number() && value.get<double>() > rule.get<double>()) return wrong();
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
        if (auto p = schema_problem(value[i], rule, root, path + '[' + std::to_string(i) + ']'); !p.empty()) return p;
    } else if (keyword == "properties") {
      for (const auto& [key, inner] : rule.items())
        if (value.is_object() && value.contains(key))
          if (auto p = schema_problem(value[key], inner, root, path + '.' + key); !p.empty()) return p;
    } else if (keyword == "additionalProperties") {
      if (!value.is_object()) continue;
      for (const auto& [key, inner] : value.items()) {
        if (schema.contains("properties") && schema["properties"].contains(key)) continue;
        if (rule == false) return path + '.' + key + ": unknown key";
        if (auto p = schema_problem(inner, rule, root, path + '.' + key); !p.empty()) return p;
      }
    } else if (keyword == "required") {
      for (const Json& key : rule)
        if (value.is_object() && !value.contains(key.get<std::string>())) return wrong();
    } else if (keyword != "title" && keyword != "description" && keyword != "default" && keyword != "$schema" &&
               keyword != "$defs") {
      throw std::logic_error("schema keyword unknown to the tests: " + keyword);
    }
  }
  return {};
}

}  // namespace alight::test
