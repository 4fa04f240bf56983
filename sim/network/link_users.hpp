// The training jobs of a run that use links others can use too: how far each is, what its steps take now, and what the
// others cost it. The run says who comes and goes; it is told whose steps that changed and, where ends are not known
// beforehand, who is done.
//
// A job that loads something from the storage before it trains uses links twice: for that one transfer, then for its
// steps. What is sent once between the holders of chips is such a transfer by itself, of no job.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "platforms/topology/detours.hpp"
#include "sim/engine/engine.hpp"
#include "sim/ledger/split.hpp"
#include "sim/network/footprint.hpp"
#include "sim/network/link_use.hpp"
#include "sim/network/sharing.hpp"
#include "sim/record/recorder.hpp"
#include "sim/runtime/training_rate.hpp"

namespace alight {

class LinkUsers {
 public:
  using JobIndex = std::uint32_t;
  struct Callbacks {
    /// A job's chips spend their time otherwise from now on; `end_s` is when it will be done, where that is known.
    std::function<void(JobIndex job, const Split& before, const LinkUse& now, std::optional<double> end_s)> changed;
    /// It is done, now: where its end was not known.
    std::function<void(JobIndex job)> ended;
    /// A link carries so much from the state's time on: now, or in the exact mode some time before.
    std::function<void(const LinkState& state)> carries;
    /// What it loads is there, now.
    std::function<void(JobIndex job)> loaded;
    /// What was sent is there, now.
    std::function<void(JobIndex send)> sent;
    /// Links can break, and from now on it stands still until it has read from the storage, or written to it.
    std::function<void(JobIndex job)> waits;
  };

  virtual ~LinkUsers() = default;

  /// It loads what it starts from. False, and nothing is kept, where it loads nothing.
  bool load(JobIndex job, const TrainingRate& rate, std::span<const Slice> held);
  /// Its first step begins now. False, and nothing is kept, where it crosses no link that others can.
  bool begin(JobIndex job, const TrainingRate& rate, std::span<const Slice> held, double tokens);
  /// Something is sent, once; it goes by the name of a job that nobody has, until it is there or end() drops it. None,
  /// and nothing is kept, where it crosses no link.
  std::optional<JobIndex> send(Send what);
  /// The steps of a job that uses links are those of another rate from now on, of the same layout and the same work, at
  /// another clock or on chips of other speeds. What is done of them stays done. In the exact mode the step at hand
  /// ends as it began.
  void clock(JobIndex job, const TrainingRate& rate, std::span<const Slice> held);
  /// It ends; nothing for a job that uses no link.
  void end(JobIndex job);

  /// Null for a job that uses none, and while it loads.
  const LinkUse* find(JobIndex job) const;
  bool loading(JobIndex job) const { return loads_.contains(job); }
  /// Tokens a job had still to train when it took the last checkpoint that is written by now; nothing where none is.
  virtual std::optional<double> left_at_checkpoint(JobIndex job) const = 0;
  const Routes& routes() const { return *routes_; }

  // -- Links that break
  /// From now on links can break. Called before any job begins; the ways, which go around what is dead.
  Detours& let_break();
  /// A link carries `part` of its rate from now on, both directions of it; 0: it is dead.
  void set_part(LinkIndex link, double part);
  /// After set_part() of all of an instant: jobs that cross one of `links` that died, or went by other ways than those
  /// of the whole network, go by the ways there are now.
  void lay_anew(std::span<const LinkIndex> died);
  /// The same for one job, of whose servers' own links some broke or were repaired.
  void lay_anew(JobIndex job);
  /// Whether a job exchanges anything with the storage.
  bool with_storage(JobIndex job) const;
  /// A dead link that keeps a job on `servers` from the storage while it cannot get on without: it loads, or waits for
  /// data or for a checkpoint. kNoLink where none does.
  LinkIndex cut_from_storage(JobIndex job, const std::vector<std::int64_t>& servers) const;
  /// A job stands still from now on, and goes on: nobody is told. Nothing for a job that uses no link. One that loads
  /// does so over links that are not dead.
  void halt(JobIndex job);
  void resume(JobIndex job);

