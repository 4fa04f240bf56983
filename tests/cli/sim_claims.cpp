// The claims in docs/examples/claims: each states its answers in its leading comment, and they still hold.
//
//   # answer: money.cost.electricity / money.cost.total = 0.061
//   # answer, --set site.facility.cooling="cold plate": money.per_chip_hour = 1.78
//
// A path leads into summary.json, entries of a list by number; a value holds within a part in 200.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/binary.hpp"
#include "tests/support/examples.hpp"

using namespace alight::test;

namespace {

struct Answer {
  std::string sets;  ///< as on the command line
  std::string path, per;
  double value = 0;
};

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" \t"));
  text.erase(text.find_last_not_of(" \t") + 1);
  return text;
}

std::vector<Answer> answers_of(const std::string& text) {
  std::vector<Answer> answers;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("#");) {
    if (!line.starts_with("# answer")) continue;
    const std::size_t equal = line.rfind(" = "), colon = line.rfind(": ", equal);
    INFO(line);
    REQUIRE(equal != std::string::npos);
    REQUIRE(colon != std::string::npos);
    Answer answer;
    const std::string head = line.substr(8, colon - 8);
    if (const std::size_t comma = head.find(", "); comma != std::string::npos) answer.sets = head.substr(comma + 2);
    const std::string what = line.substr(colon + 2, equal - colon - 2);
    const std::size_t over = what.find(" / ");
    answer.path = trimmed(what.substr(0, over));
    if (over != std::string::npos) answer.per = trimmed(what.substr(over + 3));
    answer.value = std::stod(line.substr(equal + 3));
    answers.push_back(answer);
  }
  return answers;
}

double value_at(const nlohmann::json& summary, const std::string& path) {
  std::string pointer = "/" + path;
  for (char& c : pointer)
    if (c == '.') c = '/';
  INFO(path);
  const nlohmann::json& found = summary.at(nlohmann::json::json_pointer(pointer));
  REQUIRE(found.is_number());
  return found.get<double>();
}

std::vector<std::filesystem::path> claims() {
  std::vector<std::filesystem::path> files;
  for (const auto& file : example_files())
    if (file.parent_path().filename() == "claims") files.push_back(file);
  return files;
}

}  // namespace

TEST_CASE("every claim has the answer it states") {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log", out = folder.path() / "out";
  REQUIRE(claims().size() >= 9);
  for (const auto& claim : claims()) {
    const std::vector<Answer> answers = answers_of(text_of(claim));
    INFO(claim.filename().string());
    CHECK_FALSE(answers.empty());
    std::map<std::string, nlohmann::json> summaries;
    for (const Answer& answer : answers) {
      if (!summaries.contains(answer.sets)) {
        std::filesystem::remove_all(out);
        const int code =
            alight_exit("run '" + claim.string() + "' " + answer.sets + " --out '" + out.string() + "'", log);
        INFO(answer.sets << "\n" << text_of(log));
        REQUIRE(code == 0);
        summaries[answer.sets] = nlohmann::json::parse(text_of(out / "summary.json"));
      }
      const nlohmann::json& summary = summaries[answer.sets];
      INFO(answer.sets << " " << answer.path << " " << answer.per);
      const double per = answer.per.empty() ? 1 : value_at(summary, answer.per);
      CHECK(value_at(summary, answer.path) / per == Approx(answer.value).epsilon(0.005));
    }
  }
}

TEST_CASE("docs/claims.md has every claim") {
  const std::string page = text_of(std::filesystem::path(ALIGHT_SOURCE_DIR) / "docs" / "claims.md");
  for (const auto& claim : claims()) {
    INFO(claim.filename().string());
    CHECK(page.find("examples/claims/" + claim.filename().string()) != std::string::npos);
  }
}
