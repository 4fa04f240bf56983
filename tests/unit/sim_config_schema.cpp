#include <catch2/catch.hpp>

#include "sim/config/schema.hpp"
#include "sim/config/yaml.hpp"
#include "tests/support/sample_config.hpp"
#include "tests/support/schema_check.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string check(std::string_view yaml) {
  static const Json schema = Json::parse(json_schema(Sample::description()));
  Diagnostics diagnostics;
  const auto node = parse_yaml(yaml, "s.yaml", diagnostics);
  REQUIRE(diagnostics.ok());
  return schema_problem(json_of(*node), schema, schema);
}

bool readable(std::string_view yaml) {
  Diagnostics diagnostics;
  const auto node = parse_yaml(yaml, "s.yaml", diagnostics);
  Sample sample;
  read(sample, *node, "", diagnostics);
  return diagnostics.ok();
}

}  // namespace

TEST_CASE("The schema states type, unit, default and meaning of every key") {
  const Json schema = Json::parse(json_schema(Sample::description()));
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["additionalProperties"] == false);
  const Json& properties = schema["properties"];
  CHECK(properties["horizon"]["description"] == "How long it runs. Time in s, at least 0 s; default 86400 s.");
  CHECK(properties["horizon"]["default"] == "86400 s");
  CHECK(properties["seed"]["minimum"] == 0);
  CHECK(properties["seed"]["default"] == 1);
  CHECK(properties["side"]["enum"] == Json({"left", "right"}));
  CHECK(properties["policy"]["enum"].size() == 3);
  CHECK(properties["pools"]["items"]["$ref"] == "#/$defs/pool");
  CHECK(properties.contains("include"));
  CHECK(schema["$defs"].size() == 3);
  CHECK(schema["$defs"]["pool"]["required"] == Json::array({"name"}));
  CHECK(schema["$defs"]["rack"].contains("anyOf"));
  CHECK(json_schema(Sample::description()) == json_schema(Sample::description()));
}

TEST_CASE("Schema and reader agree on what is valid") {
  for (const char* good :
       {"title: x\n", "title: 910\n", "horizon: 30 d\n", "horizon: 1.5e3s\n", "seed: 7\n", "kill: true\n",
        "start: 2025-06-01 07:30\n",
        "pools: [{name: a, link: 50 GB/s, oversubscription: 2:1, rack: 4, from: 2025-01-01}]\n",
        "pools: [{name: a, oversubscription: 1.5, rack: {servers: 2, power: 25 kW/rack}, from: ~}]\n", "pools:\n",
        "quotas: {a: 50 %, b: 0.5, c: 1:4}\n", "sizes: [1 GB, 3 GiB]\n", "cooling: {supply: -4 C}\n", "spare: ~\n",
        "cooling:\n", "policy: easy\n", "scale: 0\n"}) {
    INFO(good);
    CHECK(readable(good));
    CHECK(check(good) == "");
  }
  for (const char* bad : {"titel: x\n", "horizon: 30\n", "horizon: 30 Gbps\n", "horizon: [1]\n", "seed: x\n",
                          "seed: -1\n", "seed: 1.5\n", "kill: yes\n", "start: soon\n", "pools: {name: a}\n",
                          "pools: [{link: 1 Gbps}]\n", "pools: [{name: a, rack: 0}]\n", "quotas: {a: 5 W}\n",
                          "sizes: 3 GB\n", "cooling: 3\n", "policy: none\n", "scale: 101\n", "title: [a]\n"}) {
    INFO(bad);
    CHECK_FALSE(readable(bad));
    CHECK(check(bad) != "");
  }
  CHECK(check("include: [a.yaml, b.yaml]\n") == "");
  CHECK(check("include: {a: b}\n") != "");
}

TEST_CASE("A written struct is valid under its own schema") {
  Sample sample;
  sample.pools.resize(2);
  sample.spare.emplace();
  sample.quotas["a"] = 0.5;
  sample.sizes_gb = {1, 2.5};
  CHECK(check(emit_yaml(write(sample))) == "");
}
