// What people read at the end of a run, for three examples. Any change of a number here is a change of the model.
#include <catch2/catch.hpp>

#include "tests/support/examples.hpp"
#include "tests/support/golden.hpp"

using namespace alight::test;

namespace {

std::string difference(const std::string& example) {
  const TemporaryFolder folder;
  const auto file = examples_folder() / (example + ".yaml");
  const auto log = folder.path() / "log";
  if (alight_exit("run '" + file.string() + "' --out '" + folder.path().string() + "'", log) != 0) return text_of(log);
  return golden_difference(text_of(folder.path() / "summary.txt"), "tests/golden/summaries/" + example + ".txt");
}

}  // namespace

TEST_CASE("Summary of the default scenario") {
  CHECK(difference("default") == "");
}

TEST_CASE("Summary of two software stacks, one of them dark") {
  CHECK(difference("mixed-stacks") == "");
}

TEST_CASE("Summary that names the guesses it rests on") {
  CHECK(difference("own-chip") == "");
}
