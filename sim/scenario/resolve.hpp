// The two steps of preparing a scenario that turn names into things. Mistakes go to the diagnostics, located by key.
#pragma once

#include "sim/scenario/load.hpp"

namespace alight {

struct ChipRatings;
struct CoolingTechnology;
struct HallCooling;

/// Pools, racks, phases and tiers of `prepared.site`, from the scenario's site or its platform file.
void resolve_site(Prepared& prepared, Diagnostics& diagnostics);

/// Networks, backbone and WAN of `prepared.site`, whose pools are there.
void resolve_networks(Prepared& prepared, Diagnostics& diagnostics);
/// Adds a tier that is given; of `medium` where it names none.
void add_tier(const std::optional<TierSpec>& spec, const char* name, const std::string& medium,
              std::vector<Tier>& tiers);
/// The storage system of `prepared.site`, whose networks are there. Part of resolve_site().
void resolve_storage(Prepared& prepared, Diagnostics& diagnostics);
/// The bill of links of a numbered site, and the latency of tiers that state none (docs/media.md). Part of
/// resolve_site().
void resolve_cabling(Prepared& prepared, Diagnostics& diagnostics);

/// Jobs of `prepared.workload`: trace, generators and written jobs, reshaped as asked.
void resolve_workload(Prepared& prepared, Diagnostics& diagnostics);
/// `prepared.settings.services`, and the jobs that hold their replicas' chips. Part of resolve_workload().
void resolve_services(Prepared& prepared, Diagnostics& diagnostics);

/// `prepared.settings.faults`, of a site that stands.
void resolve_faults(Prepared& prepared, Diagnostics& diagnostics);
/// `prepared.settings.breakdowns`, likewise.
void resolve_breakdowns(Prepared& prepared, Diagnostics& diagnostics);
/// What of the workload faults cannot go with.
void check_faults(const Prepared& prepared, Diagnostics& diagnostics);

/// What checkpoints as often as is best need of site and faults.
void check_checkpoints(const Prepared& prepared, Diagnostics& diagnostics);

/// `prepared.settings.building`, of a site that stands.
void resolve_facility(Prepared& prepared, Diagnostics& diagnostics);

/// `prepared.money`, of a site whose building and bill of links are there.
void resolve_money(Prepared& prepared, Diagnostics& diagnostics);
/// Heat of the next pool of the building, which is cooled so; with what is stated of its supply. Part of
/// resolve_facility().
void add_pool_heat(const Prepared& prepared, Building& building, const CoolingTechnology& technology,
                   const ChipRatings& chip, HallCooling& cooling);
/// Its heat, where it is to count. Part of resolve_facility(), when all pools are there.
void resolve_heat(Prepared& prepared, Building& building, Diagnostics& diagnostics);
/// Its power caps. Part of resolve_facility().
void resolve_caps(Prepared& prepared, Building& building, Diagnostics& diagnostics);

/// Policy, placement, quotas, horizon.
void resolve_settings(Prepared& prepared, Diagnostics& diagnostics);

}  // namespace alight
