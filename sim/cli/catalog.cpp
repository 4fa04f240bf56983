#include "sim/cli/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "sim/cli/catalog_sheet.hpp"

namespace alight {

namespace {

using nlohmann::ordered_json;

/// The columns of a kind's table; the others are in JSON and CSV.
const std::vector<std::string>& leading_keys(std::string_view kind) {
  static const std::map<std::string, std::vector<std::string>, std::less<>> keys = {
      {"chips", {"year", "bf16", "fp8", "memory", "memory_bandwidth", "scale_up_bandwidth", "scale_up_domain", "tdp"}},
      {"servers", {"chip", "chips", "per_rack", "scale_up_domain", "nics", "nic_rate", "power", "rack_power"}},
      {"links", {"rate", "reach", "end_latency", "fec_latency", "power", "failures"}},
      {"switches", {"year", "ports", "rate", "throughput", "latency", "power"}},
      {"nics", {"year", "ports", "rate", "latency", "power", "bus"}},
      {"cooling", {"pue", "density", "capex", "supply"}},
      {"fabrics", {"chips", "links", "up", "out"}},
      {"kernels", {"gemm_16bit", "gemm_fp8", "attention_forward", "memory", "uncertainty", "software"}},
      {"software", {"issue", "traffic", "tuned_attention", "prefetch", "tensor_hidden"}},
      {"engines", {"engine", "iteration", "sequence", "layer", "expert_layer", "cache", "uncertainty"}},
      {"failures", {"date", "chips", "period", "repair"}},
      {"power_profiles", {"quantiles"}},
      {"prices", {"low", "typical", "high", "date", "region"}},
      {"facts", {"low", "typical", "high", "date", "region"}}};
  return keys.find(kind)->second;
}

const Cell* find_cell(const Sheet& sheet, std::string_view key) {
  for (const Cell& cell : sheet.cells)
    if (cell.key == key) return &cell;
  return nullptr;
}

ExportFinding finding_of(const Sheet& sheet) {
  return apply(export_rules().back(), *sheet.export_figures);
}

/// Printed width of UTF-8 text, one column per code point.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

void print_rows(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right, std::ostream& out) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - width_of(row[i]), ' ');
      line += (i ? "  " : "") + (right[i] ? pad + row[i] : row[i] + pad);
    }
    while (line.ends_with(' ')) line.pop_back();
    out << line << '\n';
  }
}

void list_table(const std::vector<Sheet>& sheets, std::string_view kind, std::ostream& out) {
  std::vector<std::vector<std::string>> rows(1, {"name"});
  std::vector<bool> right = {false};
  const bool chips = kind == "chips";
  for (const std::string& key : leading_keys(kind)) {
    std::string title = key;
    bool numbers = true;
    for (const Sheet& sheet : sheets)
      if (const Cell* cell = find_cell(sheet, key)) {
        if (!cell->unit.empty()) title = key + " " + cell->unit;
        numbers = numbers && cell->number;
      }
    rows.front().push_back(title);
    right.push_back(numbers);
  }
  if (chips) rows.front().push_back("export");
  rows.front().push_back("confidence");
  right.resize(rows.front().size(), false);
  for (const Sheet& sheet : sheets) {
    auto& row = rows.emplace_back(1, sheet.name);
    for (const std::string& key : leading_keys(kind)) {
      const Cell* cell = find_cell(sheet, key);
      row.push_back(cell ? cell->value + (cell->low && sheet.provenance.confidence != "low" ? "~" : "") : "");
    }
    if (chips) row.emplace_back(name_of(finding_of(sheet).status));
    row.push_back(sheet.provenance.confidence);
  }
  print_rows(rows, right, out);
  out << "\n~ an estimate; an empty cell is unknown; `alight catalog show NAME` has every value and its source\n";
}

