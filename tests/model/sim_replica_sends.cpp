// Keys and values between replicas that prefill and replicas that decode, by hand: whose links they use, and who waits.
#include <catch2/catch.hpp>

#include "sim/serving/service.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// Llama 3.1 8B: 32 layers, keys and values, 8 heads of 128, two bytes each.
constexpr double kBytesPerToken = 32 * 2 * 8 * 128 * 2;
constexpr double kLatencyS = 5e-6;

/// Requests of 1,000 tokens, all at 100 s, and two answers each: the second is made elsewhere.
struct SplitCase {
  std::string servers = "2";
  std::string prefill = "tp8", decode = "tp8";
  int requests = 1;
  std::string network = "    leaf: {rate: 400 Gbps, down_ports: 16}\n";
  std::string more = {};
};

std::string split_service(const SplitCase& s) {
  return "site:\n  pools:\n    - {name: h100, server: HGX H100, count: " + s.servers + "}\n  network:\n" + s.network +
         "workload:\n  services:\n    - {name: chat, model: Llama-3.1-8B, record: true,\n       requests: {generate: "
         "{rate: 1000000 /s, prompt: 1000, output: 2}, requests: " +
         std::to_string(s.requests) + ", start: 100 s},\n       replicas: [{pool: h100, layout: " + s.prefill +
         ", role: prefill, startup: 0 s}, {pool: h100, layout: " + s.decode + ", role: decode, startup: 0 s}]}\n" +
         s.more;
}

/// Seconds from each first token until its request decodes.
std::vector<double> waits(const SplitCase& setting) {
  const Prepared p = prepared_services(split_service(setting));
  const ReplicaModel& decode = *p.settings.services->front()->replicas[1].model;
  std::vector<double> all;
  const ServicesPlayed played = play_services(p);
  for (const RequestOutcome& o : played.services[0].outcomes) {
    REQUIRE(o.end == RequestEnd::finished);
    all.push_back(o.end_s - o.first_token_s - decode.iteration_time({.decodes = 1}).seconds(1001));
  }
  return all;
}

}  // namespace

TEST_CASE("keys and values go at the rate of the narrower replica's NICs") {
  const double bytes = 1000 * kBytesPerToken;
  const auto nics = [](int n) { return n * 400e9 / 8; };
  for (const char* mode : {"fluid", "exact", "none"}) {
    INFO(mode);
    const std::string network = "network: " + std::string(mode) + "\n";
    CHECK(waits({.more = network})[0] == Approx(kLatencyS + bytes / nics(8)).epsilon(1e-6));
    CHECK(waits({.prefill = "tp4", .more = network})[0] == Approx(kLatencyS + bytes / nics(4)).epsilon(1e-6));
    CHECK(waits({.decode = "tp2", .more = network})[0] == Approx(kLatencyS + bytes / nics(2)).epsilon(1e-6));
    // One data-parallel part of four has two chips.
    CHECK(waits({.decode = "dp4 tp2", .more = network})[0] == Approx(kLatencyS + bytes / nics(2)).epsilon(1e-6));
  }
}

TEST_CASE("replicas of one server use what joins its chips") {
  const SplitCase one{.servers = "1", .prefill = "tp4", .decode = "tp2"};
  // H100: 900 GB/s both directions together.
  CHECK(waits(one)[0] == Approx(kLatencyS + 1000 * kBytesPerToken / (2 * 450e9)).epsilon(1e-6));
}

TEST_CASE("a thin leaf holds keys and values up") {
  // Two servers on leaves of their own, 50 GB/s between them.
  for (const char* mode : {"fluid", "exact"}) {
    const SplitCase thin{.network =
                             "    leaf: {rate: 400 Gbps, down_ports: 8, oversubscription: 8}\n    spine: {rate: 400 "
                             "Gbps, down_ports: 16}\n",
                         .more = "network: " + std::string(mode) + "\n"};
    CHECK(waits(thin)[0] == Approx(kLatencyS + 1000 * kBytesPerToken / 50e9).epsilon(0.01));
  }
}

TEST_CASE("a replica sends for one request at a time") {
  // At 1 GB/s a transfer takes longer than all prompts do.
  const double each_s = kLatencyS + 1000 * kBytesPerToken / 1e9;
  const Prepared p =
      prepared_services(split_service({.requests = 3, .network = "    leaf: {rate: 1 Gbps, down_ports: 16}\n"}));
  const double decode_s = p.settings.services->front()->replicas[1].model->iteration_time({.decodes = 1}).seconds(1001);
  const auto outcomes = play_services(p).services[0].outcomes;
  const double begun_s = outcomes[0].first_token_s;
  REQUIRE(outcomes[2].first_token_s < begun_s + each_s);
  for (int i = 0; i < 3; ++i) CHECK(outcomes[i].end_s - begun_s == Approx((i + 1) * each_s + decode_s).epsilon(1e-6));
}

TEST_CASE("keys and values without a way wait for the repair") {
  const SplitCase cut{
      .network = "    leaf: {rate: 400 Gbps, down_ports: 8}\n    spine: {rate: 400 Gbps, down_ports: 16}\n",
      .more = "faults:\n  events:\n    - {at: 99 s, what: link, name: leaf1_up, lasts: 50 s}\n"};
  // The leaf that is cut off has one of the two replicas: it is lost, and comes again when its server does.
  for (const char* mode : {"fluid", "exact"}) {
    SplitCase s = cut;
    s.more += "network: " + std::string(mode) + "\n";
    const Prepared p = prepared_services(split_service(s));
    const ServicesPlayed played = play_services(p);
    CHECK(played.services[0].finished == 1);
    CHECK(played.services[0].outcomes[0].end_s > 149);
  }
}

TEST_CASE("what training sends and what replicas send share links") {
  // Leaves of one server each, 1:8. Half of the first server prefills, the second decodes; a training job has the other
  // half and the third.
  const std::string network =
      "    leaf: {rate: 400 Gbps, down_ports: 8, oversubscription: 8}\n"
      "    spine: {rate: 400 Gbps, down_ports: 16}\n";
  const std::string jobs =
      "  jobs:\n    - {id: t, type: training, model: Llama-3.1-8B, chips: 12, global_batch: 24, sequence: 512, layout: "
      "tp2 dp6 zero1 mb4, steps: "
      "200}\n";
  const auto played = [&](const char* mode, const std::string& more, int requests) {
    return play_services(prepared_services(split_service({.servers = "3",
                                                          .prefill = "tp4",
                                                          .requests = requests,
                                                          .network = network,
                                                          .more = more + "network: " + mode + "\n"})));
  };
  const auto mean_wait = [](const ServicesPlayed& run) {
    double sum = 0;
    for (const RequestOutcome& o : run.services[0].outcomes) sum += o.end_s - o.first_token_s;
    return sum / run.services[0].finished;
  };
  double waits_fluid = 0;
  for (const char* mode : {"fluid", "exact"}) {
    INFO(mode);
    const double alone = mean_wait(played(mode, "", 400));
    const ServicesPlayed both = played(mode, jobs, 400), few = played(mode, jobs, 1);
    const double beside = mean_wait(both);
    CHECK(beside > 1.01 * alone);
    CHECK(both.end_s > few.end_s);
    if (waits_fluid == 0) waits_fluid = beside;
    CHECK(beside == Approx(waits_fluid).epsilon(0.05));
  }
}
