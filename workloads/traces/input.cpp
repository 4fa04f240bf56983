#include "workloads/traces/input.hpp"

#include <algorithm>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

namespace alight {

namespace {

namespace fs = std::filesystem;
namespace io = boost::iostreams;

enum class Packing { none, gzip, xz, zstd };

constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kXz{
    "\xfd"
    "7zXZ\0",
    6};
constexpr std::uint32_t kZstdFrame = 0xFD2FB528;
constexpr std::uint32_t kZstdSkippable = 0x184D2A50;  // and the fifteen after it

/// Little-endian number of `width` bytes at `at`, or nothing past the end.
std::optional<std::uint64_t> little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  if (at > bytes.size() || bytes.size() - at < width) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

Packing packing_of(std::string_view bytes) {
  if (bytes.starts_with(kGzip)) return Packing::gzip;
  if (bytes.starts_with(kXz)) return Packing::xz;
  const auto magic = little_endian(bytes, 0, 4);
  if (magic && (*magic == kZstdFrame || (*magic & ~std::uint64_t{15}) == kZstdSkippable)) return Packing::zstd;
  return Packing::none;
}

std::string_view name_of(Packing packing) {
  switch (packing) {
    case Packing::gzip:
      return "gzip";
    case Packing::xz:
      return "xz";
    case Packing::zstd:
      return "zstd";
    case Packing::none:
      break;
  }
  return "plain";
}

/// Where the frame at `at` ends; nothing where it is cut short.
std::optional<std::size_t> zstd_frame_end(std::string_view bytes, std::size_t at) {
  const auto magic = little_endian(bytes, at, 4);
  if (!magic) return std::nullopt;
  if ((*magic & ~std::uint64_t{15}) == kZstdSkippable) {
    const auto size = little_endian(bytes, at + 4, 4);
    if (!size || bytes.size() - at - 8 < *size) return std::nullopt;
    return at + 8 + *size;
  }
  const auto descriptor = little_endian(bytes, at + 4, 1);
  if (*magic != kZstdFrame || !descriptor) return std::nullopt;
  const bool single_segment = *descriptor & 0x20;
  constexpr std::size_t kDictionaryBytes[] = {0, 1, 2, 4};
  constexpr std::size_t kContentSizeBytes[] = {0, 2, 4, 8};
  std::size_t content_size_bytes = kContentSizeBytes[*descriptor >> 6];
  if (content_size_bytes == 0 && single_segment) content_size_bytes = 1;
  at += 5 + (single_segment ? 0 : 1) + kDictionaryBytes[*descriptor & 3] + content_size_bytes;
  for (;;) {
    const auto block = little_endian(bytes, at, 3);
    if (!block) return std::nullopt;
    constexpr std::uint64_t kRunLength = 1;  // one byte stands for the whole block
    const std::uint64_t stored = (*block >> 1 & 3) == kRunLength ? 1 : *block >> 3;
    at += 3;
    if (bytes.size() - at < stored) return std::nullopt;
    at += stored;
    if (*block & 1) break;
  }
  const std::size_t checksum_bytes = *descriptor & 4 ? 4 : 0;
  if (bytes.size() - at < checksum_bytes) return std::nullopt;
  return at + checksum_bytes;
}

struct Unpacked {
  std::string text;
  enum class End { whole, damaged, too_large } end = End::whole;
};

Unpacked unpack(const std::string& bytes, Packing packing, std::uintmax_t max_bytes) {
  Unpacked out;
  if (packing == Packing::zstd && !zstd_is_whole(bytes)) {
    out.end = Unpacked::End::damaged;
    return out;
  }
  try {
    io::filtering_streambuf<io::input> stream;
    if (packing == Packing::gzip) stream.push(io::gzip_decompressor(), 1 << 16);
    if (packing == Packing::xz) stream.push(io::lzma_decompressor(), 1 << 16);
    if (packing == Packing::zstd) stream.push(io::zstd_decompressor(), 1 << 16);
    stream.push(io::array_source(bytes.data(), bytes.size()));
    std::vector<char> block(1 << 18);
    for (;;) {
      const auto n = stream.sgetn(block.data(), static_cast<std::streamsize>(block.size()));
      if (n <= 0) break;
      if (out.text.size() + static_cast<std::uintmax_t>(n) > max_bytes) {
        out.end = Unpacked::End::too_large;
        break;
      }
      out.text.append(block.data(), static_cast<std::size_t>(n));
    }
  } catch (const std::exception&) {
    out.end = Unpacked::End::damaged;
  }
  return out;
}

/// The first regular file of a tar archive; nothing where `text` is none. Layout of POSIX.1-1988 (ustar).
std::optional<std::string> first_of_tar(const std::string& text) {
  constexpr std::size_t kBlock = 512;
  std::size_t at = 0;
  if (text.size() < kBlock || text.compare(257, 5, "ustar") != 0) return std::nullopt;
  while (text.size() - at >= kBlock && text.compare(at + 257, 5, "ustar") == 0) {
    std::size_t size = 0;
    for (std::size_t i = at + 124; i < at + 135 && text[i] >= '0' && text[i] <= '7'; ++i)
      size = size * 8 + static_cast<std::size_t>(text[i] - '0');
    const char type = text[at + 156];
    const std::size_t left = text.size() - at - kBlock;
    if (size > left) return std::string();
    if (type == '0' || type == '\0') return text.substr(at + kBlock, size);
    const std::size_t padded = (size + kBlock - 1) / kBlock * kBlock;
    if (padded > left) break;
    at += kBlock + padded;
  }
  return std::string();
}

/// Offset of the first byte no text holds, or npos.
std::size_t first_binary_byte(std::string_view text) {
  const std::string_view head = text.substr(0, 1 << 16);
  const auto odd = std::find_if(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7f || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v');
  });
  if (odd != head.end()) return static_cast<std::size_t>(odd - head.begin());
  return text.find('\0');
}

Result<std::string> read_bytes(const fs::path& path, const std::string& shown, std::uintmax_t max_bytes) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) return file_problem(shown, "no such file");
  if (fs::is_directory(status)) return file_problem(shown, "is a directory, not a file");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return file_problem(shown, "cannot be opened for reading");
  std::string bytes;
  if (fs::is_regular_file(status)) {
    const auto size = fs::file_size(path, error);
    if (!error && size > max_bytes) return file_problem(shown, "is larger than the limit of an input");
    if (!error) bytes.reserve(size);
  }
  std::vector<char> block(1 << 18);
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), file.get())) {
    if (bytes.size() + n > max_bytes) return file_problem(shown, "is larger than the limit of an input");
    bytes.append(block.data(), n);
  }
  if (std::ferror(file.get())) return file_problem(shown, "cannot be read to its end");
  return bytes;
}

}  // namespace

