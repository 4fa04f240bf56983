// Requests as JSON lines: one object a line.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workloads/requests/json_line.hpp"
#include "workloads/requests/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

/// A text's escapes undone; as it stands where they are none of JSON's.
std::string plain_text(std::string_view escaped) {
  const auto parsed = nlohmann::json::parse('"' + std::string(escaped) + '"', nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(escaped);
}

class LineReader {
 public:
  explicit LineReader(const BoundColumns& columns) : columns_(columns) {}

  /// The cells of a line, or why it has none.
  std::optional<RowFault> read(std::string_view line, RequestCells& cells, std::size_t& column) {
    column = 0;
    if (const auto stop = cut_json_line(line, members_)) {
      column = *stop + 1;
      return RowFault{RequestColumn::arrival_s, *stop >= line.size() ? "the object ends before it is complete"
                                                                     : "is no JSON object from here on"};
    }
    std::array<bool, kRequestColumns> met{};
    for (const JsonMember& member : members_) {
      const auto i = ours(member.key);
      if (i == kRequestColumns) continue;
      if (met[i]) return RowFault{static_cast<RequestColumn>(i), "stands twice in this line"};
      met[i] = true;
      cells.text[i] = value_of(member, i);
    }
    for (std::size_t i = 0; i < kRequestColumns; ++i)
      if (columns_[i].required && !met[i])
        return RowFault{static_cast<RequestColumn>(i), "is missing in this line" + near_key(columns_[i].theirs)};
    return std::nullopt;
  }

 private:
  std::size_t ours(std::string_view key) const {
    for (std::size_t i = 0; i < kRequestColumns; ++i)
      if (!columns_[i].theirs.empty() && columns_[i].theirs == key) return i;
    return kRequestColumns;
  }
  std::string_view value_of(const JsonMember& member, std::size_t i) {
    if (!member.text && member.value == "null") return {};
    if (!member.text || member.value.find('\\') == std::string_view::npos) return member.value;
    return unescaped_[i] = plain_text(member.value);
  }
  std::string near_key(const std::string& wanted) const {
    std::vector<std::string> keys;
    for (const JsonMember& member : members_) keys.emplace_back(member.key);
    const std::string near = nearest(wanted, keys);
    return near.empty() ? std::string() : "; is \"" + near + "\" meant?";
  }

  const BoundColumns& columns_;
  std::vector<JsonMember> members_;
  std::array<std::string, kRequestColumns> unescaped_;
};

}  // namespace

std::optional<Problem> read_request_lines(const Input& file, const BoundColumns& columns, RequestIntake& intake,
                                          RowFaults& faults, ImportReport& report) {
  std::string_view rest = file.text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  if (!trimmed(rest.substr(0, rest.find('\n'))).starts_with('{'))
    return file_problem(file.name, "expected JSON lines: one object a line, beginning with {", 1, 1);
  const auto name = std::make_shared<const std::string>(file.name);
  LineReader reader(columns);
  intake.expect(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')));
  for (std::int64_t line = 1; !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (trimmed(text).empty()) continue;
    RequestCells cells;
    std::size_t column = 0;
    auto fault = reader.read(text, cells, column);
    const bool cut = column == 0;
    if (!fault) fault = intake.take(cells);
    if (!fault) {
      ++report.taken;
      continue;
    }
    const auto i = static_cast<std::size_t>(fault->column);
    const std::string_view cell = cells.text[i];
    if (cell.data() >= text.data() && cell.data() < text.data() + text.size())
      column = static_cast<std::size_t>(cell.data() - text.data()) + 1;
    faults.add(name, line, column, cut ? columns[i].theirs : std::string(), *fault);
  }
  return std::nullopt;
}

}  // namespace alight
