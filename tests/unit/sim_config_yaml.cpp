#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "models/describe/units.hpp"
#include "sim/config/yaml.hpp"
#include "tests/support/sample_config.hpp"

using namespace alight;

namespace {

std::string problems(std::string_view text) {
  Diagnostics diagnostics;
  parse_yaml(text, "s.yaml", diagnostics);
  std::string out;
  for (const Problem& p : diagnostics.problems()) {
    out += p.where.text() + ": " + (p.key.empty() ? "" : p.key + ": ") + p.message;
    out += (p.hint.empty() ? "" : " | " + p.hint) + '\n';
  }
  return out;
}

Node parsed(std::string_view text) {
  Diagnostics diagnostics;
  auto node = parse_yaml(text, "s.yaml", diagnostics);
  INFO(text);
  REQUIRE(diagnostics.ok());
  REQUIRE(node.has_value());
  return std::move(*node);
}

bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() || a.members.size() != b.members.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  for (std::size_t i = 0; i < a.members.size(); ++i)
    if (a.members[i].key != b.members[i].key || !same(a.members[i].value, b.members[i].value)) return false;
  return true;
}

}  // namespace

TEST_CASE("Every key and value remembers its line and column") {
  const Node root = parsed("a: 1\nsite:\n  pools:\n    - {name: h20,\n       n: 2}\n  rate: 400 Gbps  # fast\n");
  CHECK(root.find("a")->where.text() == "s.yaml:1:4");
  const Node& site = *root.find("site");
  CHECK(root.members[1].where.text() == "s.yaml:2:1");
  CHECK(site.where.text() == "s.yaml:3:3");
  CHECK(site.find("pools")->items[0].find("n")->where.text() == "s.yaml:5:11");
  CHECK(site.find("rate")->text == "400 Gbps");
  CHECK(site.find("rate")->where.text() == "s.yaml:6:9");
}

TEST_CASE("Scalars keep their text, quotes are remembered, and null is null") {
  const Node root = parsed("a: 1:1\nb: '400'\nc:\nd: ~\ne: ''\nf: !!str 12\ng: 200e9\n");
  CHECK(root.find("a")->text == "1:1");
  CHECK_FALSE(root.find("a")->quoted);
  CHECK(root.find("b")->quoted);
  CHECK(root.find("c")->kind == Node::Kind::null);
  CHECK(root.find("d")->kind == Node::Kind::null);
  CHECK(root.find("e")->kind == Node::Kind::scalar);
  CHECK(root.find("f")->quoted);
  CHECK(root.find("g")->text == "200e9");
}

TEST_CASE("Aliases repeat and merge keys fill in") {
  const Node root = parsed("a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, p: 3}\nd: {<<: [*x, {r: 4}]}\n");
  CHECK(root.find("b")->find("q")->text == "2");
  CHECK(root.find("c")->find("p")->text == "3");
  CHECK(root.find("c")->find("q")->text == "2");
  CHECK(root.find("d")->find("r")->text == "4");
}

TEST_CASE("What is wrong with a file is a problem with a place") {
  CHECK(problems("") == "s.yaml:1:1: is empty; expected YAML\n");
  CHECK(problems("# only a comment\n") == "s.yaml:1:1: is empty; expected YAML\n");
  CHECK(problems("a: 1\n b: 2\n").find("s.yaml:2:3: illegal map value | put quotes") == 0);
  CHECK(problems("a: [1, 2\n").find("check the indentation and that every bracket is closed") != std::string::npos);
  CHECK(problems("a: 1\nb: {x: 1, x: 2}\na: 2\n") ==
        "s.yaml:2:11: b.x: is given twice; the first stands in line 2\n"
        "s.yaml:3:1: a: is given twice; the first stands in line 1\n");
  CHECK(problems("a: !series x.csv\n") == "s.yaml:1:4: a: unknown tag \"!series\"; values here carry no tags\n");
  CHECK(problems("a: 1\n---\nb: 2\n").find("holds a second document") != std::string::npos);
  CHECK(problems("a: *x\n").find("s.yaml:1:4: ") == 0);
  CHECK(problems("a: &x [*x]\n").find("stands inside what it repeats") != std::string::npos);
  CHECK(problems("? [a, b]\n: 1\n").find("a key must be a name of at most") != std::string::npos);
  CHECK(problems("<<: 3\na: 1\n").find("to merge") != std::string::npos);
  CHECK(problems(std::string_view("a: 1\nb: \0\n", 10)) == "s.yaml:2:4: is not a UTF-8 text file; expected YAML\n");
  CHECK(problems("a: \xff\n").find("s.yaml:1:4: is not a UTF-8 text file") == 0);
  CHECK(problems("\x1f\x8b\x08").find("it looks gzipped") != std::string::npos);
}

