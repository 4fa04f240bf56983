// From catalogue entries to what the physics computes with.
#include <catch2/catch.hpp>

#include "platforms/catalogue.hpp"
#include "platforms/cooling.hpp"

using namespace alight;

TEST_CASE("a technology's path, share, supply and limits") {
  CoolingTechnology plate;
  plate.name = "cold plate";
  plate.heat_path = "liquid";
  plate.liquid_share = {0.7, 0.85, 0.95};
  plate.supply_c = {25, 35, 45};
  plate.density_kw_rack = {40, 120, 250};
  plate.thermal_resistance = {0.035, 0.04, 0.045};
  plate.throttle_after_s = {10, 20, 30};
  plate.leaks_per_year = {0.001, 0.003, 0.005};
  const HallCooling cooling = hall_cooling(plate);
  CHECK(cooling.path == HeatPath::liquid);
  CHECK(cooling.liquid_share == 0.85);
  CHECK(cooling.loop.supply_c == 35);
  CHECK(chip_thermals(plate).resistance_k_w == 0.04);
  CHECK(density_limits(plate).high_kw == 250);
  CHECK(leaks(plate).per_rack_year == 0.003);
  // 35 C and 28 K of 700 W: 24 K to 87 C, gone in 20 s.
  const auto lost = cooling_lost(plate, 1000, 700);
  REQUIRE(lost);
  CHECK(lost->seconds_to_throttle == 20);
  CHECK(*seconds_until(lost->lump, 87) == Approx(20));
  CHECK_FALSE(cooling_lost(plate, 1000, 1400));

  CoolingTechnology air;
  air.supply_c = {18, 24, 27};
  air.warming_k_min = {1, 3, 5};
  CHECK(hall_cooling(air).path == HeatPath::chilled_air);
  CHECK(hall_cooling(air).plant.air.supply_c == 24);
  CHECK(rack_density(1000, density_limits(air)).verdict == DensityVerdict::carried);
  // 24 C and 52.5 K: 10.5 K at 3 K/min.
  CHECK(cooling_lost(air, 1000, 700)->seconds_to_throttle == Approx(210));
  air.warming_k_min.clear();
  CHECK_FALSE(cooling_lost(air, 1000, 700));
  // Doors: 6 % for pumps and fans in all, of which pumps and towers take 4 %.
  CoolingTechnology door;
  door.heat_path = "rear door";
  door.supply_c = {14, 20, 24};
  door.power_share = {0.04, 0.06, 0.09};
  const HallCooling behind = hall_cooling(door);
  CHECK(behind.loop.fans_share == Approx(0.02).margin(0.003));
  CHECK(cool(behind, {1, 0, 0}, {1, 0, 0}, {.dry_bulb_c = -10}).power_w() == Approx(0.06));
  air.heat_path = "outside air";
  CHECK(hall_cooling(air).outside_air.warmest_c == 27);
}

TEST_CASE("servers: nameplate, rack's part, estimate; fans by what cools") {
  Chip chip;
  chip.tdp_w = 700;
  CHECK(chip_ratings(chip)->idle_w == Approx(80.5));
  chip.idle_w = 70;
  CHECK(chip_ratings(chip)->idle_w == 70);
  Server server;
  server.chips = 8;
  server.nics = 8;
  server.host_memory_gib = 2048;
  CHECK_FALSE(server_facts(server, nullptr, nullptr));
  CHECK(nameplate_w(*server_facts(server, &chip, nullptr)) == Approx(1.82 * 5600));
  server.rack_power_w = 40800;
  server.per_rack = 4;
  CHECK(nameplate_w(*server_facts(server, &chip, nullptr)) == 10200);
  server.power_w = 10000;
  const ServerFacts facts = *server_facts(server, &chip, nullptr);
  CHECK(nameplate_w(facts) == 10000);
  CHECK(facts.memory_gb == Approx(2199.023));
  CoolingTechnology plate;
  plate.heat_path = "liquid";
  plate.liquid_share = {0.7, 0.8, 0.95};
  CHECK(server_parts(*server_facts(server, &chip, &plate)).rated_fans_w ==
        Approx(0.2 * server_parts(facts).rated_fans_w));
  plate.heat_path = "rear door";
  CHECK(server_parts(*server_facts(server, &chip, &plate)).fans_w == Approx(server_parts(facts).fans_w));
  Chip unknown;
  CHECK_FALSE(chip_ratings(unknown));
  CHECK_FALSE(server_facts(server, &unknown, nullptr));
}

namespace {

// A technology with one key more, given as a list of texts or as one.
std::string problem_of(const std::string& key, const Node& value) {
  Node technology = Node::mapping();
  technology.add(key, value);
  Node technologies = Node::mapping(), file = Node::mapping();
  technologies.add("mine", technology);
  file.add("cooling", technologies);
  Catalogue catalogue;
  Diagnostics diagnostics;
  catalogue.add(file, diagnostics);
  catalogue.resolve(diagnostics);
  if (diagnostics.ok()) return {};
  const Problem& problem = diagnostics.problems().front();
  return problem.key + ": " + problem.message + " " + problem.hint;
}

Node list_of(const std::vector<std::string>& texts) {
  Node list = Node::sequence();
  for (const std::string& text : texts) list.items.push_back(Node::scalar(text));
  return list;
}

}  // namespace

TEST_CASE("what a user says of cooling is checked key by key") {
  CHECK(problem_of("heat_path", Node::scalar("liquid")).empty());
  CHECK(problem_of("liquid_share", list_of({"0.5", "0.6", "0.7"})).empty());
  CHECK(problem_of("warming", list_of({"1 K/min", "2 K/min", "3 K/min"})).empty());
  const struct {
    std::string key;
    Node value;
    std::string says;
  } wrong[] = {
      {"heat_path", Node::scalar("liquit"), "did you mean \"liquid\""},
      {"liquid_share", list_of({"0.5", "0.6", "1.1"}), "from 0 to 1"},
      {"liquid_share", list_of({"0.5", "0.4", "0.9"}), "in rising order"},
      {"liquid_share", list_of({"0.5"}), "needs three values"},
      {"liquid_share", list_of({"half", "0.6", "0.7"}), "liquid_share[0]"},
      {"thermal_resistance", list_of({"0.03", "0.04", "0.05"}), "needs a unit of thermal resistance"},
      {"thermal_resistance", list_of({"-1 K/W", "0 K/W", "1 K/W"}), "at least 0"},
      {"warming", list_of({"1 K", "2 K", "3 K"}), "warming[0]"},
      {"throttle_after", list_of({"30 s", "20 s", "10 s"}), "in rising order"},
      {"throttle_after", list_of({"1 W", "2 W", "3 W"}), "throttle_after[0]"},
      {"leaks", list_of({"1 /year", "nan /year", "2 /year"}), "leaks[1]"},
      {"leak", list_of({"1 /year"}), "did you mean \"leaks\""},
  };
  for (const auto& [key, value, says] : wrong) {
    const std::string problem = problem_of(key, value);
    INFO(key << ": " << problem);
    CHECK(problem.find(says) != std::string::npos);
  }
}
