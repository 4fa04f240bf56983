// What a server draws beside its chips, and what is provided for it.
//
// Two numbers stand apart. The nameplate is what one provides: racks, plants, conversion and shares of caps count with
// it. What is drawn at full load is less: processors, memory, NICs, a rest (switches of the scale-up fabric, drives,
// boards), and fans that blow for the heat there is, not for that of the nameplate; what is left over the nameplate
// holds in hand. Where the parts come to more than the nameplate, they are scaled down to it.
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
  double memory_gb = 0;  ///< 0 where unknown: it then is 128 GiB for each chip, as in Acme's Seren
  HostMemory memory = HostMemory::ddr5;
  double liquid_share = 0;  ///< of its heat; fans blow for the rest
  /// The same of the server its nameplate is of: that of one built for air has all its fans. Absent: as it is.
  std::optional<double> nameplate_liquid_share = {};
};

/// The nameplate, or an estimate: the chips' TDP times 1.82 where air cools (6.5 kW of an HGX A100 are 2.03 of its
/// chips', 10.2 of an HGX H100 1.82, 14.3 of an HGX B200 1.79) and 1.39 where liquid takes half of the heat or more
/// (120 kW of a GB200 NVL72).
double nameplate_w(const ServerFacts& facts);

/// What is provided for a server: its nameplate; less where a liquid takes heat that the nameplate's fans carried.
double provisioned_w(const ServerFacts& facts);

/// Watts, part by part.
struct ServerParts {
  double chips_w = 0, processors_w = 0, memory_w = 0, nics_w = 0, fans_w = 0;
  double supplies_w = 0;  ///< lost in the power supplies
  double other_w = 0;
  /// The fans draw `rated_fans_w` where all else but the supplies draws `rated_heat_w`.
  double rated_fans_w = 0, rated_heat_w = 0;
  double supply_loss = 0;  ///< of what the supplies give
  double total_w() const { return chips_w + processors_w + memory_w + nics_w + fans_w + supplies_w + other_w; }
};

/// Switches of the scale-up fabric, drives and boards, W for each chip. Calibrated on one reading: the idle server of
/// eight A100 of Acme's Seren (1512 W, the tenth percentile of its servers, 8 x 63 W of it chips, the tenth percentile
/// of those; traces/acme_stats). By chips and not by their power: a server of eight has six switches (A100), four
/// (H100) or two (B200).
inline constexpr double kOther_w = 66;

/// The parts at full load; at most the nameplate. Two processors for eight chips, one at least, of 280 W (row
/// `raps_node`); supplies lose 5 % (row F029 of validation/facility.csv: 4 to 6). Fans are built for 15 % of the
/// nameplate (row F019: 10 to 20 % of 8-GPU servers) at its heat, and blow for less. The rest draws kOther_w for each
/// chip, in servers without chips all that is left.
ServerParts server_parts(const ServerFacts& facts);

/// What each part draws while the chips draw `chips_w` together and the processors work a share of the time. Idle
/// processors draw 90/280 of their full power (`raps_node`); memory, NICs and the rest draw what they draw; fans follow
/// the heat by the affinity laws, to the flow they keep; supplies lose the same share of what they give.
ServerParts server_power(const ServerParts& full, double chips_w, double processors_busy);

}  // namespace alight
