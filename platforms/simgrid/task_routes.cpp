#include "platforms/simgrid/task_routes.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "platforms/simgrid/builder.hpp"
#include "platforms/simgrid/compat.hpp"

namespace alight {

namespace {

using simgrid::s4u::Host;
using LinkPointer = simgrid::s4u::Link*;
using LinkId = std::uint32_t;

/// Default of SimGrid's network/TCP-gamma, bytes: no pair of a task moves more than this in two latencies
/// (L07Action::update_bound). Kept for platform files, whose other users have it; a site's own fabric is lossless.
constexpr double kTcpWindowBytes = 4194304;

/// A link that is busy for less, s, is not asked for: rates stay numbers, however few the bytes.
constexpr double kNothingS = 1e-12;

}  // namespace

double TaskDemand::free_s() const {
  double most = alone_s;
  for (const Load& load : loads) most = std::max(most, load.busy_s);
  return most;
}

class TaskRoutes::Impl {
 public:
  Impl(const Site& site, simgrid::s4u::Engine& engine)
      : window_bytes_(site.wiring ? kTcpWindowBytes : 0), hosts_(build_platform(site, engine).hosts) {
    const ZonePlan plan = plan_of(site);
    find_stars(plan, engine);
    zone_of_.resize(hosts_.size());
    own_.resize(hosts_.size());
    for (std::size_t s = 0; s < hosts_.size(); ++s) join_zone(s, plan.server_hosts[s]);
    star_of_host_.clear();
    for (std::size_t s = 0; s < hosts_.size(); ++s) {
      const Pool& pool = site.pools[static_cast<std::size_t>(site.pool_of_server(static_cast<std::int64_t>(s)))];
      chip_flops_.push_back(hosts_[s]->get_speed() / static_cast<double>(pool.server.chips));
      several_chips_.push_back(pool.server.chips > 1);
    }
  }

  std::size_t links() const { return links_.size(); }

  TaskDemand demand(const ParallelTask& task, std::span<const TaskRank> ranks) {
    if (!task.alike() && task.flops.size() != ranks.size())
      throw std::logic_error("TaskRoutes: a task of " + std::to_string(task.flops.size()) + " ranks on " +
                             std::to_string(ranks.size()));
    TaskDemand out;
    for (std::size_t r = 0; r < ranks.size(); ++r)
      out.alone_s = std::max(out.alone_s, task.flops_of(r) / chip_flops_[server(ranks[r])]);
    group(ranks);
    if (!task.alike())
      sum_matrix(task, ranks);
    else if (task.bytes_each > 0 && ranks.size() > 1)
      sum_alike(task.bytes_each, ranks);
    charge_between(out);
    charge_own(ranks);
    collect(out);
    return out;
  }

 private:
  struct Link {
    double bytes_per_s = 0;
    bool fatpipe = false;
    double bytes = 0;    ///< of the task at hand
    double largest = 0;  ///< of one pair
    bool alone = false;  ///< nobody else can use it now
    bool used = false;
  };
  struct Star {
    std::vector<LinkId> up, down;  ///< its own, in a star zone
  };
  struct Route {
    std::vector<LinkId> links;  ///< without the hosts' own
    double latency_s = 0;
  };
  struct Sum {
    double bytes = 0, largest = 0;
    void add(double b) {
      bytes += b;
      largest = std::max(largest, b);
    }
  };

  static std::size_t server(const TaskRank& rank) { return static_cast<std::size_t>(rank.server); }

  LinkId id_of(LinkPointer link) {
    const auto [it, fresh] = ids_.try_emplace(link, static_cast<LinkId>(links_.size()));
    if (fresh)
      links_.push_back({.bytes_per_s = link->get_bandwidth(),
                        .fatpipe = link->get_sharing_policy() == simgrid::s4u::Link::SharingPolicy::FATPIPE});
    return it->second;
  }

