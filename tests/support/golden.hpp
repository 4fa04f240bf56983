// Approved outputs: files beside the tests, compared byte for byte. With ALIGHT_ACCEPT=1 in the environment what is
// there now is written instead (`make accept`).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace alight::test {

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The first line that differs from the approved file; empty when none does. `file` is relative to the source tree.
inline std::string golden_difference(const std::string& actual, const std::string& file) {
  const auto path = std::filesystem::path(ALIGHT_SOURCE_DIR) / file;
  const char* accept = std::getenv("ALIGHT_ACCEPT");
  if (accept && std::string(accept) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    return {};
  }
  const std::string approved = text_of(path);
  if (approved == actual) return {};
  std::istringstream was(approved), is(actual);
  std::string before, now;
  for (int line = 1;; ++line) {
    const bool more_before = static_cast<bool>(std::getline(was, before));
    const bool more_now = static_cast<bool>(std::getline(is, now));
    if (more_before && more_now && before == now) continue;
    return file + ":" + std::to_string(line) + " was\n  " + (more_before ? before : "(end)") + "\nand is now\n  " +
           (more_now ? now : "(end)") + "\nIf that is meant: make accept";
  }
}

}  // namespace alight::test
