// The schema and the reference page that are checked in are those of this build, and every example is valid by it.
#include <catch2/catch.hpp>

#include "sim/config/schema.hpp"
#include "sim/config/yaml.hpp"
#include "sim/scenario/scenario.hpp"
#include "tests/support/examples.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/schema_check.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string printed(const std::string& command) {
  const TemporaryFolder folder;
  const auto out = folder.path() / "out";
  REQUIRE(alight_exit(command, out) == 0);
  return text_of(out);
}

// Targets of [text](target) that are files: no addresses, no anchors.
std::vector<std::string> linked_files(const std::string& markdown) {
  std::vector<std::string> files;
  for (std::size_t at = markdown.find("]("); at != std::string::npos; at = markdown.find("](", at + 2)) {
    const std::string target = markdown.substr(at + 2, markdown.find_first_of(")\n", at) - at - 2);
    const std::string file = target.substr(0, target.find('#'));
    if (!file.empty() && file.find("://") == std::string::npos) files.push_back(file);
  }
  return files;
}

}  // namespace

TEST_CASE("docs/scenario.schema.json is what alight schema prints") {
  CHECK(golden_difference(printed("schema"), "docs/scenario.schema.json") == "");
}

TEST_CASE("docs/reference.md is what alight reference prints") {
  CHECK(golden_difference(printed("reference"), "docs/reference.md") == "");
}

TEST_CASE("Every link of the documentation leads to a file") {
  const std::filesystem::path top = ALIGHT_SOURCE_DIR;
  std::vector<std::filesystem::path> pages = {top / "README.md", top / "CHANGELOG.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top / "docs"))
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  for (const auto& page : pages)
    for (const std::string& file : linked_files(text_of(page))) {
      INFO(page.string() << " -> " << file);
      CHECK(std::filesystem::exists(page.parent_path() / file));
    }
}

TEST_CASE("docs/first-scenario.md shows what its scenario gives") {
  const std::string page = text_of(std::filesystem::path(ALIGHT_SOURCE_DIR) / "docs" / "first-scenario.md");
  const std::string fence = "```yaml\n";
  const std::size_t begin = page.find(fence) + fence.size();
  const TemporaryFolder folder;
  const auto file = folder.path() / "first.yaml", log = folder.path() / "log";
  std::ofstream(file) << page.substr(begin, page.find("```", begin) - begin);
  REQUIRE(alight_exit("run '" + file.string() + "' --out '" + folder.path().string() + "'", log) == 0);
  std::string shown = text_of(folder.path() / "summary.txt");
  shown.erase(0, shown.find('\n') + 1);  // on a terminal this line ends in the time taken
  REQUIRE(alight_exit("check '" + file.string() + "'", log) == 0);
  std::istringstream lines(shown + text_of(log));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(page.find(line + '\n') != std::string::npos);
  }
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
