// Whatever is done to a valid file, reading it never throws: it is read, or at least one problem says why not and
// where.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/config/include.hpp"
#include "sim/config/overrides.hpp"
#include "sim/config/yaml.hpp"
#include "tests/support/sample_config.hpp"

using namespace alight;
using namespace alight::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kValid = R"(# What a valid file looks like.
title: mixed
seed: 7
horizon: 30 d
scale: 0.4
kill: true
side: right
policy: easy
start: 2025-06-01
pools:
  - {name: h20, link: 400 Gbps, oversubscription: 2:1, rack: {servers: 4, power: 25 kW/rack}}
  - name: p800
    link: 50 GB/s
    rack: 8
    from: 2025-07-01 07:30
mix: &mix [h20, p800]
sizes: [141 GB, 1 TiB]
quotas: {vc-a: 50 %, vc-b: 0.5}
cooling:
  supply: 24 C
  limit: 95 F
spare: ~
)";

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state_ >> 33U) % n);
  }

 private:
  std::uint64_t state_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return out;
}

/// Reads `text` to the end and returns whether it was valid; every problem must say where it is.
bool outcome(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Diagnostics diagnostics;
  Sample sample;
  auto root = parse_yaml(text, "s.yaml", diagnostics);
  if (root) {
    apply_overrides(*root, overrides, diagnostics);
    read(sample, *root, "", diagnostics);
    const std::string once = emit_yaml(*root);
    Diagnostics unused;
    const auto again = parse_yaml(once, "again", unused);
    REQUIRE(unused.ok());
    CHECK(emit_yaml(*again) == once);
  } else {
    REQUIRE_FALSE(diagnostics.ok());
  }
  for (const Problem& problem : diagnostics.problems()) {
    CHECK_FALSE(problem.where.text().empty());
    CHECK_FALSE(problem.message.empty());
    CHECK(problem.message.size() < 2000);
  }
  std::ostringstream out;
  diagnostics.print(out);
  if (diagnostics.ok()) {
    // What was read can be written and read again without loss.
    const std::string resolved = emit_yaml(write(sample));
    Diagnostics second;
    Sample twin;
    read(twin, *parse_yaml(resolved, "resolved.yaml", second), "", second);
    CHECK(second.ok());
    CHECK(emit_yaml(write(twin)) == resolved);
  }
  return diagnostics.ok();
}

/// `kValid` with the value of the line that begins with `key` replaced.
std::string with_value(const std::string& key, const std::string& value) {
  auto lines = lines_of(kValid);
  for (std::string& line : lines)
    if (const auto at = line.find(key + ':'); at == line.find_first_not_of(" -"))
      line = line.substr(0, at) + key + ": " + value;
  return joined(lines);
}

}  // namespace

TEST_CASE("The file that is about to be mutated is valid") {
  CHECK(outcome(kValid));
}

TEST_CASE("A mistyped key is always a problem") {
  const auto lines = lines_of(kValid);
  int mutated = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    if (lines[i].front() == '#' || colon == std::string::npos || lines[i].find('{') < colon) continue;
    for (const char c : {'z', '_', 'Q'}) {
      auto wrong = lines;
      wrong[i].insert(colon, 1, c);
      INFO(wrong[i]);
      CHECK_FALSE(outcome(joined(wrong)));
      ++mutated;
    }
  }
  CHECK(mutated > 40);
}

TEST_CASE("A value of the wrong kind, unit, sign or size is a problem") {
  struct Wrong {
    const char* key;
    std::vector<const char*> values;
  };
  const std::vector<const char*> never{"[1, [2]]", "{a: b}", "nan", ".nan", "inf", "-.inf",
                                       "1e999",    "!x 1",   "\"",  "[",    "}",   "*no"};
  const std::vector<Wrong> table{
      {"seed", {"x", "1.5", "-1", "99999999999999999999", "1e300", "'7'", "true", "0x10", "7 s"}},
      {"horizon", {"30", "-3 h", "3 W", "h", "3 H", "1e308 year", "d 30", "30 d 2", "-0.1 s"}},
      {"scale", {"-1", "101", "0.4 s", "50 %", "'1'", "x", "1e400"}},
      {"kill", {"yes", "1", "'true'", "TRUE", "x"}},
      {"side", {"up", "RIGHT", "1"}},
      {"policy", {"best", "easy2", "1"}},
      {"start", {"2025-02-29", "tomorrow", "2025", "2025-06-01T25:00", "0"}},
      {"link", {"0 Gbps", "-1 Gbps", "400", "400 gbps", "1e9 Tbps", "x"}},
      {"rack", {"0", "65", "{servers: 0}", "{server: 4}", "{power: 3 kW}", "x"}},
      {"from", {"soon", "2025-13-01"}},
      {"supply", {"24", "24 c", "24 W", "cold"}},
      {"limit", {"-40 C", "1 K"}},
      {"mix", {"h20", "[[a]]", "[~]", "[{a: b}]"}},
      {"sizes", {"3 GB", "[3]", "[-1 GB]", "[3 Gbps]"}},
      {"quotas", {"50 %", "[50 %]", "{a: 2}", "{a: -1 %}", "{a: b}"}},
  };
  int mutated = 0;
  for (const auto& [key, values] : table) {
    for (const char* value : values) {
      INFO(key << ": " << value);
      CHECK_FALSE(outcome(with_value(key, value)));
      ++mutated;
    }
    for (const char* value : never) {
      INFO(key << ": " << value);
      const bool is_list = std::string(key) == "mix" && std::string(value) != "[1, [2]]" && value[0] != '{';
      if (!is_list) CHECK_FALSE(outcome(with_value(key, value)));
      ++mutated;
    }
  }
  CHECK(mutated > 200);
}

