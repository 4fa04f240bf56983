// What can be bought: chips, servers and racks, links, switches, NICs, cooling, fabrics, prices; each value set with
// its source and how far it can be trusted. Data lives in platforms/catalog/*.yaml and inside the binary; a user's own
// files add to it.
//
// Unknown is absent (std::nullopt), never 0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/entries/embedded_file.hpp"
#include "models/entries/entry_drafts.hpp"
#include "models/export_rule.hpp"
#include "platforms/catalogue/engine_kind.hpp"
#include "platforms/catalogue/entries.hpp"
#include "platforms/catalogue/fabric_kind.hpp"
#include "platforms/catalogue/failure_kind.hpp"
#include "platforms/catalogue/kernel_kind.hpp"
#include "platforms/catalogue/power_profile_kind.hpp"

namespace alight {

/// Entries of one kind, in the order of the files.
template <class T>
using CatalogueTable = EntryTable<T>;

/// The catalogue of a run. Files are added, then resolved; after that it is read only.
///
///   Catalogue catalogue;
///   for (each tree) catalogue.add(tree, diagnostics);   // embedded_catalogue() first, then the user's files
///   catalogue.resolve(diagnostics);
class Catalogue {
 public:
  /// Takes the entries of a mapping {chips: {NAME: {...}}, servers: {...}, ...}; other keys are problems. A name that
  /// is already taken (by a name of an earlier file or the same) is a problem unless the entry says `override: true`:
  /// it then starts from the entry of that name as it stands and replaces it in place.
  void add(const Node& file, Diagnostics& diagnostics);

  /// Reads all entries added so far. `like: NAME` starts from that entry (name or alias, of any file, in any order)
  /// and takes over everything but its aliases, prices and note. Unknown parents, circles, aliases that are
  /// taken, a server of an unknown chip, and wrong values are problems.
  void resolve(Diagnostics& diagnostics);

  /// Entry kinds as they are called in files: chips, servers, links, switches, nics, cooling, fabrics, kernels,
  /// software, engines, failures, power_profiles, prices, facts.
  static const std::vector<std::string>& kinds();
  /// Names of a kind in file order; empty for an unknown kind.
  std::vector<std::string> names(std::string_view kind) const;

  const CatalogueTable<Chip>& chips() const { return chips_; }
  const CatalogueTable<Server>& servers() const { return servers_; }
  const CatalogueTable<Link>& links() const { return links_; }
  const CatalogueTable<Switch>& switches() const { return switches_; }
  const CatalogueTable<Nic>& nics() const { return nics_; }
  const CatalogueTable<CoolingTechnology>& cooling() const { return cooling_; }
  const CatalogueTable<FabricKind>& fabrics() const { return fabrics_; }
  const CatalogueTable<KernelKind>& kernels() const { return kernels_; }
  const CatalogueTable<SoftwareKind>& software() const { return software_; }
  const CatalogueTable<EngineKind>& engines() const { return engines_; }
  const CatalogueTable<FailureSet>& failures() const { return failures_; }
  const CatalogueTable<PowerProfileKind>& power_profiles() const { return power_profiles_; }
  const CatalogueTable<Fact>& prices() const { return prices_; }
  const CatalogueTable<Fact>& facts() const { return facts_; }

  const Chip* find_chip(std::string_view name) const { return chips_.find(name); }
  const Server* find_server(std::string_view name) const { return servers_.find(name); }
  const Link* find_link(std::string_view name) const { return links_.find(name); }
  const Switch* find_switch(std::string_view name) const { return switches_.find(name); }
  const Nic* find_nic(std::string_view name) const { return nics_.find(name); }
  const CoolingTechnology* find_cooling(std::string_view name) const { return cooling_.find(name); }

 private:
  EntryDrafts drafts_;
  CatalogueTable<Chip> chips_;
  CatalogueTable<Server> servers_;
  CatalogueTable<Link> links_;
  CatalogueTable<Switch> switches_;
  CatalogueTable<Nic> nics_;
  CatalogueTable<CoolingTechnology> cooling_;
  CatalogueTable<FabricKind> fabrics_;
  CatalogueTable<KernelKind> kernels_;
  CatalogueTable<SoftwareKind> software_;
  CatalogueTable<EngineKind> engines_;
  CatalogueTable<FailureSet> failures_;
  CatalogueTable<PowerProfileKind> power_profiles_;
  CatalogueTable<Fact> prices_;
  CatalogueTable<Fact> facts_;
};

/// Keys of the values of `entry` that are set and of low confidence (low_confidence_keys).
template <class T>
std::vector<std::string> low_confidence(const T& entry) {
  return low_confidence_keys(T::description(), &entry, entry.provenance);
}

/// What the export rule looks at, from a chip's entry.
ExportFigures export_figures(const Chip& chip);

/// The files of platforms/catalog, by name; their text is inside the binary.
const std::vector<EmbeddedFile>& embedded_catalogue();

}  // namespace alight
