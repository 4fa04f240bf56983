#include "workloads/traces/intake.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace alight {

namespace {

constexpr Names::Id Job::*kNameFields[] = {&Job::user,        &Job::vc,    &Job::kinds,    &Job::stack,
                                           &Job::traced_chip, &Job::model, &Job::training, &Job::task};

/// Orders jobs by everything they state, names by their text. Jobs neither of which comes first are alike.
bool before_by_all(const Job& a, const Job& b, const Names& names) {
  const auto plain = [](const Job& j) {
    return std::tie(j.duration_s, j.tokens, j.chips, j.estimate_s, j.chip_milli, j.priority, j.cpu_milli,
                    j.host_memory_mib, j.min_chip_memory_gb, j.shape, j.type, j.status, j.kill_at_estimate,
                    j.preemptible);
  };
  if (a.submit_s != b.submit_s) return a.submit_s < b.submit_s;
  if (a.id != b.id) return natural_less(a.id, b.id);
  if (plain(a) != plain(b)) return plain(a) < plain(b);
  for (const auto field : kNameFields)
    if (a.*field != b.*field) return names[a.*field] < names[b.*field];
  return false;
}

}  // namespace

std::string RowPlace::text() const {
  if (*unit == '\0') return file + ":" + std::to_string(number);
  return file + ": " + unit + " " + std::to_string(number);
}

const char* Intake::fault_of(const Job& job) const {
  const auto is_span = [](double s) { return std::isfinite(s) && std::abs(s) <= kLongestSeconds; };
  if (job.id.empty() && !numbered_) return "no job id";
  if (!is_span(job.submit_s)) return "submit time is no number of seconds below 1e10";
  if (clock_ == Clock::relative && job.submit_s < 0) return "negative submit time";
  if (!is_span(job.duration_s)) return "run time is no number of seconds below 1e10";
  if (job.duration_s < 0) return "negative run time";
  if (!is_span(job.estimate_s)) return "requested time is no number of seconds below 1e10";
  if (job.estimate_s < 0) return "negative requested time";
  if (job.chips < 0) return "negative number of chips";
  if (job.chips > kMostChips) return "more than 2^31 chips";
  if (job.chip_milli < 1 || job.chip_milli > 1000) return "share of a chip outside 1 to 1000 thousandths";
  if (job.chip_milli < 1000 && job.chips != 1) return "a share of a chip, but not of exactly one chip";
  if (job.cpu_milli < 0) return "negative processor request";
  if (job.host_memory_mib < 0) return "negative host memory";
  if (!std::isfinite(job.min_chip_memory_gb) || job.min_chip_memory_gb < 0) return "negative chip memory";
  if (job.chips == 0 && job.cpu_milli == 0) return "asks for no chip and no processor";
  if (job.type == JobType::parallel && job.task == 0) return "parallel without a task";
  if (job.type == JobType::parallel && (job.chips < 1 || job.chip_milli != 1000))
    return "parallel on less than a whole chip";
  if (job.type == JobType::parallel && job.preemptible) return "a parallel job cannot be preemptible";
  if (job.type != JobType::parallel && job.task != 0) return "a task, but type is not parallel";
  if (job.type != JobType::training)
    return job.tokens != 0 || job.training != 0 ? "columns of a training job, but type is not training" : nullptr;
  if (job.chips < 1 || job.chip_milli != 1000) return "training on less than a whole chip";
  if (job.model == 0) return "training without a model";
  if (!(job.tokens > 0) || !(job.tokens <= kMostTokens)) return "training without tokens or steps, or over 1e18 tokens";
  return nullptr;
}

void Intake::take(Job&& job, const RowPlace& place) {
  if (const char* fault = fault_of(job)) return skip(fault, place);
  if (job.estimate_s == 0) {
    job.estimate_s = job.duration_s;
    job.kill_at_estimate = false;
    if (job.type == JobType::rigid) ++without_estimate_;
  }
  job.submit_s += 0.0;  // -0 and 0 are one moment and must print alike
  if (files_.empty() || files_.back() != place.file) {
    files_.push_back(place.file);
    files_from_.push_back(workload_.jobs.size());
  }
  places_.push_back(place.number);
  rename_by_first_use(job);
  if (!workload_.jobs.empty()) note_order(workload_.jobs.back(), job);
  workload_.jobs.push_back(std::move(job));
}

