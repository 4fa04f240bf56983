// A step on several kinds of chip, by hand: chips whose time is all in one product, so that everything can be counted.
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <catch2/catch.hpp>
#include <queue>

#include "models/random/streams.hpp"
#include "models/training/mixed.hpp"

using namespace alight;

namespace {

Architecture small_model() {
  Architecture m;
  m.layers = 12;
  m.hidden = 1024;
  m.ffn = 4096;
  m.heads = m.kv_heads = 16;
  m.head_dim = 64;
  m.vocab = 32000;
  return m;
}

/// A kind whose layer takes `layer_s` forward and twice that backward; the ends take nothing; communication is free.
ChipKind timed_kind(const std::string& name, double layer_s, std::int64_t chips = 64) {
  ChipKind kind;
  kind.name = name;
  kind.chips = chips;
  kind.chip.peak_flops.fill(1e15);
  kind.chip.memory_bytes = 1e15;
  kind.chip.memory_bytes_s = 1e18;
  kind.chip.kernels.gemm_efficiency.fill(1);
  kind.chip.kernels.memory_efficiency = kind.chip.kernels.score_efficiency = 1;
  kind.chip.kernels.attention_forward = kind.chip.kernels.attention_backward = 1;
  kind.fabric.up.gbs = kind.fabric.out.gbs = 1e9;
  kind.fabric.up.domain = 8;
  kind.fabric.up.simple.efficiency = kind.fabric.up.direct.efficiency = 1;
  kind.fabric.out.efficiency = kind.fabric.out.direct_efficiency = 1;
  kind.measured = {{.tensor = 1, .micro_batch = 1, .input = {}, .layer = {layer_s, 2 * layer_s}, .head = {}}};
  return kind;
}

MixedLayout layout_of(std::int64_t batch, std::vector<MixedPipeline> pipelines) {
  MixedLayout layout;
  layout.common.global_batch = batch;
  layout.common.sequence = 128;
  layout.pipelines = std::move(pipelines);
  return layout;
}

double sum(const KindStep& kind) {
  return kind.breakdown.total() + kind.bucket_s;
}

/// When the last backward of a 1F1B pipeline ends, played event by event: stage i runs at most p - i micro-batches
/// ahead of its backward passes, and prefers a backward pass that is ready. forward[i] and backward[i] are seconds.
double play_1f1b(const std::vector<double>& forward, const std::vector<double>& backward, int m) {
  const std::size_t p = forward.size();
  std::vector<std::vector<double>> f(p, std::vector<double>(static_cast<std::size_t>(m), -1)), b = f;
  std::vector<double> free(p, 0);
  std::vector<int> done_f(p, 0), done_b(p, 0);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < p; ++i) {
      const auto nf = static_cast<std::size_t>(done_f[i]), nb = static_cast<std::size_t>(done_b[i]);
      const int warm = std::min<int>(static_cast<int>(p - i), m);
      const bool backward_next = done_f[i] == m || done_f[i] - done_b[i] >= warm;
      if (backward_next && done_b[i] < m) {
        const double ready = i + 1 == p ? f[i][nb] : b[i + 1][nb];
        if (ready < 0) continue;
        free[i] = b[i][nb] = std::max(free[i], ready) + backward[i];
        ++done_b[i];
        moved = true;
      } else if (done_f[i] < m) {
        const double ready = i == 0 ? 0 : f[i - 1][nf];
        if (ready < 0) continue;
        free[i] = f[i][nf] = std::max(free[i], ready) + forward[i];
        ++done_f[i];
        moved = true;
      }
    }
  }
  return *std::max_element(free.begin(), free.end());
}

}  // namespace

