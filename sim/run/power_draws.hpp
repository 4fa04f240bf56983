// What each domain of each power cap draws at any moment of a run: every rack, row, hall, the site and its meter that a
// limit is of. Told of each job whose chips draw otherwise, and of each server that gets power or loses it.
//
// A job draws what it draws by its course; a replica of a service, and a parallel job, count with the most they may
// draw. Beside what is drawn stands what is promised: with every job at the most it will draw while it keeps its
// chips.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/facility/building.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class PowerDraws {
 public:
  using Nanowatts = std::int64_t;  ///< of a thousandth of a chip, and of sums over these: exact, whatever the order
  using PoolDraws = std::vector<Nanowatts>;  ///< [pool]
  struct Hooks {
    /// What each chip of a job draws at most at its full clock while it lies there, by pool.
    std::function<std::map<PoolIndex, double>(JobIndex job, const Allocation& on)> most_w;
    /// A domain draws, or is promised, something else.
    std::function<void(std::size_t domain)> changed;
  };
  struct Domain {
    std::size_t cap = 0;
    std::size_t number = 0;  ///< among those of the cap
    PoolDraws draw, promised;
    PoolDraws unused;                                             ///< of both, by servers nobody uses
    std::map<std::pair<JobIndex, PoolIndex>, std::int64_t> jobs;  ///< by pool, with thousandths of chips
    PoolDraws kept;                                               ///< at the meter: within the limit of this hour
  };

  /// All outlive this. No server has power yet.
  PowerDraws(const Building& building, const Site& site, const Engine& engine, const Cluster& cluster, Hooks hooks);

  // -- Told
  void power(ServerIndex server, bool on);
  /// Each chip of a job on `on` draws so much from now on, by the parts of `held`.
  void draws(JobIndex job, const HeldParts& held, const Allocation& on, std::span<const double> chip_w);
  /// Its chips are free, or out of service.
  void gone(JobIndex job);
  /// Limits, or the weather, may be others from now on.
  void hour_begins();

  // -- Domains: those of the first cap, then those of the next
  const std::vector<Domain>& domains() const { return domains_; }
  const PowerCap& cap_of(std::size_t domain) const { return building_.caps[domains_[domain].cap]; }
  double limit_w(std::size_t domain) const;
  /// What the cap counts where pools draw so much.
  double metered_w(std::size_t domain, std::span<const double> pool_w) const;
  double metered_w(std::size_t domain, const PoolDraws& draw) const;
  double drawn_w(std::size_t domain) const { return metered_w(domain, domains_[domain].draw); }
  bool within(std::size_t domain) const { return within(domain, domains_[domain].draw); }
  bool within(std::size_t domain, const PoolDraws& draw) const;
  /// The same; at the meter it is asked for only where some pool draws more than it did when it was within.
  bool surely_within(std::size_t domain);

  // -- Jobs and servers
  bool has(JobIndex job) const { return jobs_.contains(job); }
  /// What a thousandth of a chip of a job draws now in a pool it lies in.
  Nanowatts draw_of(JobIndex job, PoolIndex pool) const;
  bool any_job() const { return !jobs_.empty(); }
  bool powered(ServerIndex server) const { return powered_[server]; }
  bool used(ServerIndex server) const { return used_[server] > 0; }
  /// Of a server nobody uses.
  Nanowatts idle(ServerIndex server) const;
  /// Calls `call(domain)` for each that a server is in.
  template <class Call>
  void for_domains(ServerIndex server, const Call& call) const {
    for (std::size_t c = 0; c < building_.caps.size(); ++c)
      if (const std::int32_t d = domain_of_[c * powered_.size() + server]; d >= 0)
        call(first_domain_[c] + static_cast<std::size_t>(d));
  }

  // -- Where a cap refuses
  /// Whether a job may start on chips, once jobs `freed` have given back theirs.
  bool may_start(JobIndex job, const Allocation& on, std::span<const JobIndex> freed) const;
  /// Whether servers that nobody uses may get power.
  bool may_power(std::span<const ServerIndex> servers) const;

  /// Of a thousandth of a chip that draws so many watts.
  static Nanowatts nanowatts(double chip_w) { return std::llround(chip_w * 1e6); }
  static double watts(Nanowatts nanowatts) { return static_cast<double>(nanowatts) * 1e-9; }

 private:
  struct Share {
    std::size_t domain = 0;
    PoolIndex pool = 0;
    std::int64_t milli = 0;
  };
  struct PartDraw {
    PoolIndex pool = 0;
    Nanowatts now = 0, most = 0;
  };
  struct Drawing {
    std::vector<Share> shares;
    std::vector<PartDraw> parts;
    std::vector<std::pair<ServerIndex, std::int64_t>> servers;  ///< with thousandths of chips
  };
  Drawing& add(JobIndex job, const Allocation& on);
  void use(ServerIndex server, std::int64_t milli);

  const Building& building_;
  const Site& site_;
  const Engine& engine_;
  const Cluster& cluster_;
  Hooks hooks_;
  std::vector<Domain> domains_;
  std::vector<std::size_t> first_domain_;  ///< [cap]
  std::vector<std::int32_t> domain_of_;    ///< [cap x server] below 0: none
  PoolDraws idle_;                         ///< [pool] of a chip's thousandth
  std::vector<bool> powered_;              ///< [server]
  std::vector<std::int64_t> used_;         ///< [server] thousandths of chips that jobs hold
  std::map<JobIndex, Drawing> jobs_;
  Air outside_;  ///< of this hour
  struct Metered {
    PoolDraws draw;
    double watts = 0;
  };
  mutable Metered metered_;  ///< at the meter, last
};

}  // namespace alight
