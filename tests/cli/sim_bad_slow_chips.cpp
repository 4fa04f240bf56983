// Slow chips as they cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kWorkload = "workload:";

std::string slowed(const std::string& slowdown, const std::string& more = "") {
  return with(kWorkload, "faults: {servers: {slowdowns: [{" + slowdown + "}]" + more + "}}\n" + kWorkload);
}
std::string speeds(const std::string& of) {
  return with("      rails: 1\n", "      rails: 1\n      speeds: {" + of + "}\n");
}

}  // namespace

TEST_CASE("slow chips are accepted") {
  for (const std::string& text :
       {slowed("rate: 0.1 /year, speed: 60 %"), slowed("rate: 0.1 /year, speed: 0.6, detection: 1 d, repair: 4 h"),
        slowed("rate: 1 /year, speed: 0.6, detection: 1 d, when_found: wait", ", repair: 1 d"),
        slowed("at: 1 h, pools: [h], speed: 0.5"),
        slowed(
            "at: 1 h, pools: [h], server: 0, chip: 1, speed: 0.5, detection: 0 s, repair: 1 h, repair_median: 10 min"),
        speeds("spread: 3 %"), speeds("range: 8 %, slowest: 80 %"), speeds("stragglers: 1 %, straggler_speed: 70 %")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("slow chips that cannot be are refused") {
  Judge judge;
  const std::string at = "faults.servers.slowdowns[0]";
  judge.refused_text("neither when nor how often", slowed("speed: 0.5"), at);
  judge.refused_text("both", slowed("rate: 1 /year, at: 1 h, pools: [h], speed: 0.5"), at);
  judge.refused_text("no speed", slowed("rate: 1 /year"), at + ".speed");
  judge.refused_text("dead", slowed("rate: 1 /year, speed: 0"), at + ".speed");
  judge.refused_text("not slow", slowed("rate: 1 /year, speed: 100 %"), at + ".speed");
  judge.refused_text("never", slowed("rate: 0 /year, speed: 0.5"), at + ".rate");
  judge.refused_text("rate without a unit", slowed("rate: 1, speed: 0.5"), at + ".rate");
  judge.refused_text("unknown key", slowed("rate: 1 /year, speeed: 0.5, speed: 0.5"), at + ".speeed");
  judge.refused_text("unknown pool", slowed("rate: 1 /year, speed: 0.5, pools: [q]"), at + ".pools[0]");
  judge.refused_text("no pool", slowed("at: 1 h, speed: 0.5"), at + ".pools");
  judge.refused_text("no such server", slowed("at: 1 h, pools: [h], speed: 0.5, server: 100000"), at + ".server");
  judge.refused_text("no such chip", slowed("at: 1 h, pools: [h], speed: 0.5, chip: 64"), at + ".chip");
  judge.refused_text("a server without a time", slowed("rate: 1 /year, speed: 0.5, server: 1"), at + ".server");
  judge.refused_text("a chip without a time", slowed("rate: 1 /year, speed: 0.5, chip: 1"), at + ".chip");
  judge.refused_text("found and not mended", slowed("rate: 1 /year, speed: 0.5, detection: 1 h"), at + ".repair");
  judge.refused_text("mended and not found", slowed("rate: 1 /year, speed: 0.5, repair: 1 h"), at + ".detection");
  judge.refused_text("a median alone", slowed("rate: 1 /year, speed: 0.5, detection: 1 h, repair_median: 1 h"),
                     at + ".repair");
  judge.refused_text("a median above the mean",
                     slowed("rate: 1 /year, speed: 0.5, detection: 1 h, repair: 1 h, repair_median: 2 h"),
                     at + ".repair_median");
  judge.refused_text("in words", slowed("rate: 1 /year, speed: 0.5, when_found: drain"), at + ".when_found");
  judge.refused_text(
      "two of one name",
      with(kWorkload,
           "faults: {servers: {slowdowns: [{rate: 1 /year, speed: 0.5}, {rate: 2 /year, speed: 0.6}]}}\n" + kWorkload),
      "faults.servers.slowdowns[1].name");
  judge.refused_text("without an end", with("horizon: 2 d\n", "", slowed("rate: 1 /year, speed: 0.5")),
                     "faults.servers.slowdowns");
  const std::string pool = "site.pools[0].speeds";
  judge.refused_text("nothing", speeds(""), pool);
  judge.refused_text("two widths", speeds("spread: 3 %, range: 8 %"), pool + ".range");
  judge.refused_text("too wide", speeds("spread: 60 %"), pool + ".spread");
  judge.refused_text("stragglers without a speed", speeds("stragglers: 1 %"), pool + ".straggler_speed");
  judge.refused_text("a speed without stragglers", speeds("spread: 1 %, straggler_speed: 0.5"), pool + ".stragglers");
  judge.refused_text("stragglers that stand", speeds("stragglers: 1 %, straggler_speed: 0"), pool + ".straggler_speed");
  judge.refused_text("more than all", speeds("stragglers: 101 %, straggler_speed: 0.5"), pool + ".stragglers");
  judge.refused_text("cut off at nothing", speeds("spread: 3 %, slowest: 0"), pool + ".slowest");
}
