// Catalogue entries of any kind taken apart into printable values.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/catalogue.hpp"

namespace alight {

/// One value of an entry, ready to print.
struct Cell {
  std::string key;
  std::string value;  ///< without its unit; lists joined by "; "
  std::string unit;   ///< empty for texts and plain numbers
  bool number = false;
  bool low = false;                ///< of low confidence
  std::vector<std::string> lines;  ///< of a list of structs: one line each
  nlohmann::ordered_json json;
};

/// An entry of any kind, taken apart.
struct Sheet {
  std::string kind, name;
  Provenance provenance;
  std::vector<Cell> cells;  ///< the keys that are set, in the order of the description
  std::optional<ExportFigures> export_figures;
};

/// The entries of a kind in catalogue order; none for an unknown kind.
std::vector<Sheet> sheets_of(const Catalogue& catalogue, std::string_view kind);
/// The entries of that name or alias, of whatever kind.
std::vector<Sheet> sheets_named(const Catalogue& catalogue, std::string_view name);
/// All names and aliases, for suggestions.
std::vector<std::string> all_catalogue_names(const Catalogue& catalogue);

}  // namespace alight
