// Small random sites and workloads, and a recorder that checks what must hold in every run.
#pragma once

#include <algorithm>
#include <bit>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "models/random/streams.hpp"
#include "sim/facility/building.hpp"
#include "sim/run/breakdown_plan.hpp"
#include "sim/scheduler/policy.hpp"
#include "tests/support/training.hpp"
#include "workloads/training_work.hpp"

namespace alight::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(alight::stream(seed, "test runs")) {}
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(stream_);
  }
  bool one_in(std::int64_t n) { return (*this)(1, n) == 1; }

 private:
  Stream stream_;
};

/// One to three pools of one to twelve servers of 1 to 8 chips, some with host processors counted, some built in
/// phases.
inline Site random_pools(Dice& dice) {
  std::vector<Pool> pools;
  for (std::int64_t p = dice(1, 3); p > 0; --p) {
    Pool pool =
        chips_pool("p" + std::to_string(p), dice(1, 12), std::int64_t{1} << dice(0, 3), dice.one_in(2) ? "cuda" : "");
    pool.servers_per_rack = dice(1, 3);
    if (dice.one_in(2)) pool.server.cpu_cores = pool.server.chips * dice(2, 6);
    if (dice.one_in(3)) pool.phases = {{static_cast<double>(dice(1, 300)), dice(1, pool.racks())}};
    pools.push_back(std::move(pool));
  }
  return site_of(std::move(pools));
}

/// Jobs of every shape at whole seconds, so that many things happen at once; some too large, some killed.
inline std::vector<Row> random_rows(Dice& dice, const Site& site, std::int64_t count) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    Row row{.id = "j" + std::to_string(i),
            .submit_s = static_cast<double>(dice(0, 2 * count)),
            .duration_s = static_cast<double>(dice(0, 60))};
    row.estimate_s = dice.one_in(2) ? row.duration_s : static_cast<double>(dice(1, 80));
    row.kill = dice.one_in(3);
    row.chips = dice.one_in(3) ? dice(1, std::max<std::int64_t>(1, site.chips / 2)) : dice(1, 4);
    row.shape = static_cast<Shape>(dice(0, 2));
    if (dice.one_in(4)) {
      row.chips = 1;
      row.chip_milli = static_cast<std::int32_t>(100 * dice(1, 9));
    }
    if (dice.one_in(3)) row.cpu_milli = 500 * dice(1, 8);
    if (dice.one_in(12)) {
      row.chips = 0;
      row.chip_milli = 1000;
      row.cpu_milli = 1000 * dice(1, 4);
      row.shape = Shape::gang;
    }
    if (dice.one_in(4)) row.priority = static_cast<std::int32_t>(dice(-2, 2));
    if (dice.one_in(3)) row.vc = dice.one_in(2) ? "x" : "y";
    if (dice.one_in(5)) row.stack = dice.one_in(4) ? "cann" : "cuda";
    if (dice.one_in(6)) row.kinds = site.pools.front().chip.name;
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Makes training jobs of some of the rows: planned or laid out, with and without start-up, some unfit for their chips.
inline void train_some(Dice& dice, std::vector<Row>& rows) {
  static const char* works[] = {
      "plan gb32 seq1024",        "tp1 gb96 seq512 fsdp",      "start2.5 gb96 seq512 zero1 full",
      "start70 tp2 gb64 seq1024", "tp2 pp2 gb64 seq512 zero1", "pp3 gb48 seq512"};
  for (Row& row : rows) {
    if (!dice.one_in(2) || row.chips == 0 || row.chip_milli != 1000) continue;
    row.model = dice.one_in(20) ? "nobody" : "small";
    row.training = works[dice(0, 5)];
    row.tokens = static_cast<double>(dice(1, 60) * row.chips) * 2e4;
    row.duration_s = 0;
    if (!row.kill) row.estimate_s = 0;
  }
}

