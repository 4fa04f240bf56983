// The cables of a site, one by one or in bundles of equal ones: what the bill of links counts. A kind of network has a
// bill as soon as it can list its runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platforms/cabling/floor.hpp"
#include "platforms/topology/clos.hpp"

namespace alight {

/// Links of one kind, of one medium as asked for.
struct CableTier {
  std::string name;       ///< "leaf" (servers to leaves), "spine", "core", "scale-up h100"
  std::string medium;     ///< as asked (medium.hpp); never empty
  std::string key;        ///< where it was asked
  bool built_in = false;  ///< cables are part of a rack: neither slack nor rounding
  bool fibre = false;     ///< run over optical circuit switches: modules alone can send through them
};

/// Equal links between two places.
struct CableRun {
  std::int32_t tier = 0;
  CableEnd a, b;
  double rate_gbps = 0;  ///< of one link, each direction
  std::int64_t links = 1;
  std::optional<CableEnd> over = {};  ///< an optical circuit switch on the way
};

/// A Clos on the floor of a site, which may hold others: its servers, leaves and other switches are numbered in it and
/// have numbers of the floor's.
struct StandingClos {
  Site site;  ///< its pools and tiers alone (Part::site), or the whole site
  Clos clos;
  std::vector<std::int64_t> server = {};  ///< [its server] of the whole site; empty: the same
  std::int64_t first_leaf = 0;            ///< its leaf 0 among FloorPlan's
  std::int64_t first_switch = 0;          ///< its spine 0 among FloorPlan's other switches; cores follow its spines

  std::int64_t server_of(std::int64_t s) const { return server.empty() ? s : server[static_cast<std::size_t>(s)]; }
};

/// Racks of the whole site that the leaves of a Clos belong to: the leaves of a group are spread evenly over the racks
/// of its servers.
std::vector<std::int64_t> leaf_racks(const Site& whole, const StandingClos& standing);
/// Spines and cores. The ideal switch over a single tier is none.
std::int64_t network_switches(const Clos& clos);

/// Cables of tier `t` of a Clos: 0 from servers to leaves, 1 from leaves to spines, 2 from spines to cores. The cables
/// of a switch go to the switches above in turn, the first of each switch's one further than the last of the one
/// before: as evenly as whole cables allow.
void add_clos_runs(const StandingClos& standing, const FloorPlan& plan, std::size_t t, std::int32_t tier,
                   std::vector<CableRun>& runs);

/// Scale-up links of a pool whose server has `scale_up_wiring`: chips x links of each, to its domain's switches in
/// turn.
void add_scale_up_runs(const Site& site, std::size_t pool, const FloorPlan& plan, std::int32_t tier,
                       std::vector<CableRun>& runs);
/// Whether the domain lies within a rack, so that its cables are part of it.
bool scale_up_in_rack(const Pool& pool);

}  // namespace alight
