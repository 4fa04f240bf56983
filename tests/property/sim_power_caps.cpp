// What holds of every run under power caps: no cap is passed for longer than the control interval, every chip-second
// and every joule is accounted for, every job ends once, and the same run twice is the same run.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/power/clock.hpp"
#include "sim/facility/state_power.hpp"
#include "tests/support/random_breakdowns.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

double part(Dice& dice, double low, double high) {
  return low + (high - low) * static_cast<double>(dice(0, 1000)) * 1e-3;
}

/// A building that nobody described: every pool with chips, servers and a hall of its own.
Building random_building(Dice& dice, const Site& site) {
  Building b;
  b.network_w = static_cast<double>(dice(0, 3000));
  double rated_w = b.network_w;
  for (const Pool& pool : site.pools) {
    const double tdp_w = static_cast<double>(dice(100, 1000));
    const ServerFacts facts{.chips = pool.server.chips, .chip_tdp_w = tdp_w};
    b.power.push_back(state_power({kIdleShare * tdp_w, tdp_w}, facts, part(dice, 0.2, 1)));
    b.provisioned_w.push_back(provisioned_w(facts));
    b.halls.push_back(
        {.cooling = {}, .rated = {.servers_w = provisioned_w(facts) * static_cast<double>(pool.servers)}});
    rated_w += b.halls.back().rated.servers_w;
    b.density.push_back({});
    b.carried_per_rack.push_back(dice.one_in(4) ? std::max<std::int64_t>(1, pool.servers_per_rack - 1)
                                                : pool.servers_per_rack);
  }
  // Jobs nobody can see into draw all the same, or each its own share.
  if (dice.one_in(2)) b.opaque = PowerProfile({part(dice, 0, 0.5), 0.5, part(dice, 0.5, 1)});
  for (Hall& hall : b.halls) hall.rated.losses_w = 0.05 * hall.rated.servers_w;
  b.conversion = {{.name = "ups", .unit = ups(rated_w, 0.97)}};
  b.outside = {.dry_bulb_c = part(dice, -10, 40), .relative_humidity = 0.5};
  // No change of a job falls on a look.
  b.control_interval_s = 0.3 + static_cast<double>(dice(0, 4)) + 0.0173;
  return b;
}

double pool_w(const Building& b, const Site& site, std::size_t p, ChipState state) {
  return b.power[p].watts[static_cast<std::size_t>(state)] * static_cast<double>(site.pools[p].chips());
}

/// What a domain draws, as its cap counts it, where its servers idle, and where all compute.
double counted_w(const Building& b, const Site& site, const PowerCap& cap, std::size_t domain, ChipState state) {
  std::vector<double> pools_w(site.pools.size(), 0);
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    for (std::int64_t r = 0; r < pool.racks(); ++r)
      if (cap.domain_of_rack[static_cast<std::size_t>(pool.first_rack + r)] == static_cast<std::int32_t>(domain))
        pools_w[p] += pool_w(b, site, p, state) *
                      static_cast<double>(std::min(pool.servers_per_rack, pool.servers - r * pool.servers_per_rack)) /
                      static_cast<double>(pool.servers);
  }
  if (cap.level == CapLevel::utility) return b.meter_w(pools_w, b.outside);
  double sum = cap.level == CapLevel::site ? b.network_w : 0;
  for (const double w : pools_w) sum += w;
  return sum;
}

/// Limits that can be kept: by clocks where half of what computing adds to idling is left, by switching off, and by
/// refusing where they do not fall.
void cap_at_random(Dice& dice, const Site& site, Building& b) {
  for (std::int64_t n = dice(1, 3); n > 0; --n) {
    PowerCap cap{.name = "cap " + std::to_string(n),
                 .level = static_cast<CapLevel>(dice(0, 4)),
                 .policy = static_cast<AtCap>(dice(0, 3))};
    cap.domain_of_rack.assign(static_cast<std::size_t>(site.racks), 0);
    std::size_t domains = 1;
    if (cap.level == CapLevel::rack) {
      domains = static_cast<std::size_t>(site.racks);
      for (std::size_t r = 0; r < domains; ++r) cap.domain_of_rack[r] = static_cast<std::int32_t>(r);
    } else if (cap.level == CapLevel::row || cap.level == CapLevel::hall) {
      domains = site.pools.size();
      for (std::size_t p = 0; p < domains; ++p)
        for (std::int64_t r = 0; r < site.pools[p].racks(); ++r)
          cap.domain_of_rack[static_cast<std::size_t>(site.pools[p].first_rack + r)] = static_cast<std::int32_t>(p);
    }
    const double low = cap.policy == AtCap::switch_off ? 0.05 : 0.5;
    double least = 0, most = 1;
    for (std::size_t d = 0; d < domains; ++d) {
      cap.domains.push_back({.name = "domain " + std::to_string(d)});
      const double full_w = counted_w(b, site, cap, d, ChipState::useful);
      const double idle_w = counted_w(b, site, cap, d, ChipState::idle);
      cap.domains.back().rated_w = full_w;
      // Of each domain the same share; of utility all that there is.
      const double floor_w = cap.policy == AtCap::switch_off
                                 ? b.network_w * (cap.level >= CapLevel::site ? 1.5 : 0) + full_w * low
                                 : idle_w + low * (full_w - idle_w);
      least = std::max(least, std::min(1.0, floor_w / full_w));
    }
    const auto limit = [&] { return CapLimit::Value{.value = part(dice, least, most), .share = true}; };
    cap.limit.always = limit();
    if (cap.policy != AtCap::refuse && dice.one_in(2))
      for (std::int64_t k = 1; k <= dice(1, 4); ++k)
        cap.limit.dated.push_back({.from_s = static_cast<double>(40 * k + dice(0, 20)), .limit = limit()});
    b.caps.push_back(std::move(cap));
  }
  std::stable_sort(b.caps.begin(), b.caps.end(), [](const auto& x, const auto& y) { return x.level < y.level; });
}

