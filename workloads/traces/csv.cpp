#include "workloads/traces/csv.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>

#include "workloads/traces/values.hpp"

namespace alight {

namespace {

// A quoted cell that runs over more lines than this has lost its closing quote.
constexpr int kMostLinesInQuotes = 64;

bool is_blank_line(std::string_view row) {
  return trimmed(row).empty();
}

}  // namespace

CsvReader::CsvReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

std::string_view CsvReader::cut_line() {
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  std::string_view row = text_.substr(at_, end - at_);
  // Files of old Macintosh programs end lines with CR alone.
  if (const auto cr = row.find('\r'); cr != std::string_view::npos && cr + 1 < row.size()) {
    row = row.substr(0, cr);
    at_ += cr + 1;
  } else {
    if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
    at_ = std::min(end + 1, text_.size());
  }
  ++line_;
  return row;
}

bool CsvReader::next() {
  cells_.clear();
  malformed_ = false;
  while (at_ < text_.size()) {
    const std::size_t row_at = at_;
    row_line_ = line_;
    const std::string_view row = cut_line();
    if (row.find('"') == std::string_view::npos) {
      if (is_blank_line(row)) continue;
      split_plain(row);
      return true;
    }
    const std::size_t after_line = at_;
    at_ = row_at;
    line_ = row_line_;
    undone_.clear();
    if (!split_quoted()) {
      cells_.clear();
      malformed_ = true;
      at_ = after_line;
      line_ = row_line_ + 1;
    }
    return true;
  }
  return false;
}

void CsvReader::split_plain(std::string_view row) {
  const char* cell = row.data();
  const char* c = cell;
  const char* const end = row.data() + row.size();
  const auto cut = [&](const char* at) {
    cells_.emplace_back(cell, static_cast<std::size_t>(at - cell));
    cell = at + 1;
  };
  // Eight bytes at a time: a byte of `same` is 0 where the text has the delimiter, and the classic test for zero bytes
  // marks it with its high bit (it may mark a 1 just above a true zero, hence the look at the text).
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    const std::uint64_t pattern = kOnes * static_cast<unsigned char>(delimiter_);
    for (; end - c >= 8; c += 8) {
      std::uint64_t same = 0;
      std::memcpy(&same, c, 8);
      same ^= pattern;
      for (std::uint64_t zeros = (same - kOnes) & ~same & (kOnes << 7); zeros != 0; zeros &= zeros - 1) {
        const char* at = c + std::countr_zero(zeros) / 8;
        if (*at == delimiter_) cut(at);
      }
    }
  }
  for (; c != end; ++c)
    if (*c == delimiter_) cut(c);
  cut(end);
}

bool CsvReader::split_quoted() {
  const auto at_line_end = [&] { return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r'; };
  for (;;) {
    if (at_ < text_.size() && text_[at_] == '"') {
      const std::size_t first = ++at_;
      bool doubled = false;
      const std::int64_t first_line = line_;
      for (;; ++at_) {
        if (at_ >= text_.size() || line_ - first_line > kMostLinesInQuotes) return false;
        if (text_[at_] == '\n') ++line_;
        if (text_[at_] != '"') continue;
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        doubled = true;
        ++at_;
      }
      std::string_view cell = text_.substr(first, at_ - first);
      if (doubled) {
        std::string& undone = undone_.emplace_back();
        for (std::size_t i = 0; i < cell.size(); ++i) {
          undone += cell[i];
          if (cell[i] == '"') ++i;
        }
        cell = undone;
      }
      cells_.push_back(cell);
      ++at_;
      if (!at_line_end() && text_[at_] != delimiter_) return false;
    } else {
      const std::size_t first = at_;
      while (!at_line_end() && text_[at_] != delimiter_) {
        if (text_[at_] == '"') return false;
        ++at_;
      }
      cells_.push_back(text_.substr(first, at_ - first));
    }
    if (at_line_end()) break;
    ++at_;
  }
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  ++line_;
  return true;
}

CsvHeader::CsvHeader(const CsvReader& row) {
  for (const auto cell : row.cells()) names_.emplace_back(trimmed(cell));
}

std::size_t CsvHeader::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? kNone : static_cast<std::size_t>(found - names_.begin());
}

std::size_t CsvHeader::find(std::initializer_list<std::string_view> names) const {
  for (const auto name : names)
    if (const auto at = find(name); at != kNone) return at;
  return kNone;
}

const char* CsvTable::misfit() const {
  if (rows.malformed()) return "quotes that do not close";
  if (rows.size() < header.size()) return "fewer cells than the header has columns";
  if (rows.size() > header.size()) return "more cells than the header has columns";
  return nullptr;
}

Result<CsvTable> open_table(const std::string& file, std::string_view text, const std::vector<std::string>& required,
                            char delimiter) {
  CsvTable table{CsvReader(text, delimiter), {}};
  if (!table.rows.next() || table.rows.malformed()) return file_problem(file, "has no header line", 1);
  table.header = CsvHeader(table.rows);
  const int line = static_cast<int>(table.rows.line());
  std::unordered_set<std::string_view> seen;
  for (const auto& name : table.header.names())
    if (!name.empty() && !seen.insert(name).second)
      return file_problem(file, "two columns have this name", line, 0, name);
  std::string missing;
  for (const auto& name : required)
    if (table.header.find(name) == CsvHeader::kNone) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty()) {
    const std::string first = missing.substr(0, missing.find(','));
    const std::string near = nearest(first, table.header.names());
    return file_problem(file, "the header lacks the column(s) " + missing, line, 1, first,
                        near.empty() ? std::string() : "is \"" + near + "\" meant to be \"" + first + "\"?");
  }
  return table;
}

}  // namespace alight
