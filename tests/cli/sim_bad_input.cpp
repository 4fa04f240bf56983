// Whatever is wrong with what a user hands over, the binary says so and ends with exit code 2, leaving nothing behind;
// or, where single rows of a workload are wrong, runs and counts them. Never a crash, a hang, or an error of our own.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

struct Field {
  std::string passage;  ///< of the base scenario, ending in the value
  std::string value;
  std::string key;  ///< as messages call it
  std::vector<std::string> bad;
};

const std::vector<std::string> kBadTimes = {"-1 s",    "7",    "7 parsecs", "7 GB",  ".nan",
                                            "1e400 s", "soon", "[1 s]",     "{s: 1}"};
const std::vector<std::string> kBadCounts = {"0", "-3", "1.5", ".nan", "1e30", "many", "3 GB", "[2]", "{n: 2}"};

std::vector<Field> fields() {
  return {
      {"seed: 3", "3", "seed", {"-1", "1.5", ".nan", ".inf", "1e300", "x", "[1]", "1 s"}},
      {"start: 2025-06-01",
       "2025-06-01",
       "start",
       {"2025-13-01", "2025-02-30", "yesterday", "12", "[2025]", "2025-06"}},
      {"horizon: 2 d", "2 d", "horizon", {"0 s", "-2 d", "2", "2 Gbps", ".nan", "1e400 d", "1e300 d", "long", "[2 d]"}},
      {"server: HGX H20\n", "HGX H20", "site.pools[0].server", {"HGX H2O", "H20 chip of mine", "''", "[HGX H20]"}},
      {"count: 4", "4", "site.pools[0].count", {"0", "-4", "1.5", ".nan", "1e30", "four", "4 GB", "[4]"}},
      {"servers: 2", "2", "rack.servers", {"0", "-1", "2.5", "1e9", "two", "[2]"}},
      {"rails: 1", "1", "rails", {"0", "-1", "1.5", "999", "x"}},
      {"after: 1 h", "1 h", "phases[0].after", kBadTimes},
      {"racks: 1", "1", "phases[0].racks", {"0", "-1", "1.5", ".nan", "1e30", "one"}},
      {"from: 2025-06-02", "2025-06-02", "site.pools[1].from", {"2025-06-32", "tomorrow", "0", "~x", "[a]"}},
      {"rate: 400 Gbps",
       "400 Gbps",
       "leaf.rate",
       {"400", "0 Gbps", "-1 Gbps", "400 GB", "1e400 Gbps", ".nan Gbps", "fast"}},
      {"down_ports: 32", "32", "leaf.down_ports", {"0", "-1", "1e9", "1.5", "many"}},
      {"oversubscription: 1:1", "1:1", "leaf.oversubscription", {"0:1", "1:0", "-1:1", "1:1:1", "wide", "400 Gbps"}},
      {"latency: 600 ns", "600 ns", "leaf.latency", {"600", "-1 ns", "2 s", ".nan", "low"}},
      {"submit: 5 s", "5 s", "jobs[0].submit", kBadTimes},
      {"duration: 1 h", "1 h", "jobs[0].duration", kBadTimes},
      {"chips: 4", "4", "jobs[0].chips", kBadCounts},
      {"count: 3", "3", "jobs[0].count", kBadCounts},
      {"estimate: 3 h", "3 h", "jobs[1].estimate", kBadTimes},
      {"priority: 2", "2", "jobs[1].priority", {"1.5", "1e9", "high", "[1]", ".nan"}},
      {"policy: easy", "easy", "scheduler.policy", {"esay", "EASY!", "[easy]", "{easy: 1}", "''", "3"}},
      {"placement: pack", "pack", "scheduler.placement", {"pcak", "[pack]", "''", "7"}},
      {"x: 50 %", "50 %", "scheduler.queues.x", {"-1 %", "101 %", "2", ".nan", "half", "[1]"}},
      {"ledger_bin: 1 h", "1 h", "output.ledger_bin", {"0 s", "-1 h", "1", "1 W", ".nan", "1e400 h", "[1 h]"}},
  };
}

}  // namespace

