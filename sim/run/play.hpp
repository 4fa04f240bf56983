// A run as it is played: what happens to each job from its submission to its end, and to the servers and chips under
// it. In four files: the life of a job (play.cpp), how fast jobs go on and when they end (play_paces.cpp), how they
// lose their chips before that (play_losses.cpp), and their power and heat (play_power.cpp).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/network/link_users.hpp"
#include "sim/run/admission.hpp"
#include "sim/run/breakable_run.hpp"
#include "sim/run/breakdowns.hpp"
#include "sim/run/chip_moves.hpp"
#include "sim/run/deliveries.hpp"
#include "sim/run/elastic_jobs.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/run/network_faults.hpp"
#include "sim/run/power_caps.hpp"
#include "sim/run/redone_work.hpp"
#include "sim/run/run.hpp"
#include "sim/run/run_heat.hpp"
#include "sim/run/servers_out.hpp"
#include "sim/run/services.hpp"
#include "sim/run/slow_chips.hpp"
#include "sim/run/started_jobs.hpp"
#include "sim/runtime/parallel.hpp"
#include "sim/runtime/training.hpp"

namespace alight {

class Run::Play final : public BreakableRun, public CappedRun {
 public:
  Play(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
       std::vector<Recorder*> recorders, std::shared_ptr<const TrainingGround> ground);

  RunEnd play(const std::atomic<bool>& interrupt, std::function<void(double, std::size_t)> progress);

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();
  enum class Stage : std::uint8_t { to_come, waiting, starting, running, ended };
  using In = ChipMoves::In;

  // -- Commissioning
  void delivered(PoolIndex p, ServerIndex first, ServerIndex end);

  // -- Arrivals: one event stands for the next instant of submission.
  void post_next_arrival();
  void arrive(std::uint64_t);
  void submit(JobIndex j);

  // -- Decisions: once per instant, after all that happened in it.
  void decide_soon();
  void decide(std::uint64_t);

  // -- A running job: its runtime says how its chips spend their time, and when and why that ends.
  void started(JobIndex j, PoolIndex p, const Allocation& allocation);
  void begin(std::uint64_t start);
  void loaded(JobIndex j);
  void talk(JobIndex j, const Allocation& held);
  /// `which`: the job, and above it how often its end was dated anew.
  void finish(std::uint64_t which);
  /// Of the job that held_ saw last.
  void end(JobIndex j, const Course& course);
  void dropped(JobIndex j);
  std::uint64_t start_ticket(JobIndex j) const { return static_cast<std::uint64_t>(starts_[j]) << 32 | j; }
  /// Of the job that held_ saw last.
  void move(JobIndex j, const Split& split, In from, In to) { chips_.move(j, held_, split, from, to); }
  Course course_of(JobIndex j, PoolIndex p) const { return jobs_.course(j, p, engine_.now()); }

  // -- Replicas of services
  void serve();
  /// Whether keys and values are sent between replicas.
  bool split() const;
  void give_back(JobIndex j, std::string_view why);
  void ready(std::uint64_t start);

  // -- Links that several jobs use
  void share_links();
  void share(JobIndex j, const Allocation& held, double tokens);
  /// A job that used no shared link does once one of its own is not whole.
  void own_links_changed(JobIndex j) override;

  // -- How fast jobs go on, and when they end
  void halt(JobIndex j, LinkIndex by) override;
  void resume(JobIndex j) override;
  void hang(JobIndex j) override;
  bool clock(JobIndex j, double clock);
  /// The steps of a job that runs are others once `to` was called with its pool.
  template <class Change>
  void repace(JobIndex j, const Change& to);
  /// Its chips spend their time otherwise once it is changed, and it ends at another time.
  template <class Change>
  void turn(JobIndex j, const Change& change);
  void go_on(JobIndex j, const Split& before, const LinkUse& now, std::optional<double> end_s);
  /// As things stand, of the job that held_ saw last. Of one that is played it is not known when its steps are done.
  void date(JobIndex j);
  /// Without a date it ends when it is told, or at its requested time.
  void date_anew(JobIndex j, std::optional<double> end_s);
  /// Drops the end posted before.
  void post_end(JobIndex j, double at);
  std::uint64_t dated_anew(JobIndex j) const;
  bool done(JobIndex j) const override;

  // -- Slow chips
  void fall(ServerIndex server, int chip, double part) override {
    slow_chips_->fall(server, chip, part, engine_.now());
  }
  void mend(ServerIndex server, int chip, double part) override {
    slow_chips_->mend(server, chip, part, engine_.now());
  }
  void speeds_changed(JobIndex j) override;
  /// Its first step begins now, on the chips it has. Of the job that held_ saw last; true where they are not all as
  /// their kind.
  bool first_speeds(JobIndex j);
  PartSpeeds speeds_of(JobIndex j) const;

  // -- How jobs lose their chips before they end
  bool may_preempt(JobIndex j) const;
  void preempted(JobIndex j, const Allocation& held);
  void interrupt(JobIndex j, const std::string& reason) override;
  /// An elastic job gives its chips back, to start again at once on more.
  void give_back_to_grow(JobIndex j);
  bool lose_power(JobIndex j, const std::string& reason) override;
  void fail(JobIndex j, const std::string& reason) override;
  /// It gave `held` back, and waits again.
  void lost_chips(JobIndex j, const Allocation& held, PreemptedJobs::By by, std::string_view reason);
  void enqueue(JobIndex j);
  void gave_back(JobIndex j, const Allocation& held);

