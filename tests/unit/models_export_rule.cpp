// The export rule on parts made up for each branch, and its arithmetic by hand.
#include <catch2/catch.hpp>

#include "models/export_rule.hpp"

using namespace alight;

namespace {

const ExportRule& rule() {
  return export_rules().back();
}

ExportFinding judge(double bf16, std::optional<double> die, bool datacentre = true) {
  ExportFigures chip;
  chip.bf16_tflops = bf16;
  chip.die_mm2 = die;
  chip.datacentre = datacentre;
  return apply(rule(), chip);
}

}  // namespace

TEST_CASE("TPP is the largest rate times its bit length") {
  ExportFigures chip;
  CHECK_FALSE(total_processing_performance(chip));
  chip.bf16_tflops = 100;  // 1600
  CHECK(total_processing_performance(chip) == Approx(1600));
  chip.int8_tops = 400;  // 3200
  CHECK(total_processing_performance(chip) == Approx(3200));
  chip.fp4_tflops = 900;  // 3600
  CHECK(total_processing_performance(chip) == Approx(3600));
  chip.fp64_tflops = 60;  // 3840
  CHECK(total_processing_performance(chip) == Approx(3840));
  CHECK_FALSE(performance_density(chip));
  chip.die_mm2 = 640;
  CHECK(performance_density(chip) == Approx(6));
}

TEST_CASE("3A090.a counts from TPP 4800 whatever the die") {
  CHECK(judge(300, std::nullopt).status == ExportStatus::controlled);  // 300 TFLOPS x 16 = 4800
  CHECK(judge(300, 100000).paragraph == "3A090.a");
  CHECK(judge(299.9, 100000).status == ExportStatus::not_controlled);
}

TEST_CASE("3A090.a counts from TPP 1600 where density reaches 5.92") {
  CHECK(judge(100, 1600 / 5.92 - 0.1).paragraph == "3A090.a");
  CHECK(judge(100, 1600 / 5.92 + 0.1).paragraph == "3A090.b");  // density just below 5.92, above 3.2
  CHECK(judge(99, 100).status == ExportStatus::not_controlled);
}

TEST_CASE("3A090.b has a broad and a dense band") {
  CHECK(judge(150, 1500).paragraph == "3A090.b");                  // TPP 2400, density 1.6
  CHECK(judge(150, 1501).status == ExportStatus::not_controlled);  // density below 1.6
  CHECK(judge(149, 1000).status == ExportStatus::not_controlled);  // TPP 2384, density 2.38
  CHECK(judge(149, 745).paragraph == "3A090.b");                   // TPP 2384, density 3.2
}

TEST_CASE("a missing die area leaves the middle open, a missing rate everything") {
  CHECK(judge(200, std::nullopt).status == ExportStatus::unknown);
  CHECK(judge(99, std::nullopt).status == ExportStatus::not_controlled);
  CHECK(apply(rule(), {}).status == ExportStatus::unknown);
}

TEST_CASE("consumer parts count from TPP 4800 on only") {
  CHECK(judge(299, 300, false).status == ExportStatus::not_controlled);
  CHECK(judge(299, std::nullopt, false).status == ExportStatus::not_controlled);
  CHECK(judge(300, 300, false).status == ExportStatus::controlled);
}

TEST_CASE("a rule holds from its date on") {
  CHECK(export_rule_on(*parse_date("2023-10-16")) == nullptr);
  REQUIRE(export_rule_on(*parse_date("2023-10-17")));
  CHECK(export_rule_on(*parse_date("2023-10-17"))->name == "3A090 of 2023-10-17");
}
