#include "sim/record/faults.hpp"

#include <algorithm>

namespace alight {

void FaultRecord::site_event(const SiteEvent& e) {
  if (!e.fault) return;
  ++(e.kind == "up" ? totals_.repairs : totals_.faults);
}

void FaultRecord::job_cut(const JobCut& cut) {
  if (cut.how == JobCut::How::resumed) return;
  Cut& kept = cut_[&cut.job];
  if (kept.by.empty()) kept.by = cut.by;
  if (cut.how != JobCut::How::failed) return;
  kept.by = cut.by;
  kept.failed = true;
}

void FaultRecord::link_broke(const LinkPart& part) {
  Gone& gone = gone_[part.link];
  cable_s_ += gone.cables * (part.time_s - gone.since_s);
  gone = {part.time_s, static_cast<double>(part.cables) * (1 - part.part)};
}

void FaultRecord::job_preempted(const JobRecord& r) {
  const double lost = r.lost_to_faults_s * static_cast<double>(r.held_milli) * 1e-3;
  totals_.lost_chip_s += lost;
  if (const auto found = cut_.find(&r.job); found != cut_.end()) found->second.lost_chip_s += lost;
}

void FaultRecord::job_ended(const JobRecord& r) {
  const double chips = static_cast<double>(r.held_milli) * 1e-3;
  const double lost = r.lost_to_faults_s * chips;
  totals_.lost_chip_s += lost;
  const auto found = cut_.find(&r.job);
  if (found == cut_.end()) return;
  const bool failed = found->second.failed;
  const double held = chips * (r.finish_s - r.start_s);
  ++(failed ? totals_.failed : totals_.stalled);
  if (failed) totals_.failed_chip_s += held;
  totals_.named.push_back({r.job.id, found->second.by, failed, failed ? held : found->second.lost_chip_s + lost});
  std::stable_sort(totals_.named.begin(), totals_.named.end(),
                   [](const auto& a, const auto& b) { return a.chip_s > b.chip_s; });
  if (totals_.named.size() > FaultTotals::kNamed) totals_.named.pop_back();
}

FaultTotals FaultRecord::totals(double end_s) const {
  FaultTotals totals = totals_;
  double cable_s = cable_s_;
  for (const auto& [link, gone] : gone_) cable_s += gone.cables * (end_s - gone.since_s);
  totals.cable_hours = cable_s / 3600;
  return totals;
}

}  // namespace alight
