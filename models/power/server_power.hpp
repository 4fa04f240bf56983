// What a server draws beside its chips: processors, host memory, NICs, fans, and the rest.
//
// A server's nameplate is the firm number. Of what it leaves over the chips' TDP the known parts take theirs, and the
// rest - switches of the scale-up fabric, drives, what a nameplate leaves in hand - is `other`; where the parts come to
// more, they are scaled down to it. So at full load the parts sum to the nameplate, exactly.
#pragma once

#include <cstdint>
#include <optional>

namespace alight {

enum class HostMemory { ddr4, ddr5, lpddr5x };

/// W per GB under load. DDR4: 74.26 W for 512 GiB (row `raps_node` of the reference's cooling.csv). DDR5: 6 to 12 W per
/// registered 64 GB module, unverified. LPDDR5X: a third of that (Micron on SOCAMM, 18 March 2025).
double memory_w_per_gb(HostMemory kind);

/// What is known of a server.
struct ServerFacts {
  std::int64_t chips = 0;
  double chip_tdp_w = 0;
  std::optional<double> nameplate_w;  ///< absent: estimated; see nameplate_w()
  std::int64_t nics = 0;
  double nic_w = 25;     ///< of one; a 400 Gb/s adapter, its makers' data sheets
  double memory_gb = 0;  ///< 0 where unknown: it then draws as part of `other`
  HostMemory memory = HostMemory::ddr5;
  double liquid_share = 0;  ///< of its heat; fans blow for the rest
  /// The same of the server its nameplate is of: that of one built for air has all its fans. Absent: as it is.
  std::optional<double> nameplate_liquid_share = {};
};

/// The nameplate, or an estimate: the chips' TDP times 1.82 where air cools (6.5 kW of an HGX A100 are 2.03 of its
/// chips', 10.2 of an HGX H100 1.82, 14.3 of an HGX B200 1.79) and 1.39 where liquid takes half of the heat or more
/// (120 kW of a GB200 NVL72).
double nameplate_w(const ServerFacts& facts);

/// Watts, part by part.
struct ServerParts {
  double chips_w = 0, processors_w = 0, memory_w = 0, nics_w = 0, fans_w = 0;
  double supplies_w = 0;  ///< lost in the power supplies
  double other_w = 0;
  double total_w() const { return chips_w + processors_w + memory_w + nics_w + fans_w + supplies_w + other_w; }
};

/// The parts at full load, which sum to the nameplate; to less where a liquid takes heat that the nameplate's fans
/// carried. Two processors for eight chips, one at least, of 280 W (row
/// `raps_node`); fans 15 % of the nameplate for heat that air carries (row F019 of validation/facility.csv: 10 to 20 %
/// of 8-GPU servers); supplies lose 5 % (row F029: 4 to 6).
ServerParts server_parts(const ServerFacts& facts);

/// What each part draws while the chips draw `chips_w` together and the processors work a share of the time. Idle
/// processors draw 90/280 of their full power (`raps_node`); memory, NICs and the rest draw what they draw; fans follow
/// the heat by the affinity laws, to the flow they keep; supplies lose the same share of what they give.
ServerParts server_power(const ServerParts& full, double chips_w, double processors_busy);

}  // namespace alight
