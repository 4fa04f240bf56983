// once: every job is tried once, when it arrives; one that finds no room is turned away. How the openb study fills its
// cluster (Weng et al., "Beware of Fragmentation", USENIX ATC 2023, section 6).

#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

class Once : public Policy {
 public:
  void add(JobIndex job, const Scheduler&) override { arrived_.push_back(job); }
  void withdraw(JobIndex job, const Scheduler&) override { std::erase(arrived_, job); }
  void decide(Scheduler& scheduler) override {
    for (const JobIndex job : arrived_)
      if (!scheduler.try_start(job)) scheduler.turn_away(job);
    arrived_.clear();
  }

 private:
  std::vector<JobIndex> arrived_;
};

}  // namespace

PolicyEntry once_policy() {
  return {"once", "Every job is tried once, when it arrives; one that finds no room is turned away.",
          [] { return std::make_unique<Once>(); }};
}

}  // namespace alight
