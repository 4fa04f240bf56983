#include "sim/predict/output.hpp"

#include <algorithm>
#include <string>
#include <system_error>

namespace alight {

PredictionFile::PredictionFile(std::string_view header)
    : columns_(1 + static_cast<std::size_t>(std::count(header.begin(), header.end(), ','))) {
  text_.append(header.data(), header.data() + header.size());
}

void PredictionFile::unsupported(std::string_view id, std::string_view why) {
  constexpr std::size_t kStated = 2;  // id and status
  print("{},{}{}\n", csv_field(id), csv_field("unsupported: " + std::string(why)),
        std::string(columns_ - kStated, ','));
}

void PredictionFile::write(const std::filesystem::path& path, Diagnostics& diagnostics) const {
  std::filesystem::path beside = path;
  beside += ".part";
  try {
    {
      TextFile file(beside);
      file.add({text_.data(), text_.size()});
      file.close();
    }
    std::filesystem::rename(beside, path);
  } catch (const std::system_error& e) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    diagnostics.error({}, "--out", path.string() + " cannot be written: " + e.code().message());
  }
}

}  // namespace alight
