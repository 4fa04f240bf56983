// The built-in catalogue, parsed. platforms/ holds its texts and knows no YAML; the parsing happens here.
#pragma once

#include "platforms/catalogue.hpp"

namespace alight {

/// The catalogue inside the binary, resolved; parsed at the first call. To extend it: copy it, add() the user's trees,
/// resolve() again.
const Catalogue& built_in_catalogue();

}  // namespace alight
