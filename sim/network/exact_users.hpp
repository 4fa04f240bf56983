// Users of links step by step: each plays the phases of its steps (step_phases.hpp) one after another, SimGrid carries
// what they send, and a job is done when its last step is. Slow, and for small studies: it is what the fluid network
// is checked against.
//
// A phase is over when both its computation and its exchange are. A last part of a step is played as such a part of
// every phase. Jobs that use no shared link are not played: they would only take what is predicted.
//
// Where a link carries less, or more, what is on it goes on with what is left of it at the new pace; where a way
// changes it goes on over the new one. Over a dead link nothing goes on. A halted job ends the computation at hand and
// waits; what it exchanges with the storage goes on. What a job sends when it ends stops with it.
//
// What is exchanged with the storage: a load is one task before the first step. Data of the next step is fetched beside
// a step, which is over when both are. A checkpoint is due every so many steps; a blocking one is played before the
// next step begins, an asynchronous one beside the steps that follow, of which the one before the next checkpoint waits
// for it.
#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/shared_tasks.hpp"
#include "sim/network/link_traffic.hpp"
#include "sim/network/link_users.hpp"
#include "sim/network/step_phases.hpp"

namespace alight {

class ExactUsers : public LinkUsers {
 public:
  /// The engine outlives this.
  ExactUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks);

 private:
  /// What a job sends; but for phases above the names of its tasks.
  enum class What : std::uint8_t { phase, load, dataset, checkpoint };
  static constexpr What kAll[] = {What::phase, What::load, What::dataset, What::checkpoint};
  struct Sending {
    enum class State : std::uint8_t { no, yes, held_up } state = State::no;
    double many = 1;  ///< of its exchange
    double left = 1;  ///< of these, when last begun or held up
  };
  struct Playing {
    std::vector<StepPhase> phases;
    std::size_t phase = 0;
    double part = 1;  ///< of the step at hand, less than 1 for a last part
    double begun_s = 0;
    int open = 0;                             ///< sides of the phase that are not over
    std::uint32_t times = 0;                  ///< begun phases: what comes late is of one before
    std::uint32_t play = 0;                   ///< of its starts: transfers likewise
    std::vector<std::uint32_t> numbers = {};  ///< of the exchanges that `phases` speak of, among the job's
    double tokens = 0;                        ///< left when the step began
    std::array<Sending, 4> sends = {};        ///< [What]
    // A halted job ends what is at hand first.
    enum class Next : std::uint8_t { nothing, phase, after_step, step } next = Next::nothing;  ///< when it goes on
    double halted_s = 0;                                                                       ///< when it was
    double step_s = 0;                                                                         ///< as it was then
    double due = 0;                                ///< checkpoints; one is written when it comes to 1
    bool fetching = false;                         ///< data
    bool writing = false;                          ///< a checkpoint
    double taken = 0;                              ///< tokens left when it was taken
    std::optional<double> written = std::nullopt;  ///< the same of the last that is written
    bool standing = false;                         ///< waiting for one
    double stands_since_s = 0;
  };
  void load_begun(JobIndex job) override;
  void load_gone(JobIndex job) override;
  void begun(JobIndex job, const LinkUse& use) override;
  void gone(JobIndex job) override;
  void settle() override;
  void carries_otherwise(LinkIndex link) override;
  void to_relay(JobIndex job) override;
  void relaid(JobIndex job) override;
  void halted(JobIndex job) override;
  void resumed(JobIndex job) override;
  bool dates_ends() const override { return false; }
  StorageNeed need(JobIndex job) const override;
  std::optional<double> left_at_checkpoint(JobIndex job) const override;

  void next_step(JobIndex job);
  void next_phase(JobIndex job);
  void side_over(JobIndex job);
  void step_over(JobIndex job);
  void after_step(JobIndex job);
  void computed(std::uint64_t which);
  void sends(std::uint64_t which);
  void goes_on(std::uint64_t which);
  std::uint64_t ticket(JobIndex job) const;
  bool late(std::uint64_t which) const;
  /// Than the one at hand, or of none.
  bool of_another_play(std::uint64_t transfer) const;

  // -- What is sent
  std::uint64_t name_of(JobIndex job, What what) const;
  Sending& sending(JobIndex job, What what) { return playing_.at(job).sends[static_cast<std::size_t>(what)]; }
  /// Over links now; null where it crosses no shared one.
  const SharedExchange* exchange_of(JobIndex job, What what) const;
  void send(JobIndex job, What what, double many);
  void hold_up(JobIndex job, What what);
  void send_on(JobIndex job, What what);
  /// Sends `many` times `shared`.
  void open(std::uint64_t id, const SharedExchange& shared, double many);
  /// The part of it that was left; nothing where it is done by now, or is not open.
  std::optional<double> drop(std::uint64_t id);
  /// Tells what links carried until `now_s`.
  void look(double now_s);

  // -- With the storage
  void begin_transfer(JobIndex job, What what);
  void transfers(std::uint64_t which);
  void transfer_over(JobIndex job, What what);
  void stand(JobIndex job);
  void stand_over(JobIndex job);

  LinkTraffic traffic_;
  SharedTasks tasks_;
  std::unordered_map<JobIndex, Playing> playing_;
  /// Of a job that is played no more: it may be again, and then counts on.
  struct Past {
    std::uint32_t times = 0, play = 0;
  };
  std::unordered_map<JobIndex, Past> past_;
  Playing& play_anew(JobIndex job);
  void stop_playing(JobIndex job);
};

}  // namespace alight