/// Reads the draw of every domain of whole pools off the ledger's bins.
class Meter : public Auditor {
 public:
  Meter(const Site& site, const Workload& w, const RunSettings& settings)
      : Auditor(site, w, settings),
        meter_site_(site),
        meter_names_(w.names),
        building_(*settings.building),
        above_s_(building_.caps.size()) {
    for (const Job& job : w.jobs)
      all_clockable_ = all_clockable_ && job.type != JobType::parallel && job.type != JobType::service;
    for (std::size_t c = 0; c < building_.caps.size(); ++c) above_s_[c].assign(building_.caps[c].domains.size(), 0);
  }
  void site_event(const SiteEvent& e) override {
    if (e.kind == "cap not met" && all_clockable_)
      throw std::runtime_error(std::string(e.subject) + " is not met at " + std::to_string(e.time_s) + " s");
  }
  void job_started(const JobRecord& r) override {
    Auditor::job_started(r);
    changes_s_.insert(r.start_s);
    if (r.training) changes_s_.insert(r.start_s + training_work(meter_names_, r.job.training).startup_s);
  }
  void job_preempted(const JobRecord& r) override {
    Auditor::job_preempted(r);
    changes_s_.insert(r.finish_s);
  }
  void job_interrupted(const JobRecord& r) override {
    Auditor::job_interrupted(r);
    changes_s_.insert(r.finish_s);
  }
  void job_grew(const JobRecord& r) override {
    Auditor::job_grew(r);
    changes_s_.insert(r.finish_s);
  }
  void job_ended(const JobRecord& r) override {
    Auditor::job_ended(r);
    if (r.pool) changes_s_.insert(r.finish_s);
  }
  void bin_closed(const LedgerBin& bin) override {
    Auditor::bin_closed(bin);
    const double seconds = bin.t_end_s - bin.t_start_s;
    std::vector<double> pools_w;
    for (const StateTimes& joules : bin.joules) {
      double sum = 0;
      for (const double j : joules) sum += j;
      pools_w.push_back(sum / seconds);
    }
    for (std::size_t c = 0; c < building_.caps.size() && all_clockable_; ++c) {
      const PowerCap& cap = building_.caps[c];
      for (std::size_t d = 0; d < cap.domains.size(); ++d) {
        const auto drawn_w = draw_w(cap, d, pools_w);
        if (!drawn_w) continue;
        const double limit_w = std::max(cap.limit.at(bin.t_start_s, {}).watts(cap.domains[d].rated_w),
                                        cap.limit.at(bin.t_end_s, {}).watts(cap.domains[d].rated_w));
        double& above_s = above_s_[c][d];
        above_s = *drawn_w > limit_w * (1 + 1e-6) + 1e-3 ? above_s + seconds : 0;
        // The first and the last bin may be above for a part of them. Each job that comes, begins or goes begins an
        // interval.
        const double since_s = bin.t_end_s - building_.control_interval_s - 2 * seconds - 1e-9;
        const auto change = changes_s_.lower_bound(since_s);
        if (above_s > bin.t_end_s - since_s && (change == changes_s_.end() || *change > bin.t_end_s))
          throw std::runtime_error(cap.name + ": passed for " + std::to_string(above_s) + " s at " +
                                   std::to_string(bin.t_end_s) + " s: " + std::to_string(*drawn_w) + " W of " +
                                   std::to_string(limit_w));
      }
    }
  }