/// Lets some of the training jobs lie in two or three pools at once, in parts that are whole servers or not, some too
/// large.
inline void mix_some(Dice& dice, const Site& site, std::vector<Row>& rows) {
  if (site.pools.size() < 2) return;
  for (Row& row : rows) {
    if (row.tokens == 0 || !dice.one_in(2)) continue;
    if (!dice.one_in(12)) row.training = dice.one_in(2) ? "plan gb32 seq512" : "start3 plan gb48 seq512";
    row.mix = {};
    const std::size_t without = static_cast<std::size_t>(dice(0, 2));
    for (std::size_t p = 0; p < site.pools.size(); ++p) {
      if (site.pools.size() == 3 && p == without) continue;
      const Pool& pool = site.pools[p];
      row.mix.parts.push_back({pool.name, dice(1, pool.chips() + (dice.one_in(10) ? 1 : 0))});
    }
    row.tokens = static_cast<double>(dice(1, 60) * row.mix.chips()) * 2e4;
  }
}

/// Keeps its own books of every chip, quota and chip-second, and throws at the first thing that cannot be.
class Auditor : public Recorder {
 public:
  Auditor(const Site& site, const Workload& w, const RunSettings& settings)
      : site_(site), names_(w.names), settings_(settings), held_(static_cast<std::size_t>(site.servers)) {
    for (std::size_t s = 0; s < held_.size(); ++s)
      held_[s].assign(static_cast<std::size_t>(pool_of(s).server.chips), 0);
    lit_.resize(site.pools.size());
    bins_.resize(site.pools.size());
  }

