// The search for layouts: a space small enough to count, and its promises.
#include <catch2/catch.hpp>

#include "models/training/search.hpp"

using namespace alight;

namespace {

Architecture tiny() {
  Architecture m;
  m.layers = 4;
  m.hidden = 512;
  m.ffn = 2048;
  m.heads = m.kv_heads = 2;
  m.head_dim = 256;
  m.vocab = 1000;
  return m;
}

Accelerator chip_with(double memory_bytes) {
  Accelerator chip;
  chip.peak_flops = {3e14, 3e14};
  chip.memory_bytes = memory_bytes;
  chip.memory_bytes_s = 2e12;
  chip.kernels.gemm_efficiency.fill(0.7);
  chip.kernels.attention_forward = chip.kernels.attention_backward = 0.5;
  chip.kernels.memory_efficiency = chip.kernels.score_efficiency = 0.8;
  chip.kernels.kernel_gap_s = 2e-6;
  return chip;
}

Fabric fabric_of_8() {
  Fabric fabric;
  fabric.up.gbs = 200;
  fabric.up.domain = 8;
  fabric.up.simple = {.base_us = 20, .hop_us = 2, .efficiency = 0.8};
  fabric.up.direct = {.base_us = 10, .efficiency = 0.8};
  fabric.out.gbs = 25;
  fabric.out.efficiency = fabric.out.direct_efficiency = 0.9;
  fabric.out.ll_us = 5;
  fabric.out.simple_us = 10;
  return fabric;
}

SearchRequest request_of(std::int64_t chips, std::int64_t batch) {
  SearchRequest request;
  request.chips = chips;
  request.common.global_batch = batch;
  request.common.sequence = 256;
  request.keep = 0;
  return request;
}

}  // namespace

TEST_CASE("divisors ascend") {
  CHECK(divisors(1) == std::vector<std::int64_t>{1});
  CHECK(divisors(12) == std::vector<std::int64_t>{1, 2, 3, 4, 6, 12});
  CHECK(divisors(49) == std::vector<std::int64_t>{1, 7, 49});
}

TEST_CASE("the layouts of two chips, counted") {
  SearchRequest request = request_of(2, 2);
  request.overlap_choices = false;
  request.recompute = {Recompute::none};
  request.sharding = {Sharding::none};
  const SearchResult result = search_layouts(tiny(), request, chip_with(1e12), fabric_of_8());
  // tp2 with and without sequence parallelism, micro-batches of 1 and 2: 4. pp2 with micro-batches of 1 (plain,
  // interleaved 2, six slots) and of 2 (plain, six slots: one micro-batch does not interleave): 5. dp2: 1.
  CHECK(result.considered == 10);
  CHECK(result.fitting == 10);
  CHECK(result.complete);
  CHECK(result.reasons == std::map<std::string, std::int64_t>{{"batch over data ranks and micro-batches", 1}});
}

TEST_CASE("what is found is valid, ranked, and as predict_step says") {
  const Accelerator chip = chip_with(6e7);
  const SearchResult result = search_layouts(tiny(), request_of(16, 32), chip, fabric_of_8());
  CHECK(result.considered == static_cast<std::int64_t>(result.found.size()));
  CHECK(result.fitting > 0);
  CHECK(result.fitting < result.considered);
  CHECK(result.reasons.at("memory") == result.considered - result.fitting);
  double last = 0;
  bool fitted = true;
  for (const FoundLayout& found : result.found) {
    REQUIRE(why_impossible(tiny(), found.layout, chip) == "");
    REQUIRE(found.layout.chips() == 16);
    const TrainingStep step = predict_step(tiny(), found.layout, chip, fabric_of_8());
    REQUIRE(step.fits == found.fits);
    REQUIRE((fitted || !found.fits));
    fitted = found.fits;
    if (!found.fits) continue;
    REQUIRE(step.seconds == found.seconds);
    REQUIRE(found.seconds >= last);
    last = found.seconds;
  }
}

TEST_CASE("threads change nothing, and fewer are kept from the front") {
  SearchRequest request = request_of(32, 64);
  const SearchResult all = search_layouts(tiny(), request, chip_with(1e10), fabric_of_8());
  request.threads = 3;
  const SearchResult threaded = search_layouts(tiny(), request, chip_with(1e10), fabric_of_8());
  REQUIRE(all.found.size() == threaded.found.size());
  for (std::size_t i = 0; i < all.found.size(); ++i) REQUIRE(all.found[i].seconds == threaded.found[i].seconds);
  CHECK(all.reasons == threaded.reasons);
  request.keep = 7;
  const SearchResult few = search_layouts(tiny(), request, chip_with(1e10), fabric_of_8());
  REQUIRE(few.found.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) CHECK(few.found[i].seconds == all.found[i].seconds);
  CHECK(few.considered == all.considered);
}

TEST_CASE("a search that is stopped says so; one without a precision says why") {
  std::atomic<bool> stop{true};
  CHECK_FALSE(search_layouts(tiny(), request_of(32, 64), chip_with(1e10), fabric_of_8(), {}, &stop).complete);
  SearchRequest request = request_of(2, 2);
  request.common.precision = Precision::nvfp4;
  const SearchResult none = search_layouts(tiny(), request, chip_with(1e10), fabric_of_8());
  CHECK(none.considered == 0);
  CHECK(none.reasons.count("precision") == 1);
}
