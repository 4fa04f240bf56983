// What editors and checkers know of a scenario: a JSON Schema (draft 2020-12) made from its description.
#pragma once

#include <string>

#include "models/describe/description.hpp"

namespace alight {

/// The schema of a file that `root` reads, as indented JSON ending in a newline. Every described struct is one entry of
/// `$defs`; quantities are strings of a pattern that lists the units of their dimension; choices are enums of the names
/// known now; unknown keys are refused. `include` is allowed at the top. It accepts what the reader accepts, but for
/// bounds of quantities, which a pattern cannot state (they stand in the key's text), and for keys that an include may
/// supply: only what stands in a list must be complete.
std::string json_schema(const Description& root);

}  // namespace alight
