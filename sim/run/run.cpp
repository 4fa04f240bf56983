// How a run is put together, and what it leaves behind.
#include "sim/run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/facility/building.hpp"
#include "sim/run/play.hpp"
#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {

Run::Play::Play(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
                std::vector<Recorder*> recorders, std::shared_ptr<const TrainingGround> ground)
    : site_(site),
      workload_(workload),
      settings_(settings),
      recorders_(std::move(recorders)),
      engine_(settings.lockstep, has_parallel(workload)
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
             if (heat_ && (from == ChipState::unpowered) != (to == ChipState::unpowered))
               heat_->powered(p, to == ChipState::unpowered ? -milli : milli);
             decide_soon();
           }),
      elastic_(engine_, cluster_, scheduler_, admission_, rates_, jobs_, out_,
               {.start = [this](JobIndex j) { return running(j) ? starts_[j] : 0; },
                .can_grow =
                    [this](JobIndex j) { return stage_[j] == Stage::running && !jobs_.paces().halted(j) && !done(j); },
                .give_back = [this](JobIndex j) { give_back_to_grow(j); }}),
      deliveries_(site, engine_, cluster_, ledger_,
                  [this](PoolIndex p, ServerIndex first, ServerIndex end) { delivered(p, first, end); }) {
  if (settings.building) power();
  if (settings.slow_chips())
    slow_chips_ = std::make_unique<SlowChips>(site, cluster_, settings.chip_speeds, settings.seed);
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
  if (settings.building) hold_back();
  jobs_to_end_ = static_cast<std::size_t>(std::count_if(workload.jobs.begin(), workload.jobs.end(),
                                                        [](const Job& job) { return job.type != JobType::service; }));
  post_next_arrival();
}

bool Run::Play::split() const {
  return std::any_of(settings_.services->begin(), settings_.services->end(),
                     [](const auto& service) { return service->fleet.split(); });
}

void Run::Play::serve() {
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

void Run::Play::share_links() {
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

RunEnd Run::Play::play(const std::atomic<bool>& interrupt, std::function<void(double, std::size_t)> progress) {
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
  end.chip_power = ledger_.chip_power();
  if (caps_) end.caps = caps_->reports(end.end_s);
  if (slow_chips_) end.slow_chips = slow_chips_->reports(end.end_s);
  if (heat_) end.heat = heat_->reports(end.end_s);
  return end;
}

// -- What is left of the run

bool Run::Play::goes_on() const {
  return jobs_go_on() || awaits_servers();
}

bool Run::Play::jobs_go_on() const {
  return std::isfinite(settings_.horizon_s) || ended_ < jobs_to_end_ || (services_ && !services_->over());
}

bool Run::Play::only_waits() const {
  if (next_ < workload_.jobs.size() || (services_ && !services_->over())) return false;
  for (PoolIndex p = 0; p < cluster_.pools(); ++p)
    if (!scheduler_.running(p).empty()) return false;
  return !awaits_servers();
}

bool Run::Play::awaits_servers() const {
  for (PoolIndex p = 0; p < cluster_.pools(); ++p)
    if (ledger_.milli(p, ChipState::undelivered) > 0) return true;
  return false;
}

bool Run::Play::harmed() const {
  const std::size_t without_power = too_dense_.size() + (caps_ ? caps_->servers_off() : 0);
  return out_.dark() > without_power || (faults_ && faults_->harmful()) || (caps_ && caps_->awaits_limit());
}

bool Run::Play::over() const {
  return !jobs_go_on() || (!std::isfinite(settings_.horizon_s) && only_waits() && !harmed());
}

bool Run::Play::over_without_horizon(Engine::End how) const {
  return how == Engine::End::finished && settings_.jobs_end && ((!faults_ && !breakdowns_) || over()) &&
         (!services_ || services_->over());
}

bool Run::Play::concerns_anyone() {
  if (over()) return false;
  last_s_ = engine_.now();
  return true;
}

void Run::Play::close_jobs(double end_s) {
  for (JobIndex j = 0; j < workload_.jobs.size(); ++j) {
    if (stage_[j] == Stage::running || stage_[j] == Stage::starting) {
      held_.see(scheduler_.allocation(j));
      const JobRecord r = record(j, JobStatus::running, end_s);
      count_chip_seconds(r);
      tell(&Recorder::job_ended, r);
    } else if (stage_[j] == Stage::waiting) {
      tell(&Recorder::job_ended, without_chips(j, JobStatus::waiting, end_s));
    } else if (stage_[j] == Stage::to_come && !jobs_.serves(j)) {
      tell(&Recorder::job_ended, JobRecord{.job = workload_.jobs[j], .status = JobStatus::not_submitted});
    }
  }
}

Run::Run(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
         std::vector<Recorder*> recorders, std::shared_ptr<const TrainingGround> ground)
    : play_(std::make_unique<Play>(site, workload, settings, same_kind, std::move(recorders), std::move(ground))) {}
Run::~Run() = default;

bool RunSettings::slow_chips() const {
  return std::ranges::any_of(chip_speeds, [](const auto& pool) { return pool.has_value(); }) ||
         (breakdowns &&
          std::ranges::any_of(breakdowns->causes, [](const auto& cause) { return cause.slows_to.has_value(); }));
}

RunEnd Run::play(const std::atomic<bool>& interrupt, std::function<void(double, std::size_t)> progress) {
  return play_->play(interrupt, std::move(progress));
}

}  // namespace alight
