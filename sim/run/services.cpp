#include "sim/run/services.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/power/activities.hpp"
#include "sim/record/services.hpp"
#include "sim/run/busy_time.hpp"

namespace alight {
namespace {

/// Fleets are played at least so often, so that a run can be interrupted.
constexpr double kLongestStretchS = 60;
/// Of an autoscaler while no request comes and no replica computes: none starts that was not asked for by then.
constexpr int kMostIdleLooks = 3;
/// Between servers, before the first byte.
constexpr double kTransferLatencyS = 5e-6;

/// What replicas compute with at a clock below the full one.
struct ClockedReplicas {
  ClockedReplicas(const ReplicaModel& full, double clock) : model(full.at_clock(clock)), times(model), lines(times) {}
  ReplicaModel model;
  TimesOf<ReplicaModel> times;
  IterationLines lines;
};

/// How fast the chips of a replica are.
struct ReplicaPace {
  double clock = 1;
  JobSpeeds speeds;
  bool operator==(const ReplicaPace&) const = default;
};

}  // namespace

// One service on the run's clock.
class RunningServices::Play : private FleetSurroundings {
 public:
  Play(RunningServices& all, const Service& service, const std::unordered_map<std::string_view, JobIndex>& job_of)
      : all_(all), service_(service), fleet_(service.fleet, service.trace, *this) {
    std::size_t number = 0;
    for (std::size_t p = 0; p < service.replicas.size(); ++p)
      for (std::int64_t n = 0; n < service.replicas[p].most; ++n, ++number)
        slots_[p].push_back(job_of.at(Service::job_id(service.name, number)));
    split_ = service.fleet.split();
    all_.engine_.at(0, Turn::condition, Action::to<&Play::begin>(this));
  }

  const Service& service() const { return service_; }
  const ServiceReplicas& replicas_of(std::uint32_t number) const { return service_.replicas[fleet_.pool_of(number)]; }
  const std::map<std::size_t, std::vector<JobIndex>>& slots() const { return slots_; }

  void ready(std::uint32_t number) {
    advance();
    fleet_.started(tickets_.at(number), ticks(now()));
    post();
  }
  void clock(std::uint32_t number, double clock) {
    count_now(number);
    if (fleet_.state(number) != ReplicaState::off) set_pace(number, {clock, pace_of(number).speeds});
    post();
  }
  void speed(std::uint32_t number, const JobSpeeds& speeds) {
    const ReplicaPace now = pace_of(number);
    if (speeds == now.speeds) return;
    // Of one that does not serve yet nothing is to be counted, and this may be said in the middle of a decision.
    if (fleet_.state(number) == ReplicaState::starting) return set_pace(number, {now.clock, speeds});
    count_now(number);
    if (fleet_.state(number) != ReplicaState::off) set_pace(number, {now.clock, speeds});
    post();
  }
  ReplicaPace pace_of(std::uint32_t number) const {
    const auto at = paces_.find(number);
    return at == paces_.end() ? ReplicaPace() : at->second;
  }
  double slowed_s(std::uint32_t number) const {
    const auto at = slowed_s_.find(number);
    return at == slowed_s_.end() ? 0 : at->second;
  }
  void lose(std::uint32_t number) {
    advance();
    set_pace(number, {});
    fleet_.lose(number, ticks(now()));
    if (!closed_) fleet_.start(number, ticks(now()));
    post();
  }
  void count_now(std::uint32_t number) {
    advance();
    count(number, ticks(now()), now());
  }
  void count_all(double end_s) {
    advance_to(ticks(end_s));
    for (std::uint32_t n = 0; n < fleet_.replicas(); ++n) count(n, ticks(end_s), end_s);
  }
  /// It has something to play, sooner or later.
  bool awake() const { return !closed_ && idle_looks_ <= kMostIdleLooks; }
  void record(double start_s, double end_s) {
    const ServiceResults& results = fleet_.results();
    ServiceState state{.t_start_s = start_s,
                       .t_end_s = end_s,
                       .service = service_,
                       .results = results,
                       .waiting = fleet_.in_flight(),
                       .serving = 0,
                       .starting = 0};
    for (std::size_t p = 0; p < service_.replicas.size(); ++p) {
      state.serving += fleet_.serving(p);
      state.starting += fleet_.starting(p);
    }
    for (Recorder* r : all_.recorders_) r->service_bin(state);
  }
  void end(double end_s) {
    // Nobody will serve those that wait: the run is over, and not for its horizon.
    if (exhausted() && !awake()) fleet_.close(ticks(end_s));
    ServiceEnd end{.service = service_, .results = fleet_.results(), .in_flight = fleet_.in_flight()};
    end.to_come = static_cast<std::int64_t>(service_.trace.requests.size() - next_);
    for (std::uint32_t n = 0; n < fleet_.replicas(); ++n) {
      end.hours.push_back(fleet_.hours(n, ticks(end_s)));
      end.replicas.push_back(fleet_.pool_of(n));
    }
    for (Recorder* r : all_.recorders_) r->service_ended(end);
  }

