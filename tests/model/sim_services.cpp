// Services in a run, by hand: when replicas come, what their chips do, what requests wait for.
#include <catch2/catch.hpp>

#include "sim/serving/service.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// Two servers of eight chips, and what is written under `workload`.
std::string with_h100(const std::string& workload, const std::string& site = {}, const std::string& more = {}) {
  return "site:\n  pools:\n    - {name: h100, server: HGX H100, count: 2}\n" + site + "workload:\n" + workload + more;
}

std::string service(const std::string& replicas, const std::string& requests, const std::string& more = {}) {
  return "  services:\n    - {name: chat, model: Llama-3.1-8B, record: true, " + more + "requests: {" + requests +
         "}, replicas: [{pool: h100, " + replicas + "}]}\n";
}

/// Prompts of 1,000 tokens, a hundred seconds apart on average, after 100 s, answered with `output` tokens.
std::string slow_requests(int count, int output) {
  return fmt::format("generate: {{rate: 0.01 /s, prompt: 1000, output: {}}}, requests: {}, start: 100 s", output,
                     count);
}

}  // namespace

TEST_CASE("a request alone takes its prefill and one decode for each further token") {
  const Prepared p = prepared_services(with_h100(service("layout: tp2, startup: 30 s", slow_requests(1, 3))));
  const Service& chat = *p.settings.services->front();
  const ReplicaModel& model = *chat.replicas[0].model;
  const double arrival = chat.trace.requests[0].arrival_s;
  REQUIRE(arrival > 30);
  const double prefill =
      model.iteration_time({.prefill_tokens = 1000, .prefill_sequences = 1, .prefill_pairs = 1000 * 1001 / 2.0})
          .seconds(0);
  const IterationTime decode = model.iteration_time({.decodes = 1});
  const ServicesPlayed played = play_services(p);
  const RequestOutcome& o = played.services[0].outcomes[0];
  CHECK(o.first_token_s == Approx(arrival + prefill).epsilon(1e-9));
  CHECK(o.end_s == Approx(arrival + prefill + decode.seconds(1001) + decode.seconds(1002)).epsilon(1e-9));

  const double busy = 2 * (o.end_s - arrival);
  CHECK(played.end_s == Approx(o.end_s));
  CHECK(played.chip_seconds(0, ChipState::starting) == Approx(2 * 30));
  CHECK(played.chip_seconds(0, ChipState::no_requests) == Approx(2 * (arrival - 30)));
  CHECK(played.chip_seconds(0, ChipState::idle) == Approx(14 * o.end_s));
  CHECK(played.chip_seconds(0, ChipState::useful) + played.chip_seconds(0, ChipState::below_peak) +
            played.chip_seconds(0, ChipState::exposed_comm) ==
        Approx(busy));
  const double flops = model.prefill_flops(1000, 1000 * 1001 / 2.0) + model.decode_flops(2, 1001 + 1002);
  CHECK(played.chip_seconds(0, ChipState::useful) == Approx(2 * flops / model.peak_flops()));
}

TEST_CASE("weights come from the storage before a replica serves") {
  const std::string requests = slow_requests(1, 1);
  const Prepared p =
      prepared_services(with_h100(service("layout: tp2, startup: 30 s", requests),
                                  "  storage: {name: store, read: 1 GB/s, write: 1 GB/s, latency: 2 s}\n"));
  const ReplicaModel& model = *p.settings.services->front()->replicas[0].model;
  const double load_s = 2 + 2 * model.weight_bytes_per_chip() / 1e9;
  for (const char* mode : {"fluid", "none"}) {
    Prepared q = prepared_services(with_h100(service("layout: tp2, startup: 30 s", requests),
                                             "  storage: {name: store, read: 1 GB/s, write: 1 GB/s, latency: 2 s}\n",
                                             fmt::format("network: {}\n", mode)));
    CHECK(play_services(q).chip_seconds(0, ChipState::starting) == Approx(2 * (30 + load_s)));
  }
}

TEST_CASE("two replicas that start together share the storage") {
  const Prepared p = prepared_services(with_h100(service("layout: tp2, startup: 0 s, count: 2", slow_requests(1, 1)),
                                                 "  storage: {name: store, read: 1 GB/s, write: 1 GB/s}\n"));
  const ReplicaModel& model = *p.settings.services->front()->replicas[0].model;
  const double load_s = 2 * 2 * model.weight_bytes_per_chip() / 1e9;
  CHECK(play_services(p).chip_seconds(0, ChipState::starting) == Approx(2 * 2 * load_s));
}

TEST_CASE("a service goes before jobs of lower priority, and gives its chips back when it is over") {
  const Prepared p = prepared_services(with_h100(service("layout: tp8, count: 2, startup: 10 s", slow_requests(2, 2)) +
                                                 "  jobs:\n    - {id: batch, chips: 16, duration: 50 s}\n"));
  const ServicesPlayed played = play_services(p);
  const double over = std::max(played.services[0].outcomes[0].end_s, played.services[0].outcomes[1].end_s);
  REQUIRE(played.holds.size() == 9);
  CHECK(played.holds[0] == 0);
  CHECK(played.holds[1] == Approx(over));
  CHECK(played.holds[6] == Approx(over));
  CHECK(played.holds[7] == Approx(over + 50));
  CHECK(played.end_s == Approx(over + 50));
}

TEST_CASE("a service beside a job that holds its chips waits for them, and its requests with it") {
  const Prepared p =
      prepared_services(with_h100("  jobs:\n    - {id: first, chips: 16, duration: 500 s, priority: 1000}\n" +
                                  service("layout: tp8, startup: 10 s", slow_requests(2, 2))));
  const ServicesPlayed played = play_services(p);
  CHECK(played.holds[3] == Approx(500));
  for (const RequestOutcome& o : played.services[0].outcomes) CHECK(o.first_token_s > 510);
  CHECK(played.services[0].finished == 2);
}

TEST_CASE("a replica that loads waits for a storage that is gone, whatever `on_cut` says") {
  const std::string site =
      "  network:\n    leaf: {rate: 400 Gbps, down_ports: 16}\n"
      "  storage: {name: store, read: 1 GB/s, write: 1 GB/s}\n";
  const std::string faults = "faults:\n  on_cut: fail\n  events:\n    - {at: 1 s, name: store_READ, lasts: 50 s}\n";
  for (const char* startup : {"0 s", "3 s"}) {
    INFO("startup " << startup);
    const std::string replicas = fmt::format("layout: tp2, startup: {}", startup);
    const ServicesPlayed whole =
        play_services(prepared_services(with_h100(service(replicas, slow_requests(1, 1)), site)));
    const ServicesPlayed cut =
        play_services(prepared_services(with_h100(service(replicas, slow_requests(1, 1)), site, faults)));
    const double waits_s = *startup == '0' ? 50 : 48;
    CHECK(cut.chip_seconds(0, ChipState::starting) == Approx(whole.chip_seconds(0, ChipState::starting) + 2 * waits_s));
    CHECK(cut.services[0].finished == 1);
    CHECK(cut.chip_seconds(0, ChipState::exposed_comm) == Approx(whole.chip_seconds(0, ChipState::exposed_comm)));
  }
}

TEST_CASE("a service ends whose requests were all given up before its replica was there") {
  const std::string requests = "generate: {rate: 10 /s, prompt: 1000, output: 5}, requests: 5, start: 1 s";
  const ServicesPlayed played =
      play_services(prepared_services(with_h100(service("layout: tp2, startup: 40 s", requests, "timeout: 1 s, "))));
  CHECK(played.services.at(0).timed_out == 5);
  CHECK(played.end_s == Approx(40));
}
