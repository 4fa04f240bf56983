#include "platforms/catalogue.hpp"

namespace alight {

const std::vector<std::string>& Catalogue::kinds() {
  static const std::vector<std::string> all = {"chips",    "servers",        "links",   "switches", "nics",
                                               "cooling",  "fabrics",        "kernels", "software", "engines",
                                               "failures", "power_profiles", "prices",  "facts"};
  return all;
}

std::vector<std::string> Catalogue::names(std::string_view kind) const {
  if (kind == "chips") return chips_.names();
  if (kind == "servers") return servers_.names();
  if (kind == "links") return links_.names();
  if (kind == "switches") return switches_.names();
  if (kind == "nics") return nics_.names();
  if (kind == "cooling") return cooling_.names();
  if (kind == "fabrics") return fabrics_.names();
  if (kind == "kernels") return kernels_.names();
  if (kind == "software") return software_.names();
  if (kind == "engines") return engines_.names();
  if (kind == "failures") return failures_.names();
  if (kind == "power_profiles") return power_profiles_.names();
  if (kind == "prices") return prices_.names();
  if (kind == "facts") return facts_.names();
  return {};
}

void Catalogue::add(const Node& file, Diagnostics& diagnostics) {
  drafts_.add(file, kinds(), "the catalogue", diagnostics);
}

void Catalogue::resolve(Diagnostics& diagnostics) {
  drafts_.resolve("chips", chips_, diagnostics);
  drafts_.resolve("servers", servers_, diagnostics);
  drafts_.resolve("links", links_, diagnostics);
  drafts_.resolve("switches", switches_, diagnostics);
  drafts_.resolve("nics", nics_, diagnostics);
  drafts_.resolve("cooling", cooling_, diagnostics);
  drafts_.resolve("fabrics", fabrics_, diagnostics);
  drafts_.resolve("kernels", kernels_, diagnostics);
  drafts_.resolve("software", software_, diagnostics);
  drafts_.resolve("engines", engines_, diagnostics);
  drafts_.resolve("failures", failures_, diagnostics);
  drafts_.resolve("power_profiles", power_profiles_, diagnostics);
  drafts_.resolve("prices", prices_, diagnostics);
  drafts_.resolve("facts", facts_, diagnostics);
  for (KernelKind& kind : kernels_.entries_) {
    const std::pair<const char*, std::string*> named[] = {{"software", &kind.software},
                                                          {"software_sharded", &kind.software_sharded},
                                                          {"software_narrow", &kind.software_narrow}};
    for (const auto& [key, name] : named) {
      if (name->empty() || software_.find(*name)) continue;
      diagnostics.error_at(join_key(join_key("kernels", kind.name), key),
                           "no software named \"" + *name + "\" in the catalogue",
                           did_you_mean(*name, software_.all_names()));
    }
  }
  for (const Server& server : servers_.entries_)
    if (const auto& wiring = server.scale_up_wiring; wiring && !links_.find(wiring->medium))
      diagnostics.error_at(join_key(join_key("servers", server.name), "scale_up_wiring.medium"),
                           "no link named \"" + wiring->medium + "\" in the catalogue",
                           did_you_mean(wiring->medium, links_.all_names()));
  for (Server& server : servers_.entries_) {
    if (server.chip.empty()) continue;
    if (const Chip* chip = chips_.find(server.chip)) {
      server.chip = chip->name;
      continue;
    }
    diagnostics.error_at(join_key(join_key("servers", server.name), "chip"),
                         "no chip named \"" + server.chip + "\" in the catalogue",
                         did_you_mean(server.chip, chips_.all_names()));
  }
}

ExportFigures export_figures(const Chip& chip) {
  return {.fp64_tflops = chip.fp64_tflops,
          .fp32_tflops = chip.fp32_tflops,
          .bf16_tflops = chip.bf16_tflops,
          .fp8_tflops = chip.fp8_tflops,
          .fp4_tflops = chip.fp4_tflops,
          .int8_tops = chip.int8_tops,
          .die_mm2 = chip.die_mm2,
          .datacentre = chip.market != "consumer"};
}

}  // namespace alight
