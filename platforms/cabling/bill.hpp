// The bill of links: what the cables of a site are, how long, and what they draw, cost and lose, by tier and medium.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "platforms/cabling/medium.hpp"
#include "platforms/cabling/runs.hpp"

namespace alight {

/// Sums over links. Watts, money and failures count both ends of each; what the catalogue does not know is left out and
/// its links are counted.
struct BillSum {
  std::int64_t links = 0;
  std::int64_t cables = 0;   ///< more than links where a link is several wire pairs
  std::int64_t ends = 0;     ///< two to a cable
  std::int64_t modules = 0;  ///< ends that are a module of their own (sold by the module)
  double metres = 0;         ///< of cable
  double power_w = 0;
  double price_usd = 0, price_cny = 0;
  double failures_per_year = 0;                                             ///< expected
  std::int64_t unknown_price = 0, unknown_power = 0, unknown_failures = 0;  ///< links

  void add(const BillSum& other);
};

/// Links longer than `over_m`, at most `to_m` long.
struct BillBin {
  double over_m = 0, to_m = 0;
  BillSum sum = {};
};

/// One medium in one tier.
struct BillRow {
  std::string tier;
  std::string medium;      ///< name of the catalogue's link
  std::string link_class;  ///< of it; may be empty
  std::string price_date;
  std::string confidence = {};
  double rate_gbps = 0;  ///< of one port
  double shortest_m = 0, longest_m = 0;
  BillSum sum = {};
  std::vector<BillBin> bins = {};  ///< the length histogram: bins that hold a link, ascending
};

/// What the links of a tier add to the way through it.
struct BillTier {
  std::string name;
  std::string asked;                 ///< the medium as asked
  double mean_length_m = 0;          ///< over its links
  double mean_latency_s = 0;         ///< length x propagation + 2 ends + FEC, over its links
  std::string latency_unknown = {};  ///< a medium of it whose latency the catalogue does not know, or empty
};

/// Optical circuit switches that links run over. Their watts and money are not in the total, which is of links.
struct BillSwitches {
  std::string network;
  std::string name;  ///< of the catalogue's switch
  std::int64_t count = 0, used_ports = 0;
  std::optional<double> power_w = {}, price_usd = {};  ///< of all; unknown is absent
  std::string price_date = {};
};
BillSwitches switches_on_bill(std::string network, const Switch& of, std::int64_t count, std::int64_t used_ports);

struct Bill {
  std::vector<BillTier> tiers;
  std::vector<BillRow> rows;  ///< tier by tier; within one, copper before optics as the lengths have it
  BillSum total;
  std::vector<BillSwitches> optical_switches = {};
  bool empty() const { return rows.empty(); }
};

/// Chooses the medium of every run and adds up. A run that nothing asked for reaches is a problem at the tier's key,
/// which names the racks, the length, the reach and what would do.
Bill bill_of(const std::vector<CableTier>& tiers, const std::vector<CableRun>& runs, const FloorPlan& plan,
             const Catalogue& catalogue, Diagnostics& diagnostics);

}  // namespace alight
