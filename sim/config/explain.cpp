#include "sim/config/explain.hpp"

#include <algorithm>
#include <optional>

#include "sim/config/describe_text.hpp"
#include "sim/config/overrides.hpp"

namespace alight {

namespace {

using Kind = ValueType::Kind;

constexpr std::size_t kWidth = 100;
constexpr std::string_view kAnyName = "<name>";

/// A key as it is met on the way down: its field, or the element of a list or table.
struct KeyPlace {
  std::string key;
  const ValueType* type = nullptr;  ///< null at the root
  const Field* field = nullptr;     ///< null for an element
  const Description* inside = nullptr;
  std::optional<Node> standard;  ///< its default, where it has one
};

/// The field `field` under `at`, whose struct is `at.inside`.
KeyPlace member_of(const KeyPlace& at, const Field& field) {
  KeyPlace place;
  place.key = join_key(at.key, field.name);
  place.type = &field.type;
  place.field = &field;
  if (field.type.kind == Kind::object) place.inside = field.type.object();
  // What the enclosing default says of this member wins over the member's own default.
  if (at.standard) {
    if (const Node* found = at.standard->find(field.name)) place.standard = *found;
  }
  return place;
}

KeyPlace element_of(const KeyPlace& at) {
  KeyPlace place;
  place.key = at.type->kind == Kind::list ? at.key + "[]" : at.key + '.' + std::string(kAnyName);
  place.type = at.type->element.get();
  if (place.type->kind == Kind::object) {
    place.inside = place.type->object();
    place.standard = place.inside->defaults();
  }
  return place;
}

bool has_elements(const KeyPlace& place) {
  return place.type && (place.type->kind == Kind::list || place.type->kind == Kind::table);
}

KeyPlace top(const Description& root) {
  KeyPlace place;
  place.inside = &root;
  place.standard = root.defaults();
  return place;
}

/// For an unset optional struct the keys in it still have defaults of their own.
void stand_in(KeyPlace& place) {
  if (place.inside && !place.standard) place.standard = place.inside->defaults();
}

void collect(KeyPlace at, std::vector<const Description*>& above, std::vector<KeyPlace>& out) {
  if (at.type) out.push_back(at);
  if (has_elements(at)) {
    KeyPlace element = element_of(at);
    if (element.inside) collect(std::move(element), above, out);
    return;
  }
  // A struct that holds itself is listed once.
  if (!at.inside || std::find(above.begin(), above.end(), at.inside) != above.end()) return;
  stand_in(at);
  above.push_back(at.inside);
  for (const Field& field : at.inside->fields) collect(member_of(at, field), above, out);
  above.pop_back();
}

std::vector<KeyPlace> all_places(const Description& root) {
  std::vector<KeyPlace> places;
  std::vector<const Description*> above;
  collect(top(root), above, places);
  return places;
}

/// "data rate in Gbps, default 400 Gbps".
std::string summary(const KeyPlace& place) {
  std::string out = type_text(*place.type);
  if (!place.field) return out;
  if (place.inside) return out + (place.field->required ? ", required" : place.field->optional ? ", optional" : "");
  return out + ", " + default_text(*place.field, place.standard ? &*place.standard : nullptr);
}

std::string first_sentence(const std::string& doc) {
  const std::size_t end = doc.find(". ");
  return end == std::string::npos ? doc : doc.substr(0, end + 1);
}

void list_members(KeyPlace at, std::string& out) {
  stand_in(at);
  std::size_t widest = 0;
  for (const Field& field : at.inside->fields) widest = std::max(widest, field.name.size());
  for (const Field& field : at.inside->fields) {
    const KeyPlace place = member_of(at, field);
    out += "      " + field.name + std::string(widest - field.name.size() + 3, ' ') + summary(place);
    if (!field.doc.empty()) out += "  -  " + first_sentence(field.doc);
    out += '\n';
  }
}

std::string describe_place(const KeyPlace& place) {
  std::string out = place.key + "   " + summary(place) + '\n';
  std::string doc = place.field ? place.field->doc : std::string{};
  KeyPlace shown = place;
  if (has_elements(place) && place.type->element->kind == Kind::object) shown = element_of(place);
  if (doc.empty() && shown.inside) doc = shown.inside->doc;
  for (const std::string& line : wrapped(doc, kWidth - 4)) out += "    " + line + '\n';
  const ValueType& value = has_elements(place) ? *place.type->element : *place.type;
  if (value.kind == Kind::quantity) {
    std::string units;
    for (const Unit& unit : units_of(value.unit->dimension)) {
      if (!units.empty()) units += ", ";
      units += unit.symbol == "1" ? std::string("a plain number, 2:1") : std::string(unit.symbol);
    }
    for (const std::string& line : wrapped("Written in: " + units + ".", kWidth - 4)) out += "    " + line + '\n';
  }
  if (shown.inside) {
    out += shown.key == place.key ? "    Its keys:\n" : "    Keys of each:\n";
    list_members(shown, out);
    if (!shown.inside->shorthand.empty())
      out += "    " + shown.inside->shorthand_text() + " stands for its \"" + shown.inside->shorthand + "\".\n";
  }
  return out;
}

/// Goes down from the root along `steps`; nothing where a step leads nowhere.
std::optional<KeyPlace> find_place(const Description& root, const std::vector<KeyStep>& steps) {
  KeyPlace at = top(root);
  for (const KeyStep& step : steps) {
    stand_in(at);
    if (step.name.empty()) {
      if (!has_elements(at) || at.type->kind != Kind::list) return std::nullopt;
      at = element_of(at);
      continue;
    }
    if (has_elements(at)) {
      const bool is_name = at.type->kind == Kind::table;
      at = element_of(at);
      if (is_name) continue;
      stand_in(at);
    }
    const Field* field = at.inside ? at.inside->find(step.name) : nullptr;
    if (!field) return std::nullopt;
    at = member_of(at, *field);
  }
  return at;
}

/// Known keys that end in what the wrong key ends in, else the one nearest in spelling.
std::vector<std::string> suggestions(const Description& root, std::string_view wrong) {
  const auto last = [](std::string_view key) { return key.substr(key.find_last_of('.') + 1); };
  const std::vector<std::string> keys = all_keys(root);
  constexpr std::size_t kShown = 8;
  std::vector<std::string> out;
  for (const std::string& key : keys)
    if (last(key) == last(wrong) && out.size() < kShown) out.push_back(key);
  if (!out.empty()) return out;
  if (std::string best = nearest(wrong, keys); !best.empty()) return {std::move(best)};
  std::vector<std::string> ends;
  for (const std::string& key : keys) ends.emplace_back(last(key));
  const std::string best_end = nearest(last(wrong), ends);
  for (const std::string& key : keys)
    if (!best_end.empty() && last(key) == best_end && out.size() < kShown) out.push_back(key);
  return out;
}

}  // namespace

std::vector<std::string> all_keys(const Description& root) {
  std::vector<std::string> keys;
  for (const KeyPlace& place : all_places(root)) keys.push_back(place.key);
  return keys;
}

Explanation explain(const Description& root, std::string_view key) {
  std::string out;
  if (key.empty()) {
    const std::vector<KeyPlace> places = all_places(root);
    std::size_t widest = 0;
    for (const KeyPlace& place : places) widest = std::max(widest, place.key.size());
    for (const KeyPlace& place : places)
      out += place.key + std::string(widest - place.key.size() + 3, ' ') + summary(place) + '\n';
    return {true, out};
  }
  std::vector<KeyStep> steps;
  std::string problem;
  if (split_key(key, steps, problem)) {
    if (const auto place = find_place(root, steps)) return {true, describe_place(*place)};
    problem.clear();
  }
  out = "no key \"" + std::string(key.substr(0, kWidth)) + '"' + (problem.empty() ? "" : ": " + problem) + '\n';
  const std::vector<std::string> near = suggestions(root, key);
  if (!near.empty()) {
    out += "    did you mean";
    for (std::size_t i = 0; i < near.size(); ++i) out += (i ? ", " : " ") + near[i];
    out += "?\n";
  }
  return {false, out};
}

}  // namespace alight