 private:
  double now() const { return all_.engine_.now(); }
  bool exhausted() const { return next_ == service_.trace.requests.size(); }
  bool over() const { return exhausted() && fleet_.in_flight() == 0; }
  Ticks last_arrival() const { return ticks(service_.trace.requests.back().arrival_s); }
  Ticks arrival() const { return exhausted() ? kNever : ticks(service_.trace.requests[next_].arrival_s); }

  void begin(std::uint64_t) {
    for (std::size_t p = 0; p < service_.replicas.size(); ++p)
      fleet_.resize(p, service_.replicas[p].count, ticks(now()));
    post();
  }
  void wake(std::uint64_t which) {
    if (which != posted_) return;
    advance();
    post();
  }
  void advance() {
    advance_to(ticks(now()));
    if (!over() || closed_) return;
    closed_ = true;
    --all_.open_;
    for (std::size_t p = 0; p < service_.replicas.size(); ++p) fleet_.resize(p, 0, ticks(now()));
  }
  void advance_to(Ticks t) {
    if (!awake()) fleet_.skip_looks(t);  // what it had done then nobody would have seen then
    for (Ticks next; (next = std::min(arrival(), fleet_.next_change())) <= t && !closed_;) {
      while (arrival() <= next) fleet_.arrive(next_++, next);
      fleet_.play(next);
    }
  }
  void post() {
    ++posted_;
    if (closed_) return;
    // Requests that waited too long for a replica may all have ended as it started.
    Ticks next = over() ? ticks(now()) : std::min(arrival(), fleet_.next_change());
    // An autoscaler that looks at requests nobody will serve: it has had its chance.
    idle_looks_ = exhausted() && !fleet_.any_due() ? idle_looks_ + 1 : 0;
    if (idle_looks_ > kMostIdleLooks) return;
    // Nothing that others see happens until then but what a look brings about, and the end after the last request.
    if (!split_ && !exhausted() && !fleet_.any_draining())
      next = std::max(next, std::min({ticks(now() + kLongestStretchS), fleet_.next_look(), last_arrival()}));
    const double at = clock_seconds(next);
    if (std::isfinite(at)) all_.engine_.at(std::max(at, now()), Turn::runtime, Action::to<&Play::wake>(this, posted_));
  }

  // -- The fleet's world
  void start(std::uint32_t number, std::uint64_t ticket, Ticks) override {
    tickets_[number] = ticket;
    if (!jobs_.contains(number)) {
      auto& free = slots_[fleet_.pool_of(number)];
      const JobIndex job = free.front();
      free.erase(free.begin());
      jobs_[number] = job;
      all_.replicas_[job] = {.service = this, .number = number};
    }
    all_.replicas_.at(jobs_.at(number)).asked_s = now();
    slowed_s_.erase(number);
    all_.hooks_.ask(jobs_.at(number));
  }
  void stop(std::uint32_t number, Ticks t) override {
    count(number, t, now());
    set_pace(number, {});
    all_.hooks_.give_back(jobs_.at(number), closed_ ? "" : "no longer needed");
  }
  void transfer(double bytes, std::uint32_t from, std::uint32_t to, std::uint64_t ticket, Ticks) override {
    const ServiceReplicas &a = replicas_of(from), &b = replicas_of(to);
    Send send{.bytes = bytes, .latency_s = kTransferLatencyS};
    send.apart_s = bytes / std::min(a.nic_bytes_s, b.nic_bytes_s);
    send.together_s = bytes / std::min(a.scale_up_bytes_s, b.scale_up_bytes_s);
    all_.sends_.send(jobs_.at(from), jobs_.at(to), a.data_parts, send, Action::to<&Play::transferred>(this, ticket));
  }
  void transferred(std::uint64_t ticket) {
    advance();
    fleet_.transferred(ticket, ticks(now()));
    post();
  }

