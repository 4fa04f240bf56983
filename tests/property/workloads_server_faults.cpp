// Fault traces with bytes changed at random: there is a value or there are problems, each with a place in the file.
#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "models/random/streams.hpp"
#include "workloads/faults/server_faults.hpp"

using namespace alight;

TEST_CASE("a damaged fault trace is read or refused with places, never half") {
  std::string good = "[";
  for (int i = 0; i < 12; ++i)
    good += std::string(i ? ",\n" : "\n") + R"( {"node_id": "n)" + std::to_string(i % 3) + R"(", "event_time": )" +
            std::to_string(i) + R"(.5, "event_type": ")" + (i / 3 % 2 ? "fault_end" : "fault_start") +
            R"(", "fault_type": {"Level": "Hardware Failure", "Class": "GPU", "Desc": "GPU Lost"}})";
  good += "\n]\n";
  Diagnostics none;
  const auto whole = read_infinitehbd({"t", good}, none);
  REQUIRE(whole);
  CHECK(whole->faults.size() == 6);
  Stream s = stream(1, "damage");
  const auto pick = [&](std::size_t n) { return boost::random::uniform_int_distribution<std::size_t>(0, n - 1)(s); };
  const std::string bytes = "{}[]\",:.0123456789-+eEtrufalsn \n\\x";
  int refused = 0;
  for (int game = 0; game < 4000; ++game) {
    std::string text = good;
    for (std::size_t k = 1 + pick(3); k-- > 0;) {
      const std::size_t at = pick(text.size());
      switch (pick(3)) {
        case 0:
          text[at] = bytes[pick(bytes.size())];
          break;
        case 1:
          text.erase(at, 1 + pick(20));
          break;
        default:
          text.insert(at, 1, bytes[pick(bytes.size())]);
      }
    }
    Diagnostics d;
    const auto faults = read_infinitehbd({"t", text}, d);
    REQUIRE(faults.has_value() == d.ok());
    refused += !faults;
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    for (const Problem& p : d.problems()) {
      CHECK(p.where.line >= 1);
      CHECK(p.where.line <= lines);
      CHECK(p.where.column >= 1);
      CHECK_FALSE(p.message.empty());
    }
    if (!faults) continue;
    for (const ServerFault& f : faults->faults) {
      CHECK(f.from_s <= f.to_s);
      CHECK(f.server < faults->servers.size());
    }
    const DownStatistics down = down_statistics(*faults);
    CHECK(down.worst <= static_cast<std::int64_t>(faults->servers.size()));
    CHECK(down.mean_down <= static_cast<double>(faults->servers.size()));
  }
  CHECK(refused > 2000);
}
