// What a trace of requests says of each, column by column, whatever the file it stands in.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace alight {

enum class RequestColumn : std::size_t {
  arrival_s,      ///< number or calendar stamp
  prompt_tokens,  ///< whole, at least 1
  output_tokens,  ///< whole, at least 1
  session,        ///< any text; empty = of none
  priority,       ///< 0 to 255; higher goes first
  kind,           ///< any text
  hash_ids,       ///< the blocks of the prompt: whole numbers, in brackets or bare, apart by blanks or commas
  answer_blocks,  ///< how many of hash_ids, the last ones, are those of the answer
};
inline constexpr std::size_t kRequestColumns = 8;

inline constexpr std::array<std::string_view, kRequestColumns> kRequestColumnNames{
    "arrival_s", "prompt_tokens", "output_tokens", "session", "priority", "kind", "hash_ids", "answer_blocks"};
/// The first three are never missing.
inline constexpr std::size_t kRequiredRequestColumns = 3;

inline std::vector<std::string> request_column_names() {
  return {kRequestColumnNames.begin(), kRequestColumnNames.end()};
}

/// One row of a trace as text; empty = nothing stated. Views into the file.
struct RequestCells {
  std::array<std::string_view, kRequestColumns> text{};
  std::string_view& operator[](RequestColumn c) { return text[static_cast<std::size_t>(c)]; }
  std::string_view operator[](RequestColumn c) const { return text[static_cast<std::size_t>(c)]; }
};

}  // namespace alight