bool zstd_is_whole(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto end = zstd_frame_end(bytes, at);
    if (!end) return false;
    at = *end;
  }
  return !bytes.empty();
}

Result<Input> read_input(const fs::path& path, std::uintmax_t max_bytes) {
  const std::string shown = path.string();
  try {
    auto bytes = read_bytes(path, shown, max_bytes);
    if (!bytes) return bytes.problem();
    Input input{path.filename().string(), {}};
    const Packing packing = packing_of(*bytes);
    if (packing == Packing::none) {
      input.text = std::move(*bytes);
    } else {
      auto unpacked = unpack(*bytes, packing, max_bytes);
      if (unpacked.end == Unpacked::End::damaged)
        return file_problem(shown, "is a truncated or damaged " + std::string(name_of(packing)) + " archive");
      if (unpacked.end == Unpacked::End::too_large)
        return file_problem(shown, "unpacks to more than the limit of an input");
      input.text = std::move(unpacked.text);
    }
    if (auto inner = first_of_tar(input.text)) input.text = std::move(*inner);
    if (input.text.empty()) return file_problem(shown, "is empty");
    if (first_binary_byte(input.text) != std::string::npos) return file_problem(shown, "is not a text file");
    return input;
  } catch (const std::bad_alloc&) {
    return file_problem(shown, "does not fit into memory");
  }
}

}  // namespace alight
