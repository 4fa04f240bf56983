// Users of links as rates: each goes at the step the fluid network gives it until something changes. A load from the
// storage and a checkpoint are transfers with a beginning and an end: each is a member of the network of its own, a
// step that is taken once, so that jobs that write together are seen to. A checkpoint is due every so many whole
// steps; for a blocking one the job stands still, an asynchronous one is written beside its steps, and the job stands
// still where the next is due before it is written.
//
// Over a dead link a transfer has no end, and goes on with what is left of it once the link carries again. A halted
// job takes no steps, and no checkpoint of it comes due; what it is writing is written on.
//
// Data of the steps is a part of them, but where links on its way begin to carry less or more, and while one of them is
// dead, a step is taken by itself (fluid_data.cpp): what is left of it at the pace it has without data, and beside it,
// as a transfer, what is left of the data of the next. It is over when both are. So a job trains on with the data it
// has, and then stands still until it has more.
#pragma once

#include <cstdint>
#include <map>
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
  /// A load, a checkpoint, or the data of a step.
  struct Transfer {
    double left = 1;  ///< of it, as of `since_s`
    double since_s = 0;
    double step_s = 0;  ///< of the whole, now
    std::uint32_t dated = 0;
  };
  /// Of a job that writes some.
  struct Checkpoints {
    double tokens = 0;          ///< left when its first step began
    std::uint64_t next = 1;     ///< the one that is due next; they count from 1
    std::uint64_t to_come = 0;  ///< from that one on
    bool standing = false;      ///< the job waits for one
    std::uint32_t dated = 0;
  };
  /// Of a job whose steps fetch data.
  struct Data {
    double tokens = 0;  ///< left when its first step began
    // As its steps last were.
    double step_s = 0;
    FluidNetwork::Apart was;
    // Where a step is taken by itself.
    bool apart = false;
    Footprint steps;         ///< without data
    Footprint fetch;         ///< of data alone
    Transfer fetching;       ///< LinkUse::fetching says whether there is some left
    double tokens_then = 0;  ///< left when the step is over
    bool trained = false;    ///< but for the data
    std::uint32_t dated = 0;
  };
  // A job's steps, its transfer, and data that it fetches apart are three members.
  static FluidNetwork::Member steps_of(JobIndex job) { return 3 * job; }
  static FluidNetwork::Member transfer_of(JobIndex job) { return 3 * job + 1; }
  static FluidNetwork::Member data_of(JobIndex job) { return 3 * job + 2; }
  /// What is posted for a job, and void once the job has a later date.
  static std::uint64_t ticket(std::uint32_t dated, JobIndex job) {
    return static_cast<std::uint64_t>(dated) << 32 | job;
  }

  void load_begun(JobIndex job) override { begin_transfer(job); }
  void load_gone(JobIndex job) override { drop_transfer(job); }
  void begun(JobIndex job, const LinkUse& use) override;
  void gone(JobIndex job) override;
  void settle() override;
  void carries_otherwise(LinkIndex link) override;
  void to_relay(JobIndex job) override;
  void relaid(JobIndex job) override;
  void halted(JobIndex job) override;
  void resumed(JobIndex job) override;
  bool dates_ends() const override { return true; }
  StorageNeed need(JobIndex job) const override;
  std::optional<double> left_at_checkpoint(JobIndex job) const override;

  // -- Steps
  bool takes_steps(JobIndex job) const { return !use(job).halted && !stands(job) && !waits_for_data(job); }
  const Footprint& way_of_steps(JobIndex job) const;
  /// Seconds of a step until the network is settled.
  double first_pace(JobIndex job) const { return way_of_steps(job).step_s; }
  void open_steps(JobIndex job);
  void close_steps(JobIndex job);
  void pace(JobIndex job, double step_s, LinkIndex worst);

  // -- Transfers
  const Footprint& way_of_transfer(JobIndex job) const;
  void begin_transfer(JobIndex job);
  void drop_transfer(JobIndex job);
  void count(Transfer& transfer);
  void date(JobIndex job, Transfer& transfer);
  void transfer_over(std::uint64_t which);

  // -- Checkpoints
  void date_next(JobIndex job);
  /// Counts the checkpoints that are still to come, and the time the job would wait for them if it were alone.
  void expect(JobIndex job);
  bool is_due(JobIndex job) const;
  void due(std::uint64_t which);
  void comes_due(JobIndex job);
  void written(JobIndex job);
  bool stands(JobIndex job) const;
  /// The share of its time that the others cost a job that stands still.
  double losing(JobIndex job) const;

  // -- Data, where a step is taken by itself
  bool apart(JobIndex job) const;
  bool waits_for_data(JobIndex job) const;
  /// Null where it crosses no shared link.
  static const SharedExchange* data_in(const Footprint& footprint);
  /// From now on the step at hand is taken by itself; steps are closed.
  void set_apart(JobIndex job, Data& data);
  /// Over the ways there are now.
  void lay_apart(JobIndex job, Data& data);
  void close_data(JobIndex job);
  void date_data(JobIndex job, Data& data);
  void data_over(std::uint64_t which);
  void data_settled(JobIndex job, double step_s);
  void date_step(JobIndex job);
  void trained(std::uint64_t which);
  void step_over(JobIndex job);

  FluidNetwork network_;
  std::uint32_t dates_ = 0;  ///< given to transfers and checkpoints; what is posted under an older one is void
  std::unordered_map<JobIndex, Transfer> transfers_;
  std::unordered_map<JobIndex, Checkpoints> checkpoints_;
  std::map<JobIndex, Data> data_;
};

}  // namespace alight
