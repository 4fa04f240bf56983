// A file that is written front to back through a buffer, and its hash.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace alight {

/// SHA-256 of what is added. Hex digits, lower case.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view bytes);
  /// Ends the hash; nothing can be added after.
  std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// SHA-256 of a file's bytes; empty when it cannot be read.
std::string sha256_of(const std::filesystem::path& file);

/// Writes rows; keeps 256 KiB at most in memory. A failure to write throws std::system_error naming the file.
class TextFile {
 public:
  explicit TextFile(std::filesystem::path path);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
    if (buffer_.size() > kFlushAt) flush();
  }
  void add(std::string_view text) {
    buffer_.append(text.data(), text.data() + text.size());
    if (buffer_.size() > kFlushAt) flush();
  }
  /// Everything is on disk after it. Returns the SHA-256 of the whole file.
  std::string close();

  fmt::memory_buffer& buffer() { return buffer_; }
  void row_done() {
    if (buffer_.size() > kFlushAt) flush();
  }

 private:
  static constexpr std::size_t kFlushAt = 1 << 18;
  void flush();
  std::filesystem::path path_;
  std::FILE* file_ = nullptr;
  fmt::memory_buffer buffer_;
  Sha256 hash_;
};

/// A CSV field: quoted where it holds a comma, a quote or a line break (RFC 4180).
std::string csv_field(std::string_view text);

}  // namespace alight
