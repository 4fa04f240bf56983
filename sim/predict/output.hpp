// What a prediction writes: rows gathered in memory, then put in place in one move, so that a file is whole or absent.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <string_view>

#include "models/describe/diagnostics.hpp"
#include "sim/record/text_file.hpp"

namespace alight {

class PredictionFile {
 public:
  /// `header` is the first line, with its end.
  explicit PredictionFile(std::string_view header);

  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  /// The row of a case without a prediction: `why` is its status, and the columns behind it are empty.
  void unsupported(std::string_view id, std::string_view why);

  /// Writes beside `path` and renames. A failure is a problem of `--out`.
  void write(const std::filesystem::path& path, Diagnostics& diagnostics) const;

 private:
  fmt::memory_buffer text_;
  std::size_t columns_;
};

}  // namespace alight
