// Entries, inheritance, overrides and their mistakes, on trees written here.
#include <catch2/catch.hpp>

#include "platforms/catalogue.hpp"

using namespace alight;

namespace {

Node mapping(std::vector<std::pair<std::string, Node>> members) {
  Node node = Node::mapping();
  for (auto& [key, value] : members) node.add(key, std::move(value));
  return node;
}

Node entry(std::vector<std::pair<std::string, std::string>> texts) {
  Node node = Node::mapping();
  for (auto& [key, value] : texts) node.add(key, Node::scalar(value));
  return node;
}

Node chips(std::vector<std::pair<std::string, Node>> entries) {
  return mapping({{"chips", mapping(std::move(entries))}});
}

std::string first_problem(const Diagnostics& diagnostics) {
  REQUIRE_FALSE(diagnostics.ok());
  return diagnostics.problems().front().key + ": " + diagnostics.problems().front().message + " | " +
         diagnostics.problems().front().hint;
}

const Node kBase = entry({{"vendor", "Maker"},
                          {"bf16", "100 TFLOPS"},
                          {"memory", "16 GB"},
                          {"source", "sheet"},
                          {"confidence", "high"},
                          {"note", "a note"}});

}  // namespace

TEST_CASE("a value is read in its unit and an unknown one is absent") {
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(
      chips({{"One", entry({{"bf16", "0.1 PFLOPS"}, {"memory_bandwidth", "3.35 TB/s"}, {"die", "8.14 cm2"}})}}),
      diagnostics);
  catalogue.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  const Chip* chip = catalogue.find_chip("one");
  REQUIRE(chip);
  CHECK(chip->name == "One");
  CHECK(chip->bf16_tflops == Approx(100));
  CHECK(chip->memory_gbs == Approx(3350));
  CHECK(chip->die_mm2 == Approx(814));
  CHECK_FALSE(chip->tdp_w);
  CHECK_FALSE(chip->memory_gb);
}

TEST_CASE("like takes over all but aliases, prices and note, in any order and over files") {
  Node base = kBase;
  Node price = entry({{"amount", "100 USD"}, {"date", "2024-05"}});
  base.add("prices", Node::sequence({price}));
  base.add("aliases", Node::sequence({Node::scalar("B")}));
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(chips({{"Grandchild", entry({{"like", "Child"}, {"bf16", "50 TFLOPS"}})},
                       {"Child", entry({{"like", "b"}, {"memory", "32 GB"}})}}),
                diagnostics);
  catalogue.add(chips({{"Base", base}}), diagnostics);
  catalogue.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  const Chip* chip = catalogue.find_chip("Grandchild");
  REQUIRE(chip);
  CHECK(chip->vendor == "Maker");
  CHECK(chip->memory_gb == Approx(32));
  CHECK(chip->bf16_tflops == Approx(50));
  CHECK(chip->aliases.empty());
  CHECK(chip->prices.empty());
  CHECK(chip->provenance.note.empty());
  CHECK(chip->provenance.confidence == "high");
  CHECK(chip->provenance.source == "like Child: like Base: sheet");
  CHECK(catalogue.find_chip("B")->prices.size() == 1);
  CHECK(catalogue.chips().names() == std::vector<std::string>{"Grandchild", "Child", "Base"});
}

TEST_CASE("an unknown parent is named with the nearest one") {
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(chips({{"Base", kBase}, {"Child", entry({{"like", "Bsae"}})}}), diagnostics);
  catalogue.resolve(diagnostics);
  CHECK(first_problem(diagnostics) == "chips.Child.like: no entry of chips named \"Bsae\" | did you mean \"Base\"?");
}

TEST_CASE("a circle of parents is a problem, not a hang") {
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(chips({{"A", entry({{"like", "B"}})}, {"B", entry({{"like", "C"}})}, {"C", entry({{"like", "A"}})}}),
                diagnostics);
  catalogue.add(chips({{"Own", entry({{"like", "Own"}})}}), diagnostics);
  catalogue.resolve(diagnostics);
  CHECK(diagnostics.problems().size() == 2);
  CHECK(first_problem(diagnostics).find("circle") != std::string::npos);
}

TEST_CASE("a taken name is a problem unless the entry overrides it") {
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(chips({{"Base", kBase}}), diagnostics);
  SECTION("without override") {
    catalogue.add(chips({{"base", entry({{"memory", "80 GB"}})}}), diagnostics);
    CHECK(first_problem(diagnostics).find("already in the catalogue") != std::string::npos);
  }
  SECTION("with override, the entry starts from what was there") {
    catalogue.add(chips({{"Base", entry({{"override", "true"}, {"memory", "80 GB"}})}}), diagnostics);
    catalogue.resolve(diagnostics);
    REQUIRE(diagnostics.ok());
    CHECK(catalogue.find_chip("Base")->memory_gb == Approx(80));
    CHECK(catalogue.find_chip("Base")->bf16_tflops == Approx(100));
    CHECK(catalogue.chips().entries().size() == 1);
  }
  SECTION("an override of nothing") {
    catalogue.add(chips({{"Bse", entry({{"override", "true"}})}}), diagnostics);
    CHECK(first_problem(diagnostics).find("not there") != std::string::npos);
  }
}

