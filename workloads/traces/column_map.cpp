#include "workloads/traces/column_map.hpp"

#include <algorithm>
#include <iterator>

#include "models/describe/diagnostics.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

enum class Measure { time, memory, processor, none };

struct UnitScale {
  std::string_view name;
  Measure measure;
  double scale;  ///< to seconds, bytes or thousandths of a core
};
constexpr UnitScale kUnits[] = {
    {"ns", Measure::time, 1e-9},          {"us", Measure::time, 1e-6},
    {"ms", Measure::time, 1e-3},          {"s", Measure::time, 1},
    {"min", Measure::time, 60},           {"h", Measure::time, 3600},
    {"d", Measure::time, 86400},          {"B", Measure::memory, 1},
    {"KiB", Measure::memory, 1024},       {"MiB", Measure::memory, 1048576},
    {"GiB", Measure::memory, 1073741824}, {"TiB", Measure::memory, 1099511627776},
    {"MB", Measure::memory, 1e6},         {"GB", Measure::memory, 1e9},
    {"cores", Measure::processor, 1000},  {"milli", Measure::processor, 1},
};

struct ColumnMeasure {
  Measure measure = Measure::none;
  double unit = 1;  ///< of the column, in the base of UnitScale::scale
};
ColumnMeasure measure_of(std::string_view ours) {
  if (ours.ends_with("_s")) return {Measure::time, 1};
  if (ours == "host_memory_mib") return {Measure::memory, 1048576};
  if (ours == "min_chip_memory_gb") return {Measure::memory, 1e9};
  if (ours == "cpu_milli") return {Measure::processor, 1};
  return {};
}

}  // namespace

std::string add_column(ColumnMap& columns, std::string_view text, const std::vector<std::string>& known) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
    return "a column is mapped as ours=theirs or ours=theirs:unit";
  const std::string ours(trimmed(text.substr(0, equals)));
  std::string_view theirs = text.substr(equals + 1);
  double scale = 1;
  // Their names may hold colons: only a known unit or a factor after the last one is split off.
  if (const auto colon = theirs.rfind(':'); colon != std::string_view::npos) {
    const std::string_view unit = theirs.substr(colon + 1);
    const auto found =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](const UnitScale& u) { return u.name == unit; });
    if (found != std::end(kUnits)) {
      const ColumnMeasure column = measure_of(ours);
      if (found->measure != column.measure) return "\"" + ours + "\" cannot be in " + std::string(found->name);
      scale = found->scale / column.unit;
      theirs = theirs.substr(0, colon);
    } else if (unit.starts_with('*')) {
      const auto factor = to_number(unit.substr(1));
      if (!factor || *factor == 0) return "the factor after '*' is no number other than 0";
      scale = *factor;
      theirs = theirs.substr(0, colon);
    }
  }
  if (std::find(known.begin(), known.end(), ours) == known.end()) {
    const std::string hint = did_you_mean(ours, known);
    return "\"" + ours + "\" is no column of ours" + (hint.empty() ? "" : "; " + hint);
  }
  if (!columns.emplace(ours, ColumnSource{std::string(theirs), scale}).second)
    return "\"" + ours + "\" is mapped twice";
  return {};
}

}  // namespace alight
