// The schema and the reference page that are checked in are those of this build, and every example is valid by it.
#include <catch2/catch.hpp>

#include "sim/config/reference.hpp"
#include "sim/config/schema.hpp"
#include "sim/config/yaml.hpp"
#include "sim/scenario/scenario.hpp"
#include "tests/support/examples.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/schema_check.hpp"

using namespace alight;
using namespace alight::test;

TEST_CASE("docs/scenario.schema.json is what alight schema prints") {
  CHECK(golden_difference(json_schema(Scenario::description()), "docs/scenario.schema.json") == "");
}

TEST_CASE("docs/reference.md is what alight reference prints") {
  CHECK(golden_difference(reference_markdown(Scenario::description()), "docs/reference.md") == "");
}

TEST_CASE("Every example is valid by the schema") {
  const Json schema = Json::parse(json_schema(Scenario::description()));
  for (const auto& example : example_files()) {
    INFO(example.string());
    Diagnostics diagnostics;
    const auto tree = read_yaml(example, diagnostics);
    REQUIRE(diagnostics.ok());
    CHECK(schema_problem(json_of(*tree), schema, schema) == "");
  }
}

TEST_CASE("Nothing is required of an entry of the catalogue, since it may say only what differs") {
  const Json schema = Json::parse(json_schema(Scenario::description()));
  for (const auto& [kind, field] : schema.at("$defs").at("catalogue").at("properties").items()) {
    INFO(kind);
    const std::string entry = field.at("additionalProperties").at("anyOf").at(0).at("$ref");
    CHECK_FALSE(schema.at("$defs").at(entry.substr(std::string("#/$defs/").size())).contains("required"));
  }
}
