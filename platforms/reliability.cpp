#include "platforms/reliability.hpp"

#include <cmath>

#include "models/reliability/rates.hpp"
#include "models/whole_numbers.hpp"
#include "platforms/cabling/medium.hpp"

namespace alight {

namespace {

double rate_of(const FailureCauseKind& kind, const FailureSet& set) {
  if (kind.failures_per_year) return *kind.failures_per_year;
  if (kind.mtbf_h) return rate_from_mtbf(*kind.mtbf_h * 3600);
  if (kind.afr) return rate_from_afr(*kind.afr);
  if (!kind.events) return 0;
  const Extent extent = extent_of(*set.chips, set.chips_per_server);
  return rate_from_events(*kind.events, whole(kind.per == Per::chip ? extent.chips : extent.servers),
                          *set.period_d * 86400);
}

}  // namespace

std::vector<FailureCause> failure_causes(const FailureSet& set) {
  std::vector<FailureCause> causes;
  for (const FailureCauseKind& kind : set.causes) {
    FailureCause& cause = causes.emplace_back();
    cause.name = kind.cause;
    cause.component = kind.component;
    cause.per = kind.per;
    cause.per_year = rate_of(kind, set);
    if (kind.early_share) {
      EarlyFailures early{.share = *kind.early_share, .within_s = kind.early_d.value_or(0) * 86400};
      if (kind.early_shape) early.shape = *kind.early_shape;
      cause.early = early_risk(early);
    }
    if (kind.life_years) {
      WearOut wear{.mean_s = *kind.life_years * kSecondsPerYear};
      if (kind.wear_shape) wear.shape = *kind.wear_shape;
      cause.wear = wear_risk(wear);
    }
    if (const auto hours = kind.repair_h ? kind.repair_h : set.repair_h) cause.repair = RepairTime{*hours * 3600, {}};
    if (cause.repair && kind.repair_median_h) cause.repair->median_s = *kind.repair_median_h * 3600;
    if (const auto minutes = kind.detection_min ? kind.detection_min : set.detection_min)
      cause.detection_s = *minutes * 60;
  }
  return causes;
}

std::optional<Extent> watched(const FailureSet& set) {
  if (!set.chips) return std::nullopt;
  return extent_of(*set.chips, set.chips_per_server);
}

std::optional<double> switch_failures_per_year(const Catalogue& catalogue) {
  const Fact* fact = catalogue.facts().find("switch survival over three months");
  const auto share = fact ? parse_amount(fact->typical) : std::nullopt;
  if (!share || share->value <= 0) return std::nullopt;
  return -4 * std::log(share->value);
}

std::optional<double> cable_failures_per_year(const Link& link) {
  // One cable: figures_of() counts all wire pairs of a link that is several.
  const LinkFigures figures = figures_of(link, link.rate_gbps.value_or(0), 0);
  if (!figures.failures_per_year || figures.cables < 1) return std::nullopt;
  return *figures.failures_per_year / whole(figures.cables);
}

}  // namespace alight
