// A configuration file with everything it includes.
//
//   include: [prices/china-2025.yaml, site.yaml]
//
// at the top of a file takes those files in, paths relative to the file that names them. Mappings merge key by key, a
// later file wins over an earlier one, the including file over all it includes; lists and scalars replace. Every value
// keeps the place in the file it came from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "models/describe/node.hpp"

namespace alight {

/// A merged tree, without its `include` keys, and the files it came from in the order they were opened.
struct Loaded {
  Node root;
  std::vector<std::filesystem::path> files;
};

/// Reads `file` and what it includes. Nothing when the file itself is of no use; a file included in vain is a problem
/// and the rest is returned, so that its problems are seen too. A cycle is a problem that names the chain.
std::optional<Loaded> load_config(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The same for a text that is in no file; its includes are relative to `directory`.
std::optional<Loaded> load_config_text(std::string_view text, std::string name, const std::filesystem::path& directory,
                                       Diagnostics& diagnostics);

/// Lays `over` upon `base`: mappings merge, everything else replaces.
void merge(Node& base, Node over);

/// The file that the value `text`, written at `where`, names: relative to the file it was written in, or to the
/// working directory when it came from the command line.
std::filesystem::path path_beside(const std::string& text, const Location& where);
/// Makes the file name written at `key`, if any, absolute.
void make_absolute(std::optional<std::string>& file, const std::string& key, const Diagnostics& diagnostics);

}  // namespace alight
