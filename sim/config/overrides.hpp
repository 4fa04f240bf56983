// `--set site.pools[2].count=64`: one value of the configuration, from the command line.
//
// The key is a path of names and [indices]; names with dots of their own stand in quotes (models."Qwen2.5".tokens). A
// value in brackets, braces or quotes is YAML; any other is taken as it stands, so that file names need no quoting;
// nothing (or `null`) unsets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "models/describe/node.hpp"

namespace alight {

/// Puts `assignment` ("key=value") into the tree, making mappings on the way where there are none. A key that cannot be
/// followed (not a list, an index out of range) is a problem, located as "--set key=value".
void apply_override(Node& root, std::string_view assignment, Diagnostics& diagnostics);
void apply_overrides(Node& root, const std::vector<std::string>& assignments, Diagnostics& diagnostics);

/// Whether a value came from apply_override and not from a file.
bool is_override(const Location& where);

/// A step of a key path.
struct KeyStep {
  std::string name;      ///< of a mapping's member; empty for an index
  long long index = -1;  ///< of a list's item; kAnyItem for "[]"; -1 for a name
  static constexpr long long kAnyItem = -2;
};
/// Splits `site.pools[2]."a.b".c`; nothing when the text is no key path, with the reason in `problem`.
bool split_key(std::string_view key, std::vector<KeyStep>& steps, std::string& problem);

}  // namespace alight
