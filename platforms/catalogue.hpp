// What can be bought: chips, servers and racks, links, switches, NICs, cooling, prices; each value set with its source
// and how far it can be trusted. Data lives in platforms/catalog/*.yaml; a user's own files add to it.
//
// Unknown is absent (std::nullopt), never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

/// Where a value set comes from.
struct Provenance {
  std::string source;
  std::string confidence;  ///< "high", "medium" or "low"
  std::string basis;       ///< "verified", "memory", ... as the collector put it
  std::string note;
};

/// One accelerator. FLOP rates are dense. TFLOP/s, GB, GB/s, W, mm2.
struct Chip {
  std::string name;
  std::string like;  ///< the entry it inherits from, or empty
  std::string vendor;
  std::string country;
  std::optional<std::int64_t> year;
  std::optional<double> process_nm;
  std::optional<double> die_mm2;
  std::optional<double> fp64_tflops, fp32_tflops, tf32_tflops, bf16_tflops, fp8_tflops, fp4_tflops, int8_tops;
  std::optional<double> memory_gb, memory_gbs;
  std::string memory_type;
  std::string scale_up_link;
  std::optional<double> scale_up_gbs;  ///< per chip, both directions together
  std::optional<std::int64_t> scale_up_domain;
  std::optional<double> scale_out_gbps;  ///< per chip, each direction
  std::optional<double> tdp_w, idle_w;
  std::string form_factor, cooling;
  Provenance provenance;
  static const Description& description();
};

/// One server (or the unit a rack is filled with) of equal chips.
struct Server {
  std::string name;
  std::string like;
  std::string chip;          ///< catalogue name
  std::int64_t chips = 8;    ///< per server
  std::optional<std::int64_t> per_rack;
  std::optional<std::int64_t> scale_up_domain;  ///< chips that share the scale-up fabric
  std::optional<double> power_w;
  std::optional<std::int64_t> cpu_cores;        ///< host processor cores
  std::optional<double> host_memory_gib;
  std::optional<std::int64_t> nics;
  std::optional<double> nic_gbps;
  Provenance provenance;
  static const Description& description();
};

}  // namespace alight