void Intake::rename_by_first_use(Job& job) {
  if (renamed_.size() < names_.size()) renamed_.resize(names_.size(), 0);
  for (const auto field : kNameFields) {
    Names::Id& id = job.*field;
    if (id == 0) continue;
    if (renamed_[id] == 0) renamed_[id] = workload_.names.intern(names_[id]);
    id = renamed_[id];
  }
}

void Intake::note_order(const Job& before, const Job& job) {
  if (ids_ascend_)
    ids_ascend_ = before.id.size() != job.id.size() ? before.id.size() < job.id.size() : before.id < job.id;
  if (in_order_)
    in_order_ = before.submit_s != job.submit_s ? before.submit_s < job.submit_s : natural_less(before.id, job.id);
}

void Intake::skip(std::string_view why, const RowPlace& place) {
  auto& report = workload_.report;
  const auto same =
      std::find_if(report.reasons.begin(), report.reasons.end(), [&](const auto& r) { return r.why == why; });
  // The text of a place is made only where it is kept: a file may hold a million bad rows.
  if (same == report.reasons.end()) return report.skip(why, place.text());
  ++same->rows;
  ++report.skipped;
}

Workload Intake::finish() && {
  auto& report = workload_.report;
  if (clock_ == Clock::unix_time) move_to_epoch();
  order_and_number();
  report.taken = static_cast<std::int64_t>(workload_.jobs.size());
  if (without_estimate_ > 0)
    note(std::to_string(without_estimate_) + " jobs state no requested time: estimate = run time");
  return std::move(workload_);
}

void Intake::move_to_epoch() {
  if (workload_.jobs.empty()) return;
  double first = std::numeric_limits<double>::infinity();
  for (const Job& job : workload_.jobs) first = std::min(first, job.submit_s);
  const double whole = std::floor(first);
  for (Job& job : workload_.jobs) job.submit_s -= whole;
  workload_.epoch = Date{static_cast<std::int64_t>(whole)};
  note("submit time 0 is " + format_date(*workload_.epoch) + " UTC");
}

void Intake::order_and_number() {
  auto& jobs = workload_.jobs;
  if (numbered_) {
    std::sort(jobs.begin(), jobs.end(),
              [&](const Job& a, const Job& b) { return before_by_all(a, b, workload_.names); });
    std::int64_t number = 0;
    for (Job& job : jobs) job.id = std::to_string(++number);
    renumber_names();
    note("the trace names no jobs: they are numbered in the order of all their fields");
    return;
  }
  if (any_id_twice()) drop_repeated();
  if (in_order_) return;
  workload_.sort();
  renumber_names();
}

bool Intake::any_id_twice() const {
  const auto& jobs = workload_.jobs;
  if (ids_ascend_) return false;
  // Open addressing over 32-bit indices: a set of strings would cost more than reading the file.
  std::size_t slots = 64;
  while (slots < jobs.size() * 2) slots *= 2;
  constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();
  struct Slot {
    std::uint32_t hash;
    std::uint32_t job;
  };
  std::vector<Slot> table(slots, Slot{0, kFree});
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::size_t hash = std::hash<std::string>{}(jobs[i].id);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & (slots - 1);
    for (; table[at].job != kFree; at = (at + 1) & (slots - 1))
      if (table[at].hash == tag && jobs[table[at].job].id == jobs[i].id) return true;
    table[at] = {tag, static_cast<std::uint32_t>(i)};
  }
  return false;
}

void Intake::drop_repeated() {
  auto& jobs = workload_.jobs;
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (before_by_all(jobs[a], jobs[b], workload_.names)) return true;
    return !before_by_all(jobs[b], jobs[a], workload_.names) && a < b;
  });
  std::unordered_set<std::string_view> seen;
  std::vector<bool> kept(jobs.size(), false);
  for (const std::size_t i : order) kept[i] = seen.insert(jobs[i].id).second;
  std::vector<Job> left;
  left.reserve(seen.size());
  seen.clear();  // its views end with the jobs moved from
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (kept[i]) {
      left.push_back(std::move(jobs[i]));
      continue;
    }
    const auto after = std::upper_bound(files_from_.begin(), files_from_.end(), i);
    const auto file = static_cast<std::size_t>(after - files_from_.begin()) - 1;
    skip("job id stated before (the earliest submission is kept)", {files_[file], places_[i], ""});
  }
  jobs = std::move(left);
  in_order_ = false;
}

void Intake::renumber_names() {
  names_ = std::exchange(workload_.names, Names());
  renamed_.clear();
  for (Job& job : workload_.jobs) rename_by_first_use(job);
}

}  // namespace alight
