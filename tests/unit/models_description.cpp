#include <catch2/catch.hpp>
#include <sstream>

#include "tests/support/sample_config.hpp"

using namespace alight;
using namespace alight::test;

namespace {

Location at(int line, int column) {
  return {std::make_shared<const std::string>("s.yaml"), line, column};
}

Node mapping(std::vector<std::pair<std::string, Node>> members) {
  Node node = Node::mapping();
  for (auto& [key, value] : members) node.add(key, std::move(value));
  return node;
}

/// The one problem of reading `node` as a Sample.
std::string only_problem(const Node& node) {
  Diagnostics diagnostics;
  Sample sample;
  read(sample, node, "", diagnostics);
  REQUIRE(diagnostics.problems().size() == 1);
  const Problem& p = diagnostics.problems().front();
  return p.key + ": " + p.message + (p.hint.empty() ? "" : " | " + p.hint);
}
std::string only_problem(const std::string& key, const std::string& value) {
  return only_problem(mapping({{key, Node::scalar(value)}}));
}

}  // namespace

TEST_CASE("Nodes find their members and say where they stand") {
  Node node = mapping({{"a", Node::scalar("1", at(3, 4))}, {"b", Node::sequence()}});
  REQUIRE(node.find("a"));
  CHECK(node.find("a")->where.text() == "s.yaml:3:4");
  CHECK(node.find("c") == nullptr);
  node.find("a")->text = "2";
  CHECK(node.members[0].value.text == "2");
  CHECK(Location{}.text().empty());
  CHECK(Location{std::make_shared<const std::string>("--set a=1"), 0, 0}.text() == "--set a=1");
}

