// Batsim's JSON workloads: {"nb_res": N, "jobs": [{id, subtime, res, profile, walltime}], "profiles": {name: {type,
// delay, ...}}}. Only profiles that state a run time (type delay) can be replayed as rigid jobs; others depend on the
// platform and are counted as skipped. A job is killed at its walltime, as in Batsim.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "workloads/traces/intake.hpp"
#include "workloads/traces/json_errors.hpp"
#include "workloads/traces/readers.hpp"

namespace alight {

namespace {

using nlohmann::json;

struct JobEntry {
  std::string id;
  std::string profile;
  std::optional<double> subtime, walltime, res;
  bool is_object = false;
  bool bad_walltime = false;
};

struct Profile {
  std::string type;
  std::optional<double> delay;
};

/// Collects jobs and profiles event by event, without a tree of the file: workloads run to millions of jobs.
class Collector : public nlohmann::json_sax<json> {
 public:
  std::vector<JobEntry> jobs;
  std::unordered_map<std::string, Profile> profiles;
  std::optional<double> nb_res;
  bool has_jobs = false;
  std::size_t error_at = 0;
  bool bad_number = false;

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t v) override { return number(static_cast<double>(v), std::to_string(v)); }
  bool number_unsigned(number_unsigned_t v) override { return number(static_cast<double>(v), std::to_string(v)); }
  bool number_float(number_float_t v, const string_t& written) override { return number(v, written); }
  bool string(string_t& v) override {
    if (in_job()) {
      if (key_ == "id")
        jobs.back().id = std::move(v);
      else if (key_ == "profile")
        jobs.back().profile = std::move(v);
      else if (key_ == "walltime")
        jobs.back().bad_walltime = true;
    } else if (in_profile() && key_ == "type") {
      profile_->type = std::move(v);
    }
    return value();
  }
  bool binary(binary_t&) override { return value(); }

  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    if (depth_ == 1)
      section_ = key_ == "jobs" ? Section::jobs : key_ == "profiles" ? Section::profiles : Section::other;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    error_at = position;
    bad_number = error.id >= 400;
    return false;
  }

 private:
  enum class Section { other, jobs, profiles };

  bool in_job() const { return section_ == Section::jobs && depth_ == 3 && jobs.back().is_object; }
  bool in_profile() const { return section_ == Section::profiles && depth_ == 3 && profile_; }

  bool number(double v, const std::string& written) {
    if (in_job()) {
      JobEntry& job = jobs.back();
      if (key_ == "id")
        job.id = written;
      else if (key_ == "subtime")
        job.subtime = v;
      else if (key_ == "walltime")
        job.walltime = v;
      else if (key_ == "res")
        job.res = v;
    } else if (in_profile()) {
      if (key_ == "delay") profile_->delay = v;
    } else if (depth_ == 1 && key_ == "nb_res") {
      nb_res = v;
    }
    return value();
  }

  /// A scalar that stands where a job should is kept as an entry that is none.
  bool value() {
    if (section_ == Section::jobs && depth_ == 2 && in_list_) jobs.emplace_back();
    return true;
  }

  bool open(bool object) {
    if (section_ == Section::jobs && depth_ == 1 && !object) has_jobs = in_list_ = true;
    if (section_ == Section::jobs && depth_ == 2 && in_list_) {
      jobs.emplace_back();
      jobs.back().is_object = object;
    }
    if (section_ == Section::profiles && depth_ == 2) profile_ = object ? &profiles[key_] : nullptr;
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    if (depth_ == 2) profile_ = nullptr;
    if (depth_ == 1) {
      section_ = Section::other;
      in_list_ = false;
    }
    return true;
  }

  int depth_ = 0;
  bool in_list_ = false;
  Section section_ = Section::other;
  std::string key_;
  Profile* profile_ = nullptr;
};

bool is_delay(const std::string& type) {
  return type == "delay" || type == "DelayProfile";
}

/// Batsim's own profile types by name; whatever else a file says is one reason, not thousands.
std::string named_type(const std::string& type) {
  for (const char* known :
       {"parallel", "parallel_homogeneous", "parallel_homogeneous_total", "parallel_homogeneous_pfs",
        "parallel_homogeneous_pfs_multiple_tiers", "composed", "sequence_composition", "forkjoin_composition",
        "trace_replay", "replay_smpi", "replay_usage", "smpi", "usage_trace", "data_staging", "send", "recv"})
    if (type == known) return type;
  return "unknown to Batsim";
}

/// Fills `job`, or gives the reason it is skipped.
std::string fill(Job& job, const JobEntry& entry, const Collector& file) {
  if (!entry.is_object) return "not an object";
  if (!entry.subtime) return "no subtime that is a number";
  if (!entry.res || *entry.res != std::trunc(*entry.res) || std::abs(*entry.res) > 1e15)
    return "no res that is a whole number";
  if (entry.bad_walltime) return "walltime is not a number";
  const auto profile = file.profiles.find(entry.profile);
  if (profile == file.profiles.end()) return "its profile is not in the file";
  if (!is_delay(profile->second.type))
    return "profile of type " + named_type(profile->second.type) + ": its run time depends on the platform";
  if (!profile->second.delay) return "a delay profile without a delay that is a number";
  job.id = entry.id;
  job.submit_s = *entry.subtime;
  job.chips = static_cast<std::int64_t>(*entry.res);
  job.duration_s = *profile->second.delay;
  if (job.chips == 0) return "asks for no resource";
  // -1 is Batsim's "no walltime".
  if (entry.walltime && *entry.walltime != -1) {
    job.estimate_s = *entry.walltime;
    job.kill_at_estimate = true;
  }
  return {};
}

}  // namespace

Result<Workload> read_batsim(Inputs files, const ReadOptions&) {
  Intake intake;
  for (const Input& file : files) {
    Collector collected;
    if (!json::sax_parse(file.text, &collected)) {
      if (collected.bad_number) return file_problem(file.name, "holds a number no JSON reader can keep", 1);
      return json_problem_at(file, collected.error_at);
    }
    if (!collected.has_jobs) return file_problem(file.name, "has no list \"jobs\"", 1);
    if (collected.nb_res) intake.note("nb_res: " + std::to_string(std::llround(std::min(*collected.nb_res, 1e15))));
    std::int64_t number = 0;
    intake.expect(intake.workload().jobs.size() + collected.jobs.size());
    for (const JobEntry& entry : collected.jobs) {
      const Place place{file.name, ++number, "job"};
      Job job;
      if (const std::string fault = fill(job, entry, collected); !fault.empty())
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  return std::move(intake).finish();
}

}  // namespace alight
