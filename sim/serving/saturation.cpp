#include "sim/serving/saturation.hpp"

#include <algorithm>

namespace alight {

MeanRequest mean_request(const RequestTrace& trace) {
  MeanRequest mean{.output_tokens = 0};
  for (const Request& r : trace.requests) {
    const double prompt = r.prompt_tokens;
    mean.prompt_tokens += prompt;
    mean.prompt_pairs += prompt * (prompt + 1) / 2;
    mean.output_tokens += r.output_tokens;
    mean.context += r.output_tokens * (prompt + r.output_tokens / 2.0);
  }
  mean.context /= mean.output_tokens;
  const auto n = static_cast<double>(trace.requests.size());
  mean.prompt_tokens /= n;
  mean.prompt_pairs /= n;
  mean.output_tokens /= n;
  return mean;
}

namespace {

/// Seconds of an iteration that computes so many prompts, beside so many sequences that decode.
double iteration_s(const IterationTimes& times, const MeanRequest& request, double prompts, double decodes) {
  const IterationWork work{.prefill_tokens = prompts * request.prompt_tokens,
                           .prefill_sequences = prompts > 0 ? std::max(1.0, prompts) : 0,
                           .prefill_pairs = prompts * request.prompt_pairs,
                           .decodes = decodes};
  return times.iteration_time(work).seconds(decodes * request.context);
}

}  // namespace

double saturated_requests_s(const IterationTimes& times, const ReplicaConfig& config, const MeanRequest& request) {
  const double room = static_cast<double>((config.blocks - watermark_blocks(config)) * config.block_tokens);
  const double each = request.context + static_cast<double>(config.blocks_per_sequence * config.block_tokens);
  const double fit = std::min(static_cast<double>(config.max_batch), room / each);
  if (fit < 1) return 0;
  const auto new_tokens = static_cast<double>(config.max_batched_tokens);
  // One prompt at least is computed at a time, in as many iterations as it takes.
  const double prompts = std::min(fit, std::max(1.0, new_tokens / std::max(1.0, request.prompt_tokens)));
  if (config.role == ReplicaRole::prefill) return prompts / iteration_s(times, request, prompts, 0);
  const double iterations = std::max(0.0, request.output_tokens - 1) / config.tokens_per_iteration;
  const auto each_decode = static_cast<double>(config.decode_tokens);
  if (config.role == ReplicaRole::decode) {
    const double batch = std::min(fit, new_tokens / each_decode);
    return iterations > 0 ? batch / iterations / iteration_s(times, request, 0, batch) : 0;
  }
  if (!config.mixed) {
    const double of_prompt = iteration_s(times, request, prompts, 0) / prompts;
    return 1 / (of_prompt + (iterations > 0 ? iterations / fit * iteration_s(times, request, 0, fit) : 0));
  }
  const double ending = fit / (iterations + 1);
  const double asked = ending * (request.prompt_tokens + iterations * each_decode);
  const double part = std::min(1.0, new_tokens / asked);
  const double prompts_each = part * ending, decodes = prompts_each * iterations;
  // Of less than one prompt an iteration most iterations have none.
  const double with = std::min(1.0, prompts_each);
  return prompts_each / (with * iteration_s(times, request, prompts_each / with, decodes) +
                         (1 - with) * iteration_s(times, request, 0, decodes));
}

}  // namespace alight