  void job_submitted(const Job& job, double now_s) override {
    if (now_s != job.submit_s) throw std::runtime_error(job.id + " was not submitted at its time");
  }
  void job_started(const JobRecord& r) override {
    if (r.start_s < r.job.submit_s) throw std::runtime_error(r.job.id + " starts before it is submitted");
    for (const auto& [victim, at_s] : victims_)
      if (victim->priority >= r.job.priority || at_s != r.start_s)
        throw std::runtime_error(victim->id + " is preempted, not for " + r.job.id);
    victims_.clear();
    if (!running_.insert(&r.job).second) throw std::runtime_error(r.job.id + " starts twice");
    std::int64_t chips = 0;
    std::map<std::size_t, std::int64_t> of_pool;
    for_each_chip(r, [&](std::int64_t& held, std::size_t server, std::int32_t milli) {
      if (r.parts.empty() && &pool_of(server) != r.pool) throw std::runtime_error(r.job.id + " lies in two pools");
      of_pool[static_cast<std::size_t>(&pool_of(server) - site_.pools.data())] += milli;
      if ((held += milli) > 1000) throw std::runtime_error(r.job.id + " gets a chip that is held");
      if (!delivered(server, r.start_s)) throw std::runtime_error(r.job.id + " gets a chip that is not there yet");
      if (down_[static_cast<std::int64_t>(server)] > 0) throw std::runtime_error(r.job.id + " gets a broken server");
      ++chips;
    });
    if (names_[r.job.training].find("elastic") != std::string::npos && chips < r.job.chips && r.before.failures > 0)
      return start_of_part(r, chips);
    if (r.job.shape == Shape::whole_servers && r.job.chip_milli == 1000 ? chips < r.job.chips : chips != r.job.chips)
      throw std::runtime_error(r.job.id + " gets another number of chips than it asked for");
    if (r.job.mix != 0) check_parts(r, of_pool);
    use(r, +1);
  }
  /// An elastic job on fewer chips than it asks for: whole replicas, not below its least.
  void start_of_part(const JobRecord& r, std::int64_t chips) {
    const TrainingWork work = training_work(names_, r.job.training);
    const std::int64_t replica = work.layout.tensor * work.layout.pipeline * work.layout.context;
    if (chips < work.elastic.least_replicas * replica || (r.job.shape == Shape::gang && chips % replica != 0))
      throw std::runtime_error(r.job.id + " starts on a part that is none");
    use(r, +1);
  }
  void job_grew(const JobRecord& r) override {
    if (r.held_milli >= r.job.chips * 1000) throw std::runtime_error(r.job.id + " grows beyond what it asks for");
    lost_chips(r);
  }
  // Who takes the chips starts in the same instant, before anyone else does.
  void job_preempted(const JobRecord& r) override {
    if ((settings_.preemption == JobPreemption::none && !power_cuts_) || !r.job.preemptible)
      throw std::runtime_error(r.job.id + " is preempted and may not be");
    if (!power_cuts_) victims_.push_back({&r.job, r.finish_s});
    lost_chips(r);
  }
  void job_interrupted(const JobRecord& r) override {
    if (!settings_.breakdowns || settings_.breakdowns->on_failure == OnFailure::fail)
      throw std::runtime_error(r.job.id + " is interrupted and cannot be");
    lost_chips(r);
  }
  void broke(const Breakdown& b) override {
    if (b.time_s < broke_s_) throw std::runtime_error("failures go back in time");
    broke_s_ = b.time_s;
    if (b.what == Breakdown::What::found && !b.slow) return;
    for (std::int64_t s = b.first_server; s < b.first_server + b.servers; ++s)
      if ((down_[s] += b.what == Breakdown::What::back ? -1 : 1) < 0)
        throw std::runtime_error("a server is back that was not out");
  }
  void job_ended(const JobRecord& r) override {
    if (!r.pool) return;
    if (std::abs(r.wait_s() + r.run_s() - (r.finish_s - r.job.submit_s)) > 1e-6)
      throw std::runtime_error(r.job.id + " neither waits nor runs for some time");
    if ((r.before.starts > 0) != preempted_.contains(&r.job) || std::abs(r.before.redone_s - lost_[&r.job]) > 1e-6)
      throw std::runtime_error(r.job.id + " has another past than it had");
    over(r);
  }
  void lost_chips(const JobRecord& r) {
    preempted_.insert(&r.job);
    lost_[&r.job] += r.redone_s;
    over(r);
  }
  void over(const JobRecord& r) {
    if (running_.erase(&r.job) != 1) throw std::runtime_error(r.job.id + " ends without having started");
    const auto lit = [&](std::size_t pool, std::int64_t milli) {
      lit_[pool] += static_cast<double>(milli) * 1e-3 * (r.finish_s - r.start_s);
    };
    redone_chip_s_ += (r.redone_s + r.hung_s) * static_cast<double>(r.held_milli) * 1e-3;
    for (const PoolPart& part : r.parts) lit(part.pool, part.held_milli);
    if (r.parts.empty()) lit(static_cast<std::size_t>(r.pool - site_.pools.data()), r.held_milli);
    for_each_chip(r, [&](std::int64_t& held, std::size_t, std::int32_t milli) { held -= milli; });
    use(r, -1);
  }
  void bin_closed(const LedgerBin& bin) override {
    if (bin.t_start_s != bins_end_) throw std::runtime_error("bins leave a gap");
    bins_end_ = bin.t_end_s;
    for (std::size_t p = 0; p < bins_.size(); ++p) {
      double sum = 0;
      for (std::size_t s = 0; s < kChipStates; ++s) {
        sum += bin.chip_s[p][s];
        bins_[p][s] += bin.chip_s[p][s];
      }
      near(sum, static_cast<double>(site_.pools[p].chips()) * (bin.t_end_s - bin.t_start_s), "a bin's chip-seconds");
    }
  }
  void check(const RunEnd& end) {
    near(bins_end_, end.end_s, "the end of the last bin");
    if (!victims_.empty()) throw std::runtime_error(victims_.front().first->id + " is preempted for nobody");
    for (std::size_t p = 0; p < lit_.size(); ++p) {
      double sum = 0;
      for (std::size_t s = 0; s < kChipStates; ++s) {
        near(bins_[p][s], end.chip_s[p][s], "the bins' sum of a state");
        sum += end.chip_s[p][s];
      }
      near(sum, static_cast<double>(site_.pools[p].chips()) * end.end_s, "a pool's chip-seconds");
      double lit = 0;
      for (std::size_t state = 0; state < kChipStates; ++state)
        if (is_lit(static_cast<ChipState>(state))) lit += end.chip_s[p][state];
      near(lit_[p], lit, "the jobs' chip-seconds");
    }
    double lost = 0, throttled = 0;
    for (const StateTimes& times : end.chip_s) {
      lost += times[static_cast<std::size_t>(ChipState::lost)];
      throttled += times[static_cast<std::size_t>(ChipState::throttled)];
    }
    // Beside work done again, and hanging, only waiting for checkpoints is lost; of it, what a lower clock adds is
    // throttled.
    const double least = redone_chip_s_ - throttled;
    if (site_.storage ? lost < least * (1 - 1e-9) - 1e-6
                      : lost > redone_chip_s_ + 1e-6 || lost < std::max(0.0, least) - 1e-6)
      throw std::runtime_error("other chip-seconds are lost than were of work done again");
  }