  // -- Zones: what the hosts of a star have in common is told from the plan, and tested against SimGrid's own routes.
  struct Member {
    std::uint32_t zone = 0;
    Star own;
  };
  // Where traffic of others goes through a host, that host's own links are not its own.
  static bool has_gateway_host(const PlanCluster& cluster, const std::unordered_set<std::string>& gateways) {
    return std::any_of(cluster.numbers.begin(), cluster.numbers.end(), [&](std::int64_t n) {
      return gateways.contains(cluster.prefix + std::to_string(n) + cluster.suffix);
    });
  }
  void find_stars(const ZonePlan& plan, simgrid::s4u::Engine& engine) {
    std::unordered_set<std::string> gateways;
    for (const PlanZone& zone : plan.zones)
      for (const PlanRoute& route : zone.routes) gateways.insert({route.gateway_from, route.gateway_to});
    for (const PlanZone& zone : plan.zones) {
      if (!zone.cluster || has_gateway_host(*zone.cluster, gateways)) continue;
      const PlanCluster& cluster = *zone.cluster;
      for (const std::int64_t n : cluster.numbers) {
        const std::string number = std::to_string(n), name = zone.name + "_link_" + number;
        Member member{.zone = zones_, .own = {}};
        const bool duplex = cluster.sharing == LinkSharing::split_duplex;
        const LinkId up = id_of(engine.link_by_name(duplex ? name + "_UP" : name));
        const LinkId down = id_of(engine.link_by_name(duplex ? name + "_DOWN" : name));
        member.own = {{up}, {down}};
        if (cluster.limiter_bytes_per_s) {
          const LinkId limiter = id_of(engine.link_by_name(name + "_limiter"));
          member.own.up.push_back(limiter);
          member.own.down.push_back(limiter);
        }
        star_of_host_.emplace(cluster.prefix + number + cluster.suffix, std::move(member));
      }
      ++zones_;
    }
  }

  void join_zone(std::size_t s, const std::string& host) {
    const auto star = star_of_host_.find(host);
    if (star == star_of_host_.end()) {
      zone_of_[s] = zones_++;
      return;
    }
    zone_of_[s] = star->second.zone;
    own_[s] = std::move(star->second.own);
  }

  // What lies between two zones, or between two hosts of one, as SimGrid goes from one of them to the other.
  const Route& between(std::size_t from, std::size_t to) {
    const auto [it, fresh] = between_.try_emplace(std::uint64_t{zone_of_[from]} << 32 | zone_of_[to]);
    if (fresh) it->second = route(from, to, true);
    return it->second;
  }
  const Route& to_itself(std::size_t s) {
    const auto [it, fresh] = loopbacks_.try_emplace(s);
    if (fresh) it->second = route(s, s, false);
    return it->second;
  }
  Route route(std::size_t from, std::size_t to, bool without_own) {
    Route out;
    std::vector<LinkPointer> links;
    hosts_[from]->route_to(hosts_[to], links, &out.latency_s);
    for (LinkPointer link : links) out.links.push_back(id_of(link));
    if (!without_own) return out;
    for (const auto* own : {&own_[from].up, &own_[to].down})
      for (const LinkId id : *own) {
        const auto at = std::find(out.links.begin(), out.links.end(), id);
        if (at == out.links.end()) throw std::logic_error("TaskRoutes: a route that misses a host's own link");
        out.links.erase(at);
      }
    return out;
  }

  // -- One task: bytes out of and into each rank's server, and between each two zones of the job.
  void group(std::span<const TaskRank> ranks) {
    group_of_.clear();
    first_rank_.clear();
    out_.assign(ranks.size(), {});
    in_.assign(ranks.size(), {});
    self_.clear();
    groups_by_zone_.clear();
    for (std::size_t r = 0; r < ranks.size(); ++r) {
      const auto [it, fresh] = groups_by_zone_.try_emplace(zone_of_[server(ranks[r])], first_rank_.size());
      if (fresh) first_rank_.push_back(server(ranks[r]));
      group_of_.push_back(it->second);
    }
    // The way inside a zone is asked of two of its hosts.
    second_rank_.assign(first_rank_.size(), 0);
    for (std::size_t r = 0; r < ranks.size(); ++r)
      if (server(ranks[r]) != first_rank_[group_of_[r]]) second_rank_[group_of_[r]] = server(ranks[r]);
    pairs_.assign(first_rank_.size() * first_rank_.size(), {});
  }
  Sum& pair(std::size_t from, std::size_t to) { return pairs_[from * first_rank_.size() + to]; }

  void sum_matrix(const ParallelTask& task, std::span<const TaskRank> ranks) {
    const std::size_t n = ranks.size();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const double bytes = task.bytes[i * n + j];
        if (bytes <= 0) continue;
        if (ranks[i].server == ranks[j].server) {
          if (!several_chips_[server(ranks[i])]) self_.emplace_back(server(ranks[i]), bytes);
          continue;
        }
        out_[i].add(bytes);
        in_[j].add(bytes);
        pair(group_of_[i], group_of_[j]).add(bytes);
      }
  }

