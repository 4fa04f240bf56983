#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "platforms/cooling.hpp"
#include "platforms/reliability.hpp"
#include "sim/run/failing_devices.hpp"
#include "sim/scenario/resolve.hpp"
#include "workloads/faults/server_faults.hpp"
#include "workloads/traces/input.hpp"
#include "workloads/training_work.hpp"

namespace alight {
namespace {

/// Failures of these stop a job and leave nothing to mend, unless a set says how long that takes.
bool leaves_servers_whole(Component component) {
  return component == Component::software || component == Component::network || component == Component::cable ||
         component == Component::network_switch;
}

Risk times_as_often(Risk risk, double times) {
  risk.scale_s /= std::pow(times, 1 / risk.shape);
  return risk;
}

class BreakdownResolver {
 public:
  BreakdownResolver(Prepared& prepared, Diagnostics& d)
      : prepared_(prepared), spec_(*prepared.scenario.faults->servers), d_(d) {}

  void run() {
    plan_.detection_s = spec_.detection_s;
    plan_.drain_s = spec_.drain_s;
    plan_.test_s = spec_.test_s;
    plan_.crews = spec_.crews;
    plan_.on_failure = spec_.on_failure;
    for (std::size_t i = 0; i < spec_.failures.size(); ++i) add_set(i);
    for (std::size_t i = 0; i < spec_.slowdowns.size(); ++i) add_slowdown(i);
    for (std::size_t i = 0; i < spec_.leaks.size(); ++i) add_leaks(i);
    if (spec_.trace) add_trace(*spec_.trace);
    for (std::size_t i = 0; i < spec_.maintenance.size(); ++i) add_maintenance(i);
    std::stable_sort(plan_.outages.begin(), plan_.outages.end(),
                     [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
    add_spares();
    if (by_chance_ && !prepared_.scenario.horizon_s)
      d_.error_at(key(!spec_.failures.empty()    ? "failures"
                      : !spec_.slowdowns.empty() ? "slowdowns"
                                                 : "leaks"),
                  "needs a `horizon`: what fails by chance may keep a job waiting for ever",
                  "state a `horizon` of the scenario, e.g. 30 d");
    if (d_.ok()) prepared_.settings.breakdowns = std::make_shared<BreakdownPlan>(std::move(plan_));
  }

 private:
  static std::string key(const std::string& of) { return "faults.servers." + of; }

  std::vector<PoolIndex> pools(const std::vector<std::string>& names, const std::string& at) {
    std::vector<PoolIndex> pools;
    for (PoolIndex p = 0; p < prepared_.site.pools.size() && names.empty(); ++p) pools.push_back(p);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (const auto p = pool(names[i], fmt::format("{}[{}]", at, i))) pools.push_back(*p);
    std::sort(pools.begin(), pools.end());
    return pools;
  }
  std::optional<PoolIndex> pool(const std::string& name, const std::string& at) {
    std::vector<std::string> known;
    for (PoolIndex p = 0; p < prepared_.site.pools.size(); ++p) {
      if (prepared_.site.pools[p].name == name) return p;
      known.push_back(prepared_.site.pools[p].name);
    }
    d_.error_at(at, fmt::format("no pool named {}", in_quotes(name)), did_you_mean(name, known));
    return std::nullopt;
  }

  void add_set(std::size_t i) {
    const FailureSetSpec& spec = spec_.failures[i];
    const std::string at = fmt::format("{}[{}]", key("failures"), i);
    const auto& sets = prepared_.catalogue.failures();
    const FailureSet* set = sets.find(spec.set);
    if (!set)
      return d_.error_at(join_key(at, "set"), fmt::format("no failures named {} in the catalogue", in_quotes(spec.set)),
                         did_you_mean(spec.set, sets.all_names()));
    const std::vector<PoolIndex> where = pools(spec.pools, join_key(at, "pools"));
    bool told = false;
    by_chance_ = true;
    for (FailureCause& cause : failure_causes(*set)) {
      cause.per_year *= spec.times;
      cause.early = times_as_often(cause.early, spec.times);
      cause.wear = times_as_often(cause.wear, spec.times);
      BreakdownPlan::Cause& of = plan_.causes.emplace_back();
      of.pools = where;
      of.stream = set->name + "/" + cause.name;
      for (const std::string& name : spec.pools) of.stream += "/" + name;
      of.detection_s = cause.detection_s.value_or(spec_.detection_s);
      of.takes_server = cause.repair || !leaves_servers_whole(cause.component);
      if (of.takes_server && !cause.repair && spec_.repair_s)
        cause.repair = RepairTime{.mean_s = *spec_.repair_s, .median_s = spec_.repair_median_s};
      if (of.takes_server && !cause.repair && !std::exchange(told, true))
        d_.error_at(key("repair"), fmt::format("is missing: {} does not say how long the repair of {} takes",
                                               in_quotes(set->name), in_quotes(cause.name)));
      of.of = std::move(cause);
    }
  }

  void add_slowdown(std::size_t i) {
    const SlowChipsSpec& spec = spec_.slowdowns[i];
    const std::string at = fmt::format("{}[{}]", key("slowdowns"), i);
    BreakdownPlan::Cause& of = plan_.causes.emplace_back();
    of.pools = pools(spec.pools, join_key(at, "pools"));
    of.of = {.name = spec.name, .component = Component::chip, .per = Per::chip, .per_year = spec.per_year.value_or(0)};
    of.stream = "slow/" + spec.name;
    of.detection_s = spec.detection_s.value_or(std::numeric_limits<double>::infinity());
    of.slows_to = spec.speed;
    of.when_found = spec.when_found;
    if (spec.repair_s)
      of.of.repair = RepairTime{.mean_s = *spec.repair_s, .median_s = spec.repair_median_s};
    else if (spec_.repair_s)
      of.of.repair = RepairTime{.mean_s = *spec_.repair_s, .median_s = spec_.repair_median_s};
    if (spec.detection_s && !of.of.repair)
      d_.error_at(join_key(at, "repair"), "is missing: nothing says how long the repair of a slow chip takes");
    by_chance_ = by_chance_ || spec.per_year;
    if (spec.at_s && of.pools.size() == 1) add_slowing(spec, at, of.pools.front());
    if (spec.at_s) of.pools.clear();
  }

  void add_slowing(const SlowChipsSpec& spec, const std::string& at, PoolIndex p) {
    const Pool& pool = prepared_.site.pools[p];
    const std::int64_t server = spec.server.value_or(0), chip = spec.chip.value_or(0);
    if (server >= pool.servers)
      d_.error_at(join_key(at, "server"), fmt::format("pool {} has {} servers, from 0 to {}", in_quotes(pool.name),
                                                      pool.servers, pool.servers - 1));
    if (chip >= pool.server.chips)
      d_.error_at(join_key(at, "chip"), fmt::format("a server of pool {} has {} chips, from 0 to {}",
                                                    in_quotes(pool.name), pool.server.chips, pool.server.chips - 1));
    plan_.slowings.push_back({.at_s = *spec.at_s,
                              .cause = plan_.causes.size() - 1,
                              .server = static_cast<ServerIndex>(pool.first_server + server),
                              .chip = static_cast<int>(chip)});
  }

  void add_leaks(std::size_t i) {
    const LeaksSpec& spec = spec_.leaks[i];
    const std::string at = fmt::format("{}[{}]", key("leaks"), i);
    const auto p = pool(spec.pool, join_key(at, "pool"));
    if (!p) return;
    const Pool& of = prepared_.site.pools[*p];
    for (std::size_t k = 0; k < spec.dated.size(); ++k) {
      if (spec.dated[k].rack >= of.racks()) {
        d_.error_at(fmt::format("{}.dated[{}].rack", at, k),
                    fmt::format("pool {} has {} racks, from 0 to {}", in_quotes(of.name), of.racks(), of.racks() - 1));
        continue;
      }
      const auto struck = loop_servers(of, spec.dated[k].rack, 1),
                 out = loop_servers(of, spec.dated[k].rack, spec.loop);
      plan_.outages.push_back({.at_s = spec.dated[k].at_s,
                               .first = out.first,
                               .end = out.second,
                               .what = "coolant leak",
                               .struck_first = struck.first,
                               .struck_end = struck.second,
                               .detection_s = spec.detection_s,
                               .until_s = {},
                               .lasts_s = spec.repair_s});
    }
    const std::optional<double> rate = spec.per_year || !spec.dated.empty() ? spec.per_year : known_leaks(*p);
    if (!rate && spec.dated.empty())
      return d_.error_at(
          join_key(at, "rate"),
          fmt::format("is missing: the catalogue knows no leaks of how pool {} is cooled", in_quotes(of.name)));
    if (rate.value_or(0) == 0) return;
    by_chance_ = true;
    plan_.causes.push_back({.of = {.name = "coolant leak",
                                   .component = Component::cooling,
                                   .per = Per::rack,
                                   .per_year = *rate,
                                   .repair = RepairTime{.mean_s = spec.repair_s, .median_s = spec.repair_median_s}},
                            .stream = "leaks/" + of.name,
                            .pools = {*p},
                            .detection_s = spec.detection_s,
                            .loop_racks = spec.loop});
  }
  /// Of a rack in a year, by how the pool is cooled; nothing where that is not known.
  std::optional<double> known_leaks(PoolIndex p) const {
    const SiteSpec& site = prepared_.scenario.site;
    const auto own = p < site.pools.size() ? site.pools[p].cooling : std::nullopt;
    if (!own && !site.facility) return std::nullopt;
    const CoolingTechnology* cooling = prepared_.catalogue.find_cooling(own ? *own : site.facility->cooling);
    return cooling && cooling->leaks_per_year.size() == 3 ? std::optional(leaks(*cooling).per_rack_year) : std::nullopt;
  }

  void add_trace(const ServerTraceSpec& spec) {
    const std::vector<PoolIndex> where = pools(spec.pools, key("trace.pools"));
    const auto input = read_input(*spec.file);
    if (!input) return d_.error_at(key("trace.file"), input.problem().message, input.problem().hint);
    prepared_.inputs.push_back(*spec.file);
    const auto faults = read_infinitehbd(*input, d_);
    if (!faults) return;
    std::vector<ServerIndex> servers;
    for (const PoolIndex p : where)
      for (std::int64_t s = 0; s < prepared_.site.pools[p].servers; ++s)
        servers.push_back(static_cast<ServerIndex>(prepared_.site.pools[p].first_server + s));
    if (faults->servers.size() > servers.size())
      return d_.error_at(key("trace"), fmt::format("{} servers broke in the trace, and these pools have {}",
                                                   faults->servers.size(), servers.size()));
    std::vector<std::size_t> order(faults->servers.size()), place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return faults->servers[a] < faults->servers[b]; });
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    for (const ServerFault& fault : faults->faults) {
      if (fault.to_s <= spec.from_s) continue;
      const ServerIndex server = servers[place[fault.server]];
      plan_.outages.push_back({.at_s = std::max(0.0, fault.from_s - spec.from_s),
                               .first = server,
                               .end = server + 1,
                               .what = fault.what,
                               .until_s = fault.to_s - spec.from_s});
    }
  }

