// The raw Philly job log, cluster_job_log of msr-fiddle/philly-traces: a list of jobs, each with its scheduling
// attempts and the GPUs they held.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "workloads/traces/intake.hpp"
#include "workloads/traces/json_errors.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::int64_t gpus_of(const json& attempt) {
  std::int64_t gpus = 0;
  const auto detail = attempt.find("detail");
  if (detail == attempt.end() || !detail->is_array()) return 0;
  for (const json& server : *detail) {
    const auto list = server.is_object() ? server.find("gpus") : server.end();
    if (server.is_object() && list != server.end() && list->is_array()) gpus += static_cast<std::int64_t>(list->size());
  }
  return gpus;
}

TraceStatus status_of_philly(const std::string& text) {
  if (text == "Pass") return TraceStatus::completed;
  if (text == "Failed") return TraceStatus::failed;
  if (text == "Killed") return TraceStatus::killed;
  return TraceStatus::unknown;
}

/// Fills `job`, or says why it cannot be replayed. `retried` counts attempts beyond the first.
const char* fill(Job& job, const json& entry, Names& names, std::int64_t& retried) {
  if (!entry.is_object()) return "not an object";
  const auto submitted = to_unix_s(text_of(entry, "submitted_time"));
  if (!submitted) return "submitted_time is no date and time";
  const auto attempts = entry.find("attempts");
  if (attempts == entry.end() || !attempts->is_array() || attempts->empty()) return "no scheduling attempt recorded";
  double ran_s = 0;
  std::int64_t gpus = 0;
  for (const json& attempt : *attempts) {
    if (!attempt.is_object()) return "an attempt is not an object";
    const auto start = to_unix_s(text_of(attempt, "start_time"));
    const auto end = to_unix_s(text_of(attempt, "end_time"));
    if (!start || !end) return "an attempt without start or end (still running, or a gap in the log)";
    if (*end < *start) return "an attempt that ends before it starts";
    ran_s += *end - *start;
    gpus = std::max(gpus, gpus_of(attempt));
  }
  retried += static_cast<std::int64_t>(attempts->size()) - 1;
  job.id = text_of(entry, "jobid");
  job.submit_s = *submitted;
  job.duration_s = ran_s;
  job.chips = gpus;
  job.vc = names.intern(text_of(entry, "vc"));
  job.user = names.intern(text_of(entry, "user"));
  job.status = status_of_philly(text_of(entry, "status"));
  return nullptr;
}

}  // namespace

Result<Workload> read_philly_json(Inputs files, const ReadOptions&) {
  Intake intake(Intake::Clock::unix_time);
  std::int64_t retried = 0;
  for (const Input& file : files) {
    std::int64_t number = 0;
    bool is_list = false;
    // Entries are dropped as soon as they are read: the log is far larger than the jobs in it.
    const auto on_event = [&](int depth, json::parse_event_t event, json& parsed) {
      using Event = json::parse_event_t;
      if (depth == 0 && event == Event::array_start) is_list = true;
      const bool complete = event == Event::object_end || event == Event::array_end || event == Event::value;
      if (depth != 1 || !complete || !is_list) return true;
      const RowPlace place{file.name, ++number, "job"};
      Job job;
      if (const char* fault = fill(job, parsed, intake.names(), retried))
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
      return false;
    };
    try {
      const json rest = json::parse(file.text, on_event);
      if (!rest.is_array()) return file_problem(file.name, "is no list of jobs", 1);
    } catch (const json::exception& error) {
      return json_problem(file, error);
    }
  }
  if (retried > 0)
    intake.note(std::to_string(retried) + " further attempts: a job's run time is the sum over its attempts");
  return std::move(intake).finish();
}

}  // namespace alight
