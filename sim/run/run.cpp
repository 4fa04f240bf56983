#include "sim/run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <unordered_map>

#include "sim/network/link_users.hpp"
#include "sim/run/admission.hpp"
#include "sim/run/deliveries.hpp"
#include "sim/run/fault_hooks.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/runtime/parallel.hpp"
#include "sim/runtime/training.hpp"
#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {

class Run::Play {
 public:
  Play(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
       std::vector<Recorder*> recorders, std::shared_ptr<const TrainingGround> ground)
      : site_(site),
        workload_(workload),
        settings_(settings),
        recorders_(std::move(recorders)),
        engine_(settings.lockstep,
                has_parallel(workload)
                    ? [this](auto& simgrid) { routes_ = std::make_unique<TaskRoutes>(site_, simgrid); }
                    : PopulateSimgrid()),
        cluster_(site),
        ledger_(site, settings.ledger_bin_s, [this](const LedgerBin& bin) { tell(&Recorder::bin_closed, bin); }),
        rates_(site, workload, ground),
        admission_(admit(site, workload, settings, same_kind, cluster_, rates_)),
        scheduler_(
            cluster_, admission_.requests, admission_.candidates, admission_.queues, admission_.slowdown,
            make_policy(settings.policy), make_placement(settings.placement, site, stream(settings.seed, "placement")),
            [this](JobIndex j, PoolIndex p, const Allocation& a) { started(j, p, a); },
            [this](JobIndex j) { dropped(j); }),
        dark_(site.pools.size(), ChipState::idle),
        stage_(workload.jobs.size(), Stage::to_come),
        start_s_(workload.jobs.size(), 0),
        begin_s_(admission_.training.size(), 0),
        rate_of_(admission_.training.size(), nullptr),
        held_(cluster_, ground.get()),
        deliveries_(site, engine_, cluster_, ledger_,
                    [this](PoolIndex p, ServerIndex first, ServerIndex end) { delivered(p, first, end); }) {
    if (routes_)
      parallel_ =
          std::make_unique<ParallelJobs>(engine_, *routes_, workload, cluster_, [this](JobIndex j) { finish(j); });
    if (std::any_of(workload.jobs.begin(), workload.jobs.end(), [](const Job& job) { return job.mix != 0; }))
      mixed_of_.assign(workload.jobs.size(), nullptr);
    if ((settings.faults || !admission_.training.empty()) && settings.sharing != Sharing::none) share_links();
    if (settings.faults) faults_ = fault_hooks_.break_links();
    post_next_arrival();
  }

  RunEnd play(const std::atomic<bool>& interrupt, std::function<void(double, std::size_t)> progress) {
    if (progress) engine_.on_progress([this, progress](double now_s) { progress(now_s, ended_); });
    RunEnd end;
    end.how = engine_.run(settings_.horizon_s, interrupt);
    end.end_s = end.how == Engine::End::finished && settings_.horizon_s < kNever ? settings_.horizon_s
                : over_without_horizon(end.how)                                  ? last_s_
                                                                                 : engine_.now();
    end.events = engine_.events();
    if (end.how == Engine::End::finished && scheduler_.waiting() > 0 && settings_.jobs_end &&
        !(faults_ && faults_->harmful()))
      end.violation =
          fmt::format("stall: {} jobs wait at {} s and nothing is left to happen", scheduler_.waiting(), engine_.now());
    const std::string broken = ledger_.close(end.end_s);
    if (end.violation.empty()) end.violation = broken;
    close_jobs(end.end_s);
    if (end.violation.empty()) end.violation = jobs_against_ledger();
    end.installed_chip_s = ledger_.installed_chip_s();
    end.chip_s = ledger_.totals();
    return end;
  }

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  /// Then transfers nobody waits for, ends dated anew and faults may still be posted.
  bool over_without_horizon(Engine::End how) const {
    return how == Engine::End::finished && settings_.jobs_end && (!faults_ || fault_hooks_.over());
  }

  template <class M, class A>
  void tell(M method, const A& what) {
    for (Recorder* r : recorders_) (r->*method)(what);
  }