  // -- Power
  /// Of each rack, servers beyond what its cooling carries never come up.
  static std::vector<ServerIndex> too_dense(const Site& site, const RunSettings& settings);
  static Cluster cluster_of(const Site& site, const RunSettings& settings);
  void power();
  /// By power caps, and by heat.
  void hold_back();
  void power_came() override;
  bool can_be_clocked(JobIndex j) const override;
  AlikeDraw alike(JobIndex j, PoolIndex p) const override;
  double chip_w(JobIndex j, PoolIndex p, double clock) const override;
  double alone_w(JobIndex j, PoolIndex p, double clock) const override;
  double clocked_w(const StatePower& power, JobIndex j, PoolIndex p, double clock) const;
  std::map<PoolIndex, double> most_w(JobIndex j, const Allocation& on) override;
  /// Each chip of the parts of a job draws so much by its course.
  void tell_draw(JobIndex j, const HeldParts& held, std::span<const double> by_course, std::span<const double> alone);

  // -- What those who break servers and cap power ask
  std::uint32_t starts(JobIndex j) const override { return starts_[j]; }
  bool running(JobIndex j) const override { return stage_[j] == Stage::running || stage_[j] == Stage::starting; }
  bool serves(JobIndex j) const override { return jobs_.serves(j); }
  double started_s(JobIndex j) const override { return jobs_.start_s(j); }
  const Allocation& held(JobIndex j) const override { return scheduler_.allocation(j); }

  // -- What is left of the run
  bool goes_on() const override;
  bool jobs_go_on() const;
  /// Servers have still to be delivered.
  bool awaits_servers() const;
  bool only_waits() const override;
  /// Servers are out of service for other reasons than power, jobs stand still, or there will be another power limit:
  /// what waits may go on later.
  bool harmed() const;
  /// Nothing is left that faults could befall, or hold up: all jobs ended, or the rest can never start.
  bool over() const;
  /// Then transfers nobody waits for, ends dated anew and faults may still be posted.
  bool over_without_horizon(Engine::End how) const;
  bool concerns_anyone() override;
  void touch() override { last_s_ = engine_.now(); }

  // -- Records
  template <class M, class A>
  void tell(M method, const A& what) {
    for (Recorder* r : recorders_) (r->*method)(what);
  }
  /// Of the job that held_ saw last.
  JobRecord record(JobIndex j, JobStatus status, double finish_s) const;
  /// Of a start that is over.
  void count_chip_seconds(const JobRecord& r);
  void ended(JobIndex j);
  void end_started(JobIndex j, JobStatus status, std::string_view reason);
  void end_unstarted(JobIndex j, JobStatus status, std::string_view reason);
  /// It waits; before, it may have run and lost its chips.
  JobRecord without_chips(JobIndex j, JobStatus status, double now_s) const;
  /// What the run leaves behind: jobs running, waiting, or yet to come.
  void close_jobs(double end_s);

  const Site& site_;
  const Workload& workload_;
  const RunSettings settings_;
  std::vector<Recorder*> recorders_;
  std::unique_ptr<TaskRoutes> routes_;  ///< where some job is parallel; made with the engine's platform
  Engine engine_;
  Cluster cluster_;
  Ledger ledger_;
  TrainingRates rates_;
  Admission admission_;
  Scheduler scheduler_;
  std::unique_ptr<ParallelJobs> parallel_;  ///< where some job is parallel
  std::vector<Stage> stage_;                ///< [job]
  std::vector<std::uint32_t> starts_;       ///< [job] how often it started: a preempted one, or a replica, comes again
  StartedJobs jobs_;
  ChipMoves chips_;
  HeldParts held_, asked_;
  RedoneWork redone_;
  ServersOut out_;
  ElasticJobs elastic_;
  std::vector<ServerIndex> too_dense_;  ///< for the cooling of their racks
  Deliveries deliveries_;
  std::size_t next_ = 0;  ///< the first job not yet submitted
  double deciding_at_ = -1;
  std::unique_ptr<RunningServices> services_;  ///< null where there is none
  std::unique_ptr<LinkUsers> links_;           ///< null where no link can be shared
  std::unordered_map<JobIndex, std::uint64_t> dated_anew_;
  std::unique_ptr<NetworkFaults> faults_;   ///< null where nothing of the network is to break
  std::unique_ptr<Breakdowns> breakdowns_;  ///< null where no server is
  JobClocks clocks_{[this](JobIndex j, double f) { return clock(j, f); }};
  std::unique_ptr<PowerCaps> caps_;        ///< null where nothing is capped
  std::unique_ptr<RunHeat> heat_;          ///< null where heat does not count
  std::unique_ptr<SlowChips> slow_chips_;  ///< null where all chips are and stay as their kind
  double last_s_ = 0;                      ///< when a job last ended, servers were delivered, or a fault mattered
  std::size_t ended_ = 0;                  ///< of jobs that are no replicas
  std::size_t jobs_to_end_ = 0;
  CompensatedSum job_chip_s_;
};

}  // namespace alight
