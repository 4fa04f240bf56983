#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "sim/config/include.hpp"
#include "sim/config/yaml.hpp"

using namespace alight;
namespace fs = std::filesystem;

namespace {

/// Files in a directory of their own, gone with it.
class Files {
 public:
  explicit Files(const std::map<std::string, std::string>& files)
      : root_(fs::temp_directory_path() / ("alight-include-" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    for (const auto& [name, text] : files) {
      fs::create_directories((root_ / name).parent_path());
      std::ofstream(root_ / name) << text;
    }
  }
  ~Files() { fs::remove_all(root_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  fs::path operator/(const std::string& name) const { return root_ / name; }

  /// `text` without the directory's name.
  std::string brief(std::string text) const {
    const std::string prefix = root_.string() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }

 private:
  fs::path root_;
};

std::string problems(const Files& files, const std::string& name) {
  Diagnostics diagnostics;
  load_config(files / name, diagnostics);
  std::string out;
  for (const Problem& p : diagnostics.problems())
    out += p.where.text() + ": " + p.key + ": " + p.message + (p.hint.empty() ? "" : " | " + p.hint) + '\n';
  return files.brief(out);
}

}  // namespace

TEST_CASE("Mappings merge, later files win, the including file wins, lists replace") {
  const Files files({{"s.yaml", "include: [sub/a.yaml, b.yaml]\nx: {p: 0}\nown: 1\n"},
                     {"sub/a.yaml", "include: c.yaml\nx: {p: 1, q: 1, r: 1}\nl: [1, 2]\n"},
                     {"sub/c.yaml", "x: {s: 9, r: 9}\nc: 9\n"},
                     {"b.yaml", "x: {q: 2}\nl: [3]\n"}});
  Diagnostics diagnostics;
  const auto loaded = load_config(files / "s.yaml", diagnostics);
  REQUIRE(diagnostics.ok());
  REQUIRE(loaded.has_value());
  CHECK(emit_yaml(loaded->root) == "x:\n  s: 9\n  r: 1\n  p: 0\n  q: 2\nc: 9\nl: [3]\nown: 1\n");
  const Node& x = *loaded->root.find("x");
  CHECK(files.brief(x.find("s")->where.text()) == "sub/c.yaml:1:8");
  CHECK(files.brief(x.find("q")->where.text()) == "b.yaml:1:8");
  CHECK(files.brief(x.find("p")->where.text()) == "s.yaml:2:8");
  REQUIRE(loaded->files.size() == 4);
  CHECK(files.brief(loaded->files[2].string()) == "sub/c.yaml");
}

TEST_CASE("The same file may be included on two ways") {
  const Files files({{"s.yaml", "include: [a.yaml, b.yaml]\n"},
                     {"a.yaml", "include: c.yaml\na: 1\n"},
                     {"b.yaml", "include: c.yaml\nb: 1\n"},
                     {"c.yaml", "c: 1\n"}});
  CHECK(problems(files, "s.yaml").empty());
}

TEST_CASE("A circle of files is a problem that names the chain") {
  const Files files({{"s.yaml", "include: [a.yaml]\n"},
                     {"a.yaml", "x: 1\ninclude:\n  - sub/../b.yaml\n"},
                     {"b.yaml", "include: ./a.yaml\n"},
                     {"self.yaml", "include: self.yaml\n"}});
  CHECK(problems(files, "s.yaml") ==
        "b.yaml:1:10: include: files include each other in a circle: a.yaml -> b.yaml -> a.yaml\n");
  CHECK(problems(files, "self.yaml") ==
        "self.yaml:1:10: include: files include each other in a circle: self.yaml -> self.yaml\n");
}

TEST_CASE("What cannot be included is a problem, and the rest is read") {
  const Files files({{"s.yaml", "include: [pricse.yaml, list.yaml, broken.yaml, [x], '', good.yaml]\n"},
                     {"prices.yaml", "a: 1\n"},
                     {"list.yaml", "- 1\n"},
                     {"broken.yaml", "a: [\n"},
                     {"good.yaml", "g: 1\n"},
                     {"map.yaml", "include: {a: b}\n"},
                     {"none.yaml", "include:\na: 1\n"}});
  const std::string all = problems(files, "s.yaml");
  CHECK(all.find("s.yaml:1:11: include[0]: no file \"pricse.yaml\" | did you mean \"prices.yaml\"?\n") !=
        std::string::npos);
  CHECK(all.find("list.yaml:1:1: : an included file must be a mapping of keys\n") != std::string::npos);
  CHECK(all.find("broken.yaml:") != std::string::npos);
  CHECK(all.find("include[3]: expected the name of a file\n") != std::string::npos);
  CHECK(all.find("include[4]: expected the name of a file\n") != std::string::npos);
  CHECK(problems(files, "map.yaml").find("expected a file name or a list of them") != std::string::npos);
  CHECK(problems(files, "none.yaml").empty());
  Diagnostics diagnostics;
  CHECK(load_config(files / "s.yaml", diagnostics)->root.find("g"));
}

TEST_CASE("Includes that double at every level are bounded") {
  std::map<std::string, std::string> doubling;
  for (int i = 0; i < 30; ++i) {
    const std::string next = std::to_string(i + 1) + ".yaml";
    doubling[std::to_string(i) + ".yaml"] = "include: [" + next + ", " + next + "]\n";
  }
  doubling["30.yaml"] = "a: 1\n";
  const Files files(doubling);
  const std::string all = problems(files, "0.yaml");
  CHECK(all.find("more than 1000 files are included") != std::string::npos);
  CHECK(std::count(all.begin(), all.end(), '\n') == 1);
}

TEST_CASE("A text includes relative to the directory it is given") {
  const Files files(std::map<std::string, std::string>{{"sub/a.yaml", "a: 1\n"}});
  Diagnostics diagnostics;
  const auto loaded = load_config_text("include: a.yaml\nb: 2\n", "built-in", files / "sub", diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(emit_yaml(loaded->root) == "a: 1\nb: 2\n");
}

TEST_CASE("A file named by a value lies beside the file it was written in") {
  const auto in = [](const char* file) { return Location{std::make_shared<const std::string>(file), 1, 1}; };
  CHECK(path_beside("x.csv", in("a/b/s.yaml")) == fs::path("a/b/x.csv"));
  CHECK(path_beside("../x.csv", in("a/b/s.yaml")) == fs::path("a/x.csv"));
  CHECK(path_beside("/x.csv", in("a/b/s.yaml")) == fs::path("/x.csv"));
  CHECK(path_beside("x.csv", in("s.yaml")) == fs::path("x.csv"));
  CHECK(path_beside("x.csv", in("--set f=a/x.csv")) == fs::path("x.csv"));
  CHECK(path_beside("x.csv", {}) == fs::path("x.csv"));
}
