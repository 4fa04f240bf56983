// Whatever the routing: a job alone on shared links takes the step that was predicted for it, and no link carries more
// than the routing leaves of it.
#include <catch2/catch.hpp>
#include <cmath>

#include "platforms/topology/clos.hpp"
#include "platforms/topology/routes.hpp"
#include "sim/network/footprint.hpp"
#include "sim/runtime/training.hpp"
#include "sim/scenario/load.hpp"

using namespace alight;

namespace {

struct Case {
  const char *network, *layout;
  int servers, rails;
};

constexpr Case kCases[] = {
    {"leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 1:1}, spine: {rate: 400 Gbps, down_ports: 64}",
     "mb1 fsdp full", 16, 1},
    {"leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 4:1}, spine: {rate: 400 Gbps, down_ports: 64}",
     "tp8 pp2 mb1 zero1 full", 16, 1},
    {"leaf: {rate: 400 Gbps, down_ports: 4, oversubscription: 2:1}, spine: {rate: 400 Gbps, down_ports: 64}",
     "tp2 pp2 mb1 zero1 full", 16, 8},
    {"leaf: {rate: 400 Gbps, down_ports: 16, oversubscription: 1:1}, spine: {rate: 400 Gbps, down_ports: 4, "
     "oversubscription: 2:1}, core: {rate: 400 Gbps, down_ports: 64}",
     "mb1 fsdp full", 32, 1},
};

std::string scenario(const Case& c, const std::string& routing, const std::string& model, const std::string& layout) {
  return "site:\n  pools: [{name: p, server: HGX H100, count: " + std::to_string(c.servers) +
         ", rails: " + std::to_string(c.rails) + "}]\n  network: {" + c.network + ", routing: " + routing +
         "}\nworkload:\n  jobs:\n    - {type: training, model: " + model + ", chips: " + std::to_string(8 * c.servers) +
         ", steps: 9, global_batch: " + std::to_string(16 * c.servers) + ", sequence: 2048, layout: \"" + layout +
         "\"}\n";
}

}  // namespace

TEST_CASE("a job alone takes the step predicted for it, whatever the routing") {
  double slowest = 0, fastest = 1e9;
  for (const Case& c : kCases)
    for (const std::string routing : {"even", "ecmp", "ecmp, flows_per_nic: 16", "rails", "adaptive"})
      for (const auto& [model, layout] :
           {std::pair<std::string, std::string>{"Llama-2-13B", c.layout}, {"Mixtral-8x7B", "ep8 mb1 fsdp full"}}) {
        CAPTURE(c.network, routing, model);
        Diagnostics diagnostics;
        const auto prepared = prepare_text(scenario(c, routing, model, layout), "s.yaml", {}, diagnostics);
        for (const Problem& problem : diagnostics.problems()) UNSCOPED_INFO(problem.key << ": " << problem.message);
        REQUIRE(prepared);
        const Job& job = prepared->workload.jobs[0];
        TrainingRates rates(prepared->site, prepared->workload, prepared->training_ground());
        const TrainingRate& rate = rates.best(rates.kind_of(job), 0);
        INFO(rate.unfit);
        REQUIRE(rate.unfit.empty());
        const auto routes = routes_of(prepared->site);
        const std::vector<Slice> held = {{.chips = 0xff, .servers = static_cast<ServerIndex>(c.servers)}};
        const Footprint footprint = footprint_of(rate.step.seconds, rate.exchanges, held, job.chips, *routes);
        REQUIRE_FALSE(footprint.empty());
        std::vector<double> capacities;
        for (const SharedLink& link : routes->links()) capacities.push_back(link.gbps * 1e9 / 8);
        CHECK(alone_s(footprint, capacities) == Approx(rate.step.seconds).epsilon(0.005));
        slowest = std::max(slowest, rate.step.seconds);
        fastest = std::min(fastest, rate.step.seconds);
      }
  CHECK(slowest > fastest);
}

TEST_CASE("links above leaves carry what the routing leaves of their cables") {
  Diagnostics diagnostics;
  const auto prepared = prepare_text(scenario(kCases[0], "adaptive", "Llama-2-13B", "fsdp"), "s.yaml", {}, diagnostics);
  REQUIRE(prepared);
  const Clos clos = clos_of(prepared->site);
  const auto routes = routes_of(prepared->site);
  for (const SharedLink& link : routes->links())
    if (link.tier == "leaf") CHECK(link.gbps == Approx(0.95 * clos.groups[0].up_gbps));
}
