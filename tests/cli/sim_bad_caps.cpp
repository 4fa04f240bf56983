// Power caps as they cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kCapPools = "  network:\n    leaf:";

std::string in_building(const std::string& more) {
  return with(kCapPools, "  facility: {cooling: cold plate, " + more + "}\n" + kCapPools);
}
std::string under(const std::string& cap) {
  return in_building("caps: [{" + cap + "}]");
}

}  // namespace

TEST_CASE("caps are accepted") {
  for (const std::string& text :
       {under("level: rack, share: 0.9"), under("level: row, limit: 900 kW, policy: by_priority"),
        under("level: hall, limit: 2 MW, policy: switch_off, hours: [{from: 22, to: 6, share: 0.5}]"),
        under("level: site, dated: [{after: 1 h, share: 0.8}, {after: 2 h, limit: 9 MW}]"),
        under("level: utility, limit: 9 MW, policy: refuse"), in_building("control_interval: 10 s"),
        in_building("dense_racks: carried")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("caps that cannot be are refused") {
  Judge judge;
  const std::string cap = "site.facility.caps[0]";
  judge.refused_text("not a list", in_building("caps: 5 MW"), "site.facility.caps");
  judge.refused_text("no level", under("limit: 5 MW"), cap + ".level");
  judge.refused_text("unknown level", under("level: room, limit: 5 MW"), cap + ".level");
  judge.refused_text("unknown policy", under("level: site, limit: 5 MW, policy: pause"), cap + ".policy");
  judge.refused_text("unknown key", under("level: site, limit: 5 MW, until: 5 h"), cap + ".until");
  judge.refused_text("limit without a unit", under("level: site, limit: 5"), cap + ".limit");
  judge.refused_text("limit in another unit", under("level: site, limit: 5 kWh"), cap + ".limit");
  judge.refused_text("limit of nothing", under("level: site, limit: 0 W"), cap + ".limit");
  judge.refused_text("limit below nothing", under("level: site, limit: -5 MW"), cap + ".limit");
  judge.refused_text("share below nothing", under("level: site, share: -0.5"), cap + ".share");
  judge.refused_text("limit and share", under("level: site, limit: 5 MW, share: 0.5"), cap + ".share");
  judge.refused_text("no limit at all", under("level: site"), cap);
  judge.refused_text("share at the meter", under("level: utility, share: 0.5"), cap + ".share");
  judge.refused_text("where on a site", under("level: site, where: a, limit: 5 MW"), cap + ".where");
  judge.refused_text("a pool that is not there", under("level: rack, where: nowhere, limit: 50 kW"), cap + ".where");
  judge.refused_text("a hall that is not there", under("level: hall, where: X, limit: 5 MW"), cap + ".where");
  judge.refused_text("dated without a time", under("level: site, dated: [{limit: 5 MW}]"), cap + ".dated[0]");
  judge.refused_text("dated without a limit", under("level: site, dated: [{after: 5 h}]"), cap + ".dated[0]");
  judge.refused_text("dates in disorder",
                     under("level: site, dated: [{after: 5 h, limit: 5 MW}, {after: 4 h, limit: 6 MW}]"),
                     cap + ".dated[1]");
  judge.refused_text("hours of no time", under("level: site, hours: [{from: 5, to: 5, limit: 5 MW}]"),
                     cap + ".hours[0].to");
  judge.refused_text("an hour after midnight", under("level: site, hours: [{from: 24, to: 25, limit: 5 MW}]"),
                     cap + ".hours[0].from");
  judge.refused_text("an hour twice",
                     under("level: site, hours: [{from: 5, to: 9, limit: 5 MW}, {from: 8, to: 10, limit: 6 MW}]"),
                     cap + ".hours[1]");
  judge.refused_text("a file that is not there", under("level: site, file: x.csv, unit: kW"), cap + ".file");
  judge.refused_text("a file without a unit", under("level: site, file: x.csv"), cap + ".unit");
  judge.refused_text("a file and a limit", under("level: site, file: x.csv, unit: kW, limit: 5 MW"), cap + ".file");
  judge.refused_text("a unit without a file", under("level: site, limit: 5 MW, unit: kW"), cap);
  judge.refused_text("below what idles", under("level: site, limit: 100 W"), cap);
  judge.refused_text("a share below what idles", under("level: rack, share: 0.001, policy: refuse"), cap);
  judge.refused_text("an interval of nothing", in_building("control_interval: 0 s"), "site.facility.control_interval");
  judge.refused_text("unknown racks", in_building("dense_racks: some"), "site.facility.dense_racks");
}
