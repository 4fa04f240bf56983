#include "workloads/requests/formats.hpp"

#include <algorithm>

#include "workloads/requests/json_line.hpp"
#include "workloads/requests/readers.hpp"
#include "workloads/traces/csv.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr double kMillisecond = 1e-3;

std::vector<RequestFormat::Column> own_columns() {
  std::vector<RequestFormat::Column> columns;
  for (std::size_t i = 0; i < kRequestColumns; ++i) {
    const std::string name(kRequestColumnNames[i]);
    columns.push_back({name, name, 1, i < kRequiredRequestColumns});
  }
  return columns;
}

std::size_t index_of(std::string_view ours) {
  return static_cast<std::size_t>(std::find(kRequestColumnNames.begin(), kRequestColumnNames.end(), ours) -
                                  kRequestColumnNames.begin());
}

bool is_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return trimmed(text.substr(0, text.find('\n'))).starts_with('{');
}

/// The names of a file's columns: of its header, or of its first object.
std::vector<std::string> columns_of(const Input& file, bool json) {
  if (json) {
    std::string_view text = file.text;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::vector<JsonMember> members;
    cut_json_line(text.substr(0, text.find('\n')), members);
    std::vector<std::string> names;
    for (const JsonMember& member : members) names.emplace_back(member.key);
    return names;
  }
  const std::string_view table = read_preamble(file.text).rest;
  CsvReader rows(table, delimiter_of(table.substr(0, table.find('\n'))));
  if (!rows.next() || rows.malformed()) return {};
  return CsvHeader(rows).names();
}

Problem no_format(const Input& file, bool json) {
  std::string known;
  for (const RequestFormat& format : request_formats()) {
    if (format.json != json) continue;
    known += (known.empty() ? "" : "; ") + format.name + " (";
    bool first = true;
    for (const auto& column : format.columns) {
      if (!column.required) continue;
      known += (first ? "" : ", ") + column.theirs;
      first = false;
    }
    known += ")";
  }
  return file_problem(file.name, "is of no format of requests known by its columns", 1, 0, {},
                      (json ? "JSON lines: " : "tables: ") + known + "; or name the columns yourself");
}

Problem no_request(const Input& file, const ImportReport& report) {
  std::string hint;
  if (report.skipped > 0)
    hint = "the first row passed over: " + report.reasons.front().first_place + " (" + report.reasons.front().why + ")";
  return file_problem(file.name, "holds no request", 0, 0, {}, hint);
}

/// The format of each file.
Result<std::vector<const RequestFormat*>> formats_of(const std::vector<Input>& files, std::string_view name,
                                                     const RequestReadOptions& options) {
  const bool automatic = name.empty() || name == "auto";
  const RequestFormat* named = automatic ? nullptr : find_request_format(name);
  if (!automatic && !named)
    return file_problem({}, "no format of requests named \"" + std::string(name) + "\"", 0, 0, {},
                        did_you_mean(name, request_format_names()));
  std::vector<const RequestFormat*> formats(files.size(), named);
  for (std::size_t i = 0; i < files.size() && automatic; ++i) {
    auto found = detect_request_format(files[i], options);
    if (!found) return found.problem();
    formats[i] = *found;
  }
  return formats;
}

/// Tokens of a block, as the user, the files or their formats state it; nothing where nobody does.
Result<std::optional<int>> block_tokens_of(const std::vector<Input>& files,
                                           const std::vector<const RequestFormat*>& formats,
                                           const RequestReadOptions& options) {
  std::optional<int> agreed = options.block_tokens;
  for (std::size_t i = 0; i < files.size() && !options.block_tokens; ++i) {
    auto stated = read_preamble(files[i].text).block_tokens;
    if (!stated && formats[i]->block_tokens > 0) stated = formats[i]->block_tokens;
    if (!stated) continue;
    if (agreed && *stated != *agreed)
      return file_problem(files[i].name, "has blocks of " + std::to_string(*stated) + " tokens; a file before has " +
                                             std::to_string(*agreed));
    agreed = stated;
  }
  return agreed;
}

}  // namespace

const std::vector<RequestFormat>& request_formats() {
  static const std::vector<RequestFormat> all{
      {"azure",
       "Azure LLM inference traces 2023 and 2024",
       false,
       0,
       {{"arrival_s", "TIMESTAMP"}, {"prompt_tokens", "ContextTokens"}, {"output_tokens", "GeneratedTokens"}}},
      {"mooncake",
       "Mooncake (FAST'25): JSON lines, time in ms, blocks of 512 tokens",
       true,
       kDefaultBlockTokens,
       {{"arrival_s", "timestamp", kMillisecond},
        {"prompt_tokens", "input_length"},
        {"output_tokens", "output_length"},
        {"hash_ids", "hash_ids"}}},
      {"burstgpt",
       "BurstGPT, with or without sessions, time in s",
       false,
       0,
       {{"arrival_s", "Timestamp"},
        {"prompt_tokens", "Request tokens"},
        {"output_tokens", "Response tokens"},
        {"kind", "Model"},
        {"session", "Session ID", 1, false}}},
      {"csv", "alight's own table of requests, or any table by a column map", false, 0, own_columns()},
      {"jsonl", "the same as JSON lines", true, 0, own_columns()},
  };
  return all;
}

