// What one entry of the catalogue holds, kind by kind. Unknown is absent (std::nullopt, an empty text), never 0.
//
// Every kind has a name (the key in the file), `like` (the entry it starts from), aliases and a provenance; the keys of
// the provenance (`source`, `confidence`, `basis`, `estimates`, `note`) stand beside the other keys in the files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/description.hpp"
#include "models/entries/provenance.hpp"

namespace alight {

/// An amount as written: a number and what it is counted in, which may be a unit no computation here knows
/// ("12 x10^4 CNY/PFLOPS/year"). An empty unit is a plain number.
struct Amount {
  double value = 0;
  std::string unit;
};
/// Reads "30000 USD"; nothing where it does not begin with a finite number.
std::optional<Amount> parse_amount(std::string_view text);
/// The amount in `to`, or nothing where its unit is another dimension's or unknown.
std::optional<double> amount_in(std::string_view text, Unit to);
/// The first date a text names: "2023", "2023-10", "2025-26", "2023-10 to 2023-12" give the first day named.
std::optional<Date> first_date(std::string_view text);

/// What something cost, and when: USD and CNY buy one, USD/h and CNY/h rent one for an hour.
struct Price {
  std::string amount;  ///< "30000 USD"
  std::string date;    ///< a year, a month, a day or a span of them; empty = unknown
  std::string note;
  static const Description& description();
};

/// One accelerator. FLOP rates are dense. TFLOP/s, GB, GB/s, W, mm2.
struct Chip {
  std::string name;
  std::string like;  ///< the entry it inherits from, or empty
  std::vector<std::string> aliases;
  std::string vendor;
  std::string country;
  std::optional<std::int64_t> year;
  std::string market = "datacentre";  ///< "datacentre" or "consumer": what it is designed and sold for
  std::optional<double> process_nm;
  std::optional<double> die_mm2;  ///< all dies of the package with logic at an advanced node
  std::optional<double> fp64_tflops, fp32_tflops, tf32_tflops, bf16_tflops, fp8_tflops, fp4_tflops, int8_tops;
  std::optional<double> memory_gb, memory_gbs;
  std::string memory_type;
  std::string scale_up_link;
  std::optional<double> scale_up_gbs;  ///< per chip, both directions together
  std::optional<std::int64_t> scale_up_domain;
  std::optional<double> scale_out_gbps;  ///< per chip, each direction
  std::optional<double> tdp_w, idle_w;
  std::string form_factor, cooling;
  std::vector<Price> prices;
  Provenance provenance;
  void forget_own() { prices.clear(); }  ///< what an entry that starts from this one does not take over
  static const Description& description();
};

/// What is sold or published as one: a server, a rack, a pod or a supernode.
struct Assembly {
  std::string level;
  std::optional<std::int64_t> chips, compute_racks, switch_racks;
  std::optional<double> power_w;
  std::optional<double> bf16_pflops;  ///< dense, as published
  std::optional<double> memory_tb;    ///< of the chips, as published
  static const Description& description();
};

/// The links that leave one chip for the switches of its scale-up domain, where cables carry them.
struct ScaleUpWiring {
  std::int64_t links = 0;  ///< of one chip
  double rate_gbps = 0;    ///< of one link, each direction
  std::string medium;      ///< catalogue name of a link
  static const Description& description();
};

/// One server (or the unit a rack is filled with) of equal chips.
/// A server holds at most this many chips of one scale-up domain; a larger domain spans servers.
inline constexpr std::int64_t kLargestServer = 16;

struct Server {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string vendor;
  std::optional<std::int64_t> year;
  std::string chip;        ///< catalogue name; empty only where chips is 0
  std::int64_t chips = 8;  ///< per server
  std::optional<std::int64_t> per_rack;
  std::optional<std::int64_t> scale_up_domain;  ///< chips that share the scale-up fabric
  std::string scale_up_topology, scale_out_topology;
  std::optional<ScaleUpWiring> scale_up_wiring;
  std::optional<double> power_w;          ///< of one server, all of it
  std::optional<double> rack_power_w;     ///< of one rack filled with per_rack of them
  std::optional<std::int64_t> cpu_cores;  ///< host processor cores
  std::optional<double> host_memory_gib;
  std::string host_memory_type;  ///< "DDR4", "DDR5" or "LPDDR5X"; empty = unknown
  std::string host_cpu;
  std::optional<std::int64_t> nics;
  std::optional<double> nic_gbps;  ///< of one, each direction
  std::string cooling;
  std::optional<Assembly> assembly;
  std::vector<Price> prices;
  Provenance provenance;
  void forget_own() { prices.clear(); }  ///< what an entry that starts from this one does not take over
  static const Description& description();
};

/// "passive copper", "ACC", "AEC", "AOC", "backplane", "optical" (pluggable modules), "LPO", "CPO".
const std::vector<std::string>& link_classes();

/// A cable, an optical module pair or an on-board link.
struct Link {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string medium, variant;
  std::string link_class;                ///< one of link_classes(), or empty: never chosen for a tier, only named
  std::optional<double> rate_gbps;       ///< each direction
  std::optional<double> lane_rate_gbps;  ///< of one wire pair, one way; absent: one cable is one link
  std::optional<double> reach_m;
  std::optional<double> propagation_ns_m;   ///< per metre
  std::optional<double> end_latency_ns;     ///< of one end
  std::optional<double> fec_latency_ns;     ///< once per hop
  std::optional<double> power_w;            ///< of one end
  std::optional<double> failures_per_year;  ///< of one end
  std::optional<double> mtbf_h;             ///< of one end
  std::string price_per;                    ///< what a price buys: cable, module, metre or set
  std::optional<std::int64_t> set_cables;   ///< cables of a set
  std::vector<Price> prices;
  Provenance provenance;
  void forget_own() { prices.clear(); }  ///< what an entry that starts from this one does not take over
  static const Description& description();
};

/// A switch or switch chip, electrical or optical.
struct Switch {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string vendor, type, process;
  std::optional<std::int64_t> year, ports;
  std::optional<double> rate_gbps;        ///< of one port, each direction
  std::optional<double> throughput_tbps;  ///< all ports, each direction
  std::optional<double> latency_ns, power_w, max_power_w;
  std::vector<Price> prices;
  Provenance provenance;
  void forget_own() { prices.clear(); }  ///< what an entry that starts from this one does not take over
  static const Description& description();
};

/// A network adapter.
struct Nic {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string vendor, type, bus;
  std::optional<std::int64_t> year, ports;
  std::optional<double> rate_gbps;        ///< of one port, each direction
  std::optional<double> throughput_tbps;  ///< all ports, each direction
  std::optional<double> latency_ns, power_w, max_power_w;
  std::vector<Price> prices;
  Provenance provenance;
  void forget_own() { prices.clear(); }  ///< what an entry that starts from this one does not take over
  static const Description& description();
};

/// How heat leaves a hall: by chilled air, by chilled air with a waterside economiser, by outside air, or by a liquid
/// that the towers' water cools, in a door behind servers whose fans still blow or in the servers (models/cooling).
const std::vector<std::string>& heat_paths();

/// A way to cool. Vectors hold low, typical, high; empty = unknown.
struct CoolingTechnology {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string summary;
  std::vector<double> pue;
  std::vector<double> density_kw_rack;     ///< the highest a rack may draw
  std::vector<double> capex_usd_kw;        ///< of the cooling plant, per kW of IT load
  std::vector<double> power_share;         ///< pumps and fans over IT power
  std::vector<double> supply_c;            ///< temperature of the air or water supplied
  std::string heat_path = "chilled air";   ///< one of heat_paths()
  std::vector<double> liquid_share;        ///< of the heat of servers, what the liquid takes; the rest goes to the air
  std::vector<double> thermal_resistance;  ///< K/W, chip to the air or liquid supplied, at full flow
  std::vector<double> warming_k_min;       ///< of the supply to servers at full load, all cooling of it lost
  std::vector<double> throttle_after_s;    ///< the same told as a time: until chips at full load slow down
  std::vector<double> leaks_per_year;      ///< of one rack
  std::vector<Price> prices;
  Provenance provenance;
  void forget_own() { prices.clear(); }  ///< what an entry that starts from this one does not take over
  static const Description& description();
};

/// A dated number with its range and region: a price of electricity, a failure rate, a useful life.
struct Fact {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string category, region;
  std::string date;                ///< as Price::date
  std::string low, typical, high;  ///< amounts; any may be empty, not all
  Provenance provenance;
  static const Description& description();
};

}  // namespace alight
