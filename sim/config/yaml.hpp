// YAML files and texts as configuration trees, and back. The only place that knows the YAML library.
//
// Whatever the input, reading neither throws nor crashes: what is wrong with it becomes problems, each with its place.
// Bounds that no honest file meets: 64 MiB, 64 levels, 100,000 values repeated through aliases, keys of 1,000 bytes
// (what YAML allows before the colon is 1,024 characters).
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "models/describe/diagnostics.hpp"
#include "models/describe/node.hpp"

namespace alight {

constexpr std::size_t kLongestKey = 1000;

/// The file's one document. Nothing where there is none to speak of (unreadable, empty, not text, broken syntax); with
/// problems beside the tree where the tree is only partly usable (a key given twice, an unknown tag). Aliases are
/// copied out and `<<` merges applied; what an alias repeats stands where it was first written.
std::optional<Node> read_yaml(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The same for a text; `name` is what problems call it.
std::optional<Node> parse_yaml(std::string_view text, std::string name, Diagnostics& diagnostics);

/// The tree as YAML: block mappings, short lists of scalars on one line, quotes where a plain scalar would be read as
/// something else. Comments of values stand behind them, those of several lines before them. Reading the text gives
/// the same tree, and emitting that the same text.
std::string emit_yaml(const Node& node);

}  // namespace alight