  // -- Commissioning
  void delivered(PoolIndex p, ServerIndex first, ServerIndex end) {
    const std::int64_t servers = end - first;
    ledger_.move(p, ChipState::undelivered, dark_[p], servers * site_.pools[p].server.chips * 1000, engine_.now());
    for (ServerIndex s = first; s < end && faults_; ++s) faults_->freed(s);
    last_s_ = engine_.now();
    tell(&Recorder::site_event, SiteEvent{engine_.now(), "delivered", p, servers});
    decide_soon();
  }

  // -- Arrivals: one event stands for the next instant of submission.
  void post_next_arrival() {
    if (next_ < workload_.jobs.size())
      engine_.at(std::max(0.0, workload_.jobs[next_].submit_s), Turn::arrival, Action::to<&Play::arrive>(this));
  }
  void arrive(std::uint64_t) {
    for (; next_ < workload_.jobs.size() && std::max(0.0, workload_.jobs[next_].submit_s) <= engine_.now(); ++next_) {
      const auto j = static_cast<JobIndex>(next_);
      for (Recorder* r : recorders_) r->job_submitted(workload_.jobs[j], engine_.now());
      if (admission_.turned_away[j]) {
        end_unstarted(j, JobStatus::rejected, admission_.reasons[admission_.turned_away[j]]);
      } else {
        stage_[j] = Stage::waiting;
        scheduler_.submit(j);
        decide_soon();
      }
    }
    post_next_arrival();
  }

  // -- Decisions: once per instant, after all that happened in it.
  void decide_soon() {
    if (deciding_at_ == engine_.now()) return;
    deciding_at_ = engine_.now();
    engine_.at(engine_.now(), Turn::decision, Action::to<&Play::decide>(this));
  }
  void decide(std::uint64_t) {
    deciding_at_ = -1;
    scheduler_.decide(engine_.now());
    for (PoolIndex p = 0; p < cluster_.pools(); ++p) {
      const ChipState why = scheduler_.waiting() == 0       ? ChipState::idle
                            : scheduler_.waiting_for(p) > 0 ? ChipState::fragmented
                                                            : ChipState::mismatched;
      if (why == dark_[p]) continue;
      ledger_.move(p, dark_[p], why, ledger_.milli(p, dark_[p]), engine_.now());
      dark_[p] = why;
    }
  }

  // -- A running job: its runtime says how its chips spend their time, and when and why that ends.
  void started(JobIndex j, PoolIndex p, const Allocation& allocation) {
    stage_[j] = Stage::running;
    start_s_[j] = engine_.now();
    held_.see(allocation);
    if (mixed(j)) {
      mixed_of_[j] = &rates_.mixed().at(admission_.training[j], held_.lies());
      rate_of_[j] = &mixed_of_[j]->all;
    } else if (trains(j)) {
      rate_of_[j] = &rates_.at(admission_.training[j], p, held_.lie());
    }
    if (trains(j)) begin_s_[j] = rate_of_[j]->begin_s();
    const Course course = course_of(j, p);
    const bool starts_up = course.startup_s > 0;
    move(j, *course.split, In::dark, starts_up ? In::starting : In::course);
    if (starts_up) {
      stage_[j] = Stage::starting;
      // Over links that others use it is not known how long it loads.
      const double first_s = links_ && trains(j) ? rate_of_[j]->startup_s : course.startup_s;
      if (first_s < course.run_s || !settings_.jobs_end)
        engine_.at(engine_.now() + first_s, Turn::runtime, Action::to<&Play::begin>(this, j));
    }
    if (settings_.jobs_end && parallel(j))
      parallel_->start(j, allocation);
    else if (settings_.jobs_end)
      engine_.at(engine_.now() + course.run_s, Turn::runtime, Action::to<&Play::finish>(this, j));
    if (!starts_up) talk(j, allocation);
    tell(&Recorder::job_started, record(j, JobStatus::running, engine_.now()));
  }
  void begin(std::uint64_t which) {
    const auto j = static_cast<JobIndex>(which);
    if (stage_[j] != Stage::starting) return;
    if (links_ && loads(j) && links_->load(j, *rate_of_[j], scheduler_.allocation(j))) return date_anew(j, {});
    loaded(j);
  }
  void loaded(JobIndex j) {
    const Allocation& held = scheduler_.allocation(j);
    stage_[j] = Stage::running;
    held_.see(held);
    move(j, *course_of(j, held_.first_pool()).split, In::starting, In::course);
    if (trains(j)) begin_s_[j] = engine_.now() - start_s_[j];
    talk(j, held);
    const LinkUse* use = link_use(j);
    if (loads(j) && !(use && settings_.sharing == Sharing::exact))
      date_anew(j, use ? use->end_s() : start_s_[j] + course_of(j, held_.first_pool()).run_s);
  }
  /// `which`: the job, and above it how often its end was dated anew.
  void finish(std::uint64_t which) {
    const auto j = static_cast<JobIndex>(which);
    if (dated_anew(j) != which >> 32) return;
    held_.see(scheduler_.allocation(j));
    const Course course = course_of(j, held_.first_pool());
    end(j, course);
  }
  // Of the job that held_ saw last.
  void end(JobIndex j, const Course& course) {
    const bool starting = stage_[j] == Stage::starting;
    end_started(j, course.end, course.reason);
    move(j, *course.split, starting ? In::starting : In::course, In::dark);
    if (links_) links_->end(j);
    const Allocation held = faults_ ? scheduler_.allocation(j) : Allocation();
    scheduler_.finished(j);
    if (faults_) faults_->ended(j, held);
    decide_soon();
  }

