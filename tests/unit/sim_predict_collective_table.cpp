// The reader of case tables: types, defaults, and every mistake with its place.
#include <catch2/catch.hpp>
#include <sstream>

#include "sim/predict/table.hpp"
#include "tests/support/binary.hpp"

using namespace alight;

namespace {

std::string printed(const Diagnostics& diagnostics) {
  std::ostringstream out;
  diagnostics.print(out);
  return out.str();
}

}  // namespace

TEST_CASE("columns are read by name, in any order, with types and defaults") {
  test::Folder folder;
  const auto file = folder / "cases.csv";
  test::write_file(file,
                   "\xef\xbb\xbfnote,ranks,id,bytes,kind,sp\r\n"
                   "\"a, \"\"b\"\"\",8,one,1e6,Ring,1\r\n"
                   "\r\n"
                   ",2,two,NaN,tree,\r\n");
  Diagnostics diagnostics;
  CaseTable table(file, diagnostics);
  const auto id = table.text("id");
  const auto ranks = table.integer("ranks", {.min = 1});
  const auto bytes = table.optional_number("bytes");
  const auto or_five = table.number_or("bytes", 5);
  const auto kind = table.choice("kind", {"ring", "tree"});
  const auto absent = table.integer_or("absent", 7);
  const auto other = table.choice_or("other", {"x", "y"}, 1);
  const auto note = table.optional_text("note", "none");
  const auto flag = table.optional_flag("sp");
  REQUIRE(diagnostics.ok());
  CHECK(table.has("sp"));
  CHECK_FALSE(table.has("absent"));
  REQUIRE(table.next());
  CHECK(table[id] == "one");
  CHECK(table[ranks] == 8);
  CHECK(table[bytes] == 1e6);
  CHECK(table[kind] == 0);
  CHECK(table[absent] == 7);
  CHECK(table[other] == 1);
  CHECK(table[note] == "a, \"b\"");
  CHECK(table[flag] == true);
  REQUIRE(table.next());
  CHECK(table.line() == 4);
  CHECK(table[bytes] == std::nullopt);
  CHECK(table[or_five] == 5);
  CHECK(table[kind] == 1);
  CHECK(table[note] == "none");
  CHECK(table[flag] == std::nullopt);
  CHECK_FALSE(table.next());
  CHECK(diagnostics.ok());
}

TEST_CASE("every missing column is told at once, with the one that may be meant") {
  test::Folder folder;
  const auto file = folder / "cases.csv";
  test::write_file(file, "id,rank,byte\n1,2,3\n");
  Diagnostics diagnostics;
  CaseTable table(file, diagnostics);
  table.text("id");
  table.integer("ranks");
  table.number("bytes");
  REQUIRE(diagnostics.problems().size() == 2);
  CHECK(diagnostics.problems()[0].key == "ranks");
  CHECK(diagnostics.problems()[0].hint == "did you mean \"rank\"?");
  CHECK(printed(diagnostics).find("cases.csv:1:1: bytes: the table has no such column") != std::string::npos);
}

TEST_CASE("every bad cell is told with its line and column") {
  test::Folder folder;
  const auto file = folder / "cases.csv";
  test::write_file(file, "id,ranks,kind,sp\na,8.5,rong,maybe\n,0,ring,1\nb,8\nc,,ring,0\n");
  Diagnostics diagnostics;
  CaseTable table(file, diagnostics);
  const auto id = table.text("id");
  const auto ranks = table.integer("ranks", {.min = 1});
  const auto kind = table.choice("kind", {"ring", "tree"});
  const auto flag = table.optional_flag("sp");
  while (table.next()) {
    (void)table[id];
    (void)table[ranks];
    (void)table[kind];
    (void)table[flag];
  }
  const std::string all = printed(diagnostics);
  INFO(all);
  CHECK(diagnostics.problems().size() == 7);
  CHECK(all.find("cases.csv:2:3: ranks: \"8.5\" is not a whole number of at least 1") != std::string::npos);
  CHECK(all.find("cases.csv:2:7: kind: \"rong\" is not one of ring, tree") != std::string::npos);
  CHECK(all.find("did you mean \"ring\"?") != std::string::npos);
  CHECK(all.find("cases.csv:2:12: sp: \"maybe\" is not 1 or 0") != std::string::npos);
  CHECK(all.find("cases.csv:3:1: id: is empty; expected a text") != std::string::npos);
  CHECK(all.find("cases.csv:3:2: ranks: \"0\" is not") != std::string::npos);
  CHECK(all.find("cases.csv:4:1: fewer cells") != std::string::npos);
  CHECK(all.find("cases.csv:5:3: ranks: is empty; expected a whole number") != std::string::npos);
}

TEST_CASE("what is no table is one problem, and there is nothing to read") {
  test::Folder folder;
  for (const char* bytes : {"", "id,id\n1,2\n"}) {
    test::write_file(folder / "cases.csv", bytes);
    Diagnostics diagnostics;
    CaseTable table(folder / "cases.csv", diagnostics);
    table.text("ranks");
    CHECK_FALSE(table.next());
    CHECK(diagnostics.problems().size() == 1);
  }
  Diagnostics diagnostics;
  CaseTable table(folder / "absent.csv", diagnostics);
  CHECK_FALSE(table.next());
  CHECK(diagnostics.problems().size() == 1);
}
