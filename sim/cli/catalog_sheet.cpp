#include "sim/cli/catalog_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace alight {

namespace {

using nlohmann::ordered_json;

std::string without_unit(std::string text, const std::string& unit) {
  if (!unit.empty() && text.size() > unit.size() && text.ends_with(unit)) text.resize(text.size() - unit.size());
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

ordered_json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar: {
      if (!node.quoted)
        if (const auto number = parse_number(node.text)) return *number;
      return node.text;
    }
    case Node::Kind::sequence: {
      ordered_json out = ordered_json::array();
      for (const Node& item : node.items) out.push_back(to_json(item));
      return out;
    }
    case Node::Kind::mapping: {
      ordered_json out = ordered_json::object();
      for (const Member& member : node.members)
        if (member.value.kind != Node::Kind::scalar || !member.value.text.empty())
          out[member.key] = to_json(member.value);
      return out;
    }
  }
  return nullptr;
}

/// "30000 USD (2023-24; 25000-40000)" for a price, "key value, key value" for other structs.
std::string one_line(const Node& node) {
  if (node.kind == Node::Kind::scalar) return node.text;
  const Node* amount = node.find("amount");
  std::string out = amount ? amount->text : "";
  std::string rest;
  for (const Member& member : node.members) {
    if (&member.value == amount || member.value.kind != Node::Kind::scalar || member.value.text.empty()) continue;
    rest += (rest.empty() ? "" : amount ? "; " : ", ") + (amount ? "" : member.key + " ") + member.value.text;
  }
  if (amount) return rest.empty() ? out : out + " (" + rest + ")";
  return rest;
}

Cell make_cell(const Field& field, const Node& node) {
  Cell cell;
  cell.key = field.name;
  const ValueType& type = field.type.element ? *field.type.element : field.type;
  if (type.unit && type.unit->symbol != "1") cell.unit = std::string(type.unit->symbol);
  cell.number = type.kind == ValueType::Kind::integer || type.kind == ValueType::Kind::number ||
                type.kind == ValueType::Kind::quantity;
  if (node.kind == Node::Kind::scalar) {
    cell.value = without_unit(node.text, cell.unit);
    if (const auto number = parse_number(cell.value); cell.number && number) cell.value = fmt::format("{}", *number);
    cell.json = cell.number ? ordered_json(parse_number(cell.value).value_or(0.0)) : ordered_json(cell.value);
    return cell;
  }
  if (node.kind == Node::Kind::mapping) {
    cell.lines.push_back(one_line(node));
    cell.value = cell.lines.front();
    cell.json = to_json(node);
    return cell;
  }
  cell.json = ordered_json::array();
  for (const Node& item : node.items) {
    const std::string text = without_unit(one_line(item), cell.unit);
    cell.value += (cell.value.empty() ? "" : cell.number ? " / " : "; ") + text;
    if (item.kind == Node::Kind::mapping) cell.lines.push_back(text);
    cell.json.push_back(cell.number ? ordered_json(parse_number(text).value_or(0.0)) : to_json(item));
  }
  return cell;
}

template <class T>
Sheet make_sheet(std::string kind, const T& entry) {
  Sheet sheet{std::move(kind), entry.name, entry.provenance, {}, std::nullopt};
  const std::vector<std::string> low = low_confidence(entry);
  static const std::vector<std::string> provenance_keys = {"source", "confidence", "basis", "estimates", "note"};
  for (const Field& field : T::description().fields) {
    if (std::find(provenance_keys.begin(), provenance_keys.end(), field.name) != provenance_keys.end()) continue;
    const Node node = field.write(&entry);
    const bool set =
        node.kind == Node::Kind::scalar ? !node.text.empty() : !node.items.empty() || !node.members.empty();
    if (!set) continue;
    Cell cell = make_cell(field, node);
    cell.low = std::find(low.begin(), low.end(), field.name) != low.end();
    sheet.cells.push_back(std::move(cell));
  }
  if constexpr (std::is_same_v<T, Chip>) sheet.export_figures = export_figures(entry);
  return sheet;
}

/// Calls `visit(kind, table)` for every kind.
template <class Visit>
void each_table(const Catalogue& catalogue, Visit visit) {
  visit("chips", catalogue.chips());
  visit("servers", catalogue.servers());
  visit("links", catalogue.links());
  visit("switches", catalogue.switches());
  visit("nics", catalogue.nics());
  visit("cooling", catalogue.cooling());
  visit("fabrics", catalogue.fabrics());
  visit("kernels", catalogue.kernels());
  visit("software", catalogue.software());
  visit("engines", catalogue.engines());
  visit("failures", catalogue.failures());
  visit("power_profiles", catalogue.power_profiles());
  visit("prices", catalogue.prices());
  visit("facts", catalogue.facts());
}

}  // namespace

std::vector<Sheet> sheets_of(const Catalogue& catalogue, std::string_view kind) {
  std::vector<Sheet> out;
  each_table(catalogue, [&](const char* name, const auto& table) {
    if (kind != name) return;
    for (const auto& entry : table.entries()) out.push_back(make_sheet(name, entry));
  });
  return out;
}

std::vector<Sheet> sheets_named(const Catalogue& catalogue, std::string_view name) {
  std::vector<Sheet> out;
  each_table(catalogue, [&](const char* kind, const auto& table) {
    if (const auto* entry = table.find(name)) out.push_back(make_sheet(kind, *entry));
  });
  return out;
}

std::vector<std::string> all_catalogue_names(const Catalogue& catalogue) {
  std::vector<std::string> out;
  each_table(catalogue, [&](const char*, const auto& table) {
    for (std::string& name : table.all_names()) out.push_back(std::move(name));
  });
  return out;
}

}  // namespace alight