 protected:
  LinkUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks);
  /// What a job cannot get on without, now.
  struct StorageNeed {
    bool read = false, write = false;
  };
  Engine& engine() { return engine_; }
  LinkUse& use(JobIndex job) { return uses_.at(job); }
  const LinkUse& use(JobIndex job) const { return uses_.at(job); }
  /// Of a job that loads, or of what is sent.
  const Footprint& transfer(JobIndex job) const { return loads_.at(job).transfer; }
  const Callbacks& callbacks() const { return callbacks_; }
  /// Bytes/s of each link when whole, and now.
  const std::vector<double>& capacities() const { return capacities_; }
  /// Of a job whose transfer is over: it uses no link now, and the run is told.
  void loaded(JobIndex job);
  double carries_now(LinkIndex link) const {
    return parts_.empty() ? capacities_[link] : parts_[link] * capacities_[link];
  }
  /// Whether some link it loads is dead.
  bool barred(const SharedExchange& shared) const;
  /// From now on a job has a need of the storage.
  void waits(JobIndex job);
  bool whole(LinkIndex link) const { return parts_.empty() || link == kNoLink || parts_[link] == 1; }
  /// settle() comes, later in this instant.
  void settle_soon();
  /// Whether ends are known beforehand.
  virtual bool dates_ends() const = 0;
  /// Goes on with other steps, and says so.
  void go_on(JobIndex job, double step_s, LinkIndex worst);
  /// Stands still for a checkpoint from now on, and says so; `losing` and `worst` as of LinkUse::stand_still().
  void stand_still(JobIndex job, double losing = 0, LinkIndex worst = kNoLink);

 private:
  /// What a job loads, or what is sent: its transfer is one exchange, the whole of the step.
  struct Load {
    const TrainingRate* rate = nullptr;  ///< null: it is sent
    std::vector<Slice> held = {};        ///< where links can break
    Send send = {};
    Footprint transfer;
    bool deviates = false;  ///< as LinkUse::deviates
  };
  virtual void load_begun(JobIndex job) = 0;
  virtual void load_gone(JobIndex job) = 0;
  virtual void begun(JobIndex job, const LinkUse& use) = 0;
  virtual void gone(JobIndex job) = 0;
  /// Once per instant, after all who came and went in it.
  virtual void settle() = 0;
  /// carries_now() of a link is another.
  virtual void carries_otherwise(LinkIndex link) = 0;
  /// What a job sends is about to go by other ways, and does. It may be halted.
  virtual void to_relay(JobIndex job) = 0;
  virtual void relaid(JobIndex job) = 0;
  virtual void halted(JobIndex job) = 0;
  virtual void resumed(JobIndex job) = 0;
  /// Of a job that does not load.
  virtual StorageNeed need(JobIndex job) const = 0;
  /// Of links of these servers that are not whole; none where all are.
  OwnLinks own_links(std::span<const Slice> held, std::int64_t ranks) const;
  /// Over the ways there are now, with whether they are those of the whole network.
  std::pair<Footprint, bool> lay(const TrainingRate& rate, double step_s, std::span<const Exchange> exchanges,
                                 std::span<const Slice> held) const;
  void relay(LinkUse& use, std::span<const Slice> held) const;
  /// What its steps are when it is alone, on its footprint.
  void set_alone(LinkUse& use, std::span<const Slice> held) const;
  void relay(Load& load, std::span<const Slice> held) const;
  /// That its chips spend their time otherwise than `before`.
  void say(JobIndex job, const Split& before) const;
  void settle_now(std::uint64_t);

  Engine& engine_;
  std::unique_ptr<const Routes> routes_;
  Detours* detours_ = nullptr;  ///< routes_, where links can break
  std::vector<double> parts_;   ///< [link] what is left of it, where links can break
  std::vector<double> capacities_;
  Callbacks callbacks_;
  std::map<JobIndex, LinkUse> uses_;
  std::map<JobIndex, Load> loads_;
  /// Names of what is sent: above all jobs, and below what three members each leave room for.
  static constexpr JobIndex kFirstSend = JobIndex{1} << 30;
  JobIndex next_send_ = kFirstSend;
  std::vector<JobIndex> free_sends_;  ///< below that
  double settling_at_ = -1;
};

/// In the mode asked for, which is not `none`. Null where no link of the site can be shared. The engine outlives it.
std::unique_ptr<LinkUsers> make_link_users(const Site& site, Sharing sharing, Engine& engine,
                                           LinkUsers::Callbacks callbacks);

}  // namespace alight
