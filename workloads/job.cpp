#include "workloads/job.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <stdexcept>

namespace alight {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Negative, zero or positive as `a` reads before, like or after `b`. Digit runs compare by value, so texts that differ
/// only in leading zeros come out equal.
int compare_by_value(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]) ? -1 : 1;
      ++i;
      ++j;
      continue;
    }
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    const std::size_t first_i = i;
    const std::size_t first_j = j;
    while (i < a.size() && is_digit(a[i])) ++i;
    while (j < b.size() && is_digit(b[j])) ++j;
    const std::string_view run_a = a.substr(first_i, i - first_i);
    const std::string_view run_b = b.substr(first_j, j - first_j);
    if (run_a.size() != run_b.size()) return run_a.size() < run_b.size() ? -1 : 1;
    if (const int order = run_a.compare(run_b); order != 0) return order;
  }
  if (i < a.size()) return 1;
  return j < b.size() ? -1 : 0;
}

}  // namespace

Names::Names() {
  intern("");
}

Names::Id Names::intern(std::string_view text) {
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  if (texts_.size() > std::numeric_limits<Id>::max()) throw std::logic_error("Names: more names than ids");
  const Id id = static_cast<Id>(texts_.size());
  texts_.emplace_back(text);
  ids_.emplace(texts_.back(), id);
  return id;
}

std::string_view name_of(TraceStatus status) {
  switch (status) {
    case TraceStatus::unknown:
      return "unknown";
    case TraceStatus::completed:
      return "completed";
    case TraceStatus::failed:
      return "failed";
    case TraceStatus::cancelled:
      return "cancelled";
    case TraceStatus::killed:
      return "killed";
  }
  throw std::logic_error("name_of(TraceStatus): value outside the enumeration");
}

std::string_view name_of(JobType type) {
  switch (type) {
    case JobType::rigid:
      return "rigid";
    case JobType::training:
      return "training";
    case JobType::service:
      return "service";
    case JobType::parallel:
      return "parallel";
  }
  throw std::logic_error("name_of(JobType): value outside the enumeration");
}

void ImportReport::skip(std::string_view why, std::string_view place) {
  ++skipped;
  const auto same = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& r) { return r.why == why; });
  if (same != reasons.end()) {
    ++same->rows;
    return;
  }
  reasons.push_back({std::string(why), 1, std::string(place)});
}

bool natural_less(std::string_view a, std::string_view b) {
  if (const int order = compare_by_value(a, b); order != 0) return order < 0;
  return a < b;
}

void Workload::sort() {
  const auto before = [](const Job& a, const Job& b) {
    if (a.submit_s != b.submit_s) return a.submit_s < b.submit_s;
    return natural_less(a.id, b.id);
  };
  if (std::is_sorted(jobs.begin(), jobs.end(), before)) return;
  // Indices are cheaper to move about than jobs; each job is moved once.
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return before(jobs[a], jobs[b]); });
  std::vector<Job> sorted;
  sorted.reserve(jobs.size());
  for (const std::size_t i : order) sorted.push_back(std::move(jobs[i]));
  jobs = std::move(sorted);
}

}  // namespace alight
