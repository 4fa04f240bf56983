#include "platforms/reliability.hpp"

#include <cmath>

#include "models/reliability/rates.hpp"
#include "models/whole_numbers.hpp"
#include "platforms/cabling/medium.hpp"

namespace alight {

namespace {

double rate_of(const FailureCauseKind& kind, const FailureSet& set) {
  if (kind.failures_per_year) return *kind.failures_per_year;
  if (kind.mtbf_s) return rate_from_mtbf(*kind.mtbf_s);
  if (kind.afr) return rate_from_afr(*kind.afr);
  if (!kind.events) return 0;
  const Extent extent = extent_of(*set.chips, set.chips_per_server);
  return rate_from_events(*kind.events, whole(kind.per == Per::chip ? extent.chips : extent.servers), *set.period_s);
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
    if (kind.early_share) cause.early = early_risk({*kind.early_share, kind.early_s.value_or(0), kind.early_shape});
    if (kind.life_s) cause.wear = wear_risk({*kind.life_s, kind.wear_shape});
    cause.repair_s = kind.repair_s ? kind.repair_s : set.repair_s;
    cause.detection_s = kind.detection_s ? kind.detection_s : set.detection_s;
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