  // -- Links that several jobs use
  void share_links() {
    links_ = make_link_users(site_, settings_.sharing, engine_,
                             {.changed = [this](JobIndex j, const Split& before, const LinkUse& now,
                                                std::optional<double> end_s) { go_on(j, before, now, end_s); },
                              .ended = [this](JobIndex j) { finish(++dated_anew_[j] << 32 | j); },
                              .carries = [this](const LinkState& state) { tell(&Recorder::link_changed, state); },
                              .loaded = [this](JobIndex j) { loaded(j); }});
    if (links_) tell(&Recorder::links_there, links_->routes().links());
  }
  const LinkUse* link_use(JobIndex j) const { return links_ ? links_->find(j) : nullptr; }
  void talk(JobIndex j, const Allocation& held) {
    share(j, held, workload_.jobs[j].tokens);
    if (faults_) faults_->running(j);
  }
  void share(JobIndex j, const Allocation& held, double tokens) {
    if (!links_ || !trains(j) || mixed(j) || !rate_of_[j]->unfit.empty()) return;
    if (!links_->begin(j, *rate_of_[j], held, tokens)) return;
    if (settings_.sharing == Sharing::exact) date_anew(j, {});
  }
  void go_on(JobIndex j, const Split& before, const LinkUse& now, std::optional<double> end_s) {
    held_.see(scheduler_.allocation(j));
    move(j, before, In::course, In::starting);
    move(j, now.split, In::starting, In::course);
    if (end_s) date_anew(j, end_s);
  }
  /// Without a date it ends when it is told, or at its requested time.
  void date_anew(JobIndex j, std::optional<double> end_s) {
    if (!settings_.jobs_end) return;
    const Job& job = workload_.jobs[j];
    double at = end_s.value_or(kNever);
    if (job.kill_at_estimate) at = std::min(at, start_s_[j] + job.estimate_s);
    post_end(j, at);
  }
  /// Drops the end posted before.
  void post_end(JobIndex j, double at) {
    if (!settings_.jobs_end) return;
    const std::uint64_t ticket = ++dated_anew_[j] << 32 | j;
    if (at < kNever) engine_.at(std::max(at, engine_.now()), Turn::runtime, Action::to<&Play::finish>(this, ticket));
  }

