// The reference material tests compare against. It is not part of the project: where it is absent, a test skips and
// says so.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace alight::test {

/// The path of a file of the reference material ("traces/swf/hpc2n.swf.gz"), or nothing where it is absent. The
/// material is looked for in $ALIGHT_REFERENCE, else in ../shared/reference beside the source tree.
inline std::optional<std::filesystem::path> reference(const std::string& file) {
  const char* root = std::getenv("ALIGHT_REFERENCE");
  const auto path =
      (root ? std::filesystem::path(root) : std::filesystem::path(ALIGHT_SOURCE_DIR) / "../shared/reference") / file;
  if (std::filesystem::exists(path)) return path;
  std::cout << "skipped: reference material " << file << " is not here\n";
  return std::nullopt;
}

}  // namespace alight::test

/// Declares `var` as the path of a reference file, or ends the test case as skipped.
#define ALIGHT_REFERENCE_OR_SKIP(var, file)                 \
  const auto var##_found = ::alight::test::reference(file); \
  if (!var##_found) return;                                 \
  const std::filesystem::path var = *var##_found
