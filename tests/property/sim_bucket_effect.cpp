// What a saturated replica serves in closed form, against one that is played; and the bucket effect of fleets.
#include <catch2/catch.hpp>

#include "sim/serving/bucket_effect.hpp"
#include "sim/serving/play_requests.hpp"
#include "sim/serving/saturation.hpp"
#include "sim/serving/service.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string service_of(const std::string& replicas, const std::string& requests, const std::string& more = {}) {
  return "site:\n  pools:\n    - {name: h100, server: HGX H100, count: 2}\n    - {name: h20, server: HGX H20, count: "
         "2}\n"
         "workload:\n  services:\n    - {name: s, model: Llama-3.1-8B, " +
         more + "requests: {generate: {" + requests + "}, replicas: [" + replicas + "]}\n";
}

/// Requests a second between a tenth and nine tenths of all that end.
double played_requests_s(const Prepared& p, std::size_t pool) {
  const Service& service = *p.settings.services->front();
  FleetConfig fleet = service.fleet;
  fleet.pools = {service.fleet.pools[pool]};
  fleet.pools[0].replicas = 1;
  fleet.keep_outcomes = true;
  const PlayedRequests played = play_requests(service.trace, fleet);
  std::vector<double> ends;
  for (const RequestOutcome& o : played.results.outcomes) ends.push_back(o.end_s);
  std::sort(ends.begin(), ends.end());
  const std::size_t a = ends.size() / 10, b = ends.size() * 9 / 10;
  return static_cast<double>(b - a) / (ends[b] - ends[a]);
}

}  // namespace

TEST_CASE("a replica that always has enough to do serves what the closed form says") {
  double worst = 0, bias = 0;
  int cases = 0;
  for (const char* lengths : {"prompt: 200, output: {mean: 300}", "prompt: 2000, output: {mean: 100}",
                              "prompt: {median: 800, sigma: 0.8, max: 8000}, output: {mean: 200, max: 4000}"})
    for (const char* replica :
         {"layout: tp1, max_batch: 64", "layout: tp1, max_batch: 256", "layout: tp4, max_batch: 128"}) {
      const Prepared p = prepared_services(service_of(fmt::format("{{pool: h100, {0}}}, {{pool: h20, {0}}}", replica),
                                                      fmt::format("rate: 100000 /s, {}}}, requests: 4000", lengths)));
      for (std::size_t pool : {0, 1}) {
        const Service& s = *p.settings.services->front();
        const double predicted =
            saturated_requests_s(*s.fleet.pools[pool].times, s.fleet.pools[pool].replica, mean_request(s.trace));
        const double error = predicted / played_requests_s(p, pool) - 1;
        UNSCOPED_INFO(lengths << ", " << replica << ", pool " << pool << ": " << error * 100 << " %");
        worst = std::max(worst, std::abs(error));
        bias += error;
        ++cases;
      }
    }
  CAPTURE(worst, bias / cases);
  CHECK(worst < 0.05);
  CHECK(std::abs(bias / cases) < 0.02);
}

TEST_CASE("a router that gives all kinds alike loses the bucket effect, and one that weighs them does not") {
  // All requests come at once.
  const std::string replicas =
      "{pool: h100, layout: tp1, count: 8, startup: 0 s, max_batch: 64}, {pool: h20, layout: tp1, count: 8, startup: 0 "
      "s, max_batch: 64}";
  const auto bucket = [&](const std::string& router) {
    const Prepared p = prepared_services(service_of(
        replicas, "rate: 100000 /s, prompt: 2000, output: {mean: 100}}, requests: 20000", "router: " + router + ", "));
    const Service& s = *p.settings.services->front();
    const MeanRequest mean = mean_request(s.trace);
    const double h100 = saturated_requests_s(*s.fleet.pools[0].times, s.fleet.pools[0].replica, mean);
    const double h20 = saturated_requests_s(*s.fleet.pools[1].times, s.fleet.pools[1].replica, mean);
    REQUIRE(h100 > 2 * h20);
    FleetConfig fleet = s.fleet;
    for (ServingPool& pool : fleet.pools) pool.replicas = 8;
    const PlayedRequests played = play_requests(s.trace, fleet);
    std::vector<PoolDone> done(2);
    for (std::size_t n = 0; n < played.hours.size(); ++n) {
      done[played.pools[n]].serving_s += seconds(played.hours[n].serving);
      done[played.pools[n]].totals += played.hours[n].totals;
    }
    const auto effects = bucket_effects(fleet, done, played.results);
    REQUIRE(effects.size() == 1);
    const FleetBucket effect = effects[0];
    CHECK(effect.eta_bucket == Approx(2 * h20 / (h100 + h20)).epsilon(0.02));
    return effect;
  };
  const FleetBucket alike = bucket("round_robin");
  CHECK(alike.eta_mix == Approx(alike.eta_bucket).epsilon(0.03));
  CHECK(std::abs(alike.recovery) < 0.05);
  for (const char* router : {"weighted", "least_work"}) {
    INFO(router);
    const FleetBucket weighed = bucket(router);
    CHECK(weighed.eta_mix > 0.95);
    CHECK(weighed.eta_mix <= 1 + 1e-9);
    CHECK(weighed.recovery > 0.9);
  }
}