TEST_CASE("A file cut off anywhere is read or refused with a place") {
  const std::string text = kValid;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    INFO("cut at " << i);
    outcome(text.substr(0, i));
  }
}

TEST_CASE("Random bytes, swaps and repeats never get through unnoticed or crash") {
  Random random(20250601);
  for (int round = 0; round < 1500; ++round) {
    std::string text = kValid;
    const std::size_t edits = 1 + random.below(4);
    for (std::size_t e = 0; e < edits && !text.empty(); ++e) {
      const std::size_t at = random.below(text.size());
      constexpr std::string_view kNasty = "[]{}:,#&*!|>'\"%@`-?~\n\t \\<=0.e";
      switch (random.below(6)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text[at] = kNasty[random.below(kNasty.size())];
          break;
        case 2:
          text.insert(at, 1, kNasty[random.below(kNasty.size())]);
          break;
        case 3:
          text.erase(at, 1 + random.below(20));
          break;
        case 4:
          text.insert(at, text.substr(random.below(text.size()), random.below(60)));
          break;
        default:
          std::swap(text[at], text[random.below(text.size())]);
          break;
      }
    }
    INFO("round " << round << "\n" << text);
    outcome(text);
  }
}

TEST_CASE("Bytes that are no text are refused") {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bytes;
    for (std::size_t n = 1 + random.below(4000); n > 0; --n) bytes += static_cast<char>(random.below(256));
    outcome(bytes);
  }
  CHECK_FALSE(outcome(std::string("title: a\0b\n", 11)));
  CHECK_FALSE(outcome("\x1f\x8b\x08\x00"));
  CHECK_FALSE(
      outcome("\xff\xfe"
              "t\0i\0"));
}

TEST_CASE("Nesting and repetition of any kind are bounded") {
  for (const char* open : {"[", "{a: ", "- ", "? ", "[[", "[{a: ", "{? ", "!x [", "&a ["}) {
    for (const std::size_t n : {10U, 63U, 64U, 65U, 100U, 1000U, 20000U}) {
      std::string text = "mix: ";
      if (open[0] == '-' || open[0] == '?') text.clear();
      for (std::size_t i = 0; i < n; ++i) text += open;
      INFO(open << " x " << n);
      CHECK_FALSE(outcome(text));
      CHECK_FALSE(outcome(text + "x"));
    }
  }
  CHECK_FALSE(outcome("mix: " + std::string(50, '[') + std::string(50, ']')));
  CHECK(outcome("title: " + std::string(100000, 'x')));
  CHECK_FALSE(outcome(std::string(100000, 'x') + ": 1"));
  CHECK_FALSE(outcome("? " + std::string(2000, 'x') + "\n: 1"));
}

TEST_CASE("Overrides of any form are applied or refused") {
  Random random(42);
  const std::vector<std::string> parts{"pools", "[0]",  "[1]", "[9]", ".",       "link",   "=",      "400 Gbps",
                                       "[",     "]",    "\"",  "{",   "cooling", "supply", "quotas", "a.b",
                                       "=",     "null", "&",   "*",   "!",       "-1",     " ",      ":"};
  for (int round = 0; round < 1000; ++round) {
    std::string assignment;
    for (std::size_t n = random.below(9); n > 0; --n) assignment += parts[random.below(parts.size())];
    INFO(assignment);
    outcome(kValid, {assignment});
  }
  CHECK(outcome(kValid, {"pools[0].link=100 Gbps", "quotas.\"a.b\"=5 %"}));
}

TEST_CASE("Cycles and broken links among files end in a problem") {
  const fs::path root = fs::temp_directory_path() / ("alight-mutations-" + std::to_string(::getpid()));
  fs::create_directories(root);
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    // Five files, each including a few of the five at random, by various spellings; and one that is not there.
    for (int i = 0; i < 5; ++i) {
      std::ofstream file(root / ("f" + std::to_string(i) + ".yaml"));
      file << "include: [";
      for (std::size_t n = random.below(3); n > 0; --n)
        file << (random.below(2) ? "./f" : "../" + root.filename().string() + "/f") << random.below(6) << ".yaml, ";
      file << "]\nseed: " << i << "\nquotas: {q" << i << ": 0.1}\n";
    }
    Diagnostics diagnostics;
    auto loaded = load_config(root / "f0.yaml", diagnostics);
    REQUIRE(loaded.has_value());
    Sample sample;
    read(sample, loaded->root, "", diagnostics);
    CHECK(sample.seed == 0);
    for (const Problem& problem : diagnostics.problems()) CHECK(problem.where.line > 0);
  }
  fs::remove_all(root);
}
