// sjf: shortest requested time first, in strict order. A job that cannot start holds back the rest of its queue.

#include "sim/scheduler/policies/by_queue.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

class Sjf : public Policy {
 public:
  void add(JobIndex job, const Scheduler& scheduler) override {
    const Candidate& c = scheduler.job(job);
    waiting_.add(job, c.queue, {-c.priority, c.estimate_s});
  }
  void decide(Scheduler& scheduler) override {
    waiting_.serve(scheduler, [&](JobIndex job) { return scheduler.try_start(job); });
  }

 private:
  QueuesInOrder<std::pair<std::int32_t, double>> waiting_;
};

}  // namespace

PolicyEntry sjf_policy() {
  return {"sjf", "Shortest requested time first; a job that cannot start holds back the rest of its queue.",
          [] { return std::make_unique<Sjf>(); }};
}

}  // namespace alight
