// `alight catalog list|show`: the catalogue as a table, JSON or CSV.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "platforms/catalogue.hpp"

namespace alight {

enum class CatalogFormat { table, json, csv };
/// "table", "json" or "csv".
std::optional<CatalogFormat> parse_catalog_format(std::string_view text);

/// Lists the entries of a kind ("chips", "servers", "links", "switches", "nics", "cooling", "fabrics", "kernels",
/// "software", "prices", "facts"), or, where `kind` is empty, the kinds with their numbers of entries. The table shows
/// the leading columns; JSON and CSV hold every key, CSV one row per entry with the unit in the column's name. Unknown
/// is an empty cell or an absent key. Returns the exit code: 0, or 2 for an unknown kind, said on `err`.
int catalog_list(const Catalogue& catalogue, std::string_view kind, CatalogFormat format, std::ostream& out,
                 std::ostream& err);

/// Shows every entry of that name or alias, of whatever kind: each value with its unit and confidence, the source, and
/// for chips the export status by each rule known. Returns 0, or 2 where there is none, said on `err`.
int catalog_show(const Catalogue& catalogue, std::string_view name, CatalogFormat format, std::ostream& out,
                 std::ostream& err);

}  // namespace alight