TEST_CASE("two kinds, one twice as fast: equal and proportional batches") {
  // A layer takes 3 ms on the fast kind, 6 ms on the slow one, so a micro-batch 36 and 72 ms.
  const std::vector<ChipKind> kinds = {timed_kind("fast", 1e-3), timed_kind("slow", 2e-3)};
  const MixedStage fast{.kind = 0, .layers = 12}, slow{.kind = 1, .layers = 12};
  const auto step = [&](std::int64_t to_fast, std::int64_t to_slow) {
    return predict_mixed(
        small_model(),
        layout_of(36, {{.stages = {fast}, .sequences = to_fast}, {.stages = {slow}, .sequences = to_slow}}), kinds, {});
  };
  const MixedStep equal = step(18, 18);
  CHECK(equal.seconds == Approx(18 * 0.072).epsilon(1e-3));
  CHECK(equal.pace == 1);
  CHECK(equal.kinds[0].bucket_s == Approx(18 * 0.036).epsilon(1e-3));
  CHECK(equal.kinds[1].bucket_s == Approx(0).margin(1e-3));
  const MixedStep proportional = step(24, 12);
  CHECK(proportional.seconds == Approx(24 * 0.036).epsilon(1e-3));
  CHECK(proportional.bucket_s == Approx(0).margin(1e-3));
  // A replica with fewer sequences waits for its twins, not for slower chips.
  const MixedStep uneven =
      predict_mixed(small_model(), layout_of(7, {{.stages = {fast}, .replicas = 2, .sequences = 7}}), kinds, {});
  CHECK(uneven.seconds == Approx(4 * 0.036).epsilon(1e-3));
  CHECK(uneven.kinds[0].breakdown.bubble_s == Approx(0.5 * 0.036).epsilon(1e-2));
  CHECK(uneven.bucket_s == 0);
}

TEST_CASE("stages of two kinds: layers in proportion to speed") {
  const std::vector<ChipKind> kinds = {timed_kind("fast", 1e-3), timed_kind("slow", 2e-3)};
  const auto step = [&](std::int64_t on_fast, std::int64_t m) {
    return predict_mixed(small_model(),
                         layout_of(m, {{.stages = {{.kind = 0, .layers = on_fast}, {.kind = 1, .layers = 12 - on_fast}},
                                        .sequences = m}}),
                         kinds, {});
  };
  // 8 layers of 3 ms against 4 of 6 ms: 24 ms each; ten micro-batches and one more to fill and drain.
  CHECK(step(8, 10).seconds == Approx(11 * 0.024).epsilon(1e-3));
  CHECK(step(8, 10).bucket_s == Approx(0).margin(1e-4));
  // Half the layers each: 18 and 36 ms, paced by the slow kind.
  const MixedStep half = step(6, 10);
  CHECK(half.seconds == Approx(10 * 0.036 + 0.018).epsilon(1e-3));
  CHECK(half.kinds[0].bucket_s == Approx(10 * 0.018).epsilon(1e-3));
  CHECK(half.kinds[0].breakdown.bubble_s == Approx(0.018).epsilon(2e-2));
  for (const KindStep& kind : half.kinds) CHECK(sum(kind) == Approx(half.seconds).epsilon(1e-12));
}

TEST_CASE("uneven stages take as long as their schedule played event by event") {
  Stream draws = stream(11, "tests.uneven_stages");
  boost::random::uniform_real_distribution<double> uniform(0.5, 1.5);
  for (int round = 0; round < 200; ++round) {
    const std::size_t p = 2 + static_cast<std::size_t>(round) % 6;
    const int m = static_cast<int>(p) + round % 9;
    std::vector<ChipKind> kinds;
    MixedPipeline pipeline{.sequences = m};
    std::vector<double> forward, backward;
    for (std::size_t i = 0; i < p; ++i) {
      const double layer = 1e-3 * uniform(draws);
      const auto layers = static_cast<std::int64_t>(i + 1 == p ? 24 - 2 * (p - 1) : 2);
      kinds.push_back(timed_kind(std::to_string(i), layer));
      pipeline.stages.push_back({.kind = i, .layers = layers});
      forward.push_back(layer * static_cast<double>(layers));
      backward.push_back(2 * layer * static_cast<double>(layers));
    }
    Architecture model = small_model();
    model.layers = 24;
    const double predicted = predict_mixed(model, layout_of(m, {pipeline}), kinds, {}).seconds;
    INFO("round " << round << ", p " << p << ", m " << m);
    CHECK(predicted == Approx(play_1f1b(forward, backward, m)).epsilon(2e-3));
  }
}

