#include "sim/scheduler/policies/lanes.hpp"

#include <algorithm>

namespace alight {

void Lane::add(JobIndex job, std::int64_t chips, double time_s) {
  if (!jobs_.empty() && job < jobs_.back()) return insert(job, chips, time_s);
  if (jobs_.size() > 2 * live_ + 4 * kBlock) compact();
  if (jobs_.size() % kBlock == 0) blocks_.emplace_back();
  const auto size = static_cast<std::int32_t>(std::min<std::int64_t>(chips, kGone - 1));
  jobs_.push_back(job);
  chips_.push_back(size);
  times_s_.push_back(time_s);
  Least& least = blocks_.back();
  least.chips = std::min(least.chips, size);
  least.time_s = std::min(least.time_s, time_s);
  ++live_;
}

void Lane::remove(std::size_t position) {
  chips_[position] = kGone;
  times_s_[position] = std::numeric_limits<double>::infinity();
  --live_;
  const std::size_t block = position / kBlock;
  Least least;
  for (std::size_t i = block * kBlock; i < std::min(jobs_.size(), (block + 1) * kBlock); ++i) {
    least.chips = std::min(least.chips, chips_[i]);
    least.time_s = std::min(least.time_s, times_s_[i]);
  }
  blocks_[block] = least;
  while (first_ < jobs_.size() && chips_[first_] == kGone) ++first_;
}

std::size_t Lane::position(JobIndex job) const {
  // A job that left and came again may stand here twice: the one that left last is gone.
  const auto [from, to] = std::equal_range(jobs_.begin(), jobs_.end(), job);
  const auto at = std::find_if(from, to, [&](const JobIndex& j) { return chips_[&j - jobs_.data()] != kGone; });
  return static_cast<std::size_t>(at - jobs_.begin());
}

void Lane::insert(JobIndex job, std::int64_t chips, double time_s) {
  Lane packed;
  bool placed = false;
  for (std::size_t i = first_; i < jobs_.size(); ++i) {
    if (!placed && job < jobs_[i]) {
      packed.add(job, chips, time_s);
      placed = true;
    }
    if (chips_[i] != kGone) packed.add(jobs_[i], chips_[i], times_s_[i]);
  }
  if (!placed) packed.add(job, chips, time_s);
  live_ = packed.live_;
  take(packed);
}

void Lane::compact() {
  Lane packed;
  for (std::size_t i = first_; i < jobs_.size(); ++i)
    if (chips_[i] != kGone) packed.add(jobs_[i], chips_[i], times_s_[i]);
  take(packed);
}

void Lane::take(Lane& packed) {
  jobs_.swap(packed.jobs_);
  chips_.swap(packed.chips_);
  times_s_.swap(packed.times_s_);
  blocks_.swap(packed.blocks_);
  first_ = 0;
}

std::size_t Lane::next(std::size_t from, std::int64_t chips, double window_s, std::int64_t spare) const {
  const auto limit = static_cast<std::int32_t>(std::clamp<std::int64_t>(chips, -1, kGone - 1));
  const auto room = static_cast<std::int32_t>(std::clamp<std::int64_t>(spare, -1, kGone - 1));
  for (std::size_t i = std::max(from, first_); i < jobs_.size();) {
    const Least& least = blocks_[i / kBlock];
    const std::size_t end = std::min(jobs_.size(), (i / kBlock + 1) * kBlock);
    if (least.chips <= limit && (least.time_s <= window_s || least.chips <= room)) {
      for (; i < end; ++i)
        if (chips_[i] <= limit && (times_s_[i] <= window_s || chips_[i] <= room)) return i;
    }
    i = end;
  }
  return kNone;
}

void Lanes::add(JobIndex job, const Scheduler& scheduler) {
  const Candidate& c = scheduler.job(job);
  const ChipRequest& request = scheduler.request(job);
  const auto [it, fresh] = index_.try_emplace(kind(job, scheduler), lanes_.size());
  if (fresh) {
    Lane& lane = lanes_.emplace_back();
    lane.queue = c.queue;
    lane.priority = c.priority;
    lane.eligible = request.eligible;
  }
  std::int64_t chips = request.fractional() ? 0 : request.chips;
  for (const RequestPart& part : scheduler.parts(job))
    chips = std::min(chips, scheduler.requests()[part.request].chips);
  lanes_[it->second].add(job, chips, c.estimate_s * scheduler.least_slowdown(c.speed));
}

void Lanes::remove(JobIndex job, const Scheduler& scheduler) {
  Lane& lane = lanes_[index_.at(kind(job, scheduler))];
  lane.remove(lane.position(job));
}

}  // namespace alight
