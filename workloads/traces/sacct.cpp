// Slurm accounting as printed by `sacct --parsable2` (or -P with any delimiter; one column more than names is -p).
// Steps are passed over: only whole jobs are jobs. Slurm prints local time without a zone; it is taken as UTC.
#include <algorithm>
#include <cmath>
#include <optional>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

struct SacctColumns {
  std::size_t id, submit, start, end, elapsed_raw, elapsed, alloc_tres, req_tres, cpus, limit_raw, limit, state, user,
      partition, account;

  explicit SacctColumns(const CsvHeader& h)
      : id(h.find({"JobID", "JobIDRaw"})),
        submit(h.find("Submit")),
        start(h.find("Start")),
        end(h.find("End")),
        elapsed_raw(h.find("ElapsedRaw")),
        elapsed(h.find("Elapsed")),
        alloc_tres(h.find({"AllocTRES", "AllocTres"})),
        req_tres(h.find({"ReqTRES", "ReqTres"})),
        cpus(h.find({"AllocCPUS", "NCPUS", "ReqCPUS"})),
        limit_raw(h.find("TimelimitRaw")),
        limit(h.find("Timelimit")),
        state(h.find("State")),
        user(h.find("User")),
        partition(h.find("Partition")),
        account(h.find("Account")) {}
};

/// What a list of trackable resources asks for: "billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,mem=64G,node=1".
struct Tres {
  std::int64_t gpus = 0;
  std::int64_t cpus = 0;
  std::int64_t memory_mib = 0;
  std::string_view kind;
};

/// "64G", "1.5T", "4000M": in MiB, by powers of 1024 as Slurm counts.
std::optional<std::int64_t> memory_mib(std::string_view text) {
  double scale = 1;
  if (!text.empty()) {
    switch (text.back()) {
      case 'K':
        scale = 1.0 / 1024;
        break;
      case 'M':
        scale = 1;
        break;
      case 'G':
        scale = 1024;
        break;
      case 'T':
        scale = 1024.0 * 1024;
        break;
      case 'P':
        scale = 1024.0 * 1024 * 1024;
        break;
      default:
        scale = 0;
    }
    if (scale == 0)
      scale = 1;
    else
      text.remove_suffix(1);
  }
  const auto number = to_number(text);
  if (!number || *number < 0 || *number * scale > 1e15) return std::nullopt;
  return std::llround(*number * scale);
}

/// Nothing where an entry that matters is no number.
std::optional<Tres> parse_tres(std::string_view text) {
  Tres tres;
  std::int64_t typed_gpus = 0;
  std::size_t kinds = 0;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view entry = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = entry.substr(0, equals);
    const std::string_view value = entry.substr(equals + 1);
    const bool plain = key == "gres/gpu";
    const bool typed = key.starts_with("gres/gpu:");
    if (plain || typed || key == "cpu") {
      const auto count = to_whole(value);
      if (!count || *count < 0 || *count > Intake::kMostChips * 1024) return std::nullopt;
      if (plain) tres.gpus = *count;
      if (key == "cpu") tres.cpus = *count;
      if (!typed) continue;
      typed_gpus += *count;
      ++kinds;
      tres.kind = key.substr(9);
    } else if (key == "mem") {
      const auto mib = memory_mib(value);
      if (!mib) return std::nullopt;
      tres.memory_mib = *mib;
    }
  }
  if (tres.gpus == 0) tres.gpus = typed_gpus;
  if (kinds > 1) tres.kind = {};
  return tres;
}

TraceStatus status_of_sacct(std::string_view state) {
  if (state.starts_with("COMPLETED")) return TraceStatus::completed;
  if (state.starts_with("CANCELLED")) return TraceStatus::cancelled;
  if (state.starts_with("TIMEOUT") || state.starts_with("PREEMPTED") || state.starts_with("DEADLINE"))
    return TraceStatus::killed;
  for (const std::string_view failed : {"FAILED", "NODE_FAIL", "OUT_OF_ME", "BOOT_FAIL"})
    if (state.starts_with(failed)) return TraceStatus::failed;
  return TraceStatus::unknown;
}

class SacctRow {
 public:
  SacctRow(const CsvTable& table, const SacctColumns& columns) : table_(table), at_(columns) {}

