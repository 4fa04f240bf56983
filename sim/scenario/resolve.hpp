// The two steps of preparing a scenario that turn names into things. Mistakes go to the diagnostics, located by key.
#pragma once

#include "sim/scenario/load.hpp"

namespace alight {

/// Pools, racks, phases and tiers of `prepared.site`, from the scenario's site or its platform file.
void resolve_site(Prepared& prepared, Diagnostics& diagnostics);

/// Networks, backbone and WAN of `prepared.site`, whose pools are there.
void resolve_networks(Prepared& prepared, Diagnostics& diagnostics);
/// Adds a tier that is given; `path` is that of the network it belongs to.
void add_tier(const std::optional<TierSpec>& spec, const char* name, const std::string& path, std::vector<Tier>& tiers,
              const Prepared& prepared, Diagnostics& diagnostics);

/// Jobs of `prepared.workload`: trace, generators and written jobs, reshaped as asked.
void resolve_workload(Prepared& prepared, Diagnostics& diagnostics);

/// Policy, placement, quotas, horizon.
void resolve_settings(Prepared& prepared, Diagnostics& diagnostics);

}  // namespace alight
