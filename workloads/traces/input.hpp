// A user's file as text: plain, gzip, xz or zstd, told apart by their first bytes, never by their name.
//
// What cannot be text is said at once: a missing file, a directory, an empty file, a truncated or damaged archive,
// binary content, or more text than `max_bytes`. A tar archive stands for its first regular file (the PAI 2020 tables
// are published so).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "workloads/traces/result.hpp"

namespace alight {

/// The whole text of a file and the name messages use for it.
struct Input {
  std::string name;  ///< the file's own name, without its folder: the same input gives the same report anywhere
  std::string text;
};

/// More decompressed text than this is taken for a decompression bomb.
constexpr std::uintmax_t kMaxInputBytes = std::uintmax_t{8} << 30;

Result<Input> read_input(const std::filesystem::path& path, std::uintmax_t max_bytes = kMaxInputBytes);

/// True where `bytes` is a sequence of whole zstd frames (RFC 8878, section 3.1): the decompressor of Boost takes a
/// stream that stops half way for a complete one.
bool zstd_is_whole(std::string_view bytes);

}  // namespace alight
