// A data file whose text is inside the binary, so that it runs without a data directory.
#pragma once

#include <string_view>

namespace alight {

struct EmbeddedFile {
  std::string_view name;  ///< "chips-nvidia.yaml"
  std::string_view text;
};

}  // namespace alight