  void sum_alike(double bytes, std::span<const TaskRank> ranks) {
    const auto count = [](std::size_t n) { return static_cast<double>(n); };
    std::vector<double> of_group(first_rank_.size(), 0), inside(first_rank_.size(), 0);
    for (std::size_t r = 0; r < ranks.size();) {
      std::size_t end = r;
      while (end < ranks.size() && ranks[end].server == ranks[r].server) ++end;
      const double here = count(end - r), away = count(ranks.size()) - here;
      of_group[group_of_[r]] += here;
      inside[group_of_[r]] += here * here;
      for (; r < end; ++r)
        if (away > 0) out_[r] = in_[r] = {bytes * away, bytes};
    }
    for (std::size_t a = 0; a < first_rank_.size(); ++a)
      for (std::size_t b = 0; b < first_rank_.size(); ++b)
        if (const double pairs = of_group[a] * of_group[b] - (a == b ? inside[a] : 0); pairs > 0)
          pair(a, b) = {bytes * pairs, bytes};
  }

  void charge(LinkId id, const Sum& sum, bool alone) {
    Link& link = links_[id];
    if (!link.used) {
      link.used = true;
      link.alone = alone;
      used_.push_back(id);
    }
    link.alone = link.alone && alone;
    link.bytes += sum.bytes;
    link.largest = std::max(link.largest, sum.largest);
  }
  void charge_route(const Route& route, const Sum& sum, TaskDemand& out) {
    for (const LinkId id : route.links) charge(id, sum, false);
    out.latency_s = std::max(out.latency_s, route.latency_s);
    if (window_bytes_ > 0) out.alone_s = std::max(out.alone_s, 2 * route.latency_s * sum.largest / window_bytes_);
  }
  void charge_between(TaskDemand& out) {
    for (std::size_t a = 0; a < first_rank_.size(); ++a)
      for (std::size_t b = 0; b < first_rank_.size(); ++b)
        if (pair(a, b).bytes > 0)
          charge_route(between(first_rank_[a], a == b ? second_rank_[a] : first_rank_[b]), pair(a, b), out);
    for (const auto& [s, bytes] : self_) charge_route(to_itself(s), {bytes, bytes}, out);
  }
  void charge_own(std::span<const TaskRank> ranks) {
    for (std::size_t r = 0; r < ranks.size(); ++r) {
      const Star& own = own_[server(ranks[r])];
      if (out_[r].bytes > 0)
        for (const LinkId id : own.up) charge(id, out_[r], ranks[r].alone);
      if (in_[r].bytes > 0)
        for (const LinkId id : own.down) charge(id, in_[r], ranks[r].alone);
    }
  }

  void collect(TaskDemand& out) {
    std::sort(used_.begin(), used_.end());
    for (const LinkId id : used_) {
      Link& link = links_[id];
      const double busy_s = (link.fatpipe ? link.largest : link.bytes) / link.bytes_per_s;
      if (link.fatpipe || link.alone)
        out.alone_s = std::max(out.alone_s, busy_s);
      else if (busy_s > kNothingS)
        out.loads.push_back({id, busy_s});
      link.bytes = link.largest = 0;
      link.used = false;
    }
    used_.clear();
  }

  double window_bytes_;
  std::vector<Host*> hosts_;            ///< [server]
  std::vector<double> chip_flops_;      ///< [server] of one chip
  std::vector<char> several_chips_;     ///< [server]
  std::vector<std::uint32_t> zone_of_;  ///< [server]
  std::vector<Star> own_;               ///< [server]
  std::uint32_t zones_ = 0;
  std::unordered_map<std::string, Member> star_of_host_;  ///< while zones are joined
  std::vector<Link> links_;
  std::unordered_map<LinkPointer, LinkId> ids_;
  std::unordered_map<std::uint64_t, Route> between_;  ///< by zones
  std::unordered_map<std::size_t, Route> loopbacks_;  ///< by server

  std::vector<LinkId> used_;
  std::vector<std::size_t> group_of_;                  ///< [rank]
  std::vector<std::size_t> first_rank_, second_rank_;  ///< [group] a server, and another one where there is
  std::unordered_map<std::uint32_t, std::size_t> groups_by_zone_;
  std::vector<Sum> out_, in_;  ///< [rank]
  std::vector<Sum> pairs_;     ///< [from * groups + to]
  std::vector<std::pair<std::size_t, double>> self_;
};

TaskRoutes::TaskRoutes(const Site& site, simgrid::s4u::Engine& engine) : impl_(std::make_unique<Impl>(site, engine)) {}
TaskRoutes::~TaskRoutes() = default;

TaskDemand TaskRoutes::demand(const ParallelTask& task, std::span<const TaskRank> ranks) {
  return impl_->demand(task, ranks);
}
std::size_t TaskRoutes::links() const {
  return impl_->links();
}

}  // namespace alight
