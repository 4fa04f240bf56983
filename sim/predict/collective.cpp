#include "sim/predict/collective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/collectives/collective.hpp"
#include "platforms/fabric.hpp"
#include "sim/predict/output.hpp"
#include "sim/predict/table.hpp"

namespace alight {

namespace {

/// A row as it was read; views live until the next one.
struct Case {
  std::string_view op, chip, dtype, network;
  std::int64_t ranks = 0, ranks_per_node = 0, ranks_per_leaf = 0;
  double bytes = 0, oversubscription = 1;
  std::optional<std::int64_t> domain;
  std::optional<double> scale_up_gbs, scale_out_gbps;
};

/// Servers hold at most this many chips of one domain; a larger domain spans servers.
constexpr std::int64_t kLargestServer = 16;

std::string with_hint(std::string message, const std::string& hint) {
  return hint.empty() ? message : message + ", " + hint;
}

std::string not_supported(const std::string& why) {
  return "unsupported: " + why;
}

/// The case's estimate, or why there is none.
std::string predict(const Case& c, const Catalogue& catalogue, CollectiveEstimate& out) {
  static const std::vector<std::string> ops = {"all_reduce", "all_gather", "reduce_scatter",
                                               "alltoall",   "broadcast",  "send_recv"};
  const auto op = parse_collective(c.op);
  if (!op) return not_supported(with_hint(fmt::format("no operation \"{}\"", c.op), did_you_mean(c.op, ops)));
  const Chip* chip = catalogue.find_chip(c.chip);
  if (!chip)
    return not_supported(with_hint(fmt::format("no chip named \"{}\" in the catalogue", c.chip),
                                   did_you_mean(c.chip, catalogue.chips().all_names())));
  const FabricKind* network = c.network.empty() ? nullptr : catalogue.fabrics().find(c.network);
  if (!c.network.empty() && !(network && network->out))
    return not_supported(with_hint(fmt::format("no network named \"{}\" in the catalogue's fabrics", c.network),
                                   did_you_mean(c.network, catalogue.fabrics().all_names())));
  if (c.ranks_per_node > c.ranks)
    return not_supported(fmt::format("{} ranks cannot have {} in each node", c.ranks, c.ranks_per_node));

  FabricOverrides known{.scale_up_gbs = c.scale_up_gbs,
                        .domain = c.domain,
                        .scale_out_gbps = c.scale_out_gbps,
                        .network = network ? network->name : std::string{}};
  known.leaf.oversubscription = c.oversubscription;
  Fabric fabric = fabric_of(*chip, catalogue, known);
  // Cards on the PCIe of one host reach each other though the catalogue knows no link between them.
  if (fabric.up.topology == ScaleUpTopology::host && !c.domain)
    fabric.up.domain = std::max(fabric.up.domain, c.ranks_per_node);
  Group group{.ranks = c.ranks, .per_domain = c.ranks_per_node, .per_leaf = c.ranks_per_leaf};
  if (fabric.up.domain > kLargestServer) group.per_domain = c.ranks;
  group.int8 = c.dtype == "int8" || c.dtype == "uint8" || c.dtype == "fp8";
  out = estimate(*op, c.bytes, group, fabric);
  if (std::isinf(out.seconds))
    return not_supported(
        fmt::format("{} ranks span scale-up domains of {} chips and the network of {} is not known; "
                    "give scale_out_gbps",
                    c.ranks, fabric.up.domain, chip->name));
  return "ok";
}

}  // namespace

std::size_t predict_collectives(const std::filesystem::path& cases, const std::filesystem::path& out,
                                const Catalogue& catalogue, Diagnostics& diagnostics) {
  CaseTable table(cases, diagnostics);
  const auto id = table.text("id");
  const auto op = table.text("op");
  const auto chip = table.text("chip");
  const auto ranks = table.integer("ranks", {.min = 1, .max = 1e9});
  const auto per_node = table.integer("ranks_per_node", {.min = 1, .max = 1e9});
  const auto bytes = table.number("bytes", {.min = 0});
  const auto dtype = table.optional_text("dtype", "half");
  const auto domain = table.optional_integer("domain", {.min = 1, .max = 1e9});
  const auto scale_up = table.optional_number("scale_up_gbs", {.min = 0, .above_min = true});
  const auto scale_out = table.optional_number("scale_out_gbps", {.min = 0, .above_min = true});
  const auto network = table.optional_text("network");
  const auto per_leaf = table.integer_or("ranks_per_leaf", 0, {.min = 0, .max = 1e9});
  const auto oversubscription = table.number_or("oversubscription", 1, {.min = 1});
  if (!diagnostics.ok()) return 0;

  PredictionFile file("id,status,time_us,busbw_gbs,algorithm\n");
  std::size_t rows = 0;
  while (table.next()) {
    const Case c{.op = table[op],
                 .chip = table[chip],
                 .dtype = table[dtype],
                 .network = table[network],
                 .ranks = table[ranks],
                 .ranks_per_node = table[per_node],
                 .ranks_per_leaf = table[per_leaf],
                 .bytes = table[bytes],
                 .oversubscription = table[oversubscription],
                 .domain = table[domain],
                 .scale_up_gbs = table[scale_up],
                 .scale_out_gbps = table[scale_out]};
    const std::string_view name = table[id];
    if (!diagnostics.ok()) continue;
    CollectiveEstimate e;
    const std::string status = predict(c, catalogue, e);
    if (status == "ok")
      file.print("{},ok,{:.4g},{:.4g},{}\n", csv_field(name), e.seconds * 1e6, e.busbw_gbs, name_of(e.algorithm));
    else
      file.print("{},{},,,\n", csv_field(name), csv_field(status));
    ++rows;
  }
  if (!diagnostics.ok()) return 0;
  file.write(out, diagnostics);
  return diagnostics.ok() ? rows : 0;
}

}  // namespace alight