  void add_maintenance(std::size_t i) {
    const MaintenanceSpec& spec = spec_.maintenance[i];
    const std::string at = fmt::format("{}[{}]", key("maintenance"), i);
    const auto p = pool(spec.pool, join_key(at, "pool"));
    if (!p) return;
    const Pool& of = prepared_.site.pools[*p];
    const std::int64_t servers = spec.servers.value_or(of.servers - spec.first);
    if (spec.first >= of.servers || spec.first + servers > of.servers)
      return d_.error_at(
          join_key(at, spec.first >= of.servers ? "first" : "servers"),
          fmt::format("pool {} has {} servers, from 0 to {}", in_quotes(of.name), of.servers, of.servers - 1));
    const auto first = static_cast<ServerIndex>(of.first_server + spec.first);
    plan_.outages.push_back({.at_s = spec.at_s,
                             .first = first,
                             .end = first + static_cast<ServerIndex>(servers),
                             .what = "planned",
                             .why = OutFor::maintenance,
                             .lasts_s = spec.lasts_s});
  }

  void add_spares() {
    for (const auto& [name, servers] : spec_.spares) {
      const std::string at = join_key(key("spares"), name);
      const auto p = pool(name, at);
      if (!p) continue;
      if (servers >= prepared_.site.pools[*p].servers)
        d_.error_at(at, fmt::format("leaves none of the pool's {} servers", prepared_.site.pools[*p].servers));
      plan_.spares[*p] = servers;
    }
  }

