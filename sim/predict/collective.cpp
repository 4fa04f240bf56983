#include "sim/predict/collective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/collectives/collective.hpp"
#include "platforms/catalogue/entries.hpp"
#include "platforms/fabric.hpp"
#include "sim/predict/output.hpp"
#include "sim/predict/table.hpp"

namespace alight {

namespace {

/// A row as it was read; views live until the next one.
struct Case {
  std::string_view op, chip, dtype;
  std::int64_t ranks = 0, ranks_per_node = 0;
  double bytes = 0;
  std::optional<std::int64_t> domain;
  CaseServers servers;
};

std::string with_hint(std::string message, const std::string& hint) {
  return hint.empty() ? message : message + ", " + hint;
}

/// Chips of one domain. Cards on the PCIe of one host reach each other though the catalogue knows no link between them.
std::int64_t domain_of(const Case& c, const Chip& chip, const Catalogue& catalogue) {
  if (c.domain) return *c.domain;
  const std::int64_t domain = std::max<std::int64_t>(chip.scale_up_domain.value_or(1), 1);
  const bool host = fabric_kind_of(chip, catalogue).up->topology == ScaleUpTopology::host;
  return host ? std::max(domain, c.ranks_per_node) : domain;
}

/// Fills `out`; empty, or why the case cannot be predicted.
std::string predict(Case& c, const Catalogue& catalogue, const CaseGround& ground, CollectiveEstimate& out) {
  static const std::vector<std::string> ops = {"all_reduce", "all_gather", "reduce_scatter",
                                               "alltoall",   "broadcast",  "send_recv"};
  const auto op = parse_collective(c.op);
  if (!op) return with_hint(fmt::format("no operation \"{}\"", c.op), did_you_mean(c.op, ops));
  const Chip* chip = catalogue.find_chip(c.chip);
  if (!chip)
    return with_hint(fmt::format("no chip named \"{}\" in the catalogue", c.chip),
                     did_you_mean(c.chip, catalogue.chips().all_names()));
  if (c.ranks_per_node > c.ranks) return fmt::format("{} ranks cannot have {} in each node", c.ranks, c.ranks_per_node);
  c.servers.chip = chip;
  c.servers.chips = c.ranks;
  c.servers.per_server = c.ranks_per_node;
  c.servers.domain = domain_of(c, *chip, catalogue);
  CasePlace place;
  if (std::string why = ground.place(c.servers, place); !why.empty()) return why;
  const Fabric& fabric = place.fabric;
  Group group{.ranks = c.ranks,
              .per_domain = c.ranks_per_node,
              .per_leaf = fabric.out.leaf.chips,
              .per_pod = fabric.out.pod.chips};
  if (fabric.up.domain > kLargestServer) group.per_domain = c.ranks;
  group.int8 = c.dtype == "int8" || c.dtype == "uint8" || c.dtype == "fp8";
  out = estimate(*op, c.bytes, group, fabric);
  if (std::isinf(out.seconds))
    return fmt::format(
        "{} ranks span scale-up domains of {} chips and the network of {} is not known; "
        "give scale_out_gbps",
        c.ranks, fabric.up.domain, chip->name);
  return {};
}

}  // namespace

std::size_t predict_collectives(const std::filesystem::path& cases, const std::filesystem::path& out,
                                const Catalogue& catalogue, const CaseGround& ground, Diagnostics& diagnostics) {
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
  const NetworkColumns network(table, "ranks_per_leaf");
  if (!diagnostics.ok()) return 0;

  PredictionFile file("id,status,time_us,busbw_gbs,algorithm\n");
  std::size_t rows = 0;
  while (table.next()) {
    Case c{.op = table[op],
           .chip = table[chip],
           .dtype = table[dtype],
           .ranks = table[ranks],
           .ranks_per_node = table[per_node],
           .bytes = table[bytes],
           .domain = table[domain],
           .servers = {}};
    c.servers.scale_up_gbs = table[scale_up];
    c.servers.scale_out_gbps = table[scale_out];
    network.read(table, c.servers);
    const std::string_view name = table[id];
    if (!diagnostics.ok()) continue;
    CollectiveEstimate e;
    const std::string why = predict(c, catalogue, ground, e);
    if (why.empty())
      file.print("{},ok,{:.4g},{:.4g},{}\n", csv_field(name), e.seconds * 1e6, e.busbw_gbs, name_of(e.algorithm));
    else
      file.unsupported(name, why);
    ++rows;
  }
  if (!diagnostics.ok()) return 0;
  file.write(out, diagnostics);
  return diagnostics.ok() ? rows : 0;
}

}  // namespace alight