TEST_CASE("gradients between kinds go around a ring at the pace of the narrowest") {
  // Two pipelines of one chip each hold 12 layers and two tables; 4 bytes a gradient; 10 GB/s between kinds.
  std::vector<ChipKind> kinds = {timed_kind("a", 1e-3), timed_kind("b", 1e-3)};
  MixedLayout layout = layout_of(2, {{.stages = {{.kind = 0, .layers = 12}}, .sequences = 1},
                                     {.stages = {{.kind = 1, .layers = 12}}, .sequences = 1}});
  layout.common.overlap_gradients = false;
  const double bytes = 4 * local_parameters(small_model(),
                                            [] {
                                              Layout l;
                                              return l;
                                            }())
                               .dense;
  const double free = predict_mixed(small_model(), layout, kinds, {}).seconds;
  const double direct = predict_mixed(small_model(), layout, kinds, {.gbs = 10}).seconds;
  CHECK(direct - free == Approx(bytes / 10e9).epsilon(1e-3));  // 2 (n - 1) / n = 1
  const double staged =
      predict_mixed(small_model(), layout, kinds, {.gbs = 10, .staged = true, .host_gbs = 20}).seconds;
  CHECK(staged - free == Approx(bytes / 10e9 + 2 * bytes / 20e9).epsilon(1e-3));
  kinds[1].fabric.out.gbs = 5;  // its own network is narrower than the path
  CHECK(predict_mixed(small_model(), layout, kinds, {.gbs = 10}).seconds - free == Approx(bytes / 5e9).epsilon(1e-3));
}

TEST_CASE("a kind with little memory is where a stage does not fit") {
  std::vector<ChipKind> kinds = {timed_kind("large", 1e-3), timed_kind("small", 1e-3)};
  kinds[1].chip.memory_bytes = 1e9;
  const MixedLayout layout =
      layout_of(4, {{.stages = {{.kind = 0, .layers = 6}, {.kind = 1, .layers = 6}}, .sequences = 4}});
  const MixedStep step = predict_mixed(small_model(), layout, kinds, {});
  CHECK_FALSE(step.fits);
  CHECK(step.kinds[0].fits);
  CHECK_FALSE(step.kinds[1].fits);
}

TEST_CASE("layouts that cannot be are refused by reason") {
  const std::vector<ChipKind> kinds = {timed_kind("a", 1e-3, 4)};
  const auto why = [&](MixedPipeline pipeline, std::int64_t batch = 4) {
    return why_impossible(small_model(), layout_of(batch, {std::move(pipeline)}), kinds);
  };
  CHECK(why({.stages = {{.layers = 12}}, .sequences = 4}) == "");
  CHECK(why({.stages = {{.layers = 11}}, .sequences = 4}) == "11 layers placed of 12");
  CHECK(why({.stages = {{.layers = 12}}, .sequences = 3}) == "3 sequences shared out of 4");
  CHECK(why({.stages = {{.tensor = 3, .layers = 12}}, .sequences = 4}) == "16 heads over 3 tensor ranks");
  CHECK(why({.stages = {{.tensor = 8, .layers = 12}}, .sequences = 4}) == "8 chips of 4 a");
  CHECK(why({.stages = {{.kind = 1, .layers = 12}}, .sequences = 4}) == "a stage of no kind");
}

TEST_CASE("the expected slowest of n chips") {
  CHECK(slowest_of(1, 0.05) == 1);
  // Means of the maximum of n standard normals (Tippett 1925): 0.5642, 1.5388, 2.5076 at 2, 10, 100.
  CHECK(slowest_of(2, 1) - 1 == Approx(0.5642).epsilon(0.05));
  CHECK(slowest_of(10, 1) - 1 == Approx(1.5388).epsilon(0.02));
  CHECK(slowest_of(100, 1) - 1 == Approx(2.5076).epsilon(0.01));
  Stream draws = stream(3, "tests.slowest");
  boost::random::normal_distribution<double> normal;
  double sum = 0;
  for (int round = 0; round < 2000; ++round) {
    double worst = -10;
    for (int chip = 0; chip < 384; ++chip) worst = std::max(worst, normal(draws));
    sum += worst;
  }
  CHECK(slowest_of(384, 1) - 1 == Approx(sum / 2000).epsilon(0.02));
}