  void set_pace(std::uint32_t number, const ReplicaPace& pace) {
    if (pace == pace_of(number)) return;
    paces_[number] = pace;
    fleet_.pace_by(number, pace.clock < 1 ? &clocked(number, pace.clock).lines : nullptr, pace.speeds.slowest,
                   ticks(now()));
  }
  ClockedReplicas& clocked(std::uint32_t number, double clock) {
    auto& known = clocked_[{fleet_.pool_of(number), clock}];
    if (!known) known = std::make_unique<ClockedReplicas>(*replicas_of(number).model, clock);
    return *known;
  }

  // How the chips of a replica spent the time since it was last counted.
  void count(std::uint32_t number, Ticks t, double now_s) {
    const ReplicaTotals totals = fleet_.hours(number, t).totals;
    ReplicaTotals& before = counted_[number];
    const ReplicaTotals since = totals.since(before);
    before = totals;
    if (since.busy <= 0) return;
    const ServiceReplicas& replicas = replicas_of(number);
    const ReplicaModel& model = *replicas.model;
    const double computed = static_cast<double>(since.prefill_tokens);
    const double kept = computed > 0 ? 1 - static_cast<double>(since.recomputed_tokens) / computed : 1;
    const double flops =
        model.prefill_flops(computed * kept, since.prefill_pairs * kept) +
        model.decode_flops(static_cast<double>(since.decode_tokens), static_cast<double>(since.decode_context));
    const auto n = static_cast<double>(std::max<std::int64_t>(1, since.iterations));
    const IterationWork mean{.prefill_tokens = computed / n,
                             .prefill_sequences = computed > 0 ? 1.0 : 0.0,
                             .prefill_pairs = since.prefill_pairs / n,
                             .decodes = static_cast<double>(since.decode_tokens) / n / model.tokens_per_iteration()};
    const double context = static_cast<double>(since.decode_context) / n;
    const IterationParts parts = model.iteration_parts(mean, context);
    const auto [clock, speeds] = pace_of(number);
    const BusyTime time =
        divide_busy_time(seconds(since.busy), flops / model.peak_flops(), parts,
                         clock < 1 ? clocked(number, clock).model.iteration_parts(mean, context) : parts, speeds);
    if (time.slowed_s != 0) slowed_s_[number] += time.slowed_s;
    const auto chips = static_cast<double>(model.chips());
    StateTimes chip_s{};
    chip_s[static_cast<std::size_t>(ChipState::useful)] = time.useful_s * chips;
    chip_s[static_cast<std::size_t>(ChipState::exposed_comm)] = time.exchange_s * chips;
    chip_s[static_cast<std::size_t>(ChipState::below_peak)] = time.below_peak_s * chips;
    chip_s[static_cast<std::size_t>(ChipState::throttled)] = time.throttled_s * chips;
    chip_s[static_cast<std::size_t>(ChipState::bucket)] = time.bucket_s * chips;
    const ChipActivity activity = serving_activity(parts, flops / n, model.reached_flops());
    const double computes = 1 - parts.exchange_s / parts.seconds();
    const Computing computing{.compute = activity.compute / computes, .memory = activity.memory / computes};
    all_.hooks_.counted(jobs_.at(number),
                        all_.ledger_.recount(replicas.pool, ChipState::no_requests, chip_s, computing, clock, now_s));
  }

