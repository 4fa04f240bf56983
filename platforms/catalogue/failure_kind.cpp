#include "platforms/catalogue/failure_kind.hpp"

#include <fmt/format.h>

#include "platforms/catalogue/entries.hpp"

namespace alight {

namespace {

int ways_to_say_how_often(const FailureCauseKind& cause) {
  return cause.failures_per_year.has_value() + cause.mtbf_h.has_value() + cause.afr.has_value() +
         cause.events.has_value();
}

void check_cause(const FailureCauseKind& cause, const std::string& path, Diagnostics& diagnostics) {
  if (const int ways = ways_to_say_how_often(cause); ways > 1)
    diagnostics.error_at(path, fmt::format("says in {} ways how often it fails", ways),
                         "keep one of failures, mtbf, afr, events");
  else if (ways == 0 && !cause.life_years && !cause.early_share)
    diagnostics.error_at(path, "does not say how often it fails",
                         "give one of failures, mtbf, afr, events, or an early_share or a life");
  if (cause.repair_median_h && (!cause.repair_h || *cause.repair_median_h > *cause.repair_h))
    diagnostics.error_at(join_key(path, "repair_median"),
                         "is of repairs whose mean is at least as long; give that as this cause's `repair`");
  if (cause.early_share.has_value() != cause.early_d.has_value())
    diagnostics.error_at(path, "early_share and early_time go together: what share fails early, and within what time");
}

void check_set(const FailureSet& set, const std::string& path, Diagnostics& diagnostics) {
  if (set.causes.empty()) diagnostics.error_at(join_key(path, "causes"), "is missing; a set needs causes of failures");
  for (std::size_t i = 0; i < set.causes.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", join_key(path, "causes"), i);
    if (set.causes[i].events && set.causes[i].per != Per::chip && set.causes[i].per != Per::server)
      diagnostics.error_at(join_key(place, "events"), "are counted among chips or servers; of others give `failures`");
    if (set.causes[i].events && (!set.chips || !set.period_d))
      diagnostics.error_at(place, "counts events, but the set does not say among how many chips and for how long",
                           "give the set `chips` and `period`");
    for (std::size_t k = 0; k < i; ++k)
      if (set.causes[k].cause == set.causes[i].cause)
        diagnostics.error_at(join_key(place, "cause"),
                             fmt::format("{} is a cause of this set already", in_quotes(set.causes[i].cause)));
  }
  if (!set.date.empty() && !first_date(set.date))
    diagnostics.error_at(join_key(path, "date"),
                         "\"" + set.date + "\" begins with no date; write 2025, 2025-06 or 2025-06-01");
}

}  // namespace

const Description& FailureCauseKind::description() {
  const Range some{.min = 0}, positive{.min = 0, .above_min = true};
  static const auto d = [&] {
    using S = FailureCauseKind;
    return describe<S>("failure cause", "One way to fail, and how often.")
        .text("cause", &S::cause, "What it is called; the stream of its draws is named after it.")
        .required()
        .choice("component", &S::component, components(), "What breaks.")
        .choice("per", &S::per,
                {{"chip", Per::chip}, {"server", Per::server}, {"rack", Per::rack}, {"switch", Per::network_switch}},
                "What the rate is of, and what is down.")
        .quantity("failures", &S::failures_per_year, "/year", "Failures of one, in use.", some)
        .quantity("mtbf", &S::mtbf_h, "h", "Mean time between failures of one, instead.", positive)
        .quantity("afr", &S::afr, "1", "Annualised failure rate instead: the share that has failed after a year.",
                  {.min = 0, .max = 0.999999})
        .number("events", &S::events, "Failures counted among the set's chips or servers in its period, instead.", some)
        .quantity("early_share", &S::early_share, "1", "Of new ones, the share that is bad and fails early.",
                  {.min = 0, .max = 0.999999})
        .quantity("early_time", &S::early_d, "d", "Within what time that share has failed.", positive)
        .number("early_shape", &S::early_shape,
                "Weibull shape of early failures: the smaller, the earlier. Default: 0.7.", {.min = 0.05, .max = 1})
        .quantity("life", &S::life_years, "year", "Mean time until it is worn out, were nothing else to break it.",
                  positive)
        .number("wear_shape", &S::wear_shape,
                "Weibull shape of wear: the larger, the more alike they wear. Default: 4.", {.min = 1, .max = 100})
        .quantity("repair", &S::repair_h, "h", "Mean time of a repair or replacement. Default: the set's.", some)
        .quantity("repair_median", &S::repair_median_h, "h",
                  "Half of its repairs take less: their law is then lognormal, else exponential.", positive)
        .quantity("detection", &S::detection_min, "min", "Mean time until the failure is known. Default: the set's.",
                  some)
        .check(check_cause)
        .done();
  }();
  return d;
}

const Description& FailureSet::description() {
  const Range some{.min = 0}, positive{.min = 0, .above_min = true};
  static const auto d = [&] {
    using S = FailureSet;
    auto kind = begin_entry<S>("failure set", "Causes of failures as one study counted them.");
    kind.text("date", &S::date, "The year, month, day or span it is of; left out = unknown.")
        .integer("chips", &S::chips, "Chips that were watched.", {.min = 1})
        .integer("chips_per_server", &S::chips_per_server, "Chips of one of their servers.", {.min = 1})
        .quantity("period", &S::period_d, "d", "How long they were watched.", positive)
        .quantity("repair", &S::repair_h, "h", "Mean time of a repair, of causes that state none.", some)
        .quantity("detection", &S::detection_min, "min", "Mean time until a failure is known, likewise.", some)
        .list("causes", &S::causes, "The causes.")
        .check(check_set);
    return end_entry(kind);
  }();
  return d;
}

}  // namespace alight
