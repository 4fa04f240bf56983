// What a step sends between domains, kind by kind, against the sums the step model makes of the same.
#include <catch2/catch.hpp>
#include <random>

#include "models/training/exchanges.hpp"
#include "tests/support/ideal_chip.hpp"
#include "tests/support/small_fabric.hpp"

using namespace alight;

namespace {

/// Thin between the domains, so that what crosses them shows.
Fabric cluster(std::int64_t domain) {
  return test::small_fabric(domain, 5);
}

double exposed(const std::vector<Exchange>& all, std::initializer_list<ExchangeKind> kinds) {
  double sum = 0;
  for (const Exchange& exchange : all)
    for (const ExchangeKind kind : kinds)
      if (exchange.kind == kind) sum += exchange.exposed_s();
  return sum;
}

}  // namespace

TEST_CASE("exchanges sum to the exposed communication of the step where none of a kind stays inside a domain") {
  std::mt19937 draw(5);
  const auto pick = [&](std::initializer_list<std::int64_t> of) { return of.begin()[draw() % of.size()]; };
  int checked = 0;
  for (int round = 0; round < 400; ++round) {
    Architecture model{.name = "m",
                       .layers = 16,
                       .hidden = 2048,
                       .ffn = 8192,
                       .heads = 16,
                       .kv_heads = 16,
                       .head_dim = 128,
                       .vocab = 32000,
                       .gated = true};
    if (round % 3 == 0) model.experts = {.count = 16, .active = 2, .ffn = 1024};
    Layout layout;
    layout.tensor = pick({1, 2, 4});
    layout.pipeline = pick({1, 2, 4});
    layout.context = pick({1, 2});
    layout.data = pick({2, 4, 8});
    layout.expert = model.experts.count > 0 ? pick({1, 4, 8}) : 1;
    layout.virtual_stages = layout.pipeline > 1 ? pick({1, 2}) : 1;
    layout.sequence_parallel = draw() % 2 == 0;
    const Sharding kinds[] = {Sharding::none, Sharding::zero1, Sharding::zero2, Sharding::fsdp, Sharding::hsdp};
    layout.sharding = kinds[draw() % 5];
    layout.shard_ranks = layout.sharding == Sharding::hsdp ? 2 : 0;
    layout.recompute = draw() % 2 == 0 ? Recompute::full : Recompute::none;
    layout.global_batch = layout.data * 8;
    layout.overlap_gradients = draw() % 2 == 0;
    layout.overlap_parameters = draw() % 2 == 0;
    const Accelerator chip = test::ideal_chip();
    if (!why_impossible(model, layout, chip).empty()) continue;
    const Fabric fabric = cluster(1);  // no two ranks share a domain
    const TrainingStep step = predict_step(model, layout, chip, fabric);
    const auto exchanges = exchanges_of(model, layout, chip, fabric);
    const StepBreakdown& b = step.breakdown;
    INFO("round " << round << " tp" << layout.tensor << " pp" << layout.pipeline << " cp" << layout.context << " dp"
                  << layout.data << " ep" << layout.expert << " sharding " << int(layout.sharding));
    CHECK(exposed(exchanges, {ExchangeKind::tensor}) == Approx(b.tensor_s).epsilon(1e-9).margin(1e-12));
    CHECK(exposed(exchanges, {ExchangeKind::context}) == Approx(b.context_s).epsilon(1e-9).margin(1e-12));
    CHECK(exposed(exchanges, {ExchangeKind::expert}) == Approx(b.expert_s).epsilon(1e-9).margin(1e-12));
    CHECK(exposed(exchanges, {ExchangeKind::pipeline}) == Approx(b.pipeline_s).epsilon(1e-9).margin(1e-12));
    CHECK(exposed(exchanges, {ExchangeKind::weights, ExchangeKind::gradients, ExchangeKind::parameters,
                              ExchangeKind::tied}) == Approx(b.data_s).epsilon(1e-9).margin(1e-12));
    ++checked;
  }
  CHECK(checked > 100);
}

TEST_CASE("an exchange that hides is lengthened by nothing until it no longer hides") {
  const Exchange hidden{.domain_bytes = 1, .times = 4, .seconds = 2, .network_s = 1.5, .room_s = 3};
  CHECK(hidden.exposed_s() == 0);
  CHECK(hidden.lengthening_s(1.5) == 0);
  // 0.5 + 1.5 x 3 = 5 s beside 3 s, four times.
  CHECK(hidden.lengthening_s(3) == Approx(8));
  const Exchange open{.domain_bytes = 1, .times = 2, .seconds = 2, .network_s = 2, .room_s = 0};
  CHECK(open.lengthening_s(1.25) == Approx(1));
}

TEST_CASE("on one domain nothing is sent between domains") {
  Architecture model{.name = "m",
                     .layers = 4,
                     .hidden = 1024,
                     .ffn = 4096,
                     .heads = 8,
                     .kv_heads = 8,
                     .head_dim = 128,
                     .vocab = 32000,
                     .gated = true};
  Layout layout{.tensor = 2, .pipeline = 2, .data = 2, .global_batch = 8};
  CHECK(exchanges_of(model, layout, test::ideal_chip(), cluster(8)).empty());
}