ordered_json to_json(const Sheet& sheet) {
  ordered_json out = {{"kind", sheet.kind}, {"name", sheet.name}};
  for (const Cell& cell : sheet.cells)
    out[cell.unit.empty() ? cell.key : cell.key + " (" + cell.unit + ")"] = cell.json;
  if (sheet.export_figures) {
    for (const ExportRule& rule : export_rules()) {
      const ExportFinding finding = apply(rule, *sheet.export_figures);
      ordered_json status = {{"rule", rule.name}, {"status", name_of(finding.status)}, {"why", finding.why}};
      if (!finding.paragraph.empty()) status["paragraph"] = finding.paragraph;
      if (finding.tpp) status["tpp"] = *finding.tpp;
      if (finding.density) status["performance_density"] = *finding.density;
      out["export"].push_back(status);
    }
  }
  ordered_json low = ordered_json::array();
  for (const Cell& cell : sheet.cells)
    if (cell.low) low.push_back(cell.key);
  if (!low.empty()) out["low_confidence"] = low;
  const Provenance& from = sheet.provenance;
  out["source"] = from.source;
  if (!from.confidence.empty()) out["confidence"] = from.confidence;
  if (!from.basis.empty()) out["basis"] = from.basis;
  if (!from.note.empty()) out["note"] = from.note;
  return out;
}

void list_csv(const std::vector<Sheet>& sheets, const Description& description, std::ostream& out) {
  std::vector<std::string> keys, titles;
  for (const Field& field : description.fields) {
    if (field.name == "override") continue;
    const ValueType& type = field.type.element ? *field.type.element : field.type;
    keys.push_back(field.name);
    titles.push_back(type.unit && type.unit->symbol != "1" ? fmt::format("{} ({})", field.name, type.unit->symbol)
                                                           : field.name);
  }
  const bool chips = !sheets.empty() && sheets.front().export_figures;
  out << "name";
  for (const std::string& title : titles) out << ',' << csv_quoted(title);
  out << (chips ? ",tpp,performance_density,export\n" : "\n");
  for (const Sheet& sheet : sheets) {
    out << csv_quoted(sheet.name);
    std::string estimates;
    for (const std::string& key : sheet.provenance.estimates) estimates += (estimates.empty() ? "" : "; ") + key;
    const std::map<std::string, std::string> own = {{"source", sheet.provenance.source},
                                                    {"confidence", sheet.provenance.confidence},
                                                    {"basis", sheet.provenance.basis},
                                                    {"estimates", estimates},
                                                    {"note", sheet.provenance.note}};
    for (const std::string& key : keys) {
      const auto provenance = own.find(key);
      const Cell* cell = find_cell(sheet, key);
      out << ',' << csv_quoted(provenance != own.end() ? provenance->second : cell ? cell->value : "");
    }
    if (chips) {
      const ExportFinding finding = finding_of(sheet);
      out << ',' << (finding.tpp ? format_number(*finding.tpp) : "") << ','
          << (finding.density ? format_number(*finding.density) : "") << ',' << name_of(finding.status);
    }
    out << '\n';
  }
}

const Description& description_of(std::string_view kind) {
  if (kind == "chips") return Chip::description();
  if (kind == "servers") return Server::description();
  if (kind == "links") return Link::description();
  if (kind == "switches") return Switch::description();
  if (kind == "nics") return Nic::description();
  if (kind == "cooling") return CoolingTechnology::description();
  if (kind == "fabrics") return FabricKind::description();
  if (kind == "kernels") return KernelKind::description();
  if (kind == "software") return SoftwareKind::description();
  if (kind == "engines") return EngineKind::description();
  if (kind == "failures") return FailureSet::description();
  if (kind == "power_profiles") return PowerProfileKind::description();
  return Fact::description();
}

/// Breaks at spaces; words longer than a line stand alone.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines;
}

void show_table(const Sheet& sheet, std::ostream& out) {
  constexpr std::size_t kKeyWidth = 20, kTextWidth = 96;
  const auto line = [&](const std::string& key, const std::string& text) {
    bool first = true;
    for (const std::string& part : wrapped(text, kTextWidth)) {
      out << fmt::format("  {:<{}}{}\n", first ? key : "", kKeyWidth, part);
      first = false;
    }
  };
  out << fmt::format("{}   ({})\n", sheet.name, sheet.kind);
  for (const Cell& cell : sheet.cells) {
    const std::string mark = cell.low ? "   (low confidence)" : "";
    if (cell.lines.empty()) line(cell.key, cell.value + (cell.unit.empty() ? "" : " " + cell.unit) + mark);
    for (std::size_t i = 0; i < cell.lines.size(); ++i) line(i ? "" : cell.key, cell.lines[i] + (i ? "" : mark));
  }
  if (sheet.export_figures) {
    for (const ExportRule& rule : export_rules()) {
      const ExportFinding finding = apply(rule, *sheet.export_figures);
      line("export", fmt::format("{}{}: {} ({})", name_of(finding.status),
                                 finding.paragraph.empty() ? "" : " by " + finding.paragraph, finding.why, rule.name));
    }
  }
  const Provenance& from = sheet.provenance;
  line("source", from.source);
  line("confidence", from.confidence.empty() ? "not stated" : from.confidence);
  if (!from.basis.empty()) line("basis", from.basis);
  if (!from.note.empty()) line("note", from.note);
}