TEST_CASE("the base scenario itself runs") {
  Judge judge;
  write_file(judge.folder / "s.yaml", kScenario);
  judge.counted("base", {"run", "s.yaml", "--out", "out"}, 0, 0);
}

TEST_CASE("a wrong value is refused, naming its key") {
  Judge judge;
  for (const Field& field : fields())
    for (const std::string& bad : field.bad) {
      std::string passage = field.passage;
      passage.replace(passage.find(field.value), field.value.size(), bad);
      judge.refused_text(field.key + " = " + bad, with(field.passage, passage), field.key);
    }
  CHECK(judge.cases >= 150);
}

TEST_CASE("a wrong key is refused, naming it") {
  Judge judge;
  for (const auto& [right, wrong] : std::vector<std::pair<std::string, std::string>>{{"seed:", "sede:"},
                                                                                     {"horizon:", "horzion:"},
                                                                                     {"site:", "sites:"},
                                                                                     {"pools:", "pool:"},
                                                                                     {"rack:", "racks:"},
                                                                                     {"phases:", "phase:"},
                                                                                     {"network:", "netwrok:"},
                                                                                     {"leaf:", "leaves:"},
                                                                                     {"down_ports:", "ports:"},
                                                                                     {"workload:", "worklaod:"},
                                                                                     {"jobs:", "job:"},
                                                                                     {"duration:", "length:"},
                                                                                     {"scheduler:", "policy:"},
                                                                                     {"queues:", "quotas:"},
                                                                                     {"ledger_bin:", "bin:"},
                                                                                     {"name: base", "? [a, b]\n: 1"}})
    judge.refused_text(wrong, with(right, wrong),
                       wrong.substr(0, wrong.find(':')).find('?') == 0 ? "s.yaml" : wrong.substr(0, wrong.size() - 1));
}

TEST_CASE("a scenario that does not hold together is refused") {
  Judge judge;
  const std::string base = kScenario;
  judge.refused_text("two pools of one name", with("name: n", "name: h"), "site.pools[1].name");
  judge.refused_text("more racks in phases than there are", with("racks: 1", "racks: 9"), "phases");
  judge.refused_text("both from and after", with("after: 1 h", "after: 1 h, from: 2025-06-03"), "phases[0]");
  judge.refused_text("neither from nor after", with("after: 1 h, ", ""), "phases[0]");
  judge.refused_text("a date without a start", with("start: 2025-06-01\n", ""), "start");
  judge.refused_text("a spine without a leaf",
                     with("    leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 1:1, latency: 600 ns}\n", ""),
                     "spine");
  judge.refused_text("an unknown medium", with("latency: 600 ns", "medium: wet string"), "medium");
  judge.refused_text("two jobs of one id", with("id: b", "id: a.1"), "a.1");
  judge.refused_text("a job without a duration", with("duration: 1 h, ", ""), "jobs[0]");
  judge.refused_text("no pools", with("  pools:", "  pools: []\n  x_pools:"), "pools");
  judge.refused_text("an unknown traced chip", with("workload:\n", "workload:\n  traced_chip: H1000\n"), "traced_chip");
  judge.refused_text("an unknown chip in slowdown",
                     with("workload:\n", "workload:\n  slowdown: [{traced: H20, on: HAL, ratio: 2}]\n"),
                     "slowdown[0].on");
  judge.refused_text("a slowdown of 0",
                     with("workload:\n", "workload:\n  slowdown: [{traced: H20, on: H20, ratio: 0}]\n"), "ratio");
  judge.refused_text("inflate to nothing", with("workload:\n", "workload:\n  inflate: 0\n"), "inflate");
  judge.refused_text("a generator of an unknown cluster",
                     with("workload:\n", "workload:\n  generate: [{name: g, like: pihlly, load: 0.5, horizon: 1 d}]\n"),
                     "generate[0]");
  judge.refused_text("a generator with a negative load",
                     with("workload:\n", "workload:\n  generate: [{name: g, like: philly, load: -1, horizon: 1 d}]\n"),
                     "load");
  judge.refused_text("a generator of too many jobs",
                     with("workload:\n", "workload:\n  generate: [{name: g, like: philly, jobs: 1e15}]\n"),
                     "generate[0]");
  judge.refused_text("nothing to run", base.substr(0, base.find("workload:")), "workload");
  judge.refused_text("no site", base.substr(base.find("workload:")), "site");
}

