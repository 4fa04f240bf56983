#include "sim/run/job_clocks.hpp"

#include <algorithm>

namespace alight {

std::optional<double> JobClocks::ask(JobIndex job, Asker asker, double clock) {
  if (clock == 1 && !clocks_.contains(job)) return std::nullopt;
  Clock& of = clocks_[job];
  if (clock < 1)
    of.asked[asker] = clock;
  else
    of.asked.erase(asker);
  double lowest = 1;
  for (const auto& [who, asked] : of.asked) lowest = std::min(lowest, asked);
  if (lowest == of.now || !set_(job, lowest)) return std::nullopt;
  of.now = lowest;
  return lowest;
}

double JobClocks::now(JobIndex job) const {
  const auto at = clocks_.find(job);
  return at == clocks_.end() ? 1 : at->second.now;
}

double JobClocks::lowest_but(JobIndex job, Asker asker) const {
  double lowest = 1;
  if (const auto at = clocks_.find(job); at != clocks_.end())
    for (const auto& [who, asked] : at->second.asked)
      if (who != asker) lowest = std::min(lowest, asked);
  return lowest;
}

double JobClocks::asked(JobIndex job, Asker asker) const {
  const auto at = clocks_.find(job);
  if (at == clocks_.end()) return 1;
  const auto own = at->second.asked.find(asker);
  return own == at->second.asked.end() ? 1 : own->second;
}

std::vector<JobClocks::Asker> JobClocks::askers(JobIndex job) const {
  std::vector<Asker> all;
  if (const auto at = clocks_.find(job); at != clocks_.end())
    for (const auto& [who, asked] : at->second.asked) all.push_back(who);
  return all;
}

}  // namespace alight
