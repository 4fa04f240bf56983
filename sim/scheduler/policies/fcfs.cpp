// fcfs: first come, first served. A job that cannot start holds back the rest of its queue.

#include "sim/scheduler/policies/by_queue.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

class Fcfs : public Policy {
 public:
  void add(JobIndex job, const Scheduler& scheduler) override {
    waiting_.add(job, scheduler.job(job).queue, -scheduler.job(job).priority);
  }
  void withdraw(JobIndex job, const Scheduler& scheduler) override {
    waiting_.remove(job, scheduler.job(job).queue, -scheduler.job(job).priority);
  }
  void decide(Scheduler& scheduler) override {
    waiting_.serve(scheduler, [&](JobIndex job) { return scheduler.try_start(job); });
  }

 private:
  QueuesInOrder<std::int32_t> waiting_;
};

}  // namespace

PolicyEntry fcfs_policy() {
  return {"fcfs", "First come, first served; a job that cannot start holds back the rest of its queue.",
          [] { return std::make_unique<Fcfs>(); }};
}

}  // namespace alight