TEST_CASE("aliases are names that nobody else has") {
  Node one = kBase, two = kBase;
  one.add("aliases", Node::sequence({Node::scalar("X")}));
  two.add("aliases", Node::sequence({Node::scalar("x")}));
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(chips({{"One", one}, {"Two", two}}), diagnostics);
  catalogue.resolve(diagnostics);
  CHECK(first_problem(diagnostics).find("\"x\" already names \"One\"") != std::string::npos);
}

TEST_CASE("wrong kinds, keys, units and prices are problems with their key") {
  const auto problem_of = [](Node tree) {
    Catalogue catalogue;
    Diagnostics diagnostics;
    catalogue.add(tree, diagnostics);
    catalogue.resolve(diagnostics);
    return first_problem(diagnostics);
  };
  CHECK(problem_of(mapping({{"chisp", mapping({})}})) ==
        "chisp: the catalogue has no such kind of entry | did you mean \"chips\"?");
  CHECK(problem_of(chips({{"A", entry({{"memroy", "1 GB"}})}})) ==
        "chips.A.memroy: unknown key | did you mean \"memory\"?");
  CHECK(problem_of(chips({{"A", entry({{"memory", "80"}})}})).find("needs a unit of data") != std::string::npos);
  CHECK(problem_of(chips({{"A", entry({{"tdp", "-1 W"}})}})).find("chips.A.tdp") == 0);
  CHECK(problem_of(chips({{"A", entry({{"market", "datacenter"}})}})).find("did you mean \"datacentre\"") !=
        std::string::npos);
  CHECK(problem_of(chips({{"A", entry({{"confidence", "hihg"}})}})).find("did you mean \"high\"") != std::string::npos);
  Node priced = Node::mapping();
  priced.add("prices", Node::sequence({entry({{"amount", "30000 W"}})}));
  CHECK(problem_of(chips({{"A", priced}})).find("is no price") != std::string::npos);
  Node estimated = Node::mapping();
  estimated.add("estimates", Node::sequence({Node::scalar("tpd")}));
  CHECK(problem_of(chips({{"A", estimated}})).find("did you mean \"tdp\"") != std::string::npos);
}

TEST_CASE("a server names a chip of the catalogue, by name or alias") {
  Node base = kBase;
  base.add("aliases", Node::sequence({Node::scalar("B")}));
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(chips({{"Base", base}}), diagnostics);
  catalogue.add(mapping({{"servers", mapping({{"S", entry({{"chip", "b"}})}, {"None", entry({{"chips", "0"}})}})}}),
                diagnostics);
  catalogue.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(catalogue.find_server("S")->chip == "Base");
  CHECK(catalogue.find_server("S")->chips == 8);
  catalogue.add(mapping({{"servers", mapping({{"T", entry({{"chip", "Bae"}})}, {"U", entry({{"chips", "4"}})}})}}),
                diagnostics);
  catalogue.resolve(diagnostics);
  CHECK(diagnostics.problems().size() == 2);
}

TEST_CASE("low confidence is the entry's, or of the keys it calls estimates") {
  Node sure = kBase, unsure = kBase;
  sure.add("estimates", Node::sequence({Node::scalar("memory"), Node::scalar("tdp")}));
  Catalogue catalogue;
  Diagnostics diagnostics;
  for (Member& member : unsure.members)
    if (member.key == "confidence") member.value.text = "low";
  catalogue.add(chips({{"Sure", sure}, {"Unsure", unsure}}), diagnostics);
  catalogue.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(low_confidence(*catalogue.find_chip("Sure")) == std::vector<std::string>{"memory"});
  CHECK(low_confidence(*catalogue.find_chip("Unsure")) ==
        std::vector<std::string>{"vendor", "market", "bf16", "memory"});
}

TEST_CASE("amounts and dates are read from the text people write") {
  CHECK(amount_in("30000 USD", unit("USD")) == Approx(30000));
  CHECK(amount_in("0.36 CNY/kWh", unit("CNY/kWh")) == Approx(0.36));
  CHECK_FALSE(amount_in("12 x10^4 CNY/PFLOPS/year", unit("USD")));
  CHECK(parse_amount("12 x10^4 CNY/PFLOPS/year")->unit == "x10^4 CNY/PFLOPS/year");
  CHECK(parse_amount("0.5")->unit.empty());
  CHECK_FALSE(parse_amount("about 3 USD"));
  CHECK(first_date("2023") == parse_date("2023-01-01"));
  CHECK(first_date("2025-26") == parse_date("2025-01-01"));
  CHECK(first_date("2023-10 to 2023-12") == parse_date("2023-10-01"));
  CHECK(first_date("2026-03-17") == parse_date("2026-03-17"));
  CHECK_FALSE(first_date("recently"));
}
