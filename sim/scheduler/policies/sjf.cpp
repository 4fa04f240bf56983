// sjf: shortest requested time first, in strict order. A job that cannot start holds back the rest of its queue.

#include "sim/scheduler/policies/by_queue.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

class Sjf : public Policy {
 public:
  void add(JobIndex job, const Scheduler& scheduler) override {
    waiting_.add(job, scheduler.job(job).queue, key(job, scheduler));
  }
  void withdraw(JobIndex job, const Scheduler& scheduler) override {
    waiting_.remove(job, scheduler.job(job).queue, key(job, scheduler));
  }
  void decide(Scheduler& scheduler) override {
    waiting_.serve(scheduler, [&](JobIndex job) { return scheduler.try_start(job); });
  }

 private:
  using Key = std::pair<std::int32_t, double>;
  static Key key(JobIndex job, const Scheduler& scheduler) {
    return {-scheduler.job(job).priority, scheduler.job(job).estimate_s};
  }
  QueuesInOrder<Key> waiting_;
};

}  // namespace

PolicyEntry sjf_policy() {
  return {"sjf", "Shortest requested time first; a job that cannot start holds back the rest of its queue.",
          [] { return std::make_unique<Sjf>(); }};
}

}  // namespace alight
