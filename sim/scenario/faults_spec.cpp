#include "sim/scenario/faults_spec.hpp"

namespace alight {
namespace {

constexpr Range kFaultTime{.min = 0, .max = 1e10};
constexpr Range kFaultSpan{.min = 0, .max = 1e10, .above_min = true};
constexpr Range kFaultRate{.min = 0, .max = 1e6, .above_min = true};

}  // namespace

const Description& FaultSpec::description() {
  static const auto d =
      describe<FaultSpec>("fault", "A fault of the network, or a repair.")
          .quantity("at", &FaultSpec::at_s, "s", "When, after the start of the run.", kFaultTime)
          .required()
          .choice("what", &FaultSpec::what,
                  {{"link", FaultTarget::Kind::link},
                   {"cable", FaultTarget::Kind::cable},
                   {"switch", FaultTarget::Kind::switch_}},
                  "link: all parallel cables of it; cable: one of them; switch: with all cables on it.")
          .text("name", &FaultSpec::name,
                "Of a link as links.csv has it, with or without _UP or _DOWN (both directions break); of a cable the "
                "same with its number behind, \"leaf0_up #2\"; of the storage NAME_READ or NAME_WRITE, each by itself; "
                "of a switch as in \"leaf 3\", \"spine 0\", "
                "\"core 1\", \"router 5\", \"plane 2\".")
          .required()
          .text("state", &FaultSpec::state, "down, up (it is whole again), or what is left of it: \"degraded 50 %\".")
          .quantity("lasts", &FaultSpec::lasts_s, "s", "It is whole again after so long: a flap. Default: until `up`.",
                    kFaultSpan)
          .done();
  return d;
}

const Description& RandomFaultsSpec::description() {
  static const auto d =
      describe<RandomFaultsSpec>("random faults",
                                 "Cables, and switches, that fail at random: exponential times, each class from a "
                                 "random stream of its own.")
          .quantity("repair", &RandomFaultsSpec::repair_s, "s", "From the failure of a cable to its repair.",
                    kFaultSpan)
          .required()
          .flag("cables", &RandomFaultsSpec::cables, "Whether cables fail.")
          .quantity("failures", &RandomFaultsSpec::failures_per_year, "/year",
                    "Of one cable. Default: both ends of the tier's medium in the catalogue; tiers without a medium do "
                    "not fail then.",
                    kFaultRate)
          .list("media", &RandomFaultsSpec::media, "Media of the bill of links that fail. Default: all.")
          .quantity("flap_share", &RandomFaultsSpec::flap_share, "1",
                    "Share of cables' failures that are flaps, over by themselves after `flap_time`.",
                    {.min = 0, .max = 1})
          .quantity("flap_time", &RandomFaultsSpec::flap_s, "s", "How long a flap lasts.", kFaultSpan)
          .flag("switches", &RandomFaultsSpec::switches, "Whether switches fail.")
          .quantity("switch_failures", &RandomFaultsSpec::switch_failures_per_year, "/year",
                    "Of one switch. Default: from the catalogue's fact \"switch survival over three months\".",
                    kFaultRate)
          .quantity("switch_repair", &RandomFaultsSpec::switch_repair_s, "s",
                    "From the failure of a switch to its repair. Default: as `repair`.", kFaultSpan)
          .check([](const RandomFaultsSpec& r, const std::string& path, Diagnostics& out) {
            if (r.flap_share > 0 && !r.flap_s)
              out.error_at(join_key(path, "flap_time"), "is missing; with a `flap_share` flaps need a length");
            if (r.flap_share == 0 && r.flap_s)
              out.error_at(join_key(path, "flap_share"), "is 0, so that `flap_time` says nothing");
            if (!r.cables && !r.switches) out.error_at(path, "neither cables nor switches fail");
            if (r.failures_per_year && !r.media.empty())
              out.error_at(join_key(path, "media"), "either `failures` of every cable, or those of `media`");
            if (!r.switches && (r.switch_failures_per_year || r.switch_repair_s))
              out.error_at(join_key(path, "switches"), "is false, so that no switch fails");
          })
          .done();
  return d;
}

const Description& FaultsSpec::description() {
  static const auto d =
      describe<FaultsSpec>("faults",
                           "What breaks, and when: in the network (docs/faults.md), and of servers (docs/failures.md).")
          .text("file", &FaultsSpec::file,
                "A trace of faults of the network: CSV with the columns time_s, what, name, state and, where wanted, "
                "lasts_s, as in "
                "`events`.")
          .list("events", &FaultsSpec::events, "Faults and repairs of the network written here.")
          .object("random", &FaultsSpec::random,
                  "Faults of the network by chance, at the rates of the catalogue. The storage itself breaks by "
                  "`events` and `file` "
                  "only.")
          .choice("on_cut", &FaultsSpec::on_cut, {{"stall", OnCut::stall}, {"fail", OnCut::fail}},
                  "What becomes of a job whose servers are cut from each other, or from the storage it waits for. "
                  "stall: it waits, and goes on from there; fail: it ends.")
          .object("servers", &FaultsSpec::servers, "Chips and servers that break, or are serviced.")
          .done();
  return d;
}

}  // namespace alight
