#include <catch2/catch.hpp>

#include "sim/config/explain.hpp"
#include "sim/config/reference.hpp"
#include "tests/support/sample_config.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string told(std::string_view key) {
  const Explanation explanation = explain(Sample::description(), key);
  return (explanation.found ? "" : "NOT FOUND: ") + explanation.text;
}

}  // namespace

TEST_CASE("A key is explained by its kind, unit, default and meaning") {
  CHECK(told("horizon") ==
        "horizon   time in s, at least 0 s, default 86400 s\n"
        "    How long it runs.\n"
        "    Written in: s, ms, us, ns, min, h, d, week, year.\n");
  CHECK(told("policy") == "policy   one of fifo, easy, conservative, default fifo\n    Which job next.\n");
  CHECK(told("cooling.supply").find("cooling.supply   temperature in C, default 24 C\n    Supply temperature.\n") == 0);
  CHECK(told("pools[].from") == "pools[].from   date, unset unless given\n    When it is there.\n");
  CHECK(told("pools[].name") == "pools[].name   text, required\n    What it is called.\n");
  CHECK(told("spare.limit").find("spare.limit   temperature in C, default 35 C\n") == 0);
}

TEST_CASE("Elements of lists and tables are reached in the ways people write them") {
  CHECK(told("pools[].link") == told("pools.link"));
  CHECK(told("pools[].link") == told("pools[0].link"));
  CHECK(told("pools[].rack.servers").find("pools[].rack.servers   whole number, from 1 to 64, default 4\n") == 0);
  CHECK(told("quotas.vc-a").find("quotas.<name>   ratio, from 0 to 1\n") == 0);
  CHECK(told("quotas.<name>") == told("quotas.vc-a"));
}

TEST_CASE("A struct lists its keys, a line each") {
  CHECK(
      told("pools") ==
      "pools   list of pool, default empty\n"
      "    What is installed.\n"
      "    Keys of each:\n"
      "      name               text, required  -  What it is called.\n"
      "      link               data rate in Gbps, more than 0 Gbps and at most 10000 Gbps, default 400 Gbps  -  Rate "
      "of one port.\n"
      "      oversubscription   ratio, at least 1, default 1  -  Capacity in over capacity out.\n"
      "      rack               rack  -  How racks are filled.\n"
      "      from               date, unset unless given  -  When it is there.\n");
  CHECK(told("pools[].rack").find("    A plain value stands for its \"servers\".\n") != std::string::npos);
  CHECK(told("cooling").find("cooling   cooling\n    How heat leaves.\n    Its keys:\n") == 0);
}

TEST_CASE("An unknown key brings the nearest ones") {
  CHECK(told("horzon") == "NOT FOUND: no key \"horzon\"\n    did you mean horizon?\n");
  CHECK(told("supply") == "NOT FOUND: no key \"supply\"\n    did you mean cooling.supply, spare.supply?\n");
  CHECK(told("site.oversubscripton").find("did you mean pools[].oversubscription?") != std::string::npos);
  for (const char* key : {"cooling.supply.x", "pools[", "..", "horizon[0]", "cooling[0]", "pools[x]"}) {
    INFO(key);
    CHECK(told(key).find("NOT FOUND: no key ") == 0);
  }
}

TEST_CASE("Without a key all keys are listed, and each listed key is explained") {
  const std::string all = told("");
  CHECK(all.find("cooling.limit") != std::string::npos);
  const auto keys = all_keys(Sample::description());
  CHECK(keys.size() == 14 + 7 + 1 + 2 + 2);
  for (const std::string& key : keys) {
    INFO(key);
    CHECK(told(key).find(key + "   ") == 0);
    CHECK(all.find(key + ' ') != std::string::npos);
  }
}

TEST_CASE("The reference page has a section per struct and a row per key") {
  const std::string page = reference_markdown(Sample::description());
  CHECK(page.find("## sample\n\nA scenario in small.\n\n| key | value | default | meaning |\n") == 0);
  CHECK(page.find("| `horizon` | time in s, at least 0 s | `86400 s` | How long it runs. |\n") != std::string::npos);
  CHECK(page.find("| `pools` | list of [pool](#pool) | empty | What is installed. |\n") != std::string::npos);
  CHECK(page.find("| `name` | text | required | What it is called. |\n") != std::string::npos);
  std::size_t sections = 0;
  for (std::size_t at = page.find("## "); at != std::string::npos; at = page.find("## ", at + 1)) ++sections;
  CHECK(sections == 4);
}
