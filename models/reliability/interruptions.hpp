// What interrupts a job, how often, by cause; and so how long it runs undisturbed.
//
// Causes are independent and every one of them stops the whole job (a synchronous one cannot go on without a chip), so
// their rates add and a job of n chips has n times the rate of one: MTTF = 1 / (nodes x rate of a node) (Kokolis et
// al., "Revisiting Reliability in Large-Scale Machine Learning Research Clusters", HPCA 2025, arXiv 2410.21680, section
// III).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/reliability/lifetime.hpp"
#include "models/reliability/repair_time.hpp"

namespace alight {

/// What breaks. `network` is for what was counted without telling cables from switches.
enum class Component {
  chip,
  memory,
  nic,
  host,
  cable,
  network_switch,
  network,
  power_supply,
  cooling,
  software,
  other
};
const std::vector<std::pair<std::string, Component>>& components();
std::string_view name_of(Component component);

/// What a rate is one of.
enum class Per { chip, server, rack, network_switch };

/// One way to fail.
struct FailureCause {
  std::string name;
  Component component = Component::other;
  Per per = Per::chip;
  double per_year = 0;         ///< failures a year of one, by chance
  Risk early = {}, wear = {};  ///< beside chance; unset: none
  std::optional<RepairTime> repair;
  std::optional<double> detection_s;

  Lifetime lifetime() const;
};

/// Chips of a job, or a site, the servers they are in, and what these stand in and hang on where that is to count.
struct Extent {
  std::int64_t chips = 0;
  std::int64_t servers = 0;
  std::int64_t racks = 0;
  std::int64_t switches = 0;
};
/// Whole servers are counted: what fails in a server a job has a part of stops it too.
Extent extent_of(std::int64_t chips, std::int64_t chips_per_server);
/// How many of what the cause is of there are.
std::int64_t devices(const FailureCause& cause, const Extent& extent);

/// By chance alone; early failures and wear depend on ages, see draw_interruptions().
double failures_per_year(std::span<const FailureCause> causes, const Extent& extent);
/// Mean time to failure of all of it; infinite where nothing fails.
double mttf_s(std::span<const FailureCause> causes, const Extent& extent);
/// Expected failures in `time_s`, [cause], each replaced at once. Their spread is that of Poisson counts: a standard
/// deviation of its square root.
std::vector<double> expected_failures(std::span<const FailureCause> causes, const Extent& extent, double time_s);

/// One failure of one of the devices a cause is of.
struct Interruption {
  double time_s = 0;
  std::size_t cause = 0;
  std::int64_t device = 0;
};
/// Failures of new devices until `time_s`, in order of time; each is replaced by a new one, `down_s` of the clock later
/// (the job is down meanwhile: nothing else fails). The stream of a cause is "failures: NAME".
std::vector<Interruption> draw_interruptions(std::span<const FailureCause> causes, const Extent& extent, double time_s,
                                             double down_s, std::uint64_t seed);

}  // namespace alight
