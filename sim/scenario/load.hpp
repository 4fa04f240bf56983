// From a file to what can be run: the scenario read, its names resolved against the catalogue, its workload in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platforms/cabling/bill.hpp"
#include "platforms/catalogue.hpp"
#include "platforms/site.hpp"
#include "sim/run/run.hpp"
#include "sim/scenario/scenario.hpp"
#include "workloads/job.hpp"
#include "workloads/zoo.hpp"

namespace alight {

struct MoneyPlan;

/// A scenario ready to run. Immutable from here on.
struct Prepared {
  Scenario scenario;                          ///< every default filled in, file names absolute
  std::vector<std::filesystem::path> inputs;  ///< every file read, in the order read
  Catalogue catalogue;
  Zoo zoo;  ///< empty where neither `models` nor a job asks for one: reading it takes as long as the catalogue
  Site site;
  Bill bill;  ///< of links; empty where no medium is named and no scale-up link is a cable
  Workload workload;
  RunSettings settings;
  std::shared_ptr<const MoneyPlan> money = nullptr;  ///< null: money is not counted

  /// Reads the zoo, once.
  void need_zoo(Diagnostics& diagnostics);
  SameKind same_kind() const;
  /// What predicting its training jobs needs. This outlives what is returned, and does not move.
  std::shared_ptr<const TrainingGround> training_ground() const;
};

/// Reads, checks and resolves. All mistakes found are in `diagnostics`; nothing is returned when there is one. With
/// `with_workload` false, jobs are neither read nor generated.
std::optional<Prepared> prepare(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                                Diagnostics& diagnostics, bool with_workload = true);
/// The same for a scenario that is in no file.
std::optional<Prepared> prepare_text(std::string_view text, std::string name, const std::vector<std::string>& overrides,
                                     Diagnostics& diagnostics, bool with_workload = true);

/// The resolved scenario as YAML: running it again gives the same bytes.
std::string resolved_yaml(const Prepared& prepared);

/// The built-in catalogue alone, or with the entries of a user's file.
Catalogue load_catalogue(const Node* own, Diagnostics& diagnostics);

/// The built-in model zoo alone, or with a user's models: a mapping from names to entries.
Zoo load_zoo(const Node* own, Diagnostics& diagnostics);

}  // namespace alight
