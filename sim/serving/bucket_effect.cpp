#include "sim/serving/bucket_effect.hpp"

#include <algorithm>
#include <limits>

#include "sim/serving/saturation.hpp"

namespace alight {
namespace {

double computed_tokens(const ReplicaTotals& totals) {
  return static_cast<double>(totals.prefill_tokens - totals.recomputed_tokens);
}

MeanRequest mean_of(const std::vector<PoolDone>& done, const ServiceResults& results) {
  const auto finished = static_cast<double>(results.ended[static_cast<std::size_t>(RequestEnd::finished)]);
  MeanRequest mean{.output_tokens = static_cast<double>(results.output_tokens) / finished};
  double computed = 0, again = 0, pairs = 0, decoded = 0, context = 0;
  for (const PoolDone& pool : done) {
    computed += computed_tokens(pool.totals);
    again += static_cast<double>(pool.totals.recomputed_tokens);
    pairs += pool.totals.prefill_pairs;
    decoded += static_cast<double>(pool.totals.decode_tokens);
    context += static_cast<double>(pool.totals.decode_context);
  }
  mean.context = decoded > 0 ? context / decoded : static_cast<double>(results.prompt_tokens) / finished;
  if (computed <= 0) return mean;
  mean.prompt_tokens = computed / finished;
  mean.prompt_pairs = pairs * computed / (computed + again) / finished;
  return mean;
}

}  // namespace

std::vector<FleetBucket> bucket_effects(const FleetConfig& config, const std::vector<PoolDone>& done,
                                        const ServiceResults& results) {
  std::vector<FleetBucket> all;
  if (results.ended[static_cast<std::size_t>(RequestEnd::finished)] == 0) return all;
  const MeanRequest mean = mean_of(done, results);
  for (const ReplicaRole role : {ReplicaRole::aggregated, ReplicaRole::prefill, ReplicaRole::decode}) {
    double chips = 0, possible = 0, slowest = std::numeric_limits<double>::infinity(), tokens = 0, fullest = 0;
    int kinds = 0;
    for (std::size_t p = 0; p < done.size(); ++p) {
      const ServingPool& pool = config.pools[p];
      if (pool.replica.role != role || done[p].serving_s <= 0) continue;
      ++kinds;
      const double rate = saturated_requests_s(*pool.times, pool.replica, mean);
      const double served = computed_tokens(done[p].totals) + static_cast<double>(done[p].totals.decode_tokens);
      chips += done[p].serving_s * done[p].chips;
      possible += done[p].serving_s * rate;
      slowest = std::min(slowest, rate / done[p].chips);
      tokens += served;
      if (served > 0) fullest = std::max(fullest, served / (done[p].serving_s * rate));
    }
    if (kinds < 2 || !(possible > 0) || !(tokens > 0)) continue;
    FleetBucket effect{
        .role = role, .eta_bucket = chips * slowest / possible, .eta_mix = tokens / (fullest * possible)};
    if (effect.eta_bucket < 1) effect.recovery = (effect.eta_mix - effect.eta_bucket) / (1 - effect.eta_bucket);
    all.push_back(effect);
  }
  return all;
}

}  // namespace alight
