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
  explicit PredictionFile(std::string_view header) { text_.append(header.data(), header.data() + header.size()); }

  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  /// Writes beside `path` and renames. A failure is a problem of `--out`.
  void write(const std::filesystem::path& path, Diagnostics& diagnostics) const;

 private:
  fmt::memory_buffer text_;
};

}  // namespace alight
