#include "sim/scenario/breakdowns_spec.hpp"

#include <fmt/format.h>

namespace alight {
namespace {

constexpr Range kOutageTime{.min = 0, .max = 1e10};
constexpr Range kOutageSpan{.min = 0, .max = 1e10, .above_min = true};

}  // namespace

const Description& FailureSetSpec::description() {
  static const auto d =
      describe<FailureSetSpec>("failure set", "How often things of some pools fail.")
          .text("set", &FailureSetSpec::set, "Of the catalogue (`alight catalog list failures`), or of your own.")
          .required()
          .list("pools", &FailureSetSpec::pools, "Whose chips and servers it is about. Default: all pools.")
          .number("times", &FailureSetSpec::times, "So many times as often as the set says.",
                  {.min = 0, .max = 1e6, .above_min = true})
          .shorthand("set")
          .done();
  return d;
}

const Description& ServerTraceSpec::description() {
  static const auto d =
      describe<ServerTraceSpec>("trace of server faults", "Servers that were out of service, as a trace recorded it.")
          .text("file", &ServerTraceSpec::file, "In InfiniteHBD's format (JSON).")
          .required()
          .list("pools", &ServerTraceSpec::pools,
                "The trace's servers, by name, are these pools' servers in their order. Default: all pools.")
          .quantity("from", &ServerTraceSpec::from_s, "s", "Time of the trace at which the run begins.", kOutageTime)
          .shorthand("file")
          .done();
  return d;
}

const Description& MaintenanceSpec::description() {
  static const auto d =
      describe<MaintenanceSpec>("maintenance",
                                "Servers that are serviced: nothing is placed there from `at` on, jobs "
                                "run on for `drain` at most, then the work begins.")
          .quantity("at", &MaintenanceSpec::at_s, "s", "When, after the start of the run.", kOutageTime)
          .required()
          .quantity("lasts", &MaintenanceSpec::lasts_s, "s", "From when the servers are empty.", kOutageSpan)
          .required()
          .text("pool", &MaintenanceSpec::pool, "Whose servers.")
          .required()
          .integer("first", &MaintenanceSpec::first, "The first of them, counted from 0 in the pool.", {.min = 0})
          .integer("servers", &MaintenanceSpec::servers, "How many. Default: all from the first on.", {.min = 1})
          .done();
  return d;
}

const Description& SlowChipsSpec::description() {
  static const auto d =
      describe<SlowChipsSpec>("slowdown",
                              "Chips that become slow and are not dead: a synchronous job goes on at the pace of its "
                              "slowest.")
          .text("name", &SlowChipsSpec::name,
                "What it is called in outputs; the stream of its draws is named after it.")
          .list("pools", &SlowChipsSpec::pools, "Whose chips. Default: all pools.")
          .quantity("rate", &SlowChipsSpec::per_year, "/year", "How often a chip that is in use becomes slow.",
                    {.min = 0, .max = 1e6, .above_min = true})
          .quantity("at", &SlowChipsSpec::at_s, "s", "Instead: when one chip does, after the start of the run.",
                    kOutageTime)
          .integer("server", &SlowChipsSpec::server, "Its server, counted from 0 in the one of `pools`. Default: 0.",
                   {.min = 0})
          .integer("chip", &SlowChipsSpec::chip, "Which of the server, counted from 0. Default: 0.", {.min = 0})
          .quantity("speed", &SlowChipsSpec::speed, "1", "What is left of its own speed.",
                    {.min = 0.01, .max = 0.999999})
          .required()
          .quantity("detection", &SlowChipsSpec::detection_s, "s",
                    "Until it is found; then its server is taken out and repaired. Default: never.", kOutageTime)
          .quantity("repair", &SlowChipsSpec::repair_s, "s",
                    "Mean time a crew needs then. Default: `repair` of faults.servers.", kOutageSpan)
          .quantity("repair_median", &SlowChipsSpec::repair_median_s, "s",
                    "Median of that: repairs are lognormal then, else exponential.", kOutageSpan)
          .choice("when_found", &SlowChipsSpec::when_found, {{"stop", WhenSlow::stop}, {"wait", WhenSlow::wait}},
                  "stop: its job loses its chips and goes on elsewhere, as after a failure; wait: jobs on the server "
                  "run on at their pace, and it is repaired when they are done.")
          .check([](const SlowChipsSpec& s, const std::string& path, Diagnostics& out) {
            if (s.repair_median_s && !s.repair_s)
              out.error_at(join_key(path, "repair"), "is missing; `repair_median` needs the mean beside it");
            if (s.repair_median_s && s.repair_s && *s.repair_median_s > *s.repair_s)
              out.error_at(join_key(path, "repair_median"),
                           "is longer than `repair`, the mean; repairs have a long tail");
            if (s.per_year.has_value() == s.at_s.has_value())
              out.error_at(path, "needs either `rate` (by chance) or `at` (a time)");
            if (s.at_s && s.pools.size() != 1)
              out.error_at(join_key(path, "pools"), "names the one pool of a chip that becomes slow `at` a time");
            if (!s.at_s && (s.server || s.chip))
              out.error_at(join_key(path, s.server ? "server" : "chip"), "is of a chip that becomes slow `at` a time");
            if (!s.detection_s && s.repair_s)
              out.error_at(join_key(path, "detection"), "is missing: what is never found is never repaired",
                           "state `detection`, or no `repair`");
          })
          .done();
  return d;
}

const Description& DatedLeakSpec::description() {
  static const auto d = describe<DatedLeakSpec>("dated leak", "A rack that leaks at a known time.")
                            .quantity("at", &DatedLeakSpec::at_s, "s", "When, after the start of the run.", kOutageTime)
                            .required()
                            .integer("rack", &DatedLeakSpec::rack, "Which of the pool, counted from 0.", {.min = 0})
                            .required()
                            .done();
  return d;
}

const Description& LeaksSpec::description() {
  static const auto d =
      describe<LeaksSpec>("leaks",
                          "Racks that leak: their servers stop at once, and they and those of their loop are out until "
                          "that is repaired.")
          .text("pool", &LeaksSpec::pool, "Whose racks.")
          .required()
          .quantity("rate", &LeaksSpec::per_year, "/year",
                    "Leaks of one rack by chance. Default: what the catalogue has for the pool's cooling, typically; "
                    "none where leaks are `dated`.",
                    {.min = 0, .max = 1e6})
          .integer("loop", &LeaksSpec::loop,
                   "Racks side by side that share a loop, and are drained with one that leaks.",
                   {.min = 1, .max = 1000000})
          .quantity("repair", &LeaksSpec::repair_s, "s", "Mean time a crew needs.", kOutageSpan)
          .required()
          .quantity("repair_median", &LeaksSpec::repair_median_s, "s",
                    "Median of that: repairs are lognormal then, else exponential. Dated leaks take the mean.",
                    kOutageSpan)
          .quantity("detection", &LeaksSpec::detection_s, "s",
                    "Until its jobs are stopped. The default is that of leak sensors that switch off.", kOutageTime)
          .list("dated", &LeaksSpec::dated, "Leaks at known times.")
          .check([](const LeaksSpec& s, const std::string& path, Diagnostics& out) {
            if (s.repair_median_s && *s.repair_median_s > s.repair_s)
              out.error_at(join_key(path, "repair_median"),
                           "is longer than `repair`, the mean; repairs have a long tail");
          })
          .done();
  return d;
}

const Description& BreakdownsSpec::description() {
  static const auto d =
      describe<BreakdownsSpec>("servers that break",
                               "What of chips and servers breaks or is serviced, and what is done "
                               "about it.")
          .list("failures", &BreakdownsSpec::failures, "By chance: sets of the catalogue's `failures`.")
          .list("slowdowns", &BreakdownsSpec::slowdowns, "By chance: chips that become slow.")
          .list("leaks", &BreakdownsSpec::leaks, "Of liquid cooling.")
          .object("trace", &BreakdownsSpec::trace, "As a trace recorded it.")
          .list("maintenance", &BreakdownsSpec::maintenance, "Planned.")
          .quantity("detection", &BreakdownsSpec::detection_s, "s",
                    "From a failure until its job is stopped, where the set does not say. Until then the job hangs. "
                    "The default is what MegaScale needs to find and diagnose a fault (arXiv 2402.15627).",
                    kOutageTime)
          .quantity("drain", &BreakdownsSpec::drain_s, "s",
                    "How long other jobs on a server that is taken out may run on before they are stopped.",
                    kOutageTime)
          .quantity("repair", &BreakdownsSpec::repair_s, "s",
                    "Mean time a crew needs, where the set does not say. Software and network need none then: their "
                    "failures stop jobs and take no server.",
                    kOutageSpan)
          .quantity("repair_median", &BreakdownsSpec::repair_median_s, "s",
                    "Median of that: repairs are lognormal then, else exponential.", kOutageSpan)
          .integer("crews", &BreakdownsSpec::crews, "Repairs at a time. 0: as many as there is need for.",
                   {.min = 0, .max = 1000000})
          .quantity("test", &BreakdownsSpec::test_s, "s", "From a repair until the server takes jobs.", kOutageTime)
          .table("spares", &BreakdownsSpec::spares,
                 "Servers by pool that are kept free, and take jobs only while others are down.", "", {.min = 1})
          .choice("on_failure", &BreakdownsSpec::on_failure,
                  {{"requeue", OnFailure::requeue}, {"fail", OnFailure::fail}},
                  "What becomes of a job that loses a chip. requeue: it waits again, and goes on from its last "
                  "checkpoint; fail: it ends.")
          .check([](const BreakdownsSpec& s, const std::string& path, Diagnostics& out) {
            if (s.failures.empty() && s.slowdowns.empty() && s.leaks.empty() && !s.trace && s.maintenance.empty())
              out.error_at(path, "nothing breaks and nothing is serviced",
                           "state `failures`, `slowdowns`, `leaks`, a `trace` or `maintenance`");
            for (std::size_t i = 0; i < s.slowdowns.size(); ++i)
              for (std::size_t k = 0; k < i; ++k)
                if (s.slowdowns[k].name == s.slowdowns[i].name)
                  out.error_at(fmt::format("{}.slowdowns[{}].name", path, i),
                               fmt::format("{} is the name of another, whose draws would be the same",
                                           in_quotes(s.slowdowns[i].name)));
            if (s.repair_median_s && !s.repair_s)
              out.error_at(join_key(path, "repair"), "is missing; `repair_median` needs the mean beside it");
            if (s.repair_median_s && s.repair_s && *s.repair_median_s > *s.repair_s)
              out.error_at(join_key(path, "repair_median"),
                           "is longer than `repair`, the mean; repairs have a long tail");
          })
          .done();
  return d;
}

}  // namespace alight