TEST_CASE("a file that is no scenario is refused, naming it") {
  Judge judge;
  const std::string base = kScenario;
  judge.refused_text("empty", "", "s.yaml");
  judge.refused_text("a comment alone", "# nothing\n", "s.yaml");
  judge.refused_text("binary",
                     std::string("\x00\x01\xff\xfe\x7f"
                                 "ELF\x00\x00",
                                 10),
                     "s.yaml");
  judge.refused_text("a list", "- 1\n- 2\n", "s.yaml");
  judge.refused_text("a word", "hello\n", "s.yaml");
  judge.refused_text("half a document", base.substr(0, base.find("Gbps, down")), "s.yaml");
  judge.refused_text("tabs", with("  pools:", "\tpools:"), "s.yaml");
  judge.refused_text("a key twice", base + "seed: 4\n", "seed");
  judge.refused_text("an unknown alias", with("seed: 3", "seed: *none"), "s.yaml");
  judge.refused_text("deep nesting", "site: " + std::string(20000, '[') + "\n", "s.yaml");
  judge.refused_text("an include of itself", "include: [s.yaml]\n" + base, "s.yaml");
  write_file(judge.folder / "one.yaml", "include: [two.yaml]\n");
  write_file(judge.folder / "two.yaml", "include: [one.yaml]\n");
  judge.refused_text("an include in a circle", "include: [one.yaml]\n" + base, "one.yaml");
  judge.refused_text("an include that is not there", "include: [none.yaml]\n" + base, "none.yaml");
  judge.refused_text("an include of a folder", "include: ['.']\n" + base, "directory");
  judge.refused_text("an include of no file", "include: 7\n" + base, "7");
  write_file(judge.folder / "s.yaml", base);
  judge.refused("missing", {"run", "nowhere.yaml", "--out", "out"}, "nowhere.yaml");
  judge.refused("a folder", {"run", ".", "--out", "out"}, ".");
  for (const char* set : {"seed", "seed=", "=3", "", "seed=abc", "site.pools[9].count=1", "site.pools[x].count=1",
                          "nothing.here=1", "site..pools=1", "seed=[", "workload.jobs[0].chips=-1", "horizon=5",
                          "scheduler.policy=best", "site.pools=3", "site.pools[0]=3"})
    judge.refused(std::string("--set ") + set, {"run", "s.yaml", "--out", "out", "--set", set}, "");
  judge.refused("an unknown option", {"run", "s.yaml", "--out", "out", "--fast"}, "--fast");
  judge.refused("a seed that is none", {"run", "s.yaml", "--out", "out", "--seed", "x"}, "seed");
  judge.refused("a negative seed", {"run", "s.yaml", "--out", "out", "--seed=-4"}, "seed");
  judge.refused("an unknown command", {"walk", "s.yaml"}, "subcommand");
  write_file(judge.folder / "file", "");
  judge.refused("an output folder that is a file", {"run", "s.yaml", "--out", "file/deeper"}, "file");
}