void show_csv(const Sheet& sheet, std::ostream& out) {
  const auto row = [&](const std::string& key, const std::string& value, const std::string& unit,
                       std::string_view conf) {
    out << csv_quoted(sheet.kind) << ',' << csv_quoted(sheet.name) << ',' << csv_quoted(key) << ',' << csv_quoted(value)
        << ',' << csv_quoted(unit) << ',' << conf << ',' << csv_quoted(sheet.provenance.source) << '\n';
  };
  for (const Cell& cell : sheet.cells)
    row(cell.key, cell.value, cell.unit, cell.low ? "low" : sheet.provenance.confidence);
  if (sheet.export_figures) row("export", std::string(name_of(finding_of(sheet).status)), "", "");
}

}  // namespace

std::optional<CatalogFormat> parse_catalog_format(std::string_view text) {
  if (text == "table") return CatalogFormat::table;
  if (text == "json") return CatalogFormat::json;
  if (text == "csv") return CatalogFormat::csv;
  return std::nullopt;
}

int catalog_list(const Catalogue& catalogue, std::string_view kind, CatalogFormat format, std::ostream& out,
                 std::ostream& err) {
  if (kind.empty()) {
    ordered_json all = ordered_json::object();
    for (const std::string& name : Catalogue::kinds()) all[name] = catalogue.names(name);
    if (format == CatalogFormat::json) {
      out << all.dump(2) << '\n';
    } else if (format == CatalogFormat::csv) {
      out << "kind,name\n";
      for (const auto& [name, names] : all.items())
        for (const auto& entry : names) out << name << ',' << csv_quoted(entry.get<std::string>()) << '\n';
    } else {
      for (const auto& [name, names] : all.items()) out << fmt::format("{:<10}{:>5}\n", name, names.size());
      out << "\n`alight catalog list KIND` lists one kind, `alight catalog show NAME` one entry\n";
    }
    return 0;
  }
  const auto& kinds = Catalogue::kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    const std::string hint = did_you_mean(kind, kinds);
    err << fmt::format("catalog list: no kind of entry \"{}\"\n    {}\n", kind,
                       hint.empty() ? fmt::format("kinds: {}", fmt::join(kinds, ", ")) : hint);
    return 2;
  }
  const std::vector<Sheet> sheets = sheets_of(catalogue, kind);
  switch (format) {
    case CatalogFormat::table:
      list_table(sheets, kind, out);
      break;
    case CatalogFormat::csv:
      list_csv(sheets, description_of(kind), out);
      break;
    case CatalogFormat::json: {
      ordered_json all = ordered_json::array();
      for (const Sheet& sheet : sheets) all.push_back(to_json(sheet));
      out << all.dump(2) << '\n';
      break;
    }
  }
  return 0;
}

int catalog_show(const Catalogue& catalogue, std::string_view name, CatalogFormat format, std::ostream& out,
                 std::ostream& err) {
  const std::vector<Sheet> found = sheets_named(catalogue, name);
  if (found.empty()) {
    const std::string hint = did_you_mean(name, all_catalogue_names(catalogue));
    err << fmt::format("catalog show: nothing named \"{}\" in the catalogue\n    {}\n", name,
                       hint.empty() ? "`alight catalog list` says what there is" : hint);
    return 2;
  }
  if (format == CatalogFormat::json) {
    ordered_json all = ordered_json::array();
    for (const Sheet& sheet : found) all.push_back(to_json(sheet));
    out << (all.size() == 1 ? all[0] : all).dump(2) << '\n';
    return 0;
  }
  if (format == CatalogFormat::csv) out << "kind,name,key,value,unit,confidence,source\n";
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (format == CatalogFormat::csv) {
      show_csv(found[i], out);
    } else {
      if (i) out << '\n';
      show_table(found[i], out);
    }
  }
  return 0;
}

}  // namespace alight