  RunningServices& all_;
  const Service& service_;
  std::map<std::size_t, std::vector<JobIndex>> slots_;  ///< [pool of the fleet] jobs no replica has yet
  std::unordered_map<std::uint32_t, JobIndex> jobs_;    ///< of replicas
  std::unordered_map<std::uint32_t, std::uint64_t> tickets_;
  std::unordered_map<std::uint32_t, ReplicaTotals> counted_;
  std::unordered_map<std::uint32_t, ReplicaPace> paces_;  ///< of replicas that ever had another one than that of models
  std::unordered_map<std::uint32_t, double> slowed_s_;    ///< of those whose chips were not as their kind
  std::map<std::pair<std::size_t, double>, std::unique_ptr<ClockedReplicas>> clocked_;  ///< by pool of the fleet
  Fleet fleet_;
  bool split_ = false, closed_ = false;
  std::uint32_t next_ = 0;
  std::uint64_t posted_ = 0;
  int idle_looks_ = 0;
};

RunningServices::RunningServices(const Services& services, const Workload& workload, Engine& engine, Ledger& ledger,
                                 double bin_s, std::vector<Recorder*> recorders, Hooks hooks)
    : engine_(engine),
      ledger_(ledger),
      bin_s_(bin_s),
      recorders_(std::move(recorders)),
      hooks_(std::move(hooks)),
      sends_(engine, hooks_.sends),
      open_(services.size()) {
  std::unordered_map<std::string_view, JobIndex> job_of;
  for (JobIndex j = 0; j < workload.jobs.size(); ++j)
    if (workload.jobs[j].type == JobType::service) job_of[workload.jobs[j].id] = j;
  for (const auto& service : services) {
    services_.push_back(std::make_unique<Play>(*this, *service, job_of));
    for (const auto& [p, jobs] : services_.back()->slots())
      for (const JobIndex job : jobs) pools_[job] = &service->replicas[p];
  }
  ledger_.before_close([this](double end_s) { count(end_s); });
  bin_over(0);
}
RunningServices::~RunningServices() = default;

// So that no fleet has been played beyond the end of a bin that is not closed.
void RunningServices::bin_over(std::uint64_t number) {
  // Without a horizon the run may have ended within this bin.
  if (over()) return;
  if (number > 0) ledger_.advance(engine_.now());
  if (std::none_of(services_.begin(), services_.end(), [](const auto& service) { return service->awake(); })) return;
  engine_.at(static_cast<double>(number + 1) * bin_s_, Turn::condition,
             Action::to<&RunningServices::bin_over>(this, number + 1));
}

void RunningServices::count(double end_s) {
  for (const auto& service : services_) {
    service->count_all(end_s);
    service->record(counted_s_, end_s);
  }
  counted_s_ = end_s;
}

const TrainingRate* RunningServices::load(JobIndex job) const {
  const TrainingRate& rate = pools_.at(job)->load;
  return rate.storage.load ? &rate : nullptr;
}
Course RunningServices::course(JobIndex job) const {
  static const Split serving(ChipState::no_requests);
  const TrainingRate* loads = load(job);
  return {.startup_s = pools_.at(job)->startup_s + (loads ? loads->storage.load_s : 0),
          .split = &serving,
          .run_s = std::numeric_limits<double>::infinity()};
}
void RunningServices::ready(JobIndex job) {
  const Replica& replica = replicas_.at(job);
  replica.service->ready(replica.number);
}
void RunningServices::count(JobIndex job) {
  const Replica& replica = replicas_.at(job);
  replica.service->count_now(replica.number);
}
void RunningServices::clock(JobIndex job, double clock) {
  const Replica& replica = replicas_.at(job);
  replica.service->clock(replica.number, clock);
}
double RunningServices::clock_of(JobIndex job) const {
  const Replica& replica = replicas_.at(job);
  return replica.service->pace_of(replica.number).clock;
}
void RunningServices::speed(JobIndex job, const JobSpeeds& speeds) {
  const Replica& replica = replicas_.at(job);
  replica.service->speed(replica.number, speeds);
}
double RunningServices::slowed_s(JobIndex job) const {
  const Replica& replica = replicas_.at(job);
  return replica.service->slowed_s(replica.number);
}
void RunningServices::lose(JobIndex job) {
  sends_.lose(job);
  const Replica& replica = replicas_.at(job);
  replica.service->lose(replica.number);
}
void RunningServices::close(double end_s) {
  for (const auto& service : services_) service->end(end_s);
}

}  // namespace alight