std::vector<std::string> request_format_names() {
  std::vector<std::string> names;
  for (const RequestFormat& format : request_formats()) names.push_back(format.name);
  return names;
}

const RequestFormat* find_request_format(std::string_view name) {
  const auto& all = request_formats();
  const auto found = std::find_if(all.begin(), all.end(), [&](const RequestFormat& f) { return f.name == name; });
  return found == all.end() ? nullptr : &*found;
}

BoundColumns bind_columns(const RequestFormat& format, const ColumnMap& own) {
  BoundColumns bound;
  for (const auto& column : format.columns)
    bound[index_of(column.ours)] = {column.theirs, column.scale, column.required};
  for (const auto& [ours, source] : own) bound[index_of(ours)] = {source.column, source.scale, true};
  return bound;
}

Result<const RequestFormat*> detect_request_format(const Input& file, const RequestReadOptions& options) {
  const bool json = is_json(file.text);
  const auto names = columns_of(file, json);
  const auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (!options.columns.empty()) return find_request_format(json ? "jsonl" : "csv");
  for (const RequestFormat& format : request_formats())
    if (format.json == json && std::all_of(format.columns.begin(), format.columns.end(),
                                           [&](const auto& column) { return !column.required || has(column.theirs); }))
      return &format;
  // A near miss of our own table deserves our own table's errors.
  if (has("arrival_s")) return find_request_format(json ? "jsonl" : "csv");
  return no_format(file, json);
}

void RowFaults::add(const std::shared_ptr<const std::string>& file, std::int64_t line, std::size_t column,
                    const std::string& key, const RowFault& fault) {
  if (!fault.bad || skip_bad_) {
    // Counted by what is wrong, not by what stood there.
    std::string why = fault.message.substr(0, fault.message.find(", found "));
    if (fault.bad && !key.empty()) why = key + ": " + why;
    report_.skip(why, *file + ":" + std::to_string(line));
    return;
  }
  last_ = {file, static_cast<int>(line), static_cast<int>(column)};
  if (++bad_ <= RequestReadOptions::kListed) diagnostics_.error(last_, key, fault.message);
}

void RowFaults::finish() {
  if (bad_ > RequestReadOptions::kListed)
    diagnostics_.error(
        last_, {},
        "is the last of " + std::to_string(bad_ - RequestReadOptions::kListed) + " more bad rows not listed here");
}

std::optional<RequestImport> read_requests(const std::vector<std::filesystem::path>& files, std::string_view format,
                                           const RequestReadOptions& options, Diagnostics& diagnostics) {
  std::vector<Input> inputs;
  for (const auto& path : files) {
    auto input = read_input(path);
    if (input) {
      inputs.push_back(std::move(*input));
      continue;
    }
    const Problem& p = input.problem();
    diagnostics.error(p.where, p.key, p.message, p.hint);
  }
  if (inputs.size() != files.size()) return std::nullopt;
  return read_requests(inputs, format, options, diagnostics);
}

std::optional<RequestImport> read_requests(const std::vector<Input>& files, std::string_view format,
                                           const RequestReadOptions& options, Diagnostics& diagnostics) {
  const auto fail = [&](const Problem& p) {
    diagnostics.error(p.where, p.key, p.message, p.hint);
    return std::nullopt;
  };
  if (files.empty()) return fail(file_problem({}, "no file given"));
  const auto formats = formats_of(files, format, options);
  if (!formats) return fail(formats.problem());
  const auto block_tokens = block_tokens_of(files, *formats, options);
  if (!block_tokens) return fail(block_tokens.problem());

  RequestImport result;
  RequestIntake intake(block_tokens->value_or(kDefaultBlockTokens), options.time_pattern);
  RowFaults faults(options.skip_bad, result.report, diagnostics);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const RequestFormat& its = *(*formats)[i];
    if (result.format.find(its.name) == std::string::npos)
      result.format += (result.format.empty() ? "" : "+") + its.name;
    const BoundColumns columns = bind_columns(its, options.columns);
    intake.set_time_scale(columns[0].scale);
    const bool only_ours = its.name == "csv" && options.columns.empty();
    const auto problem = its.json ? read_request_lines(files[i], columns, intake, faults, result.report)
                                  : read_request_table(files[i], columns, only_ours, intake, faults, result.report);
    if (problem) return fail(*problem);
  }
  faults.finish();
  if (!diagnostics.ok()) return std::nullopt;
  result.trace = std::move(intake).finish();
  if (result.trace.requests.empty()) return fail(no_request(files.front(), result.report));
  if (result.trace.block_tokens > 0 && !*block_tokens)
    result.report.notes.push_back("blocks are taken to be of " + std::to_string(kDefaultBlockTokens) + " tokens");
  return result;
}

}  // namespace alight
