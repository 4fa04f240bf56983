// The power and heat of a run: servers too dense for their cooling, and what power caps and warm supplies ask and do.
#include <algorithm>

#include "sim/facility/building.hpp"
#include "sim/run/play.hpp"
#include "sim/runtime/clocked.hpp"

namespace alight {

std::vector<ServerIndex> Run::Play::too_dense(const Site& site, const RunSettings& settings) {
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

Cluster Run::Play::cluster_of(const Site& site, const RunSettings& settings) {
  Cluster cluster(site);
  std::vector<std::int64_t> never(site.pools.size(), 0);
  for (const ServerIndex s : too_dense(site, settings)) ++never[cluster.pool_of(s)];
  for (PoolIndex p = 0; p < never.size(); ++p) cluster.never_up(p, never[p]);
  return cluster;
}

void Run::Play::power() {
  ledger_.set_power(settings_.building->power);
  if (const PowerProfile& opaque = settings_.building->opaque; !opaque.even())
    jobs_.draw_unseen(drawn_shares(opaque, workload_.jobs.size(), stream(settings_.seed, "opaque_power")));
  too_dense_ = too_dense(site_, settings_);
  for (const ServerIndex s : too_dense_) out_.take(s, OutFor::no_power);
}

void Run::Play::hold_back() {
  const Building& building = *settings_.building;
  if (!building.caps.empty())
    caps_ =
        std::make_unique<PowerCaps>(building, site_, workload_, engine_, cluster_, out_, *this, clocks_, recorders_);
  if (building.heat) {
    heat_ = std::make_unique<RunHeat>(building, site_, settings_.seed, engine_, cluster_, out_, *this, clocks_,
                                      RunHeat::Hooks{.switched =
                                                         [this](ServerIndex s, bool on) {
                                                           if (caps_) caps_->switched(s, on);
                                                         },
                                                     .close_bins = [this](double now_s) { ledger_.advance(now_s); }},
                                      recorders_);
    ledger_.before_close([this](double end_s) { heat_->bin_ends(end_s); });
  }
  if (!caps_ && !heat_) return;
  std::vector<StatePower> alone;
  if (heat_)
    for (const PoolHeat& pool : building.pool_heat) alone.push_back(pool.die);
  chips_.on_draw(
      [this](JobIndex j, const HeldParts& held, std::span<const double> chip_w, std::span<const double> die_w) {
        const bool dark = chip_w.empty();
        if (caps_ && dark) caps_->gone(j);
        if (heat_ && dark) heat_->gone(j);
        if (dark) return clocks_.forget(j);
        tell_draw(j, held, chip_w, die_w);
      },
      std::move(alone));
  if (caps_ && caps_->refuses())
    scheduler_.let_refuse([this](JobIndex j, const Allocation& on, std::span<const JobIndex> freed) {
      return caps_->may_start(j, on, freed);
    });
}

void Run::Play::tell_draw(JobIndex j, const HeldParts& held, std::span<const double> by_course,
                          std::span<const double> alone) {
  const Allocation& on = scheduler_.allocation(j);
  if (!jobs_.serves(j) && !jobs_.parallel(j)) {
    if (caps_) caps_->draws(j, held, on, by_course);
    if (heat_) heat_->draws(j, held, by_course, alone);
    return;
  }
  std::vector<double> at_most, alone_at_most;
  const std::map<PoolIndex, double> most = most_w(j, on);
  for (const PoolPart& part : held.parts()) {
    const auto p = static_cast<PoolIndex>(part.pool);
    const double clock = jobs_.serves(j) ? services_->clock_of(j) : 1;
    at_most.push_back(clock < 1 ? chip_w(j, p, clock) : most.at(p));
    if (heat_) alone_at_most.push_back(jobs_.serves(j) ? alone_w(j, p, clock) : settings_.building->pool_heat[p].tdp_w);
  }
  if (caps_) caps_->draws(j, held, on, at_most);
  if (heat_) heat_->draws(j, held, at_most, alone_at_most);
}

void Run::Play::power_came() {
  cluster_.renew();
  decide_soon();
}

bool Run::Play::can_be_clocked(JobIndex j) const {
  return stage_[j] == Stage::running && !jobs_.paces().halted(j) &&
         jobs_.at_full_clock(j, cluster_.pool_of(held(j).front().server));
}

AlikeDraw Run::Play::alike(JobIndex j, PoolIndex p) const {
  return {.pool = p,
          .course = jobs_.at_full_clock(j, cluster_.pool_of(held(j).front().server)),
          .redoes = jobs_.preempted().redoes(j),
          .unseen_share = jobs_.unseen_share(j),
          .speeds = jobs_.speeds(j)};
}

double Run::Play::chip_w(JobIndex j, PoolIndex p, double clock) const {
  return clocked_w(ledger_.power(p), j, p, clock);
}

double Run::Play::alone_w(JobIndex j, PoolIndex p, double clock) const {
  return clocked_w(settings_.building->pool_heat[p].die, j, p, clock);
}

double Run::Play::clocked_w(const StatePower& power, JobIndex j, PoolIndex p, double clock) const {
  // Where clocks are low, who streams memory draws more than who computes.
  if (jobs_.serves(j))
    return std::max(power.computing_w({.compute = 1, .memory = 0}, clock),
                    power.computing_w({.compute = 0, .memory = 1}, clock));
  return power.draw_w(jobs_.as_done(j, between_checkpoints(jobs_.at_clock_in(j, p, clock))));
}

std::map<PoolIndex, double> Run::Play::most_w(JobIndex j, const Allocation& on) {
  asked_.see(on);
  std::map<PoolIndex, double> most;
  for (std::size_t i = 0; i < asked_.parts().size(); ++i) {
    const PoolPart& part = asked_.parts()[i];
    const Split* course = jobs_.at_full_clock_on(j, asked_, i);
    const StatePower& power = ledger_.power(part.pool);
    const auto in = [&](ChipState state) { return power.watts[static_cast<std::size_t>(state)]; };
    const double computing_w =
        course ? power.draw_w(between_checkpoints(*course).drawing(jobs_.unseen_share(j))) : in(ChipState::useful);
    double& most_of_pool = most[static_cast<PoolIndex>(part.pool)] = std::max(in(ChipState::starting), computing_w);
    // On slow chips it may compute nearly all the time, or wait for them; on fast ones it communicates more.
    if (slow_chips_ && course)
      most_of_pool = std::max({most_of_pool, power.draw_w(only_computing(*course).drawing(jobs_.unseen_share(j))),
                               in(ChipState::bucket), in(ChipState::exposed_comm)});
  }
  return most;
}

}  // namespace alight