  const char* fill(Job& job, Names& names) const {
    const auto id = cell(at_.id);
    if (id.find('.') != std::string_view::npos) return "a step of a job, not a job";
    const auto state = cell(at_.state);
    for (const std::string_view open : {"RUNNING", "SUSPENDED", "COMPLETING"})
      if (state.starts_with(open)) return "still running: no run time";
    if (state.starts_with("PENDING") || (at_.start != CsvHeader::kNone && never(cell(at_.start))))
      return "never started";
    const auto submit = to_unix_s(cell(at_.submit));
    if (!submit) return "Submit is no date and time";
    const auto ran = duration();
    if (!ran) return "no run time that can be read";
    job.id = id;
    job.submit_s = *submit;
    job.duration_s = *ran;
    job.user = names.intern(cell(at_.user));
    job.vc = names.intern(cell(at_.partition != CsvHeader::kNone ? at_.partition : at_.account));
    job.status = status_of_sacct(state);
    if (const char* fault = fill_limit(job)) return fault;
    return fill_size(job, names);
  }

 private:
  std::string_view cell(std::size_t column) const { return trimmed(table_.cell(column)); }
  static bool never(std::string_view stamp) { return is_missing(stamp); }

  std::optional<double> duration() const {
    if (const auto raw = to_number(cell(at_.elapsed_raw))) return raw;
    if (const auto elapsed = span_to_s(cell(at_.elapsed))) return elapsed;
    const auto start = to_unix_s(cell(at_.start));
    const auto end = to_unix_s(cell(at_.end));
    if (!start || !end) return std::nullopt;
    return *end - *start;
  }

  const char* fill_limit(Job& job) const {
    if (const auto raw = cell(at_.limit_raw); !raw.empty() && !is_limitless(raw)) {
      const auto minutes = to_number(raw);
      if (!minutes || *minutes < 0) return "TimelimitRaw is not a number of minutes";
      job.estimate_s = *minutes * 60;
    } else if (const auto limit = cell(at_.limit); !limit.empty() && !is_limitless(limit)) {
      const auto span = span_to_s(limit);
      if (!span) return "Timelimit is no span of time";
      job.estimate_s = *span;
    }
    job.kill_at_estimate = job.estimate_s > 0;
    return nullptr;
  }
  static bool is_limitless(std::string_view text) {
    return text == "UNLIMITED" || text == "Partition_Limit" || text == "INFINITE" || is_missing(text);
  }

  const char* fill_size(Job& job, Names& names) const {
    auto text = cell(at_.alloc_tres);
    if (text.empty()) text = cell(at_.req_tres);
    auto tres = parse_tres(text);
    if (!tres) return "a TRES entry that is no number";
    if (tres->cpus == 0 && !is_missing(cell(at_.cpus))) {
      const auto cpus = to_whole(cell(at_.cpus));
      if (!cpus || *cpus < 0 || *cpus > Intake::kMostChips * 1024) return "number of CPUs is not a whole number";
      tres->cpus = *cpus;
    }
    job.chips = tres->gpus;
    job.cpu_milli = tres->cpus * 1000;
    job.host_memory_mib = tres->memory_mib;
    if (tres->gpus > 0) job.kinds = names.intern(tres->kind);
    return nullptr;
  }

  const CsvTable& table_;
  const SacctColumns& at_;
};

/// '|' as --parsable prints, unless the header has none and has another.
char delimiter_of(std::string_view text) {
  const auto header = text.substr(0, text.find('\n'));
  for (const char c : {'|', ',', ';', '\t'})
    if (header.find(c) != std::string_view::npos) return c;
  return '|';
}

}  // namespace

Result<Workload> read_sacct(Inputs files, const ReadOptions&) {
  Intake intake(Intake::Clock::unix_time);
  for (const Input& file : files) {
    auto table = open_table(file.name, file.text, {"Submit"}, delimiter_of(file.text));
    if (!table) return table.problem();
    const SacctColumns columns(table->header);
    const auto lacks = [&](const char* what) {
      return file_problem(file.name, std::string("the header has no column for ") + what, 1);
    };
    if (columns.id == CsvHeader::kNone) return lacks("the job (JobID)");
    if (columns.elapsed_raw == CsvHeader::kNone && columns.elapsed == CsvHeader::kNone &&
        (columns.start == CsvHeader::kNone || columns.end == CsvHeader::kNone))
      return lacks("the run time (ElapsedRaw, Elapsed, or Start and End)");
    if (columns.alloc_tres == CsvHeader::kNone && columns.req_tres == CsvHeader::kNone)
      return lacks("the size (AllocTRES or ReqTRES)");
    const SacctRow row(*table, columns);
    while (table->rows.next()) {
      const RowPlace place{file.name, table->rows.line()};
      Job job;
      const char* fault = table->misfit();
      if (!fault) fault = row.fill(job, intake.names());
      if (fault)
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  intake.note("Slurm prints local time without a zone: it is taken as UTC");
  return std::move(intake).finish();
}

}  // namespace alight