TEST_CASE("a workload that is none is refused, naming it") {
  Judge judge;
  const std::string base = kScenario;
  write_file(judge.folder / "s.yaml",
             base.substr(0, base.find("  jobs:")) + "  file: w.csv\nscheduler: {policy: easy}\n");
  const std::string head = "job_id,submit_s,chips,duration_s\n", good = "a,0,1,10\nb,1,2,20\n";
  const auto refused = [&](const std::string& what, const std::string& bytes, const std::string& place = "w.csv") {
    write_file(judge.folder / "w.csv", bytes);
    judge.refused("workload: " + what, {"run", "s.yaml", "--out", "out"}, place);
  };
  refused("empty", "");
  refused("a header alone", head, "workload");
  refused("binary", std::string("\x00\x01\x02\xff\xfe", 5));
  refused("a column missing", "job_id,submit_s,chips\na,0,1\n");
  refused("an unknown column", "job_id,submit_s,chips,durration_s\na,0,1,1\n");
  refused("a column twice", "job_id,submit_s,chips,chips,duration_s\na,0,1,1,1\n");
  refused("truncated gzip", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c", 12));
  refused("gzip of nothing", std::string("\x1f\x8b", 2));
  refused("truncated xz", std::string("\xfd"
                                      "7zXZ\x00\x00\x04\xe6\xd6",
                                      10));
  refused("truncated zstd", std::string("\x28\xb5\x2f\xfd\x24\x10\x81", 7));
  refused("every row wrong", head + "a,-1,1,10\nb,0,x,10\n", "workload");
  refused("JSON cut off", "{\"jobs\": [{\"id\": 1,");
  refused("JSON of something else", "{\"a\": 1}");
  refused("prose", "It was a dark and stormy night.\n");
  std::filesystem::remove(judge.folder / "w.csv");
  judge.refused("missing", {"run", "s.yaml", "--out", "out"}, "w.csv");
  std::filesystem::create_directory(judge.folder / "w.csv");
  judge.refused("a folder", {"run", "s.yaml", "--out", "out"}, "w.csv");
  std::filesystem::remove_all(judge.folder / "w.csv");
  write_file(judge.folder / "w.csv", head + good);
  judge.refused("an unknown format", {"run", "s.yaml", "--out", "out", "--set", "workload.format=fortran"},
                "workload.format");
  for (const char* format : {"swf", "batsim", "philly-json", "helios", "openb", "sacct"})
    judge.refused(std::string("a table read as ") + format,
                  {"run", "s.yaml", "--out", "out", "--set", std::string("workload.format=") + format}, "w");
  judge.refused(
      "a column map of nonsense",
      {"run", "s.yaml", "--out", "out", "--set", "workload.format=generic", "--set", "workload.columns={submit: a}"},
      "workload.columns");
}

TEST_CASE("single bad rows and impossible jobs are counted") {
  Judge judge;
  const std::string base = kScenario;
  write_file(judge.folder / "s.yaml",
             base.substr(0, base.find("  jobs:")) + "  file: w.csv\nscheduler: {policy: easy}\n");
  const std::string head =
      "job_id,submit_s,chips,duration_s,kinds,stack,min_chip_memory_gb,shape,chip_milli,priority\n";
  const std::string good = "a,0,1,10,,,,,,\n";
  const auto counted = [&](const std::string& row, std::int64_t skipped, std::int64_t rejected) {
    write_file(judge.folder / "w.csv", head + good + row + "\n");
    judge.counted("row " + row, {"run", "s.yaml", "--out", "out"}, skipped, rejected);
  };
  for (const char* row : {"b,-1,1,10,,,,,,",     "b,nan,1,10,,,,,,",
                          "b,inf,1,10,,,,,,",    "b,1e300,1,10,,,,,,",
                          "b,0,-1,10,,,,,,",     "b,0,1.5,10,,,,,,",
                          "b,0,1e18,10,,,,,,",   "b,0,x,10,,,,,,",
                          "b,0,1,-10,,,,,,",     "b,0,1,nan,,,,,,",
                          "b,0,1,1e300,,,,,,",   "b,0,1,,,,,,,",
                          "b,0,0,10,,,,,,",      "b,0,1",
                          "b,0,1,10,,,,,,,,,",   "a,5,1,10,,,,,,",
                          "b,0,1,10,,,,round,,", "b,0,1,10,,,,,2000,",
                          "b,0,2,10,,,,,500,",   "b,0,1,10,,,,,0,",
                          "b,0,1,10,,,,,,9e99",  "b,0,1,10,,,-5,,,"})
    counted(row, 1, 0);
  for (const char* row : {"b,0,33,10,,,,,,", "b,0,1000000,10,,,,,,", "b,0,1,10,H100 9000GB,,,,,",
                          "b,0,1,10,,abacus,,,,", "b,0,1,10,,,100000,,,", "b,0,9,10,,,,one_server,,"})
    counted(row, 0, 1);
}

TEST_CASE("catalogue entries of the user's own that do not hold are refused, naming them") {
  Judge judge;
  const std::string base = kScenario;
  const auto refused = [&](const std::string& what, const std::string& entries, const std::string& place) {
    judge.refused_text("catalogue: " + what, base + "catalogue:\n" + entries, place);
  };
  refused("a circle of likes", "  chips:\n    A1: {like: B1}\n    B1: {like: A1}\n", "circle");
  refused("like itself", "  chips:\n    A1: {like: A1}\n", "A1");
  refused("an unknown parent", "  chips:\n    A1: {like: H1OO}\n", "A1");
  refused("a name that is taken", "  chips:\n    H20 96GB: {bf16: 1 TFLOPS}\n", "H20");
  refused("the same name twice", "  chips:\n    A1: {bf16: 1 TFLOPS}\n    A1: {bf16: 2 TFLOPS}\n", "A1");
  refused("a negative rate", "  chips:\n    A1: {bf16: -1 TFLOPS}\n", "A1");
  refused("a rate without a unit", "  chips:\n    A1: {bf16: 100}\n", "bf16");
  refused("memory in TFLOPS", "  chips:\n    A1: {memory: 80 TFLOPS}\n", "memory");
  refused("an unknown key", "  chips:\n    A1: {bf61: 1 TFLOPS}\n", "bf61");
  refused("an unknown kind", "  chisp:\n    A1: {bf16: 1 TFLOPS}\n", "chisp");
  refused("chips as a list", "  chips: [A1]\n", "chips");
  refused("a word for everything", "  nonsense\n", "catalogue");
  refused("a server of an unknown chip", "  servers:\n    S1: {chip: Abacus, chips: 8}\n", "S1");
  refused("a server of a negative count", "  servers:\n    S1: {chip: H20, chips: -8}\n", "S1");
  const auto server = [&](const std::string& what, const std::string& entry, const std::string& place) {
    judge.refused_text("catalogue: " + what,
                       with("server: HGX H20\n", "server: S1\n") + "catalogue:\n  servers:\n    S1: " + entry + "\n",
                       place);
  };
  server("65 chips to a server", "{chip: H20, chips: 65}", "site.pools[0].server");
}

TEST_CASE("a platform file that is none is refused, naming it") {
  Judge judge;
  write_file(judge.folder / "s.yaml", "site: {platform: p.xml}\nworkload: {jobs: [{duration: 1 h}]}\n");
  const std::string head = "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n";
  const auto refused = [&](const std::string& what, const std::string& xml) {
    write_file(judge.folder / "p.xml", xml);
    judge.refused("platform: " + what, {"run", "s.yaml", "--out", "out"}, "p.xml");
  };
  refused("empty", "");
  refused("binary", std::string("\x00\xff\x01", 3));
  refused("no XML", "site: {}\n");
  refused("cut off", head + "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\"><host id=\"a\"");
  refused("another document", head + "<html></html>");
  refused("no zone", head + "<platform version=\"4.1\"></platform>");
  refused("a zone of nothing", head + "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\"></zone></platform>");
  refused("a host without a speed",
          head + "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\"><host id=\"a\"/></zone></platform>");
  refused(
      "a negative speed",
      head +
          "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\"><host id=\"a\" speed=\"-1f\"/></zone></platform>");
  refused(
      "an unknown routing",
      head +
          "<platform version=\"4.1\"><zone id=\"z\" routing=\"Magic\"><host id=\"a\" speed=\"1f\"/></zone></platform>");
  refused("a bad radical", head +
                               "<platform version=\"4.1\"><cluster id=\"c\" prefix=\"a\" suffix=\"\" radical=\"9-x\" "
                               "speed=\"1f\" bw=\"1Bps\" lat=\"0s\"/></platform>");
  refused("a huge radical", head +
                                "<platform version=\"4.1\"><cluster id=\"c\" prefix=\"a\" suffix=\"\" "
                                "radical=\"0-99999999999\" speed=\"1f\" bw=\"1Bps\" lat=\"0s\"/></platform>");
  std::filesystem::remove(judge.folder / "p.xml");
  judge.refused("platform: missing", {"run", "s.yaml", "--out", "out"}, "p.xml");
}
