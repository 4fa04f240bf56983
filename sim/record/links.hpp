// links.csv: what every link that jobs share carried, per time bin; and for the summary which links were hottest and
// which jobs lost time to others on them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platforms/topology/routes.hpp"
#include "sim/record/recorder.hpp"
#include "sim/record/text_file.hpp"

namespace alight {

/// What the shared links came to over a run.
struct LinkTotals {
  struct Link {
    std::string name;
    double gbps = 0;
    double utilisation = 0;  ///< bytes carried / what it could have carried in the whole run
    double saturated = 0;  ///< share of the run in which more was asked of it than it carries; exact mode: it was full
  };
  struct Job {
    std::string id, worst_link;
    double lost_s = 0;
    double lost_chip_s = 0;
  };
  std::int64_t links = 0;     ///< that carried anything
  std::int64_t jobs = 0;      ///< that lost time to others
  double lost_chip_s = 0;     ///< of all
  std::vector<Link> hottest;  ///< by saturated time, then utilisation; at most kNamed
  std::vector<Link> storage;  ///< of the storage system, those that carried anything: reading, writing
  std::vector<Job> losers;    ///< by chip-seconds lost; at most kNamed
  static constexpr std::size_t kNamed = 3;
};

/// One row per time bin and link that carried something in it.
class LinksTable : public Recorder {
 public:
  /// Bins are `bin_s` long.
  LinksTable(const std::filesystem::path& file, double bin_s);
  void links_there(const std::vector<SharedLink>& links) override;
  void link_changed(const LinkState& state) override;
  void job_preempted(const JobRecord& record) override;
  void job_ended(const JobRecord& record) override;
  /// The run ends at `end_s`: writes the last bin.
  std::string close(double end_s);
  /// After close().
  LinkTotals totals() const;

 private:
  struct Held {
    double since_s = 0, load = 0, saturated = 0;  ///< as it stands
    double bin_bytes = 0, bin_saturated_s = 0;    ///< in the bin at hand
    double bytes = 0, saturated_s = 0;            ///< in closed bins
  };
  void advance(double now_s);
  void settle(Held& held, double now_s) const;
  void close_bin(double end_s);

  TextFile file_;
  double bin_s_;
  std::int64_t bin_ = 0;
  double bin_start_ = 0, end_s_ = 0;
  std::vector<SharedLink> links_;
  std::map<LinkIndex, Held> held_;  ///< that ever carried anything
  struct Lost {
    double s = 0, chip_s = 0;
  };
  /// To others, since the start that the record is of.
  static Lost lost(const JobRecord& record);
  std::map<const Job*, Lost> earlier_;  ///< of jobs that were preempted; only searched
  std::vector<LinkTotals::Job> losers_;
  std::int64_t jobs_ = 0;
  double lost_chip_s_ = 0;
};

}  // namespace alight
