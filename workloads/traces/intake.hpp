// The one way a job of a trace enters a workload, and the checks every trace is put to.
//
// A row is taken or counted as skipped with its reason and the place of the first such row; nothing vanishes. When all
// rows are in, finish() drops repeated ids, puts the jobs in order and numbers their names by first use in that order,
// so that the order of rows in a file leaves no mark on the workload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"

namespace alight {

/// Where a job was stated: a line of a text, or the n-th entry of a list.
struct RowPlace {
  const std::string& file;
  std::int64_t number = 0;
  const char* unit = "";  ///< "" for lines ("philly.csv:17"), else what is counted ("jobs.json: job 3")

  std::string text() const;
};

class Intake {
 public:
  /// Times beyond this many seconds (317 years) are slips of unit, not times.
  static constexpr double kLongestSeconds = 1e10;
  static constexpr double kMostTokens = 1e18;
  static constexpr std::int64_t kMostChips = std::int64_t{1} << 31;

  /// What submit_s counts from: an epoch of the trace's own, or 1970 (Unix time). Workloads in Unix time are moved so
  /// that the whole second of their first submission is 0, and remember it as their epoch.
  enum class Clock { relative, unix_time };

  explicit Intake(Clock clock = Clock::relative) : clock_(clock) {}

  void expect(std::size_t jobs) { workload_.jobs.reserve(jobs); }
  /// Names for the fields of jobs about to be taken; take() gives them their final ids.
  Names& names() { return names_; }
  Workload& workload() { return workload_; }

  /// Takes the job, or skips it for the first check it fails. An estimate of 0 stands for "none stated" and becomes
  /// the duration. An empty id is allowed only with number_jobs().
  void take(Job&& job, const RowPlace& place);
  void skip(std::string_view why, const RowPlace& place);
  /// One line for ImportReport::notes.
  void note(std::string text) { workload_.report.notes.push_back(std::move(text)); }
  /// The trace names no jobs: finish() numbers them from 1 in the order of all their fields.
  void number_jobs() { numbered_ = true; }

  Workload finish() &&;

 private:
  const char* fault_of(const Job& job) const;
  void rename_by_first_use(Job& job);
  void note_order(const Job& before, const Job& job);
  void move_to_epoch();
  void order_and_number();
  bool any_id_twice() const;
  void drop_repeated();
  void renumber_names();

  Clock clock_;
  bool numbered_ = false;
  std::int64_t without_estimate_ = 0;
  // Kept up to date row by row, while the row is at hand: whole passes over the jobs afterwards cost more.
  bool in_order_ = true;    ///< jobs so far came by (submit_s, id)
  bool ids_ascend_ = true;  ///< ids so far grew, so that none is stated twice
  Workload workload_;
  Names names_;                          ///< as met while reading, also of jobs not taken
  std::vector<Names::Id> renamed_;       ///< by id in names_: id in workload_.names; 0 = not used yet
  std::vector<std::int64_t> places_;     ///< of each job taken, for the place of a repeated id
  std::vector<std::string> files_;       ///< files by first job
  std::vector<std::size_t> files_from_;  ///< index of the first job of each file
};

}  // namespace alight