 private:
  std::optional<double> draw_w(const PowerCap& cap, std::size_t d, const std::vector<double>& pools_w) const {
    std::vector<double> of_domain(pools_w.size(), 0);
    for (std::size_t p = 0; p < pools_w.size(); ++p) {
      const Pool& pool = meter_site_.pools[p];
      std::int64_t racks = 0;
      for (std::int64_t r = 0; r < pool.racks(); ++r)
        if (cap.domain_of_rack[static_cast<std::size_t>(pool.first_rack + r)] == static_cast<std::int32_t>(d)) ++racks;
      if (racks != 0 && racks != pool.racks()) return std::nullopt;
      if (racks > 0) of_domain[p] = pools_w[p];
    }
    if (cap.level == CapLevel::utility) return building_.meter_w(of_domain, building_.outside);
    double sum = cap.level == CapLevel::site ? building_.network_w : 0;
    for (const double w : of_domain) sum += w;
    return sum;
  }
  const Site& meter_site_;
  const Names& meter_names_;
  const Building& building_;
  std::vector<std::vector<double>> above_s_;  ///< [cap][domain] without a break
  std::set<double> changes_s_;                ///< when jobs came and went
  bool all_clockable_ = true;
};

RandomRun random_capped(std::uint64_t seed, std::int64_t jobs = 40) {
  Dice dice(seed);
  RandomRun s;
  s.site = dice.one_in(3) ? random_network(dice) : random_pools(dice);
  s.rows = random_rows(dice, s.site, jobs);
  bool stored = false;
  if (dice.one_in(2)) {
    train_some(dice, s.rows);
    stored = dice.one_in(3);
    if (!stored && dice.one_in(3)) mix_some(dice, s.site, s.rows);
  }
  for (Row& row : s.rows) {
    row.preemptible = dice.one_in(2);
    if (row.tokens > 0 && row.mix.parts.empty() && stored && dice.one_in(2))
      row.training = "ckpt:3_steps " + row.training;
  }
  if (stored) s.site.storage = own_storage(static_cast<double>(dice(1, 40)), 10, 20, 0);
  s.ground = stored ? stored_ground(s.site) : small_ground(s.site);
  auto building = std::make_shared<Building>(random_building(dice, s.site));
  cap_at_random(dice, s.site, *building);
  // Servers that are delivered while jobs run draw what was theirs: nothing that is refused makes up for it.
  if (std::ranges::any_of(building->caps, [](const PowerCap& cap) { return cap.policy == AtCap::refuse; }))
    for (Pool& pool : s.site.pools) pool.phases.clear();
  s.settings.building = building;
  s.settings.seed = seed;
  if (dice.one_in(2)) s.settings.preemption = JobPreemption::requeue;
  s.settings.ledger_bin_s = 0.25;
  if (dice.one_in(4)) s.settings.horizon_s = static_cast<double>(dice(1, 200));
  if (dice.one_in(4)) {
    elastic_some(dice, s);
    auto plan = std::make_shared<BreakdownPlan>(*random_breakdowns(dice, s.site));
    more_outages(dice, s.site, *plan);
    s.settings.breakdowns = std::move(plan);
    s.settings.horizon_s = static_cast<double>(dice(50, 400));
  }
  return s;
}

void check_capped(std::uint64_t seed, int rounds, Sharing sharing, std::int64_t jobs) {
  const HeldBack held = play_policies<Meter>(random_capped, seed, rounds, sharing, jobs);
  CHECK(held.throttled_chip_s > 0);
  CHECK(held.unpowered_chip_s > 0);
}

}  // namespace

TEST_CASE("no cap is passed for longer than the control interval, and nothing is lost") {
  check_capped(41000, 40, Sharing::fluid, 40);
}

TEST_CASE("under caps, without shared links") {
  check_capped(42000, 10, Sharing::none, 40);
}

TEST_CASE("under caps, step by step") {
  check_capped(43000, 6, Sharing::exact, 25);
}

TEST_CASE("under caps the same run twice, in lockstep, and from permuted rows is the same run") {
  std::uint64_t seed = 44000;
  for (const std::string& policy : requeuing_policies())
    for (int round = 0; round < 2; ++round) {
      RandomRun s = random_capped(seed++);
      s.settings.policy = policy;
      s.settings.ledger_bin_s = 50;
      INFO(policy << ", seed " << seed - 1);
      check_same_run(s, seed);
    }
}

TEST_CASE("caps that nobody passes change nothing") {
  for (std::uint64_t seed = 45000; seed < 45012; ++seed) {
    INFO("seed " << seed);
    RandomRun s = random_capped(seed);
    Building generous = *s.settings.building;
    for (PowerCap& cap : generous.caps)
      cap.limit = {.always = {.value = 1e12}, .dated = {}, .of_hour = {}, .series = {}};
    s.settings.building = std::make_shared<Building>(generous);
    Played with = played(s.site, workload(s.rows), s.settings, s.ground);
    generous.caps.clear();
    s.settings.building = std::make_shared<Building>(generous);
    const Played without = played(s.site, workload(s.rows), s.settings, s.ground);
    with.events = without.events;  // the controller's first look is one
    CHECK((with == without));
  }
}
