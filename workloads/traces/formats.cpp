#include "workloads/traces/formats.hpp"

#include <algorithm>
#include <initializer_list>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

// Enough for any header and the first keys of a JSON file.
constexpr std::size_t kHeadBytes = 1 << 16;

/// The first line that is neither blank nor a comment of ours.
std::string_view first_line(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  while (!head.empty()) {
    const auto end = std::min(head.find('\n'), head.size());
    const auto line = trimmed(head.substr(0, end));
    if (!line.empty() && line[0] != '#') return line;
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  return {};
}

bool has_columns(std::string_view head, std::initializer_list<std::string_view> columns, char delimiter = ',') {
  CsvReader rows(first_line(head), delimiter);
  if (!rows.next() || rows.malformed()) return false;
  const CsvHeader header(rows);
  return std::all_of(columns.begin(), columns.end(),
                     [&](std::string_view c) { return header.find(c) != CsvHeader::kNone; });
}

bool is_alight(std::string_view head) {
  return has_columns(head, {"submit_s", "chips", "duration_s"});
}
bool is_philly(std::string_view head) {
  return has_columns(head, {"timestamp", "duration", "num_gpus"});
}
bool is_philly_json(std::string_view head) {
  return first_line(head).starts_with('[') &&
         (head.find("\"attempts\"") != std::string_view::npos || head.find("\"jobid\"") != std::string_view::npos);
}
bool is_helios(std::string_view head) {
  return has_columns(head, {"job_id", "gpu_num", "submit_time", "duration", "vc"});
}
bool is_acme(std::string_view head) {
  return has_columns(head, {"job_id", "gpu_num", "submit_time", "duration", "type"});
}
bool is_openb(std::string_view head) {
  return has_columns(head, {"name", "cpu_milli", "num_gpu", "gpu_milli"});
}
bool is_sacct(std::string_view head) {
  for (const char delimiter : {'|', ',', ';', '\t'})
    if (has_columns(head, {"Submit"}, delimiter) &&
        (has_columns(head, {"JobID"}, delimiter) || has_columns(head, {"JobIDRaw"}, delimiter)))
      return true;
  return false;
}
bool is_batsim(std::string_view head) {
  return first_line(head).starts_with('{') &&
         (head.find("\"jobs\"") != std::string_view::npos || head.find("\"nb_res\"") != std::string_view::npos);
}
bool is_gavel(std::string_view head) {
  const auto line = first_line(head);
  const auto tabs = std::count(line.begin(), line.end(), '\t');
  return (tabs == 6 || tabs == 9) && line.find("(batch size") != std::string_view::npos;
}
bool is_pai2020(std::string_view head) {
  CsvReader rows(first_line(head));
  if (!rows.next() || rows.malformed()) return false;
  const auto is_hash = [](std::string_view text) {
    return text.size() >= 12 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  return (rows.size() == 6 && is_hash(rows[0]) && is_hash(rows[1])) || (rows.size() == 10 && is_hash(rows[0]));
}
bool is_swf(std::string_view head) {
  // Comments first, then eighteen numbers; logs without a header begin with the numbers.
  while (!head.empty()) {
    const auto end = std::min(head.find('\n'), head.size());
    auto line = trimmed(head.substr(0, end));
    head.remove_prefix(std::min(end + 1, head.size()));
    if (line.empty() || line[0] == ';') continue;
    std::size_t numbers = 0;
    while (!line.empty() && numbers < 18) {
      const auto blank = std::min(line.find_first_of(" \t"), line.size());
      if (!to_number(line.substr(0, blank))) return false;
      ++numbers;
      line = trimmed(line.substr(blank));
    }
    return numbers == 18;
  }
  return false;
}

std::string lower_extension(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::filesystem::path path(name);
  for (const char* packed : {".gz", ".xz", ".zst", ".zstd", ".lzma"})
    if (path.extension() == packed) {
      path = path.stem();
      break;
    }
  if (path.extension() == ".tar") path = path.stem();
  return path.extension().string();
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> all{
      {"alight", "own job table: job_id, submit_s, chips, duration_s, ...", {".csv"}, &read_alight, &is_alight},
      {"philly", "Philly, reduced table (Pollux artifact)", {".csv"}, &read_philly, &is_philly},
      {"philly-json", "Philly, raw cluster_job_log", {".json"}, &read_philly_json, &is_philly_json},
      {"helios", "Helios cluster_log.csv", {".csv"}, &read_helios, &is_helios},
      {"acme", "Acme trace_seren.csv, trace_kalos.csv", {".csv"}, &read_acme, &is_acme},
      {"openb", "Alibaba openb pod list (2023)", {".csv"}, &read_openb, &is_openb},
      {"pai2020", "Alibaba PAI 2020: job table and task table", {".csv"}, &read_pai2020, &is_pai2020},
      {"swf", "Standard Workload Format, version 2", {".swf"}, &read_swf, &is_swf},
      {"sacct", "Slurm accounting, sacct --parsable2", {".txt", ".csv", ".psv"}, &read_sacct, &is_sacct},
      {"batsim", "Batsim JSON workload", {".json"}, &read_batsim, &is_batsim},
      {"gavel", "Gavel .trace with simulation_throughputs.json", {".trace"}, &read_gavel, &is_gavel},
      {"generic", "any table with a header, by a column map", {".csv", ".tsv"}, &read_generic, nullptr},
  };
  return all;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats()) names.push_back(format.name);
  return names;
}

const Format* find_format(std::string_view name) {
  const auto& all = formats();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Format& f) { return f.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Result<const Format*> detect(const Input& file) {
  const std::string_view head = std::string_view(file.text).substr(0, kHeadBytes);
  for (const Format& format : formats())
    if (format.looks_like && format.looks_like(head)) return &format;
  // By extension only where one format alone has it: a .csv nobody knows would draw a misleading error.
  const std::string extension = lower_extension(file.name);
  const Format* only = nullptr;
  for (const Format& format : formats()) {
    const auto& own = format.extensions;
    if (extension.empty() || std::find(own.begin(), own.end(), extension) == own.end()) continue;
    if (only) {
      only = nullptr;
      break;
    }
    only = &format;
  }
  if (only) return only;
  // A near miss of our own table deserves our own table's errors.
  if (has_columns(head, {"submit_s"}) || has_columns(head, {"duration_s"})) return find_format("alight");
  std::string names;
  for (const Format& format : formats()) names += (names.empty() ? "" : ", ") + format.name;
  return file_problem(file.name, "is of no format known by its content", 1, 0, {}, "formats: " + names);
}

Result<Workload> read_workload(const std::vector<std::filesystem::path>& files, std::string_view format,
                               const ReadOptions& options) {
  if (files.empty()) return file_problem({}, "no file given");
  const bool automatic = format.empty() || format == "auto";
  const Format* chosen = automatic ? nullptr : find_format(format);
  if (!automatic && !chosen)
    return file_problem({}, "no trace format named \"" + std::string(format) + "\"", 0, 0, {},
                        did_you_mean(format, format_names()));
  std::vector<Input> inputs;
  for (const auto& path : files) {
    auto input = read_input(path);
    if (!input) return input.problem();
    inputs.push_back(std::move(*input));
  }
  if (!chosen) {
    auto found = detect(inputs.front());
    if (!found) return found.problem();
    chosen = *found;
  }
  return chosen->read(inputs, options);
}

}  // namespace alight