  std::uint64_t dated_anew(JobIndex j) const {
    const auto at = dated_anew_.find(j);
    return at == dated_anew_.end() ? 0 : at->second;
  }
  // Moves the chips of the job that held_ saw last, in each pool by its own split.
  enum class In : std::uint8_t { dark, starting, course };
  void move(JobIndex j, const Split& split, In from, In to) {
    for (std::size_t i = 0; i < held_.parts().size(); ++i) {
      const std::size_t p = held_.parts()[i].pool;
      const std::int64_t milli = held_.parts()[i].held_milli;
      const Split& own = mixed(j) && !halts_.halted(j) ? mixed_of_[j]->splits[i] : split;
      const auto state = [&](In in) { return in == In::dark ? dark_[p] : ChipState::starting; };
      if (from == In::course)
        ledger_.move(p, own, state(to), milli, engine_.now());
      else if (to == In::course)
        ledger_.move(p, state(from), own, milli, engine_.now());
      else
        ledger_.move(p, state(from), state(to), milli, engine_.now());
    }
  }
  bool mixed(JobIndex j) const { return workload_.jobs[j].mix != 0; }
  bool parallel(JobIndex j) const { return workload_.jobs[j].type == JobType::parallel; }
  static bool has_parallel(const Workload& workload) {
    return std::any_of(workload.jobs.begin(), workload.jobs.end(),
                       [](const Job& job) { return job.type == JobType::parallel; });
  }
  bool trains(JobIndex j) const { return workload_.jobs[j].type == JobType::training; }
  bool loads(JobIndex j) const { return trains(j) && rate_of_[j]->unfit.empty() && rate_of_[j]->storage.load; }
  /// From the start of a training job to its first step: as it was, or as it is expected.
  double begins_s(JobIndex j, double now_s) const {
    return stage_[j] == Stage::starting ? std::max(begin_s_[j], now_s - start_s_[j]) : begin_s_[j];
  }
  Course course_of(JobIndex j, PoolIndex p) const {
    const Job& job = workload_.jobs[j];
    if (const LinkUse* use = link_use(j)) return use->course(job, start_s_[j]);
    if (parallel(j)) return parallel_->course(j);
    return halts_.delayed(trains(j) ? TrainingRates::course(job, *rate_of_[j], begins_s(j, engine_.now()))
                                    : rigid_course(job, admission_.slowdown[admission_.candidates[j].speed][p]),
                          job, j);
  }
  void dropped(JobIndex j) { end_unstarted(j, JobStatus::rejected, "no room when it arrived"); }

  // -- Records
  // Of the job that held_ saw last.
  JobRecord record(JobIndex j, JobStatus status, double finish_s) {
    const Allocation& held = scheduler_.allocation(j);
    const TrainingRate* rate = trains(j) ? rate_of_[j] : nullptr;
    const LinkUse* use = link_use(j);
    return {.job = workload_.jobs[j],
            .status = status,
            .reason = "",
            .start_s = start_s_[j],
            .finish_s = finish_s,
            .pool = &site_.pools[held_.first_pool()],
            .allocation = &held,
            .servers = held_.servers(),
            .leaves = held_.leaves(),
            .held_milli = held_.milli(),
            .training = rate,
            .tokens = !rate                            ? 0
                      : status == JobStatus::completed ? workload_.jobs[j].tokens
                      : use                            ? workload_.jobs[j].tokens - use->tokens_left_at(finish_s)
                                                       : fault_hooks_.trained(j, finish_s),
            .network_lost_s = halts_.halted_s(j, finish_s) + (use ? use->lost_at(finish_s) : 0),
            .worst_link = use ? use->most_lost_on(finish_s) : halts_.by(j),
            .lost_to_faults_s = halts_.halted_s(j, finish_s) + (use ? use->lost_to_faults_at(finish_s) : 0),
            .startup_s = rate ? std::min(begins_s(j, finish_s), finish_s - start_s_[j]) : 0,
            .checkpoint_s = use    ? use->written_at(finish_s)
                            : rate ? rate->storage.checkpoint_s / rate->step_s() *
                                         std::max(0.0, finish_s - start_s_[j] - begins_s(j, finish_s))
                                   : 0,
            .mixed = mixed(j) ? mixed_of_[j] : nullptr,
            .parts = mixed(j) ? std::span<const PoolPart>(held_.parts()) : std::span<const PoolPart>()};
  }
  void end_started(JobIndex j, JobStatus status, std::string_view reason) {
    JobRecord r = record(j, status, engine_.now());
    r.reason = reason;
    job_chip_s_.add(static_cast<double>(r.held_milli) * 1e-3 * (r.finish_s - r.start_s));
    stage_[j] = Stage::ended;
    ++ended_;
    last_s_ = engine_.now();
    tell(&Recorder::job_ended, r);
  }
  void end_unstarted(JobIndex j, JobStatus status, std::string_view reason) {
    stage_[j] = Stage::ended;
    ++ended_;
    last_s_ = engine_.now();
    tell(&Recorder::job_ended, JobRecord{.job = workload_.jobs[j], .status = status, .reason = reason});
  }

