// The reader of InfiniteHBD's fault trace: what it makes of good text, and what it says of bad.
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>
#include <string>

#include "workloads/faults/server_faults.hpp"

using namespace alight;

namespace {

std::string event(const std::string& node, const std::string& day, const std::string& type,
                  const std::string& desc = "GPU Lost") {
  return R"({"node_id": ")" + node + R"(", "event_time": )" + day + R"(, "event_type": ")" + type +
         R"(", "fault_type": {"Level": "Hardware Failure", "Class": "GPU", "Desc": ")" + desc + "\"}}";
}

std::string problems(const std::string& text) {
  Diagnostics d;
  const auto faults = read_infinitehbd({"faults.json", text}, d);
  CHECK(faults.has_value() == d.ok());
  std::ostringstream out;
  d.print(out);
  return out.str();
}

ServerFaults good(const std::string& text) {
  INFO(problems(text));
  Diagnostics d;
  const auto faults = read_infinitehbd({"faults.json", text}, d);
  REQUIRE(faults);
  return *faults;
}

bool says(const std::string& text, const std::string& what) {
  const std::string all = problems(text);
  INFO(all);
  CHECK(all.find(what) != std::string::npos);
  return all.find("\n1 error") != std::string::npos || all.rfind("1 error", 0) == 0;
}

}  // namespace

TEST_CASE("faults of a server, from and to; overlapping ones are one time down") {
  const ServerFaults f = good("[" + event("a", "1", "fault_start") + "," + event("b", "2", "fault_start") + "," +
                              event("a", "3", "fault_start", "NIC Lost") + "," + event("a", "4", "fault_end") + "," +
                              event("a", "6", "fault_end", "NIC Lost") + "," + event("b", "8", "fault_end") + "," +
                              event("b", "8", "fault_start") + "," + event("b", "10", "fault_end") + "]");
  CHECK(f.servers == std::vector<std::string>{"a", "b"});
  CHECK(f.recorded == 4);
  CHECK(f.end_s == 10 * 86400);
  REQUIRE(f.faults.size() == 2);
  CHECK(f.faults[0].server == 0);
  CHECK(f.faults[0].from_s == 86400);
  CHECK(f.faults[0].to_s == 6 * 86400);
  CHECK(f.faults[0].what == "Hardware Failure / GPU");
  // What ends and begins at once goes on.
  CHECK(f.faults[1].from_s == 2 * 86400);
  CHECK(f.faults[1].to_s == 10 * 86400);
  const DownStatistics s = down_statistics(f);
  CHECK(s.mean_down == Approx((5 + 8) / 10.0));
  CHECK(s.worst == 2);
  CHECK(s.worst_at_s == 2 * 86400);
}

TEST_CASE("what is never repaired stays down; nothing recorded is nothing down") {
  const ServerFaults f = good("[" + event("a", "1", "fault_start") + "," + event("b", "1.5", "fault_start") + "," +
                              event("b", "3", "fault_end") + "]");
  REQUIRE(f.faults.size() == 2);
  CHECK(std::isinf(f.faults[0].to_s));
  CHECK(down_statistics(f).mean_down == Approx((2 + 1.5) / 3));
  CHECK(good("[]").faults.empty());
  CHECK(down_statistics(good("[]")).worst == 0);
}

TEST_CASE("places of problems: the value's line and column") {
  const std::string two_lines =
      "[\n  " + event("a", "1", "fault_start") + ",\n  " + event("a", "2", "fault_stop") + "\n]";
  CHECK(says(two_lines, "faults.json:3:51: [1].event_type: \"fault_stop\" is neither fault_start nor fault_end"));
  CHECK(says(two_lines, "did you mean \"fault_start\"?"));
  CHECK(says("[\n\n " + event("a", "-1", "fault_start") + "]",
             "faults.json:3:33: [0].event_time: is no time of a trace"));
  CHECK(says("[" + event("a", "\"now\"", "fault_start") + "]", "faults.json:1:33: [0].event_time: is no number"));
  CHECK(says("[" + event("a", "true", "fault_start") + "]", "faults.json:1:33: [0].event_time: is no number"));
  CHECK(says("[" + event("a", "[1]", "fault_start") + "]", "faults.json:1:33: [0].event_time: is no number"));
  CHECK(says("[" + event("a", "1e30", "fault_start") + "]", "faults.json:1:33: [0].event_time: is no time"));
  CHECK(says("[" + event("a", "1e999", "fault_start") + "]", "faults.json:1:33: is a number no JSON reader can keep"));
  CHECK(says("[" + event("", "1", "fault_start") + "]", "faults.json:1:14: [0].node_id: is empty"));
}