  Prepared& prepared_;
  const BreakdownsSpec& spec_;
  Diagnostics& d_;
  BreakdownPlan plan_;
  bool by_chance_ = false;
};

}  // namespace

void resolve_breakdowns(Prepared& prepared, Diagnostics& d) {
  if (prepared.scenario.faults && prepared.scenario.faults->servers) BreakdownResolver(prepared, d).run();
}

void check_checkpoints(const Prepared& prepared, Diagnostics& d) {
  std::set<Names::Id> seen;
  for (const Job& job : prepared.workload.jobs) {
    if (job.type != JobType::training || !seen.insert(job.training).second) continue;
    const StorageWork work = training_work(prepared.workload.names, job.training).storage;
    if (work.interval == StorageWork::Interval::stated) continue;
    const std::string what = fmt::format("job {} writes checkpoints by {}", in_quotes(job.id), checkpoint_text(work));
    const auto& breakdowns = prepared.settings.breakdowns;
    if (job.mix != 0)
      d.error_at("workload", what + ": those of a job over several pools take no time, so that no interval is best",
                 "state an interval");
    else if (!prepared.site.storage)
      d.error_at("site.storage", "is missing: " + what + ", and what these take is not known without it");
    else if (!prepared.scenario.faults || (d.ok() && (!breakdowns || breakdowns->causes.empty())))
      d.error_at("faults.servers.failures", "is missing: " + what + ", and nothing interrupts it by chance");
  }
}

}  // namespace alight
