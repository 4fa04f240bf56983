#include "workloads/reshape.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace alight {
namespace {

std::size_t below(std::size_t n, Stream& stream) {
  return boost::random::uniform_int_distribution<std::size_t>(0, n - 1)(stream);
}

std::int64_t asked_milli(const Job& job) {
  return job.chips * job.chip_milli;
}

void copy_up(Workload& workload, double target_milli, std::int64_t sum_milli, Stream& stream) {
  const std::size_t originals = workload.jobs.size();
  std::unordered_set<std::string> taken;
  for (const Job& job : workload.jobs) taken.insert(job.id);
  std::vector<std::size_t> next(originals, 2);  // number of the next copy of each
  for (;;) {
    const std::size_t i = below(originals, stream);
    const Job& original = workload.jobs[i];
    const std::int64_t one_chip_milli = original.chips > 0 ? original.chip_milli : 0;
    if (static_cast<double>(sum_milli + one_chip_milli) > target_milli) return;
    sum_milli += asked_milli(original);
    Job copy = original;
    do copy.id = original.id + "#" + std::to_string(next[i]++);
    while (!taken.insert(copy.id).second);
    workload.jobs.push_back(std::move(copy));
  }
}

void drop_down(Workload& workload, double target_milli, std::int64_t sum_milli, Stream& stream) {
  std::vector<std::size_t> kept(workload.jobs.size());
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  std::vector<bool> dropped(kept.size(), false);
  while (static_cast<double>(sum_milli) > target_milli && !kept.empty()) {
    std::swap(kept[below(kept.size(), stream)], kept.back());
    dropped[kept.back()] = true;
    sum_milli -= asked_milli(workload.jobs[kept.back()]);
    kept.pop_back();
  }
  std::vector<Job> left;
  left.reserve(kept.size());
  for (std::size_t i = 0; i < dropped.size(); ++i)
    if (!dropped[i]) left.push_back(std::move(workload.jobs[i]));
  workload.jobs = std::move(left);
}

}  // namespace

void shuffle(Workload& workload, Stream stream) {
  for (std::size_t i = workload.jobs.size(); i > 1; --i)
    std::swap(workload.jobs[i - 1], workload.jobs[below(i, stream)]);
}

void inflate(Workload& workload, double ratio, std::int64_t capacity_milli, Stream stream) {
  std::int64_t sum_milli = 0;
  for (const Job& job : workload.jobs) sum_milli += asked_milli(job);
  if (sum_milli == 0) return;
  const double target_milli = ratio * static_cast<double>(capacity_milli);
  if (static_cast<double>(sum_milli) < target_milli)
    copy_up(workload, target_milli, sum_milli, stream);
  else
    drop_down(workload, target_milli, sum_milli, stream);
}

void one_by_one(Workload& workload) {
  double now_s = 0;
  for (Job& job : workload.jobs) job.submit_s = now_s++;
  workload.epoch.reset();
}

}  // namespace alight
