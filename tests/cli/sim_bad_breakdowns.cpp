// Failures of servers as they cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kWorkload = "workload:";

std::string breaking(const std::string& servers) {
  return with(kWorkload, "faults: {servers: " + servers + "}\n" + kWorkload);
}
std::string failing(const std::string& more) {
  return breaking("{failures: [InfiniteHBD], " + more + "}");
}
std::string serviced(const std::string& more) {
  return breaking("{maintenance: [{" + more + "}]}");
}

}  // namespace

TEST_CASE("failures of servers are accepted") {
  for (const std::string& text :
       {breaking("{failures: [InfiniteHBD]}"), breaking("{failures: [{set: Llama 3 H100, times: 2}], repair: 1 d}"),
        failing("detection: 1 min, drain: 1 h, crews: 2, test: 30 min, on_failure: fail"),
        failing("repair: 2 d, repair_median: 4 h"), serviced("at: 1 h, lasts: 2 h, pool: h"),
        serviced("at: 1 h, lasts: 2 h, pool: h, first: 1, servers: 1")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("failures that cannot be are refused") {
  Judge judge;
  const std::string at = "faults.servers";
  judge.refused_text("nothing breaks", breaking("{detection: 1 min}"), at);
  judge.refused_text("empty", breaking("{}"), at);
  judge.refused_text("not a mapping", breaking("InfiniteHBD"), at);
  judge.refused_text("unknown key", failing("mtbf: 3 h"), at + ".mtbf");
  judge.refused_text("unknown set", breaking("{failures: [InfiniteHDB]}"), at + ".failures[0].set");
  judge.refused_text("empty set", breaking("{failures: [\"\"]}"), at + ".failures[0].set");
  judge.refused_text("no set", breaking("{failures: [{times: 2}]}"), at + ".failures[0].set");
  judge.refused_text("unknown pool", breaking("{failures: [{set: InfiniteHBD, pools: [q]}]}"),
                     at + ".failures[0].pools[0]");
  judge.refused_text("never", breaking("{failures: [{set: InfiniteHBD, times: 0}]}"), at + ".failures[0].times");
  judge.refused_text("no repair time", breaking("{failures: [Llama 3 H100]}"), at + ".repair");
  judge.refused_text("repaired at once", failing("repair: 0 s"), at + ".repair");
  judge.refused_text("a median alone", failing("repair_median: 1 h"), at + ".repair");
  judge.refused_text("a median above the mean", failing("repair: 1 h, repair_median: 2 h"), at + ".repair_median");
  judge.refused_text("found before it breaks", failing("detection: -1 s"), at + ".detection");
  judge.refused_text("detection without a unit", failing("detection: 5"), at + ".detection");
  judge.refused_text("crews in part", failing("crews: 1.5"), at + ".crews");
  judge.refused_text("crews below none", failing("crews: -1"), at + ".crews");
  judge.refused_text("spares of no pool", failing("spares: {q: 1}"), at + ".spares.q");
  judge.refused_text("nothing but spares", failing("spares: {h: 100000}"), at + ".spares.h");
  judge.refused_text("no spares", failing("spares: {h: 0}"), at + ".spares.h");
  judge.refused_text("spares without a pool", failing("spares: 4"), at + ".spares");
  judge.refused_text("on_failure in words", failing("on_failure: restart"), at + ".on_failure");
  judge.refused_text("trace that is not there", breaking("{trace: x.json}"), at + ".trace.file");
  judge.refused_text("trace without a file", breaking("{trace: {from: 1 d}}"), at + ".trace.file");
  judge.refused_text("maintenance of no pool", serviced("at: 1 h, lasts: 1 h, pool: q"), at + ".maintenance[0].pool");
  judge.refused_text("maintenance without a pool", serviced("at: 1 h, lasts: 1 h"), at + ".maintenance[0].pool");
  judge.refused_text("maintenance without an end", serviced("at: 1 h, pool: h"), at + ".maintenance[0].lasts");
  judge.refused_text("maintenance of no time", serviced("at: 1 h, lasts: 0 h, pool: h"), at + ".maintenance[0].lasts");
  judge.refused_text("maintenance before the run", serviced("at: -1 h, lasts: 1 h, pool: h"),
                     at + ".maintenance[0].at");
  judge.refused_text("beyond the pool", serviced("at: 1 h, lasts: 1 h, pool: h, first: 100000"),
                     at + ".maintenance[0].first");
  judge.refused_text("more than the pool", serviced("at: 1 h, lasts: 1 h, pool: h, servers: 100000"),
                     at + ".maintenance[0].servers");
  judge.refused_text("without an end", with("horizon: 2 d\n", "", breaking("{failures: [InfiniteHBD]}")),
                     at + ".failures");
  judge.refused_text("kept at every instant", with(kWorkload, "workload:\n  checkpoint: 0 s"), "workload.checkpoint");
  write_file(judge.folder / "x.json", "[{\"node_id\": 1}]");
  judge.refused_text("a trace of something else", breaking("{trace: x.json}"), "x.json");
}