  // What the run leaves behind: jobs running, waiting, or yet to come.
  void close_jobs(double end_s) {
    for (JobIndex j = 0; j < workload_.jobs.size(); ++j) {
      if (stage_[j] == Stage::running || stage_[j] == Stage::starting) {
        held_.see(scheduler_.allocation(j));
        const JobRecord r = record(j, JobStatus::running, end_s);
        job_chip_s_.add(static_cast<double>(r.held_milli) * 1e-3 * (end_s - r.start_s));
        tell(&Recorder::job_ended, r);
      } else if (stage_[j] == Stage::waiting) {
        tell(&Recorder::job_ended, JobRecord{.job = workload_.jobs[j], .status = JobStatus::waiting});
      } else if (stage_[j] == Stage::to_come) {
        tell(&Recorder::job_ended, JobRecord{.job = workload_.jobs[j], .status = JobStatus::not_submitted});
      }
    }
  }

  // The jobs' own sum of chip-seconds must meet the ledger's lit ones: two counts made apart.
  std::string jobs_against_ledger() const {
    CompensatedSum lit;
    for (const StateTimes& pool : ledger_.totals())
      for (std::size_t s = 0; s < kChipStates; ++s)
        if (is_lit(static_cast<ChipState>(s))) lit.add(pool[s]);
    const double jobs = job_chip_s_.value();
    if (std::abs(jobs - lit.value()) <= 1e-9 * std::max(1.0, ledger_.installed_chip_s())) return {};
    return fmt::format("conservation: jobs held {} chip-s, the ledger has {} lit", jobs, lit.value());
  }

  friend class FaultHooks<Play>;
  enum class Stage : std::uint8_t { to_come, waiting, starting, running, ended };

  const Site& site_;
  const Workload& workload_;
  const RunSettings& settings_;
  std::vector<Recorder*> recorders_;
  std::unique_ptr<TaskRoutes> routes_;  ///< where some job is parallel; made with the engine's platform
  Engine engine_;
  Cluster cluster_;
  Ledger ledger_;
  TrainingRates rates_;
  Admission admission_;
  Scheduler scheduler_;
  std::unique_ptr<ParallelJobs> parallel_;  ///< where some job is parallel
  std::vector<ChipState> dark_;             ///< [pool] why its free chips are dark now
  std::vector<Stage> stage_;                ///< [job]
  std::vector<double> start_s_;             ///< [job], of running ones
  std::vector<double> begin_s_;  ///< [job], from the start of running training ones to their first step; as rate_of_
  std::vector<const TrainingRate*> rate_of_;  ///< [job], of running training ones; empty where no job trains
  std::vector<const MixedRate*> mixed_of_;    ///< [job], of running ones of several pools; empty where there is none
  HeldParts held_;
  Deliveries deliveries_;
  std::size_t next_ = 0;  ///< the first job not yet submitted
  double deciding_at_ = -1;
  std::unique_ptr<LinkUsers> links_;  ///< null where no link can be shared
  std::unordered_map<JobIndex, std::uint64_t> dated_anew_;
  Halts halts_;
  FaultHooks<Play> fault_hooks_{*this};
  std::unique_ptr<NetworkFaults> faults_;  ///< null where nothing is to break
  double last_s_ = 0;                      ///< when a job last ended, servers were delivered, or a fault mattered
  std::size_t ended_ = 0;
  CompensatedSum job_chip_s_;
};

Run::Run(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
         std::vector<Recorder*> recorders, std::shared_ptr<const TrainingGround> ground)
    : play_(std::make_unique<Play>(site, workload, settings, same_kind, std::move(recorders), std::move(ground))) {}
Run::~Run() = default;

RunEnd Run::play(const std::atomic<bool>& interrupt, std::function<void(double, std::size_t)> progress) {
  return play_->play(interrupt, std::move(progress));
}

}  // namespace alight
