#include "platforms/fabric.hpp"

#include <algorithm>
#include <stdexcept>

namespace alight {

namespace {

const FabricKind& known_kind(const Catalogue& catalogue, const std::string& name) {
  const FabricKind* kind = catalogue.fabrics().find(name);
  if (!kind) throw std::logic_error("fabric_of: the catalogue has no fabric \"" + name + "\"");
  return *kind;
}

Protocol protocol_of(const ProtocolFigures& p) {
  return {p.base_us, p.hop_us, p.efficiency, p.ramp_us, p.overlap};
}

bool holds(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

ScaleUp scale_up_of(const Chip& chip, const FabricKind& kind, const FabricOverrides& overrides) {
  if (!kind.up) throw std::logic_error("fabric_of: the fabric \"" + kind.name + "\" has no figures inside a domain");
  const ScaleUpFigures& figures = *kind.up;
  ScaleUp up;
  const auto both_ways = overrides.scale_up_gbs ? overrides.scale_up_gbs
                         : chip.scale_up_gbs    ? chip.scale_up_gbs
                                                : figures.assumed_gbs;
  up.gbs = both_ways.value_or(0) / 2;
  up.domain = up.gbs > 0 ? std::max<std::int64_t>(overrides.domain.value_or(chip.scale_up_domain.value_or(1)), 1) : 1;
  up.topology = figures.topology;
  up.axes = static_cast<int>(figures.axes);
  up.contention = figures.contention;
  up.ll = protocol_of(figures.ll);
  up.ll128 = protocol_of(figures.ll128);
  up.simple = protocol_of(figures.bulk);
  up.in_network = protocol_of(figures.in_network);
  up.direct = protocol_of(figures.direct);
  up.direct_self = figures.direct_self;
  up.tuner_ll = figures.tuner_ll;
  up.tuner_ll128 = figures.tuner_ll128;
  up.tuner_simple = figures.tuner_bulk;
  return up;
}

}  // namespace

const FabricKind& fabric_kind_of(const Chip& chip, const Catalogue& catalogue) {
  // The last that fits: a user's own entries come after the built-in ones.
  const auto last = [&](auto&& fits) -> const FabricKind* {
    const auto& entries = catalogue.fabrics().entries();
    const auto found = std::find_if(entries.rbegin(), entries.rend(), fits);
    return found == entries.rend() ? nullptr : &*found;
  };
  if (const FabricKind* kind = last([&](const FabricKind& k) { return holds(k.chips, chip.name); })) return *kind;
  if (const FabricKind* kind =
          last([&](const FabricKind& k) { return !chip.scale_up_link.empty() && holds(k.links, chip.scale_up_link); }))
    return *kind;
  return known_kind(catalogue, chip.scale_up_link.starts_with("PCIe") ? "PCIe" : "Unmeasured link");
}

Fabric fabric_of(const Chip& chip, const Catalogue& catalogue, const FabricOverrides& overrides) {
  const FabricKind& kind = fabric_kind_of(chip, catalogue);
  Fabric fabric;
  fabric.up = scale_up_of(chip, kind, overrides);
  const FabricKind& network = !overrides.network.empty() ? known_kind(catalogue, overrides.network)
                              : kind.out                 ? kind
                                                         : known_kind(catalogue, "Rail network");
  if (!network.out) throw std::logic_error("fabric_of: the fabric \"" + network.name + "\" is no network");
  const auto gbps = overrides.scale_out_gbps ? overrides.scale_out_gbps : chip.scale_out_gbps;
  fabric.out.gbs = gbps.value_or(0) / 8;
  fabric.out.efficiency = network.out->efficiency;
  fabric.out.direct_efficiency = network.out->direct_efficiency;
  fabric.out.ll_us = network.out->ll_step_us;
  fabric.out.simple_us = network.out->bulk_step_us;
  fabric.out.message_us = network.out->message_us;
  fabric.out.in_network = network.out->in_network;
  fabric.out.leaf = overrides.leaf;
  fabric.out.pod = overrides.pod;
  return fabric;
}

}  // namespace alight