 private:
  static void near(double a, double b, const char* what) {
    if (std::abs(a - b) > 1e-9 * std::max({1.0, std::abs(a), std::abs(b)}))
      throw std::runtime_error(std::string(what) + ": " + std::to_string(a) + " against " + std::to_string(b));
  }
  const Pool& pool_of(std::size_t server) const {
    return site_.pools[static_cast<std::size_t>(site_.pool_of_server(static_cast<std::int64_t>(server)))];
  }
  bool delivered(std::size_t server, double now_s) const {
    const Pool& pool = pool_of(server);
    std::int64_t racks = 0;
    const std::int64_t rack = (static_cast<std::int64_t>(server) - pool.first_server) / pool.servers_per_rack;
    for (const Phase& phase : pool.phases)
      if (rack < (racks += phase.racks)) return phase.from_s <= now_s;
    return true;
  }
  template <class Call>
  void for_each_chip(const JobRecord& r, const Call& call) {
    for (const Slice& slice : *r.allocation)
      for (ServerIndex i = 0; i < slice.servers; ++i)
        for (std::uint64_t m = slice.chips; m; m &= m - 1)
          call(held_[slice.server + i].at(static_cast<std::size_t>(std::countr_zero(m))), slice.server + i,
               slice.chip_milli);
  }
  // Every part of its own size, in whole servers, and nothing beside them.
  void check_parts(const JobRecord& r, const std::map<std::size_t, std::int64_t>& of_pool) const {
    const TrainingMix mix = training_mix(names_[r.job.mix]);
    if (of_pool.size() != mix.parts.size() || r.parts.size() != mix.parts.size())
      throw std::runtime_error(r.job.id + " does not lie in each of its pools");
    for (const PoolPart& part : r.parts) {
      const Pool& pool = site_.pools[part.pool];
      const auto asked = std::find_if(mix.parts.begin(), mix.parts.end(),
                                      [&](const TrainingMix::Part& of) { return of.pool == pool.name; });
      if (asked == mix.parts.end()) throw std::runtime_error(r.job.id + " lies in a pool it does not name");
      const std::int64_t servers = (asked->chips + pool.server.chips - 1) / pool.server.chips;
      if (part.held_milli != servers * pool.server.chips * 1000 || of_pool.at(part.pool) != part.held_milli)
        throw std::runtime_error(r.job.id + " holds other chips of " + pool.name + " than its part");
    }
  }
  void use(const JobRecord& r, int sign) {
    const std::string& vc = names_[r.job.vc];
    const auto quota = settings_.quota_chips.find(vc);
    if (quota == settings_.quota_chips.end()) return;
    if ((used_[vc] += sign * r.held_milli) > std::llround(quota->second * 1000))
      throw std::runtime_error(vc + " holds more than its quota");
  }

