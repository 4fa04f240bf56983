// One line of JSON lines: the members of an object, as views into the line. Only as much of JSON as lines of plain
// values and lists of numbers need; a line it cannot cut is refused with the place.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace alight {

struct JsonMember {
  std::string_view key;    ///< without quotes, escapes as written
  std::string_view value;  ///< of a text without its quotes, escapes as written; else the value whole
  bool text = false;
};

/// Cuts `line` into `members`. Returns where it stops being an object, or nothing when all is well.
std::optional<std::size_t> cut_json_line(std::string_view line, std::vector<JsonMember>& members);

}  // namespace alight
