// Heat and leaks as they cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kHeatPools = "  network:\n    leaf:";
const std::string kHeatScheduler = "scheduler:\n";

std::string in_heat(const std::string& heat) {
  return with(kHeatPools, "  facility: {cooling: cold plate, heat: {" + heat + "}}\n" + kHeatPools);
}
std::string units(const std::string& more) {
  return in_heat("units: [{name: cdu, " + more + "}]");
}
std::string leaking(const std::string& leaks, const std::string& cooling = "cold plate") {
  return with(kHeatScheduler, "faults: {servers: {leaks: [{" + leaks + "}]}}\n" + kHeatScheduler,
              with(kHeatPools, "  facility: {cooling: " + cooling + "}\n" + kHeatPools));
}

}  // namespace

TEST_CASE("heat and leaks are accepted") {
  for (const std::string& text :
       {in_heat(""), in_heat("supply: 40 C, throttle: 90 C, pools: [{pool: h, resistance: 0.05 K/W, chillers: false}]"),
        in_heat("shutdown: 70 C, restart: 50 C"), units("needed: 3, spare: 1, failures: 2 /year, repair: 8 h"),
        units("pools: [h], needed: 2, lost: [{at: 1 h}, {at: 2 h, units: 2, lasts: 5 min}]"),
        leaking("pool: h, repair: 1 d"), leaking("pool: h, repair: 1 d, rate: 3 /year, loop: 2, repair_median: 12 h"),
        leaking("pool: h, repair: 1 d, dated: [{at: 1 h, rack: 1}]")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("heat that cannot be is refused") {
  Judge judge;
  const std::string heat = "site.facility.heat", unit = heat + ".units[0]";
  judge.refused_text("unknown key", in_heat("fans: 5"), heat + ".fans");
  judge.refused_text("supply without a unit", in_heat("supply: 40"), heat + ".supply");
  judge.refused_text("supply as a length", in_heat("supply: 40 m"), heat + ".supply");
  judge.refused_text("steam", in_heat("supply: 400 C"), heat + ".supply");
  judge.refused_text("no resistance", in_heat("resistance: 0 K/W"), heat + ".resistance");
  judge.refused_text("chillers that are a number", in_heat("chillers: 5"), heat + ".chillers");
  judge.refused_text("a limit below the supply", in_heat("throttle: 30 C"), heat + ".throttle");
  judge.refused_text("off where it always is", in_heat("shutdown: 30 C"), heat + ".shutdown");
  judge.refused_text("on above off", in_heat("shutdown: 60 C, restart: 65 C"), heat + ".restart");
  judge.refused_text("never on again", in_heat("restart: 20 C"), heat + ".restart");
  judge.refused_text("a pool that is not there", in_heat("pools: [{pool: x}]"), heat + ".pools[0].pool");
  judge.refused_text("a pool twice", in_heat("pools: [{pool: h}, {pool: h}]"), heat + ".pools[1].pool");
  judge.refused_text("heat of no pool", in_heat("pools: [{supply: 40 C}]"), heat + ".pools[0].pool");
  judge.refused_text("units without a number", units("spare: 1"), unit + ".needed");
  judge.refused_text("units without a name", in_heat("units: [{needed: 1}]"), unit + ".name");
  judge.refused_text("no units needed", units("needed: 0"), unit + ".needed");
  judge.refused_text("fewer than none", units("needed: 1, spare: -1"), unit + ".spare");
  judge.refused_text("units of a pool that is not there", units("needed: 1, pools: [x]"), unit + ".pools[0]");
  judge.refused_text("units of a pool twice", units("needed: 1, pools: [h, h]"), unit + ".pools");
  judge.refused_text("units of a hall that is not there", units("needed: 1, hall: x"), unit + ".hall");
  judge.refused_text("pools and a hall", units("needed: 1, pools: [h], hall: x"), unit + ".hall");
  judge.refused_text("failures without a repair", units("needed: 1, failures: 1 /year"), unit + ".repair");
  judge.refused_text("a median above the mean", units("needed: 1, failures: 1 /year, repair: 1 h, repair_median: 2 h"),
                     unit + ".repair_median");
  judge.refused_text("more lost than there are", units("needed: 1, lost: [{at: 1 h, units: 2}]"),
                     unit + ".lost[0].units");
  judge.refused_text("lost at no time", units("needed: 1, lost: [{units: 1}]"), unit + ".lost[0].at");
  judge.refused_text("lost for no time", units("needed: 1, lost: [{at: 1 h, lasts: 0 s}]"), unit + ".lost[0].lasts");
  judge.refused_text("two units of one name",
                     in_heat("units: [{name: a, pools: [h], needed: 1}, {name: a, pools: [n], "
                             "needed: 1}]"),
                     heat + ".units[1].name");
  judge.refused_text("a pool with two kinds of units",
                     in_heat("units: [{name: a, pools: [h], needed: 1}, {name: b, "
                             "pools: [h], needed: 1}]"),
                     heat + ".units[1]");
  judge.refused_text("pools supplied in different ways",
                     in_heat("pools: [{pool: h, supply: 40 C}], units: [{name: a, needed: 1}]"), unit);
  judge.refused_text(
      "a cooling that warms nobody knows how fast",
      with(kHeatPools,
           "  facility: {cooling: immersion, heat: {units: [{name: a, needed: 1, lost: [{at: 1 h}]}]}}\n" + kHeatPools),
      unit + ".warming");
  judge.refused_text("failures by chance without an end",
                     with("horizon: 2 d\n", "", units("needed: 1, failures: 1 /year, repair: 1 h")),
                     unit + ".failures");
}

TEST_CASE("leaks that cannot be are refused") {
  Judge judge;
  const std::string leak = "faults.servers.leaks[0]";
  judge.refused_text("leaks of no pool", leaking("repair: 1 d"), leak + ".pool");
  judge.refused_text("leaks of a pool that is not there", leaking("pool: x, repair: 1 d"), leak + ".pool");
  judge.refused_text("leaks that are never repaired", leaking("pool: h"), leak + ".repair");
  judge.refused_text("air that leaks", leaking("pool: h, repair: 1 d", "air"), leak + ".rate");
  judge.refused_text("a loop of nothing", leaking("pool: h, repair: 1 d, loop: 0"), leak + ".loop");
  judge.refused_text("a rack that is not there", leaking("pool: h, repair: 1 d, dated: [{at: 1 h, rack: 2}]"),
                     leak + ".dated[0].rack");
  judge.refused_text("a rate without a unit", leaking("pool: h, repair: 1 d, rate: 5"), leak + ".rate");
  judge.refused_text("a median above the mean", leaking("pool: h, repair: 1 d, repair_median: 2 d"),
                     leak + ".repair_median");
}
