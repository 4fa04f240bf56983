// What the storage system of a site cost its training jobs, and how busy it was.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/record/links.hpp"
#include "sim/record/recorder.hpp"

namespace alight {

/// Of jobs that exchanged something with the storage; also of those that had not ended.
struct StorageTotals {
  std::int64_t loads = 0;  ///< that were over
  double load_bytes = 0;
  double load_s = 0, load_alone_s = 0;  ///< summed over these jobs; as it was, and if each had been alone
  std::int64_t checkpoints = 0;
  double checkpoint_bytes = 0;
  double checkpoint_chip_s = 0;  ///< of chips that waited for them
  double trained_chip_s = 0;     ///< from first steps on, of jobs that write checkpoints; with that waiting
  double dataset_bytes = 0;
  bool any() const { return loads > 0 || checkpoints > 0 || dataset_bytes > 0; }
};

class StorageRecord : public Recorder {
 public:
  void job_preempted(const JobRecord& record) override { start_over(record); }
  void job_ended(const JobRecord& record) override { start_over(record); }
  const StorageTotals& totals() const { return totals_; }

 private:
  void start_over(const JobRecord& record);
  StorageTotals totals_;
};

/// As people read it, a line each; nothing where nothing was exchanged. Of `links` the storage's own are said, where
/// the run knew what they carried.
std::vector<std::string> storage_lines(const StorageTotals& totals, const LinkTotals& links);
nlohmann::ordered_json storage_json(const StorageTotals& totals, const LinkTotals& links);

}  // namespace alight
