#include <catch2/catch.hpp>

#include "sim/config/overrides.hpp"
#include "sim/config/yaml.hpp"
#include "tests/support/sample_config.hpp"

using namespace alight;

namespace {

constexpr const char* kBase = "a: {b: [{c: 1}, {c: 2}], d: x}\ne: ~\n";

std::string set(const std::vector<std::string>& assignments) {
  Diagnostics diagnostics;
  Node root = *parse_yaml(kBase, "s.yaml", diagnostics);
  apply_overrides(root, assignments, diagnostics);
  if (diagnostics.ok()) return emit_yaml(root);
  std::string out;
  for (const Problem& p : diagnostics.problems()) out += p.where.text() + ": " + p.key + ": " + p.message + '\n';
  return out;
}

}  // namespace

TEST_CASE("An override replaces values, reaches into lists, and makes mappings on the way") {
  CHECK(set({"a.b[1].c=7"}) == "a:\n  b:\n    - c: 1\n    - c: 7\n  d: x\ne: null\n");
  CHECK(set({"a=[1, 2]", "f.g.h=3"}) == "a: [1, 2]\ne: null\nf:\n  g:\n    h: 3\n");
  CHECK(set({"e.x=1", "a={p: {q: 1}}"}) == "a:\n  p:\n    q: 1\ne:\n  x: 1\n");
  CHECK(set({"a=", "e=null"}) == "a: null\ne: null\n");
  CHECK(set({"a.b[0]=x", "a.b[1]=y"}) == "a:\n  b: [x, y]\n  d: x\ne: null\n");
  CHECK(set({"a=1", "\"k.l=m\".z=2"}) == "a: 1\ne: null\nk.l=m:\n  z: 2\n");
}

TEST_CASE("Plain values are taken as they stand, quoted ones as YAML") {
  Diagnostics diagnostics;
  Node root = Node::mapping();
  apply_overrides(root, {"f=/data/x: y #1.csv", "r=400 Gbps", "q=\"12\"", "e=a=b", " s = t "}, diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(root.find("f")->text == "/data/x: y #1.csv");
  CHECK(root.find("r")->text == "400 Gbps");
  CHECK(root.find("q")->text == "12");
  CHECK(root.find("q")->quoted);
  CHECK(root.find("e")->text == "a=b");
  CHECK(root.find("s")->text == "t");
  CHECK(root.find("s")->where.text() == "--set  s = t ");
  CHECK(is_override(root.find("s")->where));
}

TEST_CASE("An override that leads nowhere is a problem that names itself") {
  CHECK(set({"a.b[2].c=1"}) == "--set a.b[2].c=1: a.b: has 2 items, numbered from 0; there is no [2]\n");
  CHECK(set({"a.d[0]=1"}) == "--set a.d[0]=1: a.d: is \"x\", not a list\n");
  CHECK(set({"a.d.f=1"}) == "--set a.d.f=1: a.d: is \"x\", it has no key \"f\"\n");
  CHECK(set({"a.b.c=1"}) == "--set a.b.c=1: a.b: is a list, it has no key \"c\"\n");
  CHECK(set({"zz[0]=1"}) == "--set zz[0]=1: zz: has no value, not a list\n");
  CHECK(set({"a"}) == "--set a: a: expected key=value, e.g. --set seed=7\n");
  for (const char* key : {"", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "[0]", "a.[0]", "a]b.", "\"a\".",
                          "a[99999999999999999999]"}) {
    INFO(key);
    CHECK(set({std::string(key) + "=1"}).find(": is not a key: ") != std::string::npos);
  }
  CHECK(set({"a.b[]=1"}).find("there is no []") != std::string::npos);
  CHECK(set({"a=[1"}).find("--set a=[1: a: the value is not YAML: ") == 0);
  CHECK(set({"a=!x 1"}).find("unknown tag") != std::string::npos);
}

TEST_CASE("What reading finds wrong with an override points at the override") {
  Diagnostics diagnostics;
  Node root = Node::mapping();
  apply_overrides(root, {"horizon=3", "seeed=3", "cooling.supply=40 C"}, diagnostics);
  test::Sample sample;
  read(sample, root, "", diagnostics);
  REQUIRE(diagnostics.problems().size() == 3);
  CHECK(diagnostics.problems()[0].where.text() == "--set horizon=3");
  CHECK(diagnostics.problems()[1].where.text() == "--set seeed=3");
  CHECK(diagnostics.problems()[2].key == "cooling.limit");
  CHECK(diagnostics.problems()[2].where.text() == "--set cooling.supply=40 C");
}