TEST_CASE("Repetition and depth are bounded") {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += (j ? ", *a" : "*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  CHECK(problems(laughs).find("aliases repeat more than") != std::string::npos);
  CHECK(problems("a: " + std::string(100000, '[')).find("nested deeper than 64 levels") != std::string::npos);
  std::string block;
  for (std::size_t i = 0; i < 1000; ++i) block += std::string(i, ' ') + "a:\n";
  CHECK(problems(block).find("nested deeper than 64 levels") != std::string::npos);
  std::string chained = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i)
    chained += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  CHECK(problems(chained).find("nested deeper than 64 levels") != std::string::npos);
}

TEST_CASE("Files that cannot be read are problems") {
  const auto directory = std::filesystem::temp_directory_path();
  Diagnostics diagnostics;
  CHECK_FALSE(read_yaml(directory, diagnostics).has_value());
  CHECK_FALSE(read_yaml(directory / "alight-no-such-file.yaml", diagnostics).has_value());
  CHECK_FALSE(read_yaml("/dev/null", diagnostics).has_value());
  REQUIRE(diagnostics.problems().size() == 3);
  CHECK(diagnostics.problems()[0].message == "is a directory; expected a YAML file");
  CHECK(diagnostics.problems()[1].message == "no such file");
  CHECK(diagnostics.problems()[2].message == "is empty; expected YAML");
}

TEST_CASE("Emitted text reads back as the same tree, and emits as the same text") {
  for (const std::string_view text :
       {"a: 1\n", "[1, 2, [3, {a: b}]]\n", "x\n", "a: {b: [], c: {}, d: ~, e: ''}\n",
        "a:\n  - - 1\n    - 2\n  - b: [x, y]\n    c: {d: e}\n",
        "a: 'true'\nb: '12'\nc: '2025-06-01'\nd: 'null'\ne: '~'\n",
        "a: 'x: y'\nb: 'x #y'\nc: '# x'\nd: '- x'\ne: ' x'\nf: 'x '\ng: \"l1\\nl2\\ttab \\x01 \\\\ \\\"\"\n",
        "'a: b': 1\n'': 2\n'12': 3\n'[x]': 4\n\"<<\": 5\n'*': 6\n", "a: -3 C\nb: 1:1\nc: 50 %\nd: '%x'\ne: 0x10\n",
        "站点: 苏州\nb: \"\xe2\x80\xa8\"\nc: \"\xc2\x85\"\n", "a: |\n  two\n  lines\nb: >\n  folded\n  text\n"}) {
    const Node node = parsed(text);
    const std::string once = emit_yaml(node);
    INFO(once);
    const Node again = parsed(once);
    CHECK(same(node, again));
    CHECK(emit_yaml(again) == once);
  }
}

TEST_CASE("Emitted text is laid out to be read") {
  Node root = Node::mapping();
  root.comment = "A site\nresolved";
  root.add("rate", Node::scalar("400 Gbps"));
  root.find("rate")->comment = "default";
  root.add("pools", Node::sequence({Node::mapping()}));
  root.find("pools")->items[0].add("name", Node::scalar("h20"));
  root.find("pools")->items[0].add("mix", Node::sequence({Node::scalar("a"), Node::scalar("b")}));
  Node text = Node::scalar("910");
  text.quoted = true;
  root.add("title", text);
  root.add("long", Node::sequence(std::vector<Node>(30, Node::scalar("forty"))));
  const std::string out = emit_yaml(root);
  CHECK(out.find("# A site\n# resolved\n"
                 "rate: 400 Gbps  # default\n"
                 "pools:\n"
                 "  - name: h20\n"
                 "    mix: [a, b]\n"
                 "title: \"910\"\n"
                 "long:\n"
                 "  - forty\n") == 0);
}

TEST_CASE("A written struct goes through YAML and back bit for bit") {
  test::Sample sample;
  sample.title = "yes";
  sample.scale = 1.0 / 3;
  sample.quotas = {{"a.b", 0.1}, {"c: d", 1e-300}};
  sample.mix = {"", "null", "- x", "1:1", "苏州"};
  sample.pools.resize(2);
  sample.pools[1].name = "p";
  sample.pools[1].rack.power_kw = 12.3;
  const std::string text = emit_yaml(write(sample));
  Diagnostics diagnostics;
  test::Sample again;
  read(again, parsed(text), "", diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(again.title == "yes");
  CHECK(again.scale == sample.scale);
  CHECK(again.quotas == sample.quotas);
  CHECK(again.mix == sample.mix);
  CHECK(again.pools[1].rack.power_kw == 12.3);
  CHECK(emit_yaml(write(again)) == text);
}