  const Site& site_;
  const Names& names_;
  const RunSettings& settings_;
  /// Jobs may lose their chips for want of power, or for heat.
  const bool power_cuts_ = (settings_.building &&
                            std::ranges::any_of(settings_.building->caps,
                                                [](const PowerCap& cap) { return cap.policy == AtCap::switch_off; })) ||
                           (settings_.building && settings_.building->heat);
  std::vector<std::vector<std::int64_t>> held_;  ///< [server][chip] thousandths
  std::set<const Job*> running_, preempted_;
  std::vector<std::pair<const Job*, double>> victims_;  ///< of the job that starts next
  std::map<const Job*, double> lost_;                   ///< redone, in seconds
  std::map<std::string, std::int64_t> used_;
  std::vector<double> lit_;
  std::vector<StateTimes> bins_;
  double bins_end_ = 0, redone_chip_s_ = 0, broke_s_ = 0;
  std::map<std::int64_t, int> down_;  ///< [server] because of how many things
};

/// The policies whose jobs can wait again.
inline std::vector<std::string> requeuing_policies() {
  std::vector<std::string> names = policy_names();
  std::erase(names, "once");
  return names;
}

/// A run drawn at random.
struct RandomRun {
  Site site;
  std::vector<Row> rows;
  RunSettings settings;
  std::shared_ptr<const TrainingGround> ground;
};

/// Pools and jobs of every kind; half of the runs train, one in `mixing` of these over several pools too.
inline RandomRun random_jobs_run(Dice& dice, std::int64_t jobs, int mixing) {
  RandomRun s;
  s.site = random_pools(dice);
  s.rows = random_rows(dice, s.site, jobs);
  if (dice.one_in(2)) {
    train_some(dice, s.rows);
    if (dice.one_in(mixing)) mix_some(dice, s.site, s.rows);
  }
  s.ground = small_ground(s.site);
  return s;
}

/// What jobs lost to lower clocks, and servers that were switched off, in several runs.
struct HeldBack {
  double throttled_chip_s = 0, unpowered_chip_s = 0;
};

/// So many rounds of every policy whose jobs can wait again, each with the next seed, heard by `Audit`.
template <class Audit, class Make>
HeldBack play_policies(const Make& make, std::uint64_t seed, int rounds, Sharing sharing, std::int64_t jobs) {
  HeldBack held;
  for (int round = 0; round < rounds; ++round)
    for (const std::string& policy : requeuing_policies()) {
      RandomRun s = make(seed++, jobs);
      s.settings.policy = policy;
      s.settings.sharing = sharing;
      if (sharing == Sharing::exact)
        for (Row& row : s.rows) row.tokens *= 0.1;
      INFO(policy << ", seed " << seed - 1);
      const Played p = played<Audit>(s.site, workload(s.rows), s.settings, s.ground);
      for (std::size_t pool = 0; pool < s.site.pools.size(); ++pool) {
        held.throttled_chip_s += p.chip_seconds(pool, ChipState::throttled);
        held.unpowered_chip_s += p.chip_seconds(pool, ChipState::unpowered);
      }
    }
  return held;
}

/// Twice, in lockstep with SimGrid, and from rows in another order it is the same run.
inline void check_same_run(RandomRun s, std::uint64_t seed) {
  const Played once = played<Auditor>(s.site, workload(s.rows), s.settings, s.ground);
  CHECK((once == played<Auditor>(s.site, workload(s.rows), s.settings, s.ground)));
  s.settings.lockstep = true;
  CHECK((once == played<Auditor>(s.site, workload(s.rows), s.settings, s.ground)));
  s.settings.lockstep = false;
  Dice dice(seed);
  for (std::size_t i = s.rows.size(); i > 1; --i)
    std::swap(s.rows[i - 1], s.rows[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(i) - 1))]);
  CHECK((once == played<Auditor>(s.site, workload(s.rows), s.settings, s.ground)));
}

}  // namespace alight::test
