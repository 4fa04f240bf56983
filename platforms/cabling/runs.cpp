#include "platforms/cabling/runs.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

/// Calls `join(switch, cables)` for `cables` cables dealt to `switches` in turn, starting at `from`.
template <class Join>
void deal(std::int64_t cables, std::int64_t switches, std::int64_t from, Join join) {
  for (std::int64_t k = 0; k < std::min(cables, switches); ++k)
    join((from + k) % switches, cables / switches + (k < cables % switches ? 1 : 0));
}

}  // namespace

std::vector<std::int64_t> leaf_racks(const Site& whole, const StandingClos& standing) {
  std::vector<std::int64_t> racks;
  for (const LeafGroup& group : standing.clos.groups) {
    const std::int64_t first = whole.rack_of_server(standing.server_of(group.first_server));
    const std::int64_t count =
        whole.rack_of_server(standing.server_of(group.first_server + group.servers - 1)) - first + 1;
    for (std::int64_t r = 0; r < group.leaves; ++r) racks.push_back(first + (2 * r + 1) * count / (2 * group.leaves));
  }
  return racks;
}

std::int64_t network_switches(const Clos& clos) {
  return clos.ideal_spine ? 0 : clos.spines + clos.cores;
}

void add_clos_runs(const StandingClos& standing, const FloorPlan& plan, std::size_t t, std::int32_t tier,
                   std::vector<CableRun>& runs) {
  const Site& site = standing.site;
  const Clos& clos = standing.clos;
  const auto leaf = [&](std::int64_t l) { return plan.leaf(standing.first_leaf + l); };
  const auto above = [&](std::int64_t k) { return plan.network_switch(standing.first_switch + k); };
  if (t == 2) {
    std::vector<std::int64_t> dealt(at(clos.spines_per_pod), 0);
    for (std::size_t p = 0; p < clos.pods.size(); ++p)
      for (std::int64_t s = 0; s < clos.spines_per_pod; ++s) {
        const CableEnd below = above(static_cast<std::int64_t>(p) * clos.spines_per_pod + s);
        deal(clos.pods[p].uplinks, clos.cores_per_plane, dealt[at(s)], [&](std::int64_t core, std::int64_t cables) {
          runs.push_back(
              {tier, below, above(clos.spines + s * clos.cores_per_plane + core), site.tiers[2].rate_gbps, cables});
        });
        dealt[at(s)] += clos.pods[p].uplinks;
      }
    return;
  }
  std::vector<std::int64_t> dealt(clos.pods.size(), 0);
  for (const LeafGroup& group : clos.groups) {
    if (t == 0) {
      const std::int64_t cables = site.pools[at(group.pool)].nics_per_server / group.leaves;
      for (std::int64_t s = group.first_server; s < group.first_server + group.servers; ++s)
        for (std::int64_t r = 0; r < group.leaves; ++r)
          runs.push_back({tier, plan.server(standing.server_of(s)), leaf(group.first_leaf + r),
                          nic_gbps(site, group.pool), cables});
      continue;
    }
    for (std::int64_t r = 0; r < group.leaves; ++r) {
      deal(group.uplinks, clos.spines_per_pod, dealt[at(group.pod)], [&](std::int64_t spine, std::int64_t cables) {
        runs.push_back({tier, leaf(group.first_leaf + r), above(group.pod * clos.spines_per_pod + spine),
                        site.tiers[1].rate_gbps, cables});
      });
      dealt[at(group.pod)] += group.uplinks;
    }
  }
}

void add_scale_up_runs(const Site& site, std::size_t pool, const FloorPlan& plan, std::int32_t tier,
                       std::vector<CableRun>& runs) {
  const Pool& p = site.pools[pool];
  const ScaleUpWiring& wiring = *p.server.scale_up_wiring;
  const std::int64_t links = p.server.chips * wiring.links;
  for (std::int64_t s = 0; s < p.servers; ++s) {
    const CableEnd own = plan.server(p.first_server + s);
    const auto switches = plan.scale_up_switches(p.first_server + s);
    deal(links, std::ssize(switches), s * links, [&](std::int64_t k, std::int64_t count) {
      runs.push_back({tier, own, switches[at(k)], wiring.rate_gbps, count});
    });
  }
}

bool scale_up_in_rack(const Pool& pool) {
  const std::int64_t chips = pool.server.scale_up_domain.value_or(pool.chip.scale_up_domain.value_or(1));
  return chips <= pool.servers_per_rack * pool.server.chips;
}

}  // namespace alight
