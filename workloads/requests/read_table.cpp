// Requests in a table with a header.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "workloads/requests/readers.hpp"
#include "workloads/traces/csv.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr std::int64_t kMostBlockTokens = 1 << 20;

/// RowPlace of a cell in its line, from 1; 0 where quotes had to be undone and it lies elsewhere.
std::size_t column_of(const std::string& text, std::string_view cell) {
  const char* const begin = text.data();
  if (cell.data() < begin || cell.data() > begin + text.size()) return 0;
  const auto at = static_cast<std::size_t>(cell.data() - begin);
  const auto last_break = at == 0 ? std::string::npos : text.find_last_of("\n\r", at - 1);
  return at - (last_break == std::string::npos ? 0 : last_break + 1) + 1;
}

/// A column that is neither ours nor marked as the user's own (x_) is taken for a slip.
std::optional<Problem> check_unknown(const CsvTable& table, const Input& file, std::int64_t line) {
  const auto known = request_column_names();
  for (const std::string& name : table.header.names())
    if (!name.starts_with("x_") && std::find(known.begin(), known.end(), name) == known.end()) {
      std::string hint = did_you_mean(name, known);
      if (hint.empty()) hint = "columns of your own start with x_ and are passed over";
      return file_problem(file.name, "unknown column \"" + name + "\"", static_cast<int>(line), 0, name, hint);
    }
  return std::nullopt;
}

}  // namespace

TablePreamble read_preamble(std::string_view text) {
  TablePreamble preamble;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (text.starts_with('#')) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(1, end - 1));
    ++preamble.lines;
    bool good = true;
    if (line.starts_with("block_tokens:")) {
      const auto number = to_whole(line.substr(13));
      good = number && *number >= 1 && *number <= kMostBlockTokens;
      if (good) preamble.block_tokens = static_cast<int>(*number);
    } else if (line.starts_with("epoch:")) {
      preamble.start_s = to_unix_s(line.substr(6));
      good = preamble.start_s.has_value();
    }
    if (!good && preamble.bad_line == 0) preamble.bad_line = preamble.lines;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  preamble.rest = text;
  return preamble;
}

char delimiter_of(std::string_view header) {
  char best = ',';
  for (const char c : {';', '\t', '|'})
    if (std::count(header.begin(), header.end(), c) > std::count(header.begin(), header.end(), best)) best = c;
  return best;
}

std::optional<Problem> read_request_table(const Input& file, const BoundColumns& columns, bool only_ours,
                                          RequestIntake& intake, RowFaults& faults, ImportReport& report) {
  const TablePreamble preamble = read_preamble(file.text);
  if (preamble.bad_line > 0)
    return file_problem(file.name, "expected \"# block_tokens: 64\" (1 to 1048576) or \"# epoch: 2023-11-16 18:00:00\"",
                        static_cast<int>(preamble.bad_line));
  if (preamble.start_s) intake.set_start(*preamble.start_s);
  const char delimiter = delimiter_of(preamble.rest.substr(0, preamble.rest.find('\n')));
  std::vector<std::string> required;
  for (const BoundColumn& column : columns)
    if (column.required) required.push_back(column.theirs);
  auto table = open_table(file.name, preamble.rest, required, delimiter);
  if (!table) {
    Problem problem = table.problem();
    problem.where.line += static_cast<int>(preamble.lines);
    return problem;
  }
  if (only_ours)
    if (auto problem = check_unknown(*table, file, table->rows.line() + preamble.lines)) return problem;
  std::array<std::size_t, kRequestColumns> at{};
  for (std::size_t i = 0; i < kRequestColumns; ++i)
    at[i] = columns[i].theirs.empty() ? CsvHeader::kNone : table->header.find(columns[i].theirs);

  const auto name = std::make_shared<const std::string>(file.name);
  intake.expect(static_cast<std::size_t>(std::count(preamble.rest.begin(), preamble.rest.end(), '\n')));
  while (table->rows.next()) {
    const std::int64_t line = table->rows.line() + preamble.lines;
    if (const char* misfit = table->misfit()) {
      faults.add(name, line, 0, {}, {RequestColumn::arrival_s, misfit});
      continue;
    }
    RequestCells cells;
    for (std::size_t i = 0; i < kRequestColumns; ++i) cells.text[i] = table->cell(at[i]);
    const auto fault = intake.take(cells);
    if (!fault) {
      ++report.taken;
      continue;
    }
    const auto i = static_cast<std::size_t>(fault->column);
    faults.add(name, line, column_of(file.text, cells.text[i]), columns[i].theirs, *fault);
  }
  return std::nullopt;
}

}  // namespace alight
