// The `catalogue:` key of a scenario, described: kinds of entries, each a table of names, as the catalogue reads them.
#pragma once

#include <map>
#include <string>

#include "platforms/catalogue/engine_kind.hpp"
#include "platforms/catalogue/entries.hpp"
#include "platforms/catalogue/fabric_kind.hpp"
#include "platforms/catalogue/failure_kind.hpp"
#include "platforms/catalogue/kernel_kind.hpp"
#include "platforms/catalogue/power_profile_kind.hpp"

namespace alight {

/// What schema, explain and the reference page know of a user's own entries. It is never read into: an entry with
/// `like` or `override` is only complete beside others, so the catalogue itself reads the tree.
struct OwnCatalogue {
  std::map<std::string, Chip> chips;
  std::map<std::string, Server> servers;
  std::map<std::string, Link> links;
  std::map<std::string, Switch> switches;
  std::map<std::string, Nic> nics;
  std::map<std::string, CoolingTechnology> cooling;
  std::map<std::string, FabricKind> fabrics;
  std::map<std::string, KernelKind> kernels;
  std::map<std::string, SoftwareKind> software;
  std::map<std::string, EngineKind> engines;
  std::map<std::string, FailureSet> failures;
  std::map<std::string, PowerProfileKind> power_profiles;
  std::map<std::string, Fact> prices;
  std::map<std::string, Fact> facts;
  static const Description& description();
};

}  // namespace alight
