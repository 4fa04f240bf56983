// The trace formats there are, and which one a file is of.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

struct Format {
  std::string name;                     ///< as `alight import` and `workload.format` call it
  std::string doc;                      ///< one line
  std::vector<std::string> extensions;  ///< customary, with the dot, without .gz and the like
  Result<Workload> (*read)(Inputs files, const ReadOptions& options);
  /// True where text that begins so can be of this format and of no other here; null where that cannot be told.
  bool (*looks_like)(std::string_view head);
};

/// All formats, in the order they are listed to users.
const std::vector<Format>& formats();
std::vector<std::string> format_names();
const Format* find_format(std::string_view name);

/// The format of a file, by its content first and its extension where the content does not tell.
Result<const Format*> detect(const Input& file);

/// Reads files as one workload. `format` is a name, or "auto" (or "") to detect it by the first file.
Result<Workload> read_workload(const std::vector<std::filesystem::path>& files, std::string_view format = "auto",
                               const ReadOptions& options = {});

}  // namespace alight
