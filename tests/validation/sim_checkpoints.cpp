// The size of checkpoints against those of BLOOM's run (bigscience tr11-176B-ml, chronicles of 2022-03-21): 2.3 TB,
// saved in 40 s; weights alone 329 GB. File systems counted in powers of two: 329 GiB are 2 bytes a parameter.
#include <catch2/catch.hpp>
#include <string>

#include "models/training/state.hpp"
#include "sim/scenario/load.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;

TEST_CASE("BLOOM's checkpoint: 14 bytes a parameter, within 3 % of what was written") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/reliability.csv");
  double stated_tb = 0, stated_weights_gb = 0;
  for (const auto& row : test::csv_rows(file)) {
    if (row.at("system") != "BLOOM-176B" || row.at("category") != "checkpoint") continue;
    stated_tb = std::stod(row.at("value"));
    const std::string& derivation = row.at("derivation");
    stated_weights_gb = std::stod(derivation.substr(derivation.find("weights only ") + 13));
  }
  REQUIRE(stated_tb == 2.3);
  REQUIRE(stated_weights_gb == 329);
  Diagnostics diagnostics;
  const Zoo zoo = load_zoo(nullptr, diagnostics);
  REQUIRE(diagnostics.ok());
  const ModelEntry* bloom = zoo.find("BLOOM-176B");
  REQUIRE(bloom);
  const TrainingState state = training_state(bloom->architecture(), Layout{});
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  CHECK(state.weights / kGiB == Approx(stated_weights_gb).epsilon(0.005));
  CHECK(state.total() / (1024 * kGiB) == Approx(stated_tb).epsilon(0.03));
}
