// What a trace of requests is like: how many, how fast, how bursty, how long, and how much of the prompts repeats.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/requests/request.hpp"

namespace alight {

/// Counts of tokens, exact: how often each occurred is kept. Percentiles are by nearest rank: the least length that at
/// least so large a share of the requests does not exceed.
class LengthCounter {
 public:
  void add(std::uint32_t tokens) {
    if (tokens >= of_length_.size()) of_length_.resize(std::size_t{tokens} + 1);
    ++of_length_[tokens];
    ++count_;
    tokens_ += tokens;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t tokens() const { return tokens_; }
  double mean() const;
  /// `share` in [0, 1]; 0 gives the least, 1 the greatest. 0 where nothing was counted.
  std::uint32_t percentile(double share) const;

 private:
  std::vector<std::uint32_t> of_length_;
  std::uint64_t count_ = 0, tokens_ = 0;
};

/// What a prefix cache that never forgets would find of each prompt: the longest beginning of the prompt's blocks that
/// are all among those of the prompts and answers of earlier requests (earlier in the trace; how long serving takes
/// plays no part). A block found counts whole, the last one for as many tokens as the prompt has left.
struct PrefixShare {
  std::uint64_t blocks = 0, found_blocks = 0;  ///< of prompts; tokens behind the named blocks fill blocks of their own
  std::uint64_t tokens = 0, found_tokens = 0;
  std::uint64_t requests = 0, found_requests = 0;  ///< of which at least one block was found
  double shares = 0;                               ///< sum over requests of found tokens / prompt tokens

  double of_blocks() const { return ratio(static_cast<double>(found_blocks), blocks); }
  double of_tokens() const { return ratio(static_cast<double>(found_tokens), tokens); }
  double of_requests() const { return ratio(static_cast<double>(found_requests), requests); }
  /// Mean over the requests of the found share of a prompt's tokens: long prompts weigh no more than short ones.
  double mean() const { return ratio(shares, requests); }

 private:
  static double ratio(double part, std::uint64_t whole) { return whole == 0 ? 0 : part / static_cast<double>(whole); }
};

/// Gaps between arrivals, their mean and variance updated one by one (Welford 1962, Technometrics 4, 419).
class GapCounter {
 public:
  void add(double arrival_s);
  std::uint64_t gaps() const { return gaps_; }
  double mean_s() const { return mean_; }
  /// Standard deviation over mean: 1 for a Poisson process, above 1 for bursts. 0 where all come at one instant.
  double cv() const;

 private:
  std::uint64_t seen_ = 0, gaps_ = 0;
  double last_s_ = 0, mean_ = 0, squares_ = 0;
};

/// One pass, one request at a time, in the order of arrival.
class RequestStatistics {
 public:
  /// `distinct_blocks` and `block_tokens` of the trace the requests are from.
  RequestStatistics(std::uint32_t distinct_blocks, int block_tokens);
  void add(const Request& request, std::span<const BlockHash> with_answer);

  const LengthCounter& prompts() const { return prompts_; }
  const LengthCounter& outputs() const { return outputs_; }
  const GapCounter& gaps() const { return gaps_; }
  const PrefixShare& prefix() const { return prefix_; }
  std::uint32_t sessions() const { return sessions_; }
  double first_s() const { return first_s_; }
  double last_s() const { return last_s_; }
  /// Requests a second from the first to the last arrival; infinite where they come at one instant.
  double rate_per_s() const { return 1 / gaps_.mean_s(); }

 private:
  int block_tokens_;
  LengthCounter prompts_, outputs_;
  GapCounter gaps_;
  PrefixShare prefix_;
  std::vector<bool> seen_;  ///< by block
  std::uint32_t sessions_ = 0;
  double first_s_ = 0, last_s_ = 0;
};

RequestStatistics statistics_of(const RequestTrace& trace);

/// Variance over mean of the numbers of arrivals in windows of `window_s`, whole windows from the first arrival on: 1
/// for a Poisson process, above it where bursts last as long as the window. 0 where there are fewer than two windows.
double dispersion_of_counts(const std::vector<Request>& requests, double window_s);

/// Requests in each whole or part hour since the start of the trace.
std::vector<std::uint64_t> requests_by_hour(const std::vector<Request>& requests);

}  // namespace alight
