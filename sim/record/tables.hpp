// The tables of a run: jobs.csv, ledger.csv, events.csv. Rows are written as they happen, so memory does not grow with
// them. Columns and units: docs/formats/outputs.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/record/recorder.hpp"
#include "sim/record/text_file.hpp"

namespace alight {

/// One row per job, in the order they ended; the ones that did not end come last, in the order of submission.
class JobsTable : public Recorder {
 public:
  /// Columns that only some runs have.
  struct With {
    bool preemption = false, failures = false, slow_chips = false, elastic = false, energy = false;
  };
  JobsTable(const std::filesystem::path& file, const Site& site, const Names& names, With with);
  void job_ended(const JobRecord& record) override;
  std::string close() { return file_.close(); }

 private:
  void end_row(const JobRecord& record, std::string_view last_fields);

  TextFile file_;
  const Site& site_;
  With with_;
  // Fields as they stand in a row, made once: most of a row is repetition.
  std::vector<std::string> pools_, chips_;  ///< [pool]
  std::vector<std::string> names_;          ///< [Names::Id]
  struct RateFields {
    std::string before_tokens, after_tokens;
  };
  const RateFields& fields_of(const JobRecord& record);
  std::unordered_map<const TrainingRate*, RateFields> rates_;
};

/// One row per time bin, pool and state that held any chip.
class LedgerTable : public Recorder {
 public:
  LedgerTable(const std::filesystem::path& file, const Site& site);
  void bin_closed(const LedgerBin& bin) override;
  std::string close() { return file_.close(); }

 private:
  TextFile file_;
  const Site& site_;
};

/// One row per start of a job, per preemption, per event of the site, and per job cut by faults, in the order they
/// happened.
class EventsTable : public Recorder {
 public:
  EventsTable(const std::filesystem::path& file, const Site& site);
  void job_started(const JobRecord& record) override;
  void job_preempted(const JobRecord& record) override;
  void job_interrupted(const JobRecord& record) override;
  void job_grew(const JobRecord& record) override { add(record.finish_s, "grows", record); }
  void broke(const Breakdown& breakdown) override;
  void site_event(const SiteEvent& event) override;
  void job_cut(const JobCut& cut) override;
  std::string close() { return file_.close(); }

 private:
  void add(double time_s, std::string_view event, const JobRecord& record);

  TextFile file_;
  const Site& site_;
  std::vector<std::string> pools_;  ///< [pool] name as it stands in a row
};

/// Dense FP16 PFLOP/s of one chip of the pool: its dense bf16 rate; 0 where the catalogue does not know it.
double pflops_per_chip(const Pool& pool);

}  // namespace alight
