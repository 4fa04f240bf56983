// The Standard Workload Format, version 2 (D. Feitelson, Parallel Workloads Archive): eighteen columns a line, -1 for
// unknown, comments after ';'. A processor of the log is a chip here. Also the 21 columns of the wagap logs, whose
// twentieth is the queue's name and whose submit times are Unix times.
#include <algorithm>
#include <array>
#include <string>

#include "workloads/traces/intake.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr std::size_t kSwfColumns = 18;
constexpr std::size_t kWagapColumns = 21;
// A submit time after 1990-01-01 as Unix time is later than any log is long.
constexpr double kSwfUnixTime = 631152000;

enum Column {
  number,
  submit,
  wait,
  run,
  allocated,
  cpu,
  memory,
  requested,
  requested_time,
  requested_memory,
  status,
  user,
  group,
  application,
  queue
};

/// One line cut at blanks.
struct Line {
  std::array<std::string_view, kWagapColumns> cells;
  std::size_t size = 0;  ///< all cells there are, also those beyond the array

  explicit Line(std::string_view text) {
    std::size_t at = 0;
    for (;;) {
      while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
      if (at == text.size()) return;
      const std::size_t first = at;
      while (at < text.size() && text[at] != ' ' && text[at] != '\t') ++at;
      if (size < cells.size()) cells[size] = text.substr(first, at - first);
      ++size;
    }
  }
};

TraceStatus status_of_code(std::int64_t code) {
  switch (code) {
    case 0:
      return TraceStatus::failed;
    case 1:
      return TraceStatus::completed;
    case 5:
      return TraceStatus::cancelled;
    default:
      return TraceStatus::unknown;
  }
}

/// The user or queue of that number; -1 is nobody.
Names::Id numbered_name(std::string_view cell, Names& names) {
  return cell.starts_with('-') ? Names::Id{0} : names.intern(cell);
}

const char* fill(Job& job, const Line& line, Names& names) {
  if (line.size < kSwfColumns) return "fewer than 18 columns";
  if (line.size != kSwfColumns && line.size != kWagapColumns) return "neither 18 nor 21 columns";
  const auto submitted = to_number(line.cells[submit]);
  const auto ran = to_number(line.cells[run]);
  const auto held = to_whole(line.cells[allocated]);
  const auto asked = to_whole(line.cells[requested]);
  const auto limit = to_number(line.cells[requested_time]);
  const auto code = to_whole(line.cells[status]);
  if (!submitted) return "submit time is not a number";
  if (!ran) return "run time is not a number";
  if (!held || !asked) return "number of processors is not a whole number";
  if (!limit) return "requested time is not a number";
  if (!code) return "status is not a whole number";
  if (*code >= 2 && *code <= 4) return "a part of a job (status 2 to 4): its summary line counts";
  if (*ran == -1) return "run time unknown (-1)";
  job.chips = *held > 0 ? *held : *asked;
  if (job.chips <= 0) return "number of processors unknown or zero";
  job.id = line.cells[number];
  job.submit_s = *submitted;
  job.duration_s = *ran;
  if (*limit > 0) {
    job.estimate_s = *limit;
    job.kill_at_estimate = true;
  }
  job.user = numbered_name(line.cells[user], names);
  job.vc = line.size == kWagapColumns ? names.intern(line.cells[19]) : numbered_name(line.cells[queue], names);
  job.status = status_of_code(*code);
  return nullptr;
}

/// Keeps what a header comment says about the machine and the clock.
void read_comment(std::string_view comment, Intake& intake) {
  comment = trimmed(comment);
  for (const std::string_view key : {"MaxProcs:", "MaxNodes:", "UnixStartTime:", "TimeZoneString:"}) {
    if (!comment.starts_with(key)) continue;
    const auto value = trimmed(comment.substr(key.size()));
    intake.note("header: " + std::string(key) + " " + std::string(value.substr(0, 80)));
    const auto start = to_whole(value);
    if (key == "UnixStartTime:" && start && *start > 0) intake.workload().epoch = Date{*start};
  }
}

/// The first submit time of the files; it tells Unix times from times since the log's start.
double first_submit(Inputs files) {
  for (const Input& file : files) {
    std::string_view rest = file.text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const Line line(trimmed(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.size < kSwfColumns || line.cells[0].starts_with(';')) continue;
      if (const auto s = to_number(line.cells[submit])) return *s;
    }
  }
  return 0;
}

}  // namespace

Result<Workload> read_swf(Inputs files, const ReadOptions&) {
  const bool unix_times = first_submit(files) >= kSwfUnixTime;
  Intake intake(unix_times ? Intake::Clock::unix_time : Intake::Clock::relative);
  for (const Input& file : files) {
    std::string_view rest = file.text;
    std::int64_t line_number = 0;
    intake.expect(intake.workload().jobs.size() + static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')) +
                  1);
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string_view text = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++line_number;
      if (text.empty()) continue;
      if (text[0] == ';') {
        read_comment(text.substr(1), intake);
        continue;
      }
      const RowPlace place{file.name, line_number};
      Job job;
      if (const char* fault = fill(job, Line(text), intake.names()))
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  return std::move(intake).finish();
}

}  // namespace alight
