// Faults that cannot be: every mistake is one line that names its key or its place in the file, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

/// The base scenario (pool h of 4 servers, n of 2; leaves 0 and 1 under one spine) with faults as given.
std::string faults(const std::string& text) {
  return kScenario + std::string("faults:\n") + text;
}
std::string event(const std::string& text) {
  return faults("  events:\n    - " + text + "\n");
}

}  // namespace

TEST_CASE("faults that hold together are accepted") {
  Judge judge;
  const auto accepted = [&](const std::string& label, const std::string& text) {
    write_file(judge.folder / "s.yaml", text);
    judge.counted(label, {"run", "s.yaml", "--out", "out"}, 0, 0);
  };
  accepted("a link", event("{at: 1 h, name: leaf0_up}"));
  accepted("one direction's name", event("{at: 1 h, name: leaf0_up_DOWN, state: degraded 50 %}"));
  accepted("a cable that flaps", event("{at: 1 h, what: cable, name: \"leaf0_up #2\", lasts: 5 s}"));
  accepted("a switch, there and back",
           event("{at: 1 h, what: switch, name: leaf 1}\n    - {at: 2 h, what: switch, name: leaf 1, state: up}"));
  accepted("degraded, then down", event("{at: 1 h, name: leaf0_up, state: 0.5}\n    - {at: 2 h, name: "
                                        "leaf0_up}"));
  accepted("by chance", faults("  random: {repair: 4 h, failures: 100 /year, switches: true}\n  on_cut: fail\n"));
  write_file(judge.folder / "f.csv",
             "time_s,what,name,state,lasts_s\n60,link,leaf0_up,down,5\n"
             "5,switch,spine 0,degraded 25 %,\n");
  accepted("a file", faults("  file: f.csv\n"));
  accepted(
      "a storage that limps, then writes nothing",
      with("  network:\n    leaf:", "  storage: {name: store, read: 40 GB/s, write: 20 GB/s}\n  network:\n    leaf:",
           event("{at: 1 h, name: store_READ, state: degraded 50 %}\n    - {at: 2 h, name: store_WRITE, lasts: 5 "
                 "min}")));
}

TEST_CASE("a fault that cannot be is refused, naming its key") {
  Judge judge;
  const auto refused = [&](const std::string& label, const std::string& text, const std::string& place) {
    judge.refused_text(label, text, place);
  };
  refused("an unknown key", faults("  evnts: []\n"), "faults.evnts");
  refused("no time", event("{name: leaf0_up}"), "faults.events[0].at");
  refused("a time before the start", event("{at: -1 s, name: leaf0_up}"), "faults.events[0].at");
  refused("no name", event("{at: 1 s}"), "faults.events[0].name");
  refused("an unknown link", event("{at: 1 s, name: laef0_up}"), "did you mean \"leaf0_up\"?");
  refused("an unknown switch", event("{at: 1 s, what: switch, name: leaf 9}"), "leaf 0 to leaf 1, spine 0");
  refused("an unknown kind", event("{at: 1 s, what: wire, name: leaf 0}"), "faults.events[0].what");
  refused("an unknown state", event("{at: 1 s, name: leaf0_up, state: broken}"), "faults.events[0].state");
  refused("more than all is left", event("{at: 1 s, name: leaf0_up, state: degraded 150 %}"), "is no state");
  refused("a cable without a number", event("{at: 1 s, what: cable, name: leaf0_up}"), "leaf0_up #1");
  refused("a cable too many", event("{at: 1 s, what: cable, name: \"leaf0_up #99\"}"), "names no cable");
  refused("up, but it was never down", event("{at: 1 s, name: leaf0_up, state: up}"), "is up at 1 s already");
  refused("down twice", event("{at: 1 s, name: leaf0_up}\n    - {at: 2 s, name: leaf0_up}"), "is so since 1 s already");
  refused("a change within a flap",
          event("{at: 1 s, name: leaf0_up, lasts: 9 s}\n    - {at: 2 s, name: leaf0_up, state: 0.5}"),
          "within a fault that lasts from 1 s to 10 s");
  refused("up for a time", event("{at: 1 s, name: leaf0_up, state: up, lasts: 9 s}"), "faults.events[0].lasts");
  refused("chance without a repair time", faults("  random: {failures: 1 /year}\n"), "faults.random.repair");
  refused("chance without a medium", faults("  random: {repair: 1 h}\n"), "name a `medium`");
  refused("flaps without a length", faults("  random: {repair: 1 h, failures: 1 /year, flap_share: 0.5}\n"),
          "faults.random.flap_time");
  refused("nothing fails", faults("  random: {repair: 1 h, cables: false}\n"), "neither cables nor switches");
  refused("a medium the site has not", faults("  random: {repair: 1 h, media: [DAC 400G]}\n"),
          "faults.random.media[0]");
  refused("an unknown policy", faults("  on_cut: wait\n"), "faults.on_cut");
  refused("no file there", faults("  file: none.csv\n"), "none.csv");
  refused("links nobody looks at", event("{at: 1 s, name: leaf0_up}") + "network: none\n", "fluid or exact");
  const auto of_storage = [&](const std::string& label, const std::string& fault, const std::string& place) {
    judge.refused(label,
                  {"run", ALIGHT_SOURCE_DIR "/docs/examples/storage.yaml", "--out", "out", "--set",
                   "faults={events: [{at: 1 h, " + fault + "}]}"},
                  place);
  };
  of_storage("an unknown link of the storage", "name: store_REED", "did you mean \"store_READ\"?");
  of_storage("what it reads and writes together", "name: store", "did you mean \"store_READ\"?");
  of_storage("a cable of it", "what: cable, name: \"store_WRITE #1\"", "name it as a link");
  refused("a storage the site has not", event("{at: 1 s, name: storage_READ}"), "no link \"storage_READ\"");
  refused("chance without an end",
          with("horizon: 2 d\n", "",
               faults("  random: {repair: 1 h, failures: 1 /year}\n  events: [{at: 1 s, name: "
                      "leaf0_up}]\n")),
          "needs a `horizon`");
}

TEST_CASE("mistakes in a file of faults are all told at once, each with its line and column") {
  Judge judge;
  write_file(judge.folder / "f.csv",
             "time_s,what,name,state,lasts_s\n"
             "x,link,leaf0_up,down,\n"
             "1,lnk,leaf0_up,down,\n"
             "1,link,leaf7_up,down,\n"
             "1,link,leaf0_up,dwn,\n"
             "1,link,leaf0_up,down,-3\n"
             "1,link\n"
             "1,switch,core 0,down,\n"
             "-5,link,leaf1_up,down,\n"
             "9,link,leaf1_up,up,\n");
  write_file(judge.folder / "s.yaml", faults("  file: f.csv\n"));
  const auto arguments = std::vector<std::string>{"run", "s.yaml", "--out", "out"};
  for (const char* place : {"f.csv:2:1: time_s", "f.csv:3:3: what", "f.csv:4:8: name", "f.csv:5:17: state",
                            "f.csv:6:22: lasts_s", "f.csv:7", "f.csv:8:10: name", "f.csv:9:1: time_s", "f.csv:10:1"})
    judge.refused(place, arguments, place);
  judge.refused("all of them", arguments, "9 errors");
  write_file(judge.folder / "f.csv", "time_s,what,nam,state\n");
  judge.refused("a column that is missing", arguments, "name");
  write_file(judge.folder / "f.csv", "time_s,what,name,state,why\n");
  judge.refused("an unknown column", arguments, "\"why\"");
}
