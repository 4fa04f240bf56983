// The formats requests come in, and reading them. A format is no more than a table of which column is called what and
// in which unit; one reader takes tables (CSV), one takes JSON lines.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "workloads/job.hpp"
#include "workloads/requests/columns.hpp"
#include "workloads/requests/request.hpp"
#include "workloads/traces/column_map.hpp"
#include "workloads/traces/input.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

/// Tokens of a block where neither the file nor the user says: as in Mooncake's traces (FAST'25).
inline constexpr int kDefaultBlockTokens = 512;

struct RequestFormat {
  struct Column {
    std::string ours, theirs;
    double scale = 1;
    bool required = true;
  };
  std::string name;  ///< as the command line and `requests.format` call it
  std::string doc;   ///< one line
  bool json = false;
  int block_tokens = 0;  ///< tokens of a block of hash_ids; 0 = the format does not say
  std::vector<Column> columns;
};

/// All formats, in the order they are listed to users.
const std::vector<RequestFormat>& request_formats();
std::vector<std::string> request_format_names();
const RequestFormat* find_request_format(std::string_view name);

struct RequestReadOptions {
  ColumnMap columns;                ///< ours to theirs, in place of the format's
  std::string time_pattern;         ///< how times are written (strptime); empty: numbers or ISO stamps
  std::optional<int> block_tokens;  ///< of a block of hash_ids, in place of the file's
  /// Bad rows are counted and left out; else each is a mistake, and so many of them are listed.
  bool skip_bad = false;
  static constexpr int kListed = 20;
};

struct RequestImport {
  RequestTrace trace;
  ImportReport report;
  std::string format;
};

/// The format of a text, by the columns it has.
Result<const RequestFormat*> detect_request_format(const Input& file, const RequestReadOptions& options);

/// Reads files as one trace. `format` is a name, or "auto" (or "") to tell it by each file's columns. Nothing where
/// there were mistakes; they are in `diagnostics`.
std::optional<RequestImport> read_requests(const std::vector<std::filesystem::path>& files, std::string_view format,
                                           const RequestReadOptions& options, Diagnostics& diagnostics);
/// The same from texts already in memory.
std::optional<RequestImport> read_requests(const std::vector<Input>& files, std::string_view format,
                                           const RequestReadOptions& options, Diagnostics& diagnostics);

}  // namespace alight
