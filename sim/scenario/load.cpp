#include "sim/scenario/load.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/config/include.hpp"
#include "sim/config/overrides.hpp"
#include "sim/config/yaml.hpp"
#include "sim/run/breakdown_plan.hpp"
#include "sim/runtime/training_ground.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

std::optional<Prepared> prepare(std::optional<Loaded> loaded, const std::vector<std::string>& overrides, Diagnostics& d,
                                bool with_workload) {
  if (!loaded) return std::nullopt;
  Prepared out;
  out.inputs = loaded->files;
  Node& root = loaded->root;
  if (root.kind == Node::Kind::null) root = Node::mapping();
  apply_overrides(root, overrides, d);
  read(out.scenario, root, "", d);
  out.catalogue = load_catalogue(&out.scenario.catalogue, d);
  if (!out.scenario.models.members.empty()) out.need_zoo(d);
  // So that the resolved scenario can be run from anywhere.
  make_absolute(out.scenario.workload.file, "workload.file", d);
  make_absolute(out.scenario.site.platform, "site.platform", d);
  if (out.scenario.site.facility) make_absolute(*out.scenario.site.facility, "site.facility", d);
  if (out.scenario.faults) {
    make_absolute(out.scenario.faults->file, "faults.file", d);
    if (auto& servers = out.scenario.faults->servers; servers && servers->trace)
      make_absolute(servers->trace->file, "faults.servers.trace.file", d);
  }
  auto& services = out.scenario.workload.services;
  for (std::size_t i = 0; i < services.size(); ++i)
    if (services[i].requests) make_absolute(*services[i].requests, fmt::format("workload.services[{}].requests", i), d);
  resolve_site(out, d);
  resolve_settings(out, d);
  // A workload, and faults, are worth reading only for a site that stands.
  const bool stands = d.ok();
  if (stands) resolve_faults(out, d);
  if (stands) resolve_breakdowns(out, d);
  if (stands) resolve_facility(out, d);
  if (stands && d.ok()) resolve_money(out, d);
  if (with_workload && stands) resolve_workload(out, d);
  check_faults(out, d);
  check_checkpoints(out, d);
  if (!d.ok()) return std::nullopt;
  return out;
}

}  // namespace

Catalogue load_catalogue(const Node* own, Diagnostics& d) {
  Catalogue catalogue;
  for (const EmbeddedFile& file : embedded_catalogue())
    if (const auto tree = parse_yaml(file.text, std::string(file.name), d)) catalogue.add(*tree, d);
  if (own) catalogue.add(*own, d);
  catalogue.resolve(d);
  return catalogue;
}

Zoo load_zoo(const Node* own, Diagnostics& d) {
  Zoo zoo;
  for (const EmbeddedFile& file : embedded_zoo())
    if (const auto tree = parse_yaml(file.text, std::string(file.name), d)) zoo.add(*tree, d);
  if (own) {
    Node file = Node::mapping();
    file.add("models", *own);
    zoo.add(file, d);
  }
  zoo.resolve(d);
  return zoo;
}

void Prepared::need_zoo(Diagnostics& d) {
  if (zoo.models().empty()) zoo = load_zoo(&scenario.models, d);
}

SameKind Prepared::same_kind() const {
  return [this](const std::string& wanted, const Chip& chip) {
    if (wanted == chip.name) return true;
    const Chip* found = catalogue.find_chip(wanted);
    return found && found->name == chip.name;
  };
}

std::shared_ptr<const TrainingGround> Prepared::training_ground() const {
  TrainingGround ground = alight::training_ground(site, workload, catalogue, zoo);
  if (const auto& breakdowns = settings.breakdowns) {
    ground.failures.resize(site.pools.size());
    for (const BreakdownPlan::Cause& cause : breakdowns->causes) {
      const bool stops = !cause.slows_to || (std::isfinite(cause.detection_s) && cause.when_found == WhenSlow::stop);
      if (!stops) continue;
      for (const PoolIndex p : cause.pools) ground.failures[p].push_back(cause.of);
    }
  }
  for (std::size_t p = 0; p < ground.pools.size() && p < settings.chip_speeds.size(); ++p)
    ground.pools[p].speeds_drawn = settings.chip_speeds[p].has_value();
  return std::make_shared<const TrainingGround>(std::move(ground));
}

std::optional<Prepared> prepare(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                                Diagnostics& d, bool with_workload) {
  return prepare(load_config(file, d), overrides, d, with_workload);
}

std::optional<Prepared> prepare_text(std::string_view text, std::string name, const std::vector<std::string>& overrides,
                                     Diagnostics& d, bool with_workload) {
  return prepare(load_config_text(text, std::move(name), std::filesystem::current_path(), d), overrides, d,
                 with_workload);
}

std::string resolved_yaml(const Prepared& prepared) {
  return emit_yaml(write(prepared.scenario));
}

}  // namespace alight