TEST_CASE("A described struct reads every kind of field") {
  const Node node =
      mapping({{"title", Node::scalar("910")},
               {"seed", Node::scalar("2e9")},
               {"horizon", Node::scalar("30 d")},
               {"scale", Node::scalar("0.4")},
               {"kill", Node::scalar("true")},
               {"side", Node::scalar("right")},
               {"policy", Node::scalar("easy")},
               {"start", Node::scalar("2024-01-01")},
               {"pools", Node::sequence({mapping({{"name", Node::scalar("h20")},
                                                  {"link", Node::scalar("50 GB/s")},
                                                  {"oversubscription", Node::scalar("2:1")},
                                                  {"rack", Node::scalar("8")},
                                                  {"from", Node::scalar("2025-06-01")}}),
                                         mapping({{"name", Node::scalar("p800")},
                                                  {"rack", mapping({{"power", Node::scalar("25 kW/rack")}})}})})},
               {"mix", Node::sequence({Node::scalar("h20"), Node::scalar("p800")})},
               {"sizes", Node::sequence({Node::scalar("500 MB"), Node::scalar("1 TB")})},
               {"quotas", mapping({{"vc-a", Node::scalar("50 %")}, {"vc.b", Node::scalar("0.25")}})},
               {"cooling", mapping({{"supply", Node::scalar("20 C")}})},
               {"spare", mapping({})}});
  Diagnostics diagnostics;
  Sample sample;
  read(sample, node, "", diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(sample.title == "910");
  CHECK(sample.seed == 2000000000);
  CHECK(sample.horizon_s == 30 * 86400);
  CHECK(sample.scale == 0.4);
  CHECK(sample.kill);
  CHECK(sample.side == Side::right);
  CHECK(sample.policy == "easy");
  CHECK(format_date(sample.start) == "2024-01-01");
  REQUIRE(sample.pools.size() == 2);
  CHECK(sample.pools[0].link_gbps == 400);
  CHECK(sample.pools[0].oversubscription == 2);
  CHECK(sample.pools[0].rack.servers == 8);
  CHECK(sample.pools[0].from.has_value());
  CHECK(sample.pools[1].link_gbps == 400);
  CHECK(sample.pools[1].rack.power_kw == 25.0);
  CHECK_FALSE(sample.pools[1].from.has_value());
  CHECK(sample.mix == std::vector<std::string>{"h20", "p800"});
  CHECK(sample.sizes_gb == std::vector<double>{0.5, 1000});
  CHECK(sample.quotas == std::map<std::string, double>{{"vc-a", 0.5}, {"vc.b", 0.25}});
  CHECK(sample.cooling.supply_c == 20);
  CHECK(sample.cooling.limit_c == 35);
  CHECK(sample.spare.has_value());
}

TEST_CASE("Each mistake is named with its key and what was expected") {
  CHECK(only_problem("sead", "7") == "sead: unknown key | did you mean \"seed\"?");
  CHECK(only_problem("zzzzzzz", "7").find("zzzzzzz: unknown key | known keys: title, seed") == 0);
  CHECK(only_problem("seed", "seven") == "seed: \"seven\"; expected a whole number");
  CHECK(only_problem("seed", "1.5") == "seed: \"1.5\"; expected a whole number");
  CHECK(only_problem("seed", "-1") == "seed: \"-1\" is out of range; expected at least 0");
  CHECK(only_problem("seed", "1e30") == "seed: \"1e30\" is too large for a whole number");
  CHECK(only_problem("scale", "nan") == "scale: \"nan\"; expected a finite number without a unit");
  CHECK(only_problem("scale", "101") == "scale: \"101\" is out of range; expected from 0 to 100");
  CHECK(only_problem("horizon", "30") == "horizon: \"30\" needs a unit of time, e.g. 30 s");
  CHECK(only_problem("horizon", "-1 h") == "horizon: \"-1 h\" (-3600 s) is out of range; expected at least 0 s");
  CHECK(only_problem("kill", "Yes") == "kill: \"Yes\"; expected true or false | did you mean \"true\"?");
  CHECK(only_problem("side", "Left") ==
        "side: \"Left\" is not known; expected one of left, right | did you mean \"left\"?");
  CHECK(only_problem("policy", "eazy") ==
        "policy: \"eazy\" is not known; expected one of fifo, easy, conservative | did you mean \"easy\"?");
  CHECK(only_problem("start", "2025-02-30") ==
        "start: \"2025-02-30\"; expected a date, e.g. 2025-06-01 or 2025-06-01 07:30");
  CHECK(only_problem("pools", "h20") == "pools: \"h20\"; expected a list | write [h20] for a list of one");
  CHECK(only_problem("quotas", "0.5") == "quotas: \"0.5\"; expected a mapping from names to values");
  CHECK(only_problem("cooling", "air") == "cooling: \"air\"; expected a mapping with keys of supply, limit");
  CHECK(only_problem(mapping({{"title", Node::sequence()}})) == "title: is a list; expected text");
  CHECK(only_problem(mapping({{"title", Node{}}})) == "title: has no value; expected text");
  CHECK(only_problem(mapping({{"pools", Node::sequence({mapping({})})}})) ==
        "pools[0].name: is missing; expected text");
  CHECK(only_problem(mapping({{"quotas", mapping({{"a.b", Node::scalar("2")}})}})) ==
        "quotas.\"a.b\": \"2\" is out of range; expected from 0 to 1");
  CHECK(only_problem(mapping({{"sizes", Node::sequence({Node::scalar("1 GB"), Node::scalar("2 W")})}})) ==
        "sizes[1]: \"2 W\" is a power; expected a data size, e.g. 2 GB");
  Node quoted = Node::scalar("7");
  quoted.quoted = true;
  CHECK(only_problem(mapping({{"seed", quoted}})) == "seed: \"7\" (in quotes); expected a whole number");
  CHECK(only_problem(mapping(
            {{"pools", Node::sequence({mapping({{"name", Node::scalar("x")}, {"link", Node::scalar("0 bps")}})})}})) ==
        "pools[0].link: \"0 bps\" (0 Gbps) is out of range; expected more than 0 Gbps and at most 10000 Gbps");
}

TEST_CASE("A scalar or list where the whole struct should stand is one problem") {
  CHECK(only_problem(Node::scalar("x")).find(": \"x\"; expected a mapping with keys of title") == 0);
  CHECK(only_problem(Node::sequence()).find(": is a list; expected a mapping") == 0);
}

TEST_CASE("All mistakes are reported at once, in the order of the file") {
  Node node = Node::mapping();
  node.members.push_back({"worklaod", at(21, 5), Node::mapping()});
  node.members.push_back({"horizon", at(14, 1), Node::scalar("400", at(14, 27))});
  node.members.push_back({"seed", at(9, 1), Node::scalar("x", at(9, 42))});
  Diagnostics diagnostics;
  Sample sample;
  read(sample, node, "", diagnostics);
  std::ostringstream out;
  diagnostics.print(out);
  CHECK(out.str().find("s.yaml:9:42: seed: \"x\"; expected a whole number\n"
                       "s.yaml:14:27: horizon: \"400\" needs a unit of time, e.g. 400 s\n"
                       "s.yaml:21:5: worklaod: unknown key\n    known keys: ") == 0);
  CHECK(out.str().find("\n3 errors, nothing was run\n") != std::string::npos);
}

TEST_CASE("Later checks point at remembered places, or at the nearest known parent") {
  Node link = Node::scalar("100 Gbps", at(7, 13));
  Node pool = mapping({{"name", Node::scalar("a", at(6, 13))}, {"link", link}});
  pool.where = at(6, 7);
  Node pools = Node::sequence({pool});
  pools.where = at(6, 5);
  Node root = mapping({{"pools", pools}, {"quotas", mapping({{"a.b", Node::scalar("1", at(9, 9))}})}});
  root.where = at(1, 1);
  Diagnostics diagnostics;
  Sample sample;
  read(sample, root, "", diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(diagnostics.place_of("pools[0].link").text() == "s.yaml:7:13");
  CHECK(diagnostics.place_of("pools[0].rack.servers").text() == "s.yaml:6:7");
  CHECK(diagnostics.place_of("pools[3].link").text() == "s.yaml:6:5");
  CHECK(diagnostics.place_of("cooling").text() == "s.yaml:1:1");
  CHECK(diagnostics.place_of("quotas.\"a.b\"").text() == "s.yaml:9:9");
  diagnostics.error_at("pools[0].link", "is too slow");
  CHECK(diagnostics.problems().front().where.text() == "s.yaml:7:13");
}

TEST_CASE("Checks across fields run only on what was read without a problem") {
  CHECK(only_problem(mapping({{"cooling", mapping({{"supply", Node::scalar("40 C")}})}})) ==
        "cooling.limit: is below the supply temperature");
  CHECK(
      only_problem(mapping({{"cooling", mapping({{"supply", Node::scalar("40 C")}, {"limit", Node::scalar("1")}})}})) ==
      "cooling.limit: \"1\" needs a unit of temperature, e.g. 1 C");
}

TEST_CASE("Nothing behind a key empties lists and tables and unsets optionals") {
  Diagnostics diagnostics;
  Sample sample;
  sample.spare.emplace();
  sample.mix = {"a"};
  sample.quotas = {{"a", 0.5}, {"b", 0.5}};
  read(sample, mapping({{"spare", Node{}}, {"mix", Node{}}, {"quotas", mapping({{"a", Node{}}})}, {"cooling", Node{}}}),
       "", diagnostics);
  CHECK(diagnostics.ok());
  CHECK_FALSE(sample.spare.has_value());
  CHECK(sample.mix.empty());
  CHECK(sample.quotas.size() == 1);
}

TEST_CASE("Choices given as a function are asked when read") {
  CHECK(only_problem("policy", "sjf").find("is not known") != std::string::npos);
  Sample::policies().push_back("sjf");
  Diagnostics diagnostics;
  Sample sample;
  read(sample, mapping({{"policy", Node::scalar("sjf")}}), "", diagnostics);
  Sample::policies().pop_back();
  CHECK(diagnostics.ok());
  CHECK(sample.policy == "sjf");
}

TEST_CASE("A written struct holds every default, leaves out the unset, and reads back the same") {
  Sample sample;
  sample.pools.resize(1);
  sample.pools[0].name = "a";
  sample.pools[0].link_gbps = 1.0 / 3;
  sample.quotas["x"] = 0.1;
  const Node node = write(sample);
  CHECK(node.find("horizon")->text == "86400 s");
  CHECK(node.find("pools")->items[0].find("link")->text == "0.3333333333333333 Gbps");
  CHECK(node.find("pools")->items[0].find("from") == nullptr);
  CHECK(node.find("spare") == nullptr);
  Diagnostics diagnostics;
  Sample again;
  read(again, node, "", diagnostics);
  CHECK(diagnostics.ok());
  CHECK(again.pools.at(0).link_gbps == 1.0 / 3);
  CHECK(Sample::description().defaults().find("title")->text == "untitled");
}

TEST_CASE("The nearest name is found by spelling, whatever the case") {
  const std::vector<std::string> names{"workload", "HGX H20", "H100 SXM5 80GB", "easy"};
  CHECK(nearest("worklaod", names) == "workload");
  CHECK(nearest("WORKLOAD", names) == "workload");
  CHECK(nearest("HGX H20 (8)", names) == "HGX H20");
  CHECK(nearest("H100", names) == "H100 SXM5 80GB");
  CHECK(nearest("quantum", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest(std::string(10000, 'x'), names).empty());
  CHECK(did_you_mean("esay", names) == "did you mean \"easy\"?");
}

TEST_CASE("Messages stay on one line and short, whatever the value") {
  Diagnostics diagnostics;
  diagnostics.error(at(1, 1), "a", in_quotes("two\nlines \x1b[31m"));
  std::ostringstream out;
  diagnostics.print(out);
  CHECK(out.str() == "s.yaml:1:1: a: \"two lines  [31m\"\n1 error, nothing was run\n");
  CHECK(in_quotes(std::string(500, 'x')).size() < 80);
  CHECK(in_quotes(std::string(59, 'x') + "\u82cf" + std::string(50, 'x')) == '"' + std::string(59, 'x') + "...\"");
}
