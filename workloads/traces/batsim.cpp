// Batsim's JSON workloads: {"nb_res": N, "jobs": [{id, subtime, res, profile, walltime}], "profiles": {name: {type,
// ...}}}. Profiles that state a run time (type delay) give rigid jobs, those of tasks (batsim_profiles.hpp) jobs of
// type parallel; others are counted as skipped. A job is killed at its walltime, as in Batsim.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "workloads/traces/batsim_profiles.hpp"
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

/// Collects jobs and profiles event by event, without a tree of the file: workloads run to millions of jobs.
class Collector : public nlohmann::json_sax<json> {
 public:
  std::vector<JobEntry> jobs;
  BatsimProfiles profiles;
  std::optional<double> nb_res;
  bool has_jobs = false;
  std::size_t error_at = 0;
  bool bad_number = false;

  bool null() override { return no_number(); }
  bool boolean(bool) override { return no_number(); }
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
    } else if (in_profile() && key_ == "generation_strategy") {
      profile_->spread = v == "defined_amount_spread_uniformly";
    } else if (in_profile_list() && key_ == "seq") {
      profile_->seq.push_back(std::move(v));
    }
    return no_number();
  }
  bool binary(binary_t&) override { return no_number(); }

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
  bool in_profile_list() const { return section_ == Section::profiles && depth_ == 4 && profile_ && in_amounts_; }
  BatsimProfile::Amounts* amounts() {
    return key_ == "cpu" ? &profile_->cpu : key_ == "com" ? &profile_->com : nullptr;
  }

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
      if (key_ == "repeat") profile_->repeat = v;
      if (auto* amounts = this->amounts()) amounts->number = v;
    } else if (in_profile_list()) {
      if (auto* amounts = this->amounts()) amounts->list.push_back(v);
    } else if (depth_ == 1 && key_ == "nb_res") {
      nb_res = v;
    }
    return value();
  }

  bool no_number() {
    if (in_profile() || in_profile_list())
      if (auto* amounts = this->amounts()) amounts->wrong = true;
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
    if (in_profile_list()) no_number();
    if (in_profile()) open_amounts(object);
    ++depth_;
    return true;
  }
  void open_amounts(bool object) {
    in_amounts_ = !object;
    if (auto* amounts = this->amounts()) (object ? amounts->wrong : amounts->is_list) = true;
  }
  bool close() {
    --depth_;
    if (depth_ == 3) in_amounts_ = false;
    if (depth_ == 2) profile_ = nullptr;
    if (depth_ == 1) {
      section_ = Section::other;
      in_list_ = false;
    }
    return true;
  }

  int depth_ = 0;
  bool in_list_ = false;
  bool in_amounts_ = false;  ///< a list of the profile at hand
  Section section_ = Section::other;
  std::string key_;
  BatsimProfile* profile_ = nullptr;
};

/// Fills `job`, or gives the reason it is skipped.
std::string fill(Job& job, const JobEntry& entry, const Collector& file, BatsimWorks& works, Names& names) {
  if (!entry.is_object) return "not an object";
  if (!entry.subtime) return "no subtime that is a number";
  if (!entry.res || *entry.res != std::trunc(*entry.res) || std::abs(*entry.res) > 1e15)
    return "no res that is a whole number";
  if (entry.bad_walltime) return "walltime is not a number";
  const auto profile = file.profiles.find(entry.profile);
  if (profile == file.profiles.end()) return "its profile is not in the file";
  job.id = entry.id;
  job.submit_s = *entry.subtime;
  job.chips = static_cast<std::int64_t>(*entry.res);
  if (is_delay(profile->second)) {
    if (!profile->second.delay) return "a delay profile without a delay that is a number";
    job.duration_s = *profile->second.delay;
  }
  if (job.chips == 0) return "asks for no resource";
  if (!is_delay(profile->second) && job.chips > 0) {
    const BatsimWorks::Made& made = works.of(entry.profile, job.chips);
    if (!made.fault.empty()) return made.fault;
    job.type = JobType::parallel;
    job.task = names.intern(made.text);
  }
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
    BatsimWorks works(collected.profiles);
    std::int64_t number = 0;
    intake.expect(intake.workload().jobs.size() + collected.jobs.size());
    for (const JobEntry& entry : collected.jobs) {
      const RowPlace place{file.name, ++number, "job"};
      Job job;
      if (const std::string fault = fill(job, entry, collected, works, intake.names()); !fault.empty())
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  return std::move(intake).finish();
}

}  // namespace alight
