#include "sim/record/links.hpp"

#include <algorithm>

#include "models/describe/units.hpp"

namespace alight {
LinksTable::LinksTable(const std::filesystem::path& file, double bin_s) : file_(file), bin_s_(bin_s) {
  file_.add("t_start_s,t_end_s,link,tier,gbps,bytes,utilisation,saturated_s\n");
}

void LinksTable::links_there(const std::vector<SharedLink>& links) {
  links_ = links;
}

void LinksTable::settle(Held& held, double now_s) const {
  const double s = now_s - held.since_s;
  held.bin_bytes += held.load * s;
  held.bin_saturated_s += held.saturated * s;
  held.since_s = now_s;
}

void LinksTable::advance(double now_s) {
  while (now_s >= static_cast<double>(bin_ + 1) * bin_s_) close_bin(static_cast<double>(bin_ + 1) * bin_s_);
}

void LinksTable::close_bin(double end_s) {
  for (auto& [index, held] : held_) {
    settle(held, end_s);
    if (held.bin_bytes > 0) {
      const SharedLink& link = links_[index];
      file_.print("{},{},{},{},{},{},{},{}\n", bin_start_, end_s, csv_field(link.name), link.tier, link.gbps,
                  held.bin_bytes, held.bin_bytes / (link.gbps * kBytesPerGbit * (end_s - bin_start_)),
                  held.bin_saturated_s);
    }
    held.bytes += held.bin_bytes;
    held.saturated_s += held.bin_saturated_s;
    held.bin_bytes = held.bin_saturated_s = 0;
  }
  bin_start_ = end_s;
  ++bin_;
}

void LinksTable::link_changed(const LinkState& state) {
  advance(state.time_s);
  const auto [at, fresh] = held_.try_emplace(state.link);
  if (fresh) at->second.since_s = state.time_s;
  settle(at->second, state.time_s);
  at->second.load = state.bytes_per_s;
  at->second.saturated = state.saturated;
}

LinksTable::Lost LinksTable::lost(const JobRecord& r) {
  const double lost_s = r.network_lost_s - r.lost_to_faults_s;
  if (lost_s <= 1e-9 * r.network_lost_s) return {};
  return {lost_s, lost_s * static_cast<double>(r.held_milli) * 1e-3};
}

void LinksTable::job_preempted(const JobRecord& r) {
  const Lost now = lost(r);
  if (now.s <= 0) return;
  Lost& earlier = earlier_[&r.job];
  earlier.s += now.s;
  earlier.chip_s += now.chip_s;
}

void LinksTable::job_ended(const JobRecord& r) {
  Lost all = lost(r);
  if (const auto at = earlier_.find(&r.job); at != earlier_.end()) {
    all.s += at->second.s;
    all.chip_s += at->second.chip_s;
  }
  if (all.s <= 0) return;
  ++jobs_;
  lost_chip_s_ += all.chip_s;
  losers_.push_back({r.job.id, r.worst_link != kNoLink ? links_[r.worst_link].name : std::string(), all.s, all.chip_s});
  std::stable_sort(losers_.begin(), losers_.end(),
                   [](const auto& a, const auto& b) { return a.lost_chip_s > b.lost_chip_s; });
  if (losers_.size() > LinkTotals::kNamed) losers_.pop_back();
}

std::string LinksTable::close(double end_s) {
  advance(end_s);
  if (end_s > bin_start_) close_bin(end_s);
  end_s_ = end_s;
  return file_.close();
}

LinkTotals LinksTable::totals() const {
  LinkTotals totals;
  totals.jobs = jobs_;
  totals.lost_chip_s = lost_chip_s_;
  totals.losers = losers_;
  for (const auto& [index, held] : held_) {
    if (!(held.bytes > 0)) continue;
    ++totals.links;
    const SharedLink& link = links_[index];
    totals.hottest.push_back(
        {link.name, link.gbps, held.bytes / (link.gbps * kBytesPerGbit * end_s_), held.saturated_s / end_s_});
    if (link.tier == "storage") totals.storage.push_back(totals.hottest.back());
  }
  std::stable_sort(totals.hottest.begin(), totals.hottest.end(), [](const auto& a, const auto& b) {
    return a.saturated != b.saturated ? a.saturated > b.saturated : a.utilisation > b.utilisation;
  });
  if (totals.hottest.size() > LinkTotals::kNamed) totals.hottest.resize(LinkTotals::kNamed);
  return totals;
}

}  // namespace alight
