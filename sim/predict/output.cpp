#include "sim/predict/output.hpp"

#include <system_error>

namespace alight {

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
