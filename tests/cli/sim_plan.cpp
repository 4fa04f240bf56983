// `alight plan` as it is typed: equal chips, mixed chips, mistakes, interruption.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/support/binary.hpp"

using namespace alight::test;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("plan ranks the layouts of equal chips and writes all of them") {
  const Folder folder;
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"plan", "Llama-2-7B", "--chips", "32 x A100 SXM4 80GB", "--global-batch", "64",
                                "--sequence", "4096", "--top", "3", "--out", "all.csv"},
                               folder.path(), 60);
  INFO(o.text());
  REQUIRE(o.code == 0);
  CHECK(holds(o.out, "layouts looked at"));
  CHECK(holds(o.out, "out: "));
  CHECK(holds(o.out, "memory"));
  CHECK(holds(o.out, "the fastest: compute"));
  const auto rows = lines_of(text_of(folder / "all.csv"));
  REQUIRE(rows.size() > 1000);
  const auto commas = std::count(rows[0].begin(), rows[0].end(), ',');
  for (const std::string& row : rows) REQUIRE(std::count(row.begin(), row.end(), ',') == commas);
  CHECK(rows[1].substr(0, 5) == "1,ok,");
  CHECK(holds(rows.back(), ",out_of_memory,"));
  CHECK(holds(rows.back(), ",complete"));
  // The same again, on one thread, byte for byte.
  const Outcome again = run_binary(ALIGHT_BINARY,
                                   {"plan", "Llama-2-7B", "--chips", "32 x A100 SXM4 80GB", "--global-batch", "64",
                                    "--sequence", "4096", "--top", "3", "--threads", "1", "--out", "again.csv"},
                                   folder.path(), 60);
  CHECK(again.out == o.out);
  CHECK(text_of(folder / "again.csv") == text_of(folder / "all.csv"));
}

TEST_CASE("plan shows the best, the naive layout and the staves of a mixed pool") {
  const Folder folder;
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"plan", "llama-2-7b", "--chips", "32 x Ascend 910B3 + 32 x H20 96GB", "--global-batch",
                                "256", "--inter", "25 GB/s staged", "--out", "mixed.csv"},
                               folder.path(), 60);
  INFO(o.text());
  REQUIRE(o.code == 0);
  for (const char* part :
       {"alone     Ascend 910B3", "alone     H20 96GB", "best ", "naive ", "bucket effect   eta_bucket", "eta_mix",
        "recovery", "shortest stave", "25 GB/s a chip, copied through the hosts"})
    CHECK(holds(o.out, part));
  const auto rows = lines_of(text_of(folder / "mixed.csv"));
  const auto count = [&](const std::string& record) {
    return std::count_if(rows.begin(), rows.end(),
                         [&](const std::string& row) { return row.starts_with(record + ","); });
  };
  CHECK(count("alone") == 2);
  CHECK(count("best") == 2);
  CHECK(count("naive") == 2);
  CHECK(count("lift") > 0);
}

TEST_CASE("a pool named twice is one kind") {
  const Folder folder;
  const auto out = [&](const char* chips) {
    const Outcome o =
        run_binary(ALIGHT_BINARY, {"plan", "Llama-2-7B", "--chips", chips, "--global-batch", "64"}, folder.path(), 60);
    INFO(o.text());
    CHECK(o.code == 0);
    return o.out;
  };
  CHECK(out("16 x H20 96GB + 16x H20 96GB") == out("32 x H20 96GB"));
}

TEST_CASE("plan names every mistake at once, with what was meant") {
  const Folder folder;
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"plan", "Llama-2-7C", "--chips", "32 x H21 + 8 A100 + 4 x H20 96GB [fp9]",
                                "--global-batch", "0", "--precision", "bf17", "--inter", "25 apples"},
                               folder.path());
  INFO(o.text());
  CHECK(o.code == 2);
  CHECK(o.out.empty());
  for (const char* part :
       {"MODEL: no model named \"Llama-2-7C\"", "no chip named \"H21\"", "\"8 A100\" is no number of chips",
        "\"fp9\" is no precision", "--global-batch: 0 is out of range", "--precision: no precision named \"bf17\"",
        "did you mean", "\"25 apples\" is no rate", "7 errors, nothing was run"})
    CHECK(holds(o.err, part));
}

TEST_CASE("what does not fit says how much is missing; a file that cannot be written is an error") {
  const Folder folder;
  const Outcome o = run_binary(
      ALIGHT_BINARY, {"plan", "Llama-2-70B", "--chips", "2 x A100 SXM4 80GB", "--global-batch", "8"}, folder.path());
  CHECK(o.code == 0);
  CHECK(holds(o.out, "nothing fits; the leanest layout needs"));
  const Outcome bad = run_binary(
      ALIGHT_BINARY,
      {"plan", "Llama-2-7B", "--chips", "8 x A100 SXM4 80GB", "--global-batch", "8", "--out", "nowhere/all.csv"},
      folder.path());
  CHECK(bad.code == 2);
  CHECK(holds(bad.err, "--out: nowhere/all.csv cannot be written"));
}

TEST_CASE("an interrupted search leaves a whole file that says so") {
  const Folder folder;
  bool sent = false;
  const auto begin = std::chrono::steady_clock::now();
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"plan", "DeepSeek-V3", "--chips", "110880 x H100 SXM5 80GB", "--global-batch", "110880",
                                "--threads", "1", "--out", "part.csv"},
                               folder.path(), 60, [&](pid_t child) {
                                 if (sent || std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(1000))
                                   return;
                                 sent = true;
                                 kill(child, SIGINT);
                               });
  INFO(o.text());
  REQUIRE(sent);
  CHECK(o.code == 130);
  CHECK(holds(o.out, "interrupted"));
  const std::string text = text_of(folder / "part.csv");
  REQUIRE_FALSE(text.empty());
  CHECK(text.back() == '\n');
  CHECK_FALSE(std::filesystem::exists(folder / "part.csv.part"));
  const auto rows = lines_of(text);
  for (std::size_t i = 1; i < rows.size(); ++i) REQUIRE(rows[i].ends_with(",interrupted"));
}
