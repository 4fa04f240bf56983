// Users of links as rates: each goes at the step the fluid network gives it until something changes. A transfer from
// the storage is a step of its own that is taken once.
//
// What checkpoints cost is spread over all steps. Where their links are dead a job trains on until the one comes that
// it would wait for: between two a job alone first trains and then waits, so that is where its progress says it is.
// Until then it costs what it does alone, and puts nothing on any link.
#pragma once

#include <unordered_map>

#include "sim/engine/engine.hpp"
#include "sim/network/fluid.hpp"
#include "sim/network/link_users.hpp"

namespace alight {

class FluidUsers : public LinkUsers {
 public:
  /// Saturated links are shared by SimGrid in the engine, which outlives this.
  FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks);

 private:
  /// A transfer on its way.
  struct Loading {
    double left = 1;  ///< of it, as of `since_s`
    double since_s = 0;
    double step_s = 0;  ///< of the whole, now
    std::uint32_t dated = 0;
  };
  /// Of a job whose checkpoints get nowhere.
  struct Due {
    double tokens_left = 0;   ///< when it has to wait for one; below 0: not before its end
    std::uint32_t dated = 0;  ///< of the event
    bool waits = false;
  };
  void load_begun(JobIndex job) override;
  void load_gone(JobIndex job) override;
  void begun(JobIndex job, const LinkUse& use) override;
  void gone(JobIndex job) override;
  void settle() override;
  void carries_otherwise(LinkIndex link) override { network_.set_capacity(link, carries_now(link)); }
  void to_relay(JobIndex job) override;
  void relaid(JobIndex job) override;
  void halted(JobIndex job) override { leave(job); }
  void resumed(JobIndex job) override;
  bool dates_ends() const override { return true; }
  StorageNeed need(JobIndex job) const override;
  void withhold(LinkUse& use) const override;
  void leave(JobIndex job);
  void join(JobIndex job);
  void count(Loading& loading);
  void date(JobIndex job, Loading& loading);
  void load_over(std::uint64_t which);
  void date_due(JobIndex job);
  void due_now(std::uint64_t which);
  double waits_for_checkpoints(JobIndex job) const;

  FluidNetwork network_;
  std::unordered_map<JobIndex, Loading> loading_;
  std::unordered_map<JobIndex, Due> due_;
  std::uint32_t dated_ = 0;
};

}  // namespace alight