TEST_CASE("events that cannot have happened so") {
  CHECK(says("[" + event("a", "2", "fault_start") + ",\n" + event("a", "1", "fault_end") + "]",
             "faults.json:2:32: [1].event_time: goes back in time: the event before is of day 2"));
  CHECK(says("[" + event("a", "1", "fault_end") + "]",
             "faults.json:1:2: [0]: ends a fault of \"a\" that has not begun: GPU Lost"));
  CHECK(says("[" + event("a", "1", "fault_start") + ",\n" + event("a", "2", "fault_end", "NIC Lost") + "]",
             "faults.json:2:1: [1]: ends a fault of \"a\" that has not begun: NIC Lost"));
  CHECK(says("[" + event("a", "1", "fault_start") + ",\n" + event("b", "2", "fault_end") + "]", "of \"b\""));
}

TEST_CASE("keys that are missing or of another type") {
  CHECK(says(
      R"([{"event_time": 1, "event_type": "fault_start", "fault_type": {"Level": "L", "Class": "C", "Desc": "D"}}])",
      "faults.json:1:2: [0].node_id: is missing; expected the name of a server"));
  CHECK(says(R"([{"node_id": 7, "event_time": 1, "event_type": "fault_start",
"fault_type": {"Level": "L", "Class": "C", "Desc": "D"}}])",
             "faults.json:1:14: [0].node_id: is no text"));
  CHECK(says(
      R"([{"node_id": "a", "event_type": "fault_start", "fault_type": {"Level": "L", "Class": "C", "Desc": "D"}}])",
      "[0].event_time: is missing"));
  CHECK(says(R"([{"node_id": "a", "event_time": 1, "fault_type": {"Level": "L", "Class": "C", "Desc": "D"}}])",
             "[0].event_type: is missing; expected fault_start or fault_end"));
  CHECK(says(R"([{"node_id": "a", "event_time": 1, "event_type": "fault_start"}])", "[0].fault_type: is missing"));
  CHECK(says(R"([{"node_id": "a", "event_time": 1, "event_type": "fault_start", "fault_type": "GPU"}])",
             "faults.json:1:79: [0].fault_type: is no object"));
  CHECK(says(R"([{"node_id": "a", "event_time": 1, "event_type": "fault_start", "fault_type": ["GPU"]}])",
             "faults.json:1:79: [0].fault_type: is no object"));
  CHECK(says(
      R"([{"node_id": "a", "event_time": 1, "event_type": "fault_start", "fault_type": {"Class": "C", "Desc": "D"}}])",
      "[0].fault_type.Level: is missing"));
  CHECK(says(R"([{"node_id": "a", "event_time": 1, "event_type": "fault_start", "fault_type":
 {"Level": "L", "Class": null, "Desc": "D"}}])",
             "faults.json:2:26: [0].fault_type.Class: is no text"));
  // Every mistake of an event is told.
  CHECK(problems(R"([{"node_id": 1, "event_time": "x", "event_type": "y", "fault_type": {}}])").find("6 errors") !=
        std::string::npos);
}

TEST_CASE("files that are no fault trace") {
  CHECK(says("", "JSON ends before it is complete"));
  CHECK(says("[", "JSON ends before it is complete"));
  CHECK(says("{}", "faults.json:1:1: is no list of fault events"));
  CHECK(says("  12", "faults.json:1:3: is no list of fault events"));
  CHECK(says("\"text\"", "faults.json:1:1: is no list of fault events"));
  CHECK(says("[1]", "faults.json:1:2: is no event"));
  CHECK(says("[[\"a\"]]", "faults.json:1:2: is no event"));
  CHECK(says("[" + event("a", "1", "fault_start") + ",]", "is not valid JSON from here on"));
  CHECK(says("[" + event("a", "1", "fault_start") + "] x", "is not valid JSON from here on"));
  CHECK(says("time_s,server\n1,2\n", "is not valid JSON from here on"));
  CHECK(says("[{\"node_id\": \"a\\q\"}]", "is not valid JSON from here on"));
}

TEST_CASE("a file of nothing but mistakes is not told in full") {
  std::string all = "[";
  for (int i = 0; i < 1000; ++i) all += (i ? ",1" : "1");
  CHECK(problems(all + "]").find("50 errors") != std::string::npos);
}

TEST_CASE("keys that mean nothing are left alone, quotes in names are no matter") {
  const std::string more = R"([{"note": {"node_id": [1, {"event_time": 2}]}, "node_id": "a\"b\\", "event_time": 1.5,
 "event_type": "fault_start", "fault_type": {"Level": "L", "Class": "C", "Desc": "D", "x": {"Level": 1}}}])";
  const ServerFaults f = good(more);
  CHECK(f.servers == std::vector<std::string>{"a\"b\\"});
  CHECK(f.faults[0].from_s == 1.5 * 86400);
}
