// The reference page of all keys, in Markdown.
#pragma once

#include <string>

#include "models/describe/description.hpp"

namespace alight {

/// A section per described struct, in the order they are met from `root`; in each a table of key, type or unit,
/// default and meaning. Ends in a newline.
std::string reference_markdown(const Description& root);

}  // namespace alight
