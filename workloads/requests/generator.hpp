// Requests out of a description and a seed.
//
//   generate:
//     rate: 8 /s
//     arrivals: {process: gamma, cv: 2.5}
//     prompt: {median: 1020, sigma: 1.2, max: 32000}
//     output: {mean: 210, max: 4096}
//     system_prompt: {tokens: 1500}
//     sessions: {turns: {mean: 4}, think: 40 s}
//
// Each attribute draws from a stream of its own, named after the generator and the attribute, in the order of the
// sessions' beginnings: another law of answers leaves every arrival and every prompt as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/describe/description.hpp"
#include "workloads/generate/arrivals.hpp"
#include "workloads/requests/lengths.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

/// Conversations: the prompt of a turn is all that was said before and the user's new text.
struct SessionSpec {
  LengthSpec turns;
  /// From the end of an answer to the next turn: lognormal, with this median and standard deviation of the logarithm.
  double think_s = 30;
  double think_sigma = 1;
  /// Arrivals are fixed before anything is served, so an answer is taken to need so long a token.
  double token_s = 0.03;
  std::int64_t longest_prompt = 1'000'000;  ///< tokens; a turn that would exceed it ends the session before
  static const Description& description();
};

/// Text before every prompt, the same in all that have it.
struct SystemPromptSpec {
  std::int64_t tokens = 0;
  std::int64_t variants = 1;  ///< how many different ones there are (applications)
  double skew = 0;            ///< the k-th variant is used in proportion to k^-skew (Zipf)
  static const Description& description();
};

struct RequestGeneratorSpec {
  std::optional<double> rate_per_s;         ///< requests, mean over a week
  std::optional<std::int64_t> requests;     ///< how many, at most
  std::optional<double> horizon_s;          ///< requests come in [0, horizon)
  ArrivalSpec arrivals;                     ///< of sessions, where there are
  std::optional<LengthSpec> prompt;         ///< what a user writes in one turn, tokens
  std::optional<LengthSpec> output;         ///< tokens
  std::optional<std::string> lengths_from;  ///< a trace whose pairs of prompt and output are drawn from
  SystemPromptSpec system_prompt;
  std::optional<SessionSpec> sessions;
  std::int64_t block_tokens = 64;
  static const Description& description();
};

/// What one generator makes at most.
inline constexpr double kMostRequests = 2e8;

/// Requests the spec asks for: given, or the mean of what will be drawn.
double expected_requests(const RequestGeneratorSpec& spec);

/// The requests, by arrival. `spec` has passed its checks, and has its `requests` or `horizon_s`, and a rate or both.
/// `pairs`: prompt and output lengths to draw from, in place of `prompt` and `output`; may be empty. The same spec,
/// name, pairs and seed give the same requests.
///
/// Where there are sessions, they begin at the rate of requests over the mean number of turns, the first at 0 or
/// later: the full rate is reached once sessions that began early have come to their end.
RequestTrace generate_requests(const RequestGeneratorSpec& spec, const std::string& name, std::uint64_t seed,
                               const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs = {});

}  // namespace alight
