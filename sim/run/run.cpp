#include "sim/run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "sim/facility/building.hpp"
#include "sim/network/link_users.hpp"
#include "sim/run/admission.hpp"
#include "sim/run/breakdowns.hpp"
#include "sim/run/chip_moves.hpp"
#include "sim/run/deliveries.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/run/network_faults.hpp"
#include "sim/run/power_caps.hpp"
#include "sim/run/redone_work.hpp"
#include "sim/run/servers_out.hpp"
#include "sim/run/services.hpp"
#include "sim/run/started_jobs.hpp"
#include "sim/runtime/parallel.hpp"
#include "sim/runtime/training.hpp"
#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {

class Run::Play final : public BreakableRun, public CappedRun {
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
        cluster_(cluster_of(site, settings)),
        ledger_(site, settings.ledger_bin_s, [this](const LedgerBin& bin) { tell(&Recorder::bin_closed, bin); }),
        rates_(site, workload, ground),
        admission_(admit(site, workload, settings, same_kind, cluster_, rates_)),
        scheduler_(
            cluster_, admission_.requests, admission_.candidates, admission_.queues, admission_.slowdown,
            make_policy(settings.policy), make_placement(settings.placement, site, stream(settings.seed, "placement")),
            [this](JobIndex j, PoolIndex p, const Allocation& a) { started(j, p, a); },
            [this](JobIndex j) { dropped(j); }),
        stage_(workload.jobs.size(), Stage::to_come),
        starts_(workload.jobs.size(), 0),
        jobs_(site, workload, admission_, rates_, settings.checkpoint_s),
        chips_(site, engine_, ledger_, jobs_),
        held_(cluster_, ground.get()),
        asked_(cluster_, ground.get()),
        redone_(engine_, scheduler_, jobs_, chips_, held_),
        out_(cluster_,
             [this](PoolIndex p, auto from, auto to, std::int64_t milli) {
               chips_.out_of_service(p, from, to, milli);
               decide_soon();
             }),
        deliveries_(site, engine_, cluster_, ledger_,
                    [this](PoolIndex p, ServerIndex first, ServerIndex end) { delivered(p, first, end); }) {
    if (settings.building) power();
    if (routes_)
      parallel_ =
          std::make_unique<ParallelJobs>(engine_, *routes_, workload, cluster_, [this](JobIndex j) { finish(j); });
    if (settings.services) serve();
    const bool shares = settings.faults || !admission_.training.empty() || (services_ && (site.storage || split()));
    if (shares && settings.sharing != Sharing::none) share_links();
    jobs_.attach(links_.get(), parallel_.get(), services_.get());
    if (settings.preemption != JobPreemption::none)
      scheduler_.let_preempt({.may = [this](JobIndex j) { return may_preempt(j); },
                              .preempted = [this](JobIndex j, const Allocation& held) { preempted(j, held); }});
    if (settings.faults)
      faults_ = std::make_unique<NetworkFaults>(*settings.faults, site_, workload_, settings.seed, engine_, cluster_,
                                                out_, *links_, *this, recorders_);
    if (settings.breakdowns)
      breakdowns_ = std::make_unique<Breakdowns>(*settings.breakdowns, site_, settings.seed, engine_, cluster_,
                                                 scheduler_, out_, *this, recorders_);
    if (settings.building && !settings.building->caps.empty()) cap();
    jobs_to_end_ = static_cast<std::size_t>(std::count_if(workload.jobs.begin(), workload.jobs.end(),
                                                          [](const Job& job) { return job.type != JobType::service; }));
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
    const std::size_t wait = scheduler_.waiting();
    if (end.how == Engine::End::finished && wait > 0 && settings_.jobs_end && !harmed() && !(caps_ && caps_->refuses()))
      end.violation = fmt::format("stall: {} jobs wait at {} s and nothing is left to happen", wait, engine_.now());
    const std::string broken = ledger_.close(end.end_s);
    if (services_) services_->close(end.end_s);
    if (end.violation.empty()) end.violation = broken;
    close_jobs(end.end_s);
    if (end.violation.empty()) end.violation = chips_.unlike(job_chip_s_.value(), end.end_s);
    end.installed_chip_s = ledger_.installed_chip_s();
    end.chip_s = ledger_.totals();
    end.joules = ledger_.joules();
    if (caps_) end.caps = caps_->reports(end.end_s);
    return end;
  }

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  /// Then transfers nobody waits for, ends dated anew and faults may still be posted.
  bool over_without_horizon(Engine::End how) const {
    return how == Engine::End::finished && settings_.jobs_end && ((!faults_ && !breakdowns_) || over()) &&
           (!services_ || services_->over());
  }

