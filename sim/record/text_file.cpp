#include "sim/record/text_file.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace alight {

struct Sha256::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  if (!impl_->context || EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) != 1)
    throw std::logic_error("Sha256: the crypto library offers no SHA-256");
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(impl_->context);
}

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(impl_->context, digest.data(), &length);
  std::string out;
  for (unsigned int i = 0; i < length; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

std::string sha256_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  Sha256 hash;
  std::array<char, 1 << 16> block{};
  while (in.read(block.data(), block.size()) || in.gcount() > 0)
    hash.add({block.data(), static_cast<std::size_t>(in.gcount())});
  return hash.hex();
}

TextFile::TextFile(std::filesystem::path path) : path_(std::move(path)) {
  file_ = std::fopen(path_.c_str(), "wb");
  if (!file_) throw std::system_error(errno, std::generic_category(), "cannot write " + path_.string());
}

TextFile::~TextFile() {
  if (file_) std::fclose(file_);
}

void TextFile::flush() {
  const std::string_view text(buffer_.data(), buffer_.size());
  hash_.add(text);
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
    throw std::system_error(errno, std::generic_category(), "cannot write " + path_.string());
  buffer_.clear();
}

std::string TextFile::close() {
  flush();
  std::FILE* file = file_;
  file_ = nullptr;
  if (std::fclose(file) != 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path_.string());
  return hash_.hex();
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace alight