  template <class M, class A>
  void tell(M method, const A& what) {
    for (Recorder* r : recorders_) (r->*method)(what);
  }

  // -- Commissioning
  void delivered(PoolIndex p, ServerIndex first, ServerIndex end) {
    const std::int64_t servers = end - first;
    chips_.delivered(p, servers);
    for (ServerIndex s = first; s < end; ++s) out_.freed(s);
    if (breakdowns_) breakdowns_->delivered(first, end);
    if (caps_) caps_->delivered(first, end);
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
      if (!jobs_.serves(j)) submit(j);  // replicas of services come when they are needed
    }
    post_next_arrival();
  }
  void submit(JobIndex j) {
    for (Recorder* r : recorders_) r->job_submitted(workload_.jobs[j], engine_.now());
    if (admission_.turned_away[j])
      return end_unstarted(j, JobStatus::rejected, admission_.reasons[admission_.turned_away[j]]);
    stage_[j] = Stage::waiting;
    scheduler_.submit(j);
    decide_soon();
  }

  // -- Replicas of services
  void serve() {
    services_ = std::make_unique<RunningServices>(
        *settings_.services, workload_, engine_, ledger_, settings_.ledger_bin_s, recorders_,
        RunningServices::Hooks{
            .ask = [this](JobIndex j) { submit(j); },
            .give_back = [this](JobIndex j, std::string_view why) { give_back(j, why); },
            .counted = [this](JobIndex j, double joules) { chips_.recounted(j, joules); },
            .sends = {.servers = [this](JobIndex j) { return servers_of_ranks(held(j), workload_.jobs[j].chips); },
                      .over_links = [this](Send what) -> std::optional<JobIndex> {
                        return links_ ? links_->send(std::move(what)) : std::nullopt;
                      },
                      .drop = [this](JobIndex send) { links_->end(send); }}});
  }
  /// Whether keys and values are sent between replicas.
  bool split() const {
    return std::any_of(settings_.services->begin(), settings_.services->end(),
                       [](const auto& service) { return service->fleet.split(); });
  }
  void give_back(JobIndex j, std::string_view why) {
    if (stage_[j] == Stage::waiting) {
      scheduler_.withdraw(j);
      end_unstarted(j, JobStatus::cancelled, why);
      decide_soon();  // others may have waited behind it
    }
    if (stage_[j] != Stage::starting && stage_[j] != Stage::running) return;
    held_.see(held(j));
    Course course = course_of(j, held_.first_pool());
    course.reason = why;
    end(j, course);
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
    chips_.explain(scheduler_);
  }

  // -- A running job: its runtime says how its chips spend their time, and when and why that ends.
  void started(JobIndex j, PoolIndex p, const Allocation& allocation) {
    stage_[j] = Stage::running;
    ++starts_[j];
    held_.see(allocation);
    jobs_.start(j, held_, engine_.now());
    const Course course = course_of(j, p);
    const bool starts_up = course.startup_s > 0;
    if (!starts_up) redone_.begin(j);
    move(j, *course.split, In::dark, starts_up ? In::starting : In::course);
    if (starts_up) {
      stage_[j] = Stage::starting;
      // Over links that others use it is not known how long it loads.
      const TrainingRate* load = jobs_.load(j);
      const double first_s = links_ && load ? load->startup_s : course.startup_s;
      if (first_s < course.run_s || !settings_.jobs_end)
        engine_.at(engine_.now() + first_s, Turn::runtime, Action::to<&Play::begin>(this, start_ticket(j)));
    }
    if (settings_.jobs_end && jobs_.parallel(j))
      parallel_->start(j, allocation);
    else if (settings_.jobs_end && course.run_s < kNever)
      engine_.at(engine_.now() + course.run_s, Turn::runtime, Action::to<&Play::finish>(this, dated_anew(j) << 32 | j));
    if (!starts_up) {
      jobs_.first_step(j, engine_.now());
      talk(j, allocation);
    }
    tell(&Recorder::job_started, record(j, JobStatus::running, engine_.now()));
  }
  std::uint64_t start_ticket(JobIndex j) const { return static_cast<std::uint64_t>(starts_[j]) << 32 | j; }
  void begin(std::uint64_t which) {
    const auto j = static_cast<JobIndex>(which);
    if (stage_[j] != Stage::starting || which != start_ticket(j) || jobs_.paces().hangs(j)) return;
    const TrainingRate* load = jobs_.load(j);
    if (!links_ || !load || !links_->load(j, *load, scheduler_.allocation(j))) return loaded(j);
    if (faults_) faults_->running(j);
    date_anew(j, {});
  }
  void loaded(JobIndex j) {
    if (jobs_.paces().hangs(j)) return;
    const Allocation& held = scheduler_.allocation(j);
    stage_[j] = Stage::running;
    held_.see(held);
    redone_.begin(j);
    move(j, *course_of(j, held_.first_pool()).split, In::starting, In::course);
    jobs_.first_step(j, engine_.now());
    talk(j, held);
    if (jobs_.trains(j) && jobs_.load(j)) date(j);
  }
  /// `which`: the job, and above it how often its end was dated anew.
  void finish(std::uint64_t which) {
    const auto j = static_cast<JobIndex>(which);
    if (dated_anew(j) != which >> 32 || (stage_[j] == Stage::starting && jobs_.paces().hangs(j))) return;
    held_.see(scheduler_.allocation(j));
    const Course course = course_of(j, held_.first_pool());
    end(j, course);
  }
  // Chips that it would give back of a server that is out of service would be of no use.
  bool may_preempt(JobIndex j) const {
    const Allocation& all = scheduler_.allocation(j);
    return !out_.any() || std::none_of(all.begin(), all.end(), [this](const Slice& slice) {
      for (ServerIndex i = 0; i < slice.servers; ++i)
        if (out_.out(slice.server + i)) return true;
      return false;
    });
  }
  void preempted(JobIndex j, const Allocation& held) { lost_chips(j, held, PreemptedJobs::By::preemption, ""); }
  /// It gave `held` back, and waits again.
  void lost_chips(JobIndex j, const Allocation& held, PreemptedJobs::By by, std::string_view reason) {
    held_.see(held);
    const PoolIndex p = held_.first_pool();
    JobRecord r = jobs_.record(j, JobStatus::waiting, engine_.now(), held_, held);
    r.reason = reason;
    job_chip_s_.add(static_cast<double>(r.held_milli) * 1e-3 * (r.finish_s - r.start_s));
    move(j, *course_of(j, p).split, stage_[j] == Stage::starting ? In::starting : In::course, In::dark);
    tell(by == PreemptedJobs::By::failure ? &Recorder::job_interrupted : &Recorder::job_preempted, r);
    jobs_.preempt(j, p, r, by);
    if (jobs_.trains(j) && workload_.jobs[j].estimate_s == 0 && jobs_.preempted().kept(j) > 0)
      admission_.candidates[j].estimate_s = jobs_.predicted_s(j, scheduler_.pools(j));
    stage_[j] = Stage::waiting;
    ++dated_anew_[j];
    if (links_) links_->end(j);
    gave_back(j, held);
  }
  void gave_back(JobIndex j, const Allocation& held) {
    if (faults_) faults_->ended(j);
    if (!out_.any()) return;
    for (const Slice& slice : held)
      for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) out_.freed(s);
    if (breakdowns_) breakdowns_->freed();
  }
  // Of the job that held_ saw last.
  void end(JobIndex j, const Course& course) {
    const bool starting = stage_[j] == Stage::starting;
    end_started(j, course.end, course.reason);
    move(j, *course.split, starting ? In::starting : In::course, In::dark);
    chips_.forget(j);
    if (links_) links_->end(j);
    jobs_.forget(j);
    const Allocation held = out_.any() ? scheduler_.allocation(j) : Allocation();
    scheduler_.finished(j);
    gave_back(j, held);
    decide_soon();
  }

  // -- Links that several jobs use
  void share_links() {
    links_ = make_link_users(site_, settings_.sharing, engine_,
                             {.changed = [this](JobIndex j, const Split& before, const LinkUse& now,
                                                std::optional<double> end_s) { go_on(j, before, now, end_s); },
                              .ended = [this](JobIndex j) { finish(++dated_anew_[j] << 32 | j); },
                              .carries = [this](const LinkState& state) { tell(&Recorder::link_changed, state); },
                              .loaded = [this](JobIndex j) { loaded(j); },
                              .sent = [this](JobIndex send) { services_->sent(send); },
                              .waits = [this](JobIndex j) { faults_->waits(j); }});
    if (links_) tell(&Recorder::links_there, links_->routes().links());
  }
  void talk(JobIndex j, const Allocation& held) {
    if (jobs_.serves(j))  // by an event of its own: it may give its chips back at once
      engine_.at(engine_.now(), Turn::runtime, Action::to<&Play::ready>(this, start_ticket(j)));
    else
      share(j, held, workload_.jobs[j].tokens - jobs_.preempted().kept(j));
    if (faults_) faults_->running(j);
    redone_.date(j);
  }
  void ready(std::uint64_t which) {
    const auto j = static_cast<JobIndex>(which);
    if (stage_[j] == Stage::running && which == start_ticket(j)) services_->ready(j);
  }
  void share(JobIndex j, const Allocation& held, double tokens) {
    if (!links_ || !jobs_.trains(j) || jobs_.mixed(j) || !jobs_.rate(j).unfit.empty()) return;
    if (!links_->begin(j, jobs_.rate_now(j), held, tokens)) return;
    if (settings_.sharing == Sharing::exact) date_anew(j, {});
  }
  void go_on(JobIndex j, const Split& before, const LinkUse& now, std::optional<double> end_s) {
    held_.see(scheduler_.allocation(j));
    move(j, before, In::course, In::starting);
    move(j, now.split, In::starting, In::course);
    if (end_s) date_anew(j, end_s);
    redone_.date(j);
  }
  /// As things stand, of the job that held_ saw last. Of one that is played it is not known when its steps are done.
  void date(JobIndex j) {
    const LinkUse* use = jobs_.link_use(j);
    if (!use) return post_end(j, jobs_.start_s(j) + course_of(j, held_.first_pool()).run_s);
    date_anew(j, settings_.sharing == Sharing::exact ? std::nullopt : std::optional(use->end_s()));
  }
  /// Without a date it ends when it is told, or at its requested time.
  void date_anew(JobIndex j, std::optional<double> end_s) {
    if (!settings_.jobs_end) return;
    const Job& job = workload_.jobs[j];
    double at = end_s.value_or(kNever);
    if (job.kill_at_estimate) at = std::min(at, jobs_.start_s(j) + job.estimate_s);
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
  // Of the job that held_ saw last.
  using In = ChipMoves::In;
  void move(JobIndex j, const Split& split, In from, In to) { chips_.move(j, held_, split, from, to); }
  Course course_of(JobIndex j, PoolIndex p) const { return jobs_.course(j, p, engine_.now()); }
  void dropped(JobIndex j) {
    if (jobs_.preempted().has(j)) return end_unstarted(j, JobStatus::failed, "no room when it was to start again");
    end_unstarted(j, JobStatus::rejected, "no room when it arrived");
  }

  // -- Faults
  void halt(JobIndex j, LinkIndex by) override {
    if (jobs_.paces().hangs(j)) return;
    turn(j, [&] {
      jobs_.paces().halt(j, engine_.now(), by);
      links_->halt(j);
    });
  }
  void resume(JobIndex j) override {
    if (jobs_.paces().hangs(j)) return;
    turn(j, [&] {
      jobs_.paces().resume(j, engine_.now());
      links_->resume(j);
    });
    if (!jobs_.link_use(j)) own_links_changed(j);
  }
  void hang(JobIndex j) override {
    if (jobs_.paces().hangs(j)) return;
    turn(j, [&] {
      if (links_ && !jobs_.paces().halted(j)) links_->halt(j);
      jobs_.paces().hang(j, engine_.now());
      jobs_.preempted().hangs(j, engine_.now());
    });
  }
  void interrupt(JobIndex j, const std::string& reason) override {
    if (jobs_.serves(j) || settings_.breakdowns->on_failure == OnFailure::fail) return fail(j, reason);
    if (jobs_.preempted().starts_in_vain(j) >= BreakdownPlan::kMostStartsInVain)
      return fail(j, fmt::format("{} starts in a row kept nothing; the last ended by {}",
                                 BreakdownPlan::kMostStartsInVain, reason));
    const Allocation held = scheduler_.allocation(j);
    scheduler_.finished(j);
    lost_chips(j, held, PreemptedJobs::By::failure, reason);
    scheduler_.submit(j);
    decide_soon();
  }
  std::uint32_t starts(JobIndex j) const override { return starts_[j]; }
  bool running(JobIndex j) const override { return stage_[j] == Stage::running || stage_[j] == Stage::starting; }
  bool serves(JobIndex j) const override { return jobs_.serves(j); }
  /// Its chips spend their time otherwise once it is changed, and it ends at another time.
  template <class Change>
  void turn(JobIndex j, const Change& change) {
    if (stage_[j] == Stage::starting) return change();
    held_.see(held(j));
    move(j, *course_of(j, held_.first_pool()).split, In::course, In::starting);
    change();
    move(j, *course_of(j, held_.first_pool()).split, In::starting, In::course);
    date(j);
    redone_.date(j);
  }
  bool clock(JobIndex j, double clock) override {
    if (stage_[j] != Stage::running || done(j)) return false;
    const PoolIndex p = cluster_.pool_of(held(j).front().server);
    const auto change = [&] {
      jobs_.clock(j, p, clock, engine_.now());
      if (jobs_.link_use(j)) links_->clock(j, jobs_.rate_now(j), held(j));
    };
    // Of users of links that do not stand still LinkUsers says what changes.
    if (jobs_.link_use(j) && !jobs_.paces().halted(j))
      change();
    else
      turn(j, change);
    return true;
  }
  void fail(JobIndex j, const std::string& reason) override {
    ++dated_anew_[j];
    if (jobs_.serves(j)) {
      services_->count(j);
      if (!running(j)) return;  // counting played its last request, and it gave its chips back
    }
    held_.see(held(j));
    Course course = course_of(j, held_.first_pool());
    course.end = JobStatus::failed;
    course.reason = reason;
    end(j, course);
    if (jobs_.serves(j)) services_->lose(j);
  }
  /// A job that used no shared link does once one of its own is not whole.
  void own_links_changed(JobIndex j) override {
    if (links_->loading(j) || jobs_.link_use(j)) return links_->lay_anew(j);
    if (stage_[j] == Stage::running && jobs_.trains(j) && !jobs_.paces().halted(j))
      share(j, held(j), workload_.jobs[j].tokens - jobs_.trained(j, engine_.now()));
  }
  bool done(JobIndex j) const override {
    if (!settings_.jobs_end) return false;
    if (const LinkUse* use = jobs_.link_use(j))
      return settings_.sharing == Sharing::fluid && use->end_s() <= engine_.now();
    return jobs_.start_s(j) + course_of(j, cluster_.pool_of(held(j).front().server)).run_s <= engine_.now();
  }
  const Allocation& held(JobIndex j) const override { return scheduler_.allocation(j); }
  bool concerns_anyone() override {
    if (over()) return false;
    last_s_ = engine_.now();
    return true;
  }
  /// Servers are out of service for other reasons than power, jobs stand still, or there will be another power limit:
  /// what waits may go on later.
  bool harmed() const {
    const std::size_t without_power = too_dense_.size() + (caps_ ? caps_->servers_off() : 0);
    return out_.dark() > without_power || (faults_ && faults_->harmful()) || (caps_ && caps_->awaits_limit());
  }
  /// Nothing is left that faults could befall, or hold up: all jobs ended, or the rest can never start.
  bool over() const { return !goes_on() || (!std::isfinite(settings_.horizon_s) && only_waits() && !harmed()); }

  // -- Power
  /// Of each rack, servers beyond what its cooling carries never come up.
  static std::vector<ServerIndex> too_dense(const Site& site, const RunSettings& settings) {
    std::vector<ServerIndex> servers;
    if (!settings.building) return servers;
    for (std::size_t p = 0; p < site.pools.size(); ++p) {
      const Pool& pool = site.pools[p];
      for (std::int64_t s = 0; s < pool.servers; ++s)
        if (s % pool.servers_per_rack >= settings.building->carried_per_rack[p])
          servers.push_back(static_cast<ServerIndex>(pool.first_server + s));
    }
    return servers;
  }
  static Cluster cluster_of(const Site& site, const RunSettings& settings) {
    Cluster cluster(site);
    std::vector<std::int64_t> never(site.pools.size(), 0);
    for (const ServerIndex s : too_dense(site, settings)) ++never[cluster.pool_of(s)];
    for (PoolIndex p = 0; p < never.size(); ++p) cluster.never_up(p, never[p]);
    return cluster;
  }
  void power() {
    ledger_.set_power(settings_.building->power);
    too_dense_ = too_dense(site_, settings_);
    for (const ServerIndex s : too_dense_) out_.take(s, OutFor::no_power);
  }
  void cap() {
    caps_ =
        std::make_unique<PowerCaps>(*settings_.building, site_, workload_, engine_, cluster_, out_, *this, recorders_);
    chips_.on_draw([this](JobIndex j, const HeldParts& held, std::span<const double> chip_w) {
      if (chip_w.empty()) return caps_->gone(j);
      caps_->draws(j, held, scheduler_.allocation(j), chip_w);
    });
    if (caps_->refuses())
      scheduler_.let_refuse([this](JobIndex j, const Allocation& on, std::span<const JobIndex> freed) {
        return caps_->may_start(j, on, freed);
      });
  }
  bool lose_power(JobIndex j, const std::string& reason) override {
    if (done(j)) return false;
    if (!workload_.jobs[j].preemptible || jobs_.serves(j)) {
      fail(j, reason);
      return true;
    }
    const Allocation held = scheduler_.allocation(j);
    scheduler_.lost(j);
    preempted(j, held);
    scheduler_.submit(j);
    decide_soon();
    return true;
  }
  void power_came() override {
    cluster_.renew();
    decide_soon();
  }
  bool goes_on() const override {
    return std::isfinite(settings_.horizon_s) || ended_ < jobs_to_end_ || (services_ && !services_->over());
  }
  bool only_waits() const override {
    if (next_ < workload_.jobs.size() || (services_ && !services_->over())) return false;
    for (PoolIndex p = 0; p < cluster_.pools(); ++p)
      if (!scheduler_.running(p).empty() || ledger_.milli(p, ChipState::undelivered) > 0) return false;
    return true;
  }
  void touch() override { last_s_ = engine_.now(); }
  const Split* at_full_clock(JobIndex j) const override {
    if (stage_[j] != Stage::running || jobs_.paces().halted(j)) return nullptr;
    return jobs_.at_full_clock(j, cluster_.pool_of(held(j).front().server));
  }
  bool redoes(JobIndex j) const override { return jobs_.preempted().redoes(j); }
  std::map<PoolIndex, double> most_w(JobIndex j, const Allocation& on) override {
    asked_.see(on);
    std::map<PoolIndex, double> most;
    const Split* course = jobs_.at_full_clock_on(j, asked_);
    for (const PoolPart& part : asked_.parts()) {
      const StatePower& power = ledger_.power(part.pool);
      const auto in = [&](ChipState state) { return power.watts[static_cast<std::size_t>(state)]; };
      const double computing_w = course ? power.draw_w(between_checkpoints(*course)) : in(ChipState::useful);
      most[static_cast<PoolIndex>(part.pool)] = std::max(in(ChipState::starting), computing_w);
    }
    return most;
  }
  double started_s(JobIndex j) const override { return jobs_.start_s(j); }

  // -- Records
  // Of the job that held_ saw last.
  JobRecord record(JobIndex j, JobStatus status, double finish_s) const {
    JobRecord r = jobs_.record(j, status, finish_s, held_, scheduler_.allocation(j));
    r.joules = chips_.joules(j, finish_s);
    return r;
  }
  void ended(JobIndex j) {
    stage_[j] = Stage::ended;
    jobs_.preempted().ended(j);
    if (!jobs_.serves(j)) ++ended_;  // a replica may come again
    last_s_ = engine_.now();
  }
  void end_started(JobIndex j, JobStatus status, std::string_view reason) {
    JobRecord r = record(j, status, engine_.now());
    r.reason = reason;
    job_chip_s_.add(static_cast<double>(r.held_milli) * 1e-3 * (r.finish_s - r.start_s));
    ended(j);
    tell(&Recorder::job_ended, r);
  }
  void end_unstarted(JobIndex j, JobStatus status, std::string_view reason) {
    ended(j);
    JobRecord r = without_chips(j, status, engine_.now());
    r.reason = reason;
    tell(&Recorder::job_ended, r);
  }
  /// It waits; before, it may have run and lost its chips.
  JobRecord without_chips(JobIndex j, JobStatus status, double now_s) const {
    return {.job = workload_.jobs[j],
            .status = status,
            .tokens = jobs_.trains(j) ? jobs_.preempted().kept(j) : 0,
            .joules = chips_.joules(j, now_s),
            .before = jobs_.preempted().earlier(j)};
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
        tell(&Recorder::job_ended, without_chips(j, JobStatus::waiting, end_s));
      } else if (stage_[j] == Stage::to_come && !jobs_.serves(j)) {
        tell(&Recorder::job_ended, JobRecord{.job = workload_.jobs[j], .status = JobStatus::not_submitted});
      }
    }
  }

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
  std::vector<Stage> stage_;                ///< [job]
  std::vector<std::uint32_t> starts_;       ///< [job] how often it started: a preempted one, or a replica, comes again
  StartedJobs jobs_;
  ChipMoves chips_;
  HeldParts held_, asked_;
  RedoneWork redone_;
  ServersOut out_;
  std::vector<ServerIndex> too_dense_;  ///< for the cooling of their racks
  Deliveries deliveries_;
  std::size_t next_ = 0;  ///< the first job not yet submitted
  double deciding_at_ = -1;
  std::unique_ptr<RunningServices> services_;  ///< null where there is none
  std::unique_ptr<LinkUsers> links_;           ///< null where no link can be shared
  std::unordered_map<JobIndex, std::uint64_t> dated_anew_;
  std::unique_ptr<NetworkFaults> faults_;   ///< null where nothing of the network is to break
  std::unique_ptr<Breakdowns> breakdowns_;  ///< null where no server is
  std::unique_ptr<PowerCaps> caps_;         ///< null where nothing is capped
  double last_s_ = 0;                       ///< when a job last ended, servers were delivered, or a fault mattered
  std::size_t ended_ = 0;                   ///< of jobs that are no replicas
  std::size_t jobs_to_end_ = 0;
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
