// What became of a service's requests.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/serving/log_histogram.hpp"

namespace alight {

/// The one way in which a request ends.
enum class RequestEnd : std::uint8_t {
  finished,   ///< all its tokens were made
  rejected,   ///< no replica could ever hold it, or all queues were full, or none ever served
  timed_out,  ///< its time was over first
  lost,       ///< its replica failed, and it had been retried as often as allowed
};
inline constexpr std::size_t kRequestEnds = 4;

/// What the service promises; 0: nothing.
struct ServiceTargets {
  double ttft_s = 0;        ///< from arrival to the first token
  double tpot_s = 0;        ///< mean time between later tokens: (last - first token) / (tokens - 1)
  double end_to_end_s = 0;  ///< from arrival to the last token
};

/// One request's, where these are kept.
struct RequestOutcome {
  double first_token_s = -1, end_s = -1;  ///< on the trace's clock; -1: never
  std::int32_t replica = -1;              ///< where it ended
  std::uint16_t retries = 0;
  RequestEnd end = RequestEnd::rejected;
  bool operator==(const RequestOutcome&) const = default;
};

struct ServiceResults {
  std::int64_t arrived = 0;
  std::array<std::int64_t, kRequestEnds> ended{};     ///< by RequestEnd
  std::int64_t retried = 0;                           ///< times a request was sent anew after a loss
  std::int64_t good = 0;                              ///< finished and within every target that is set
  std::int64_t prompt_tokens = 0, output_tokens = 0;  ///< of finished requests
  std::int64_t good_output_tokens = 0;
  std::int64_t wasted_tokens = 0;  ///< answer tokens made for requests that did not finish, or made again
  double transferred_bytes = 0;    ///< of keys and values between pools
  /// Of finished requests; time per output token of those with two tokens or more.
  LogHistogram ttft_s, tpot_s, end_to_end_s;
  std::vector<RequestOutcome> outcomes;  ///< by position in the trace, where asked for
  double end_s = 0;                      ///< when the last request ended

  std::int64_t all_ended() const { return ended[0] + ended[1] + ended[2] + ended[3]; }
  double good_share() const { return arrived > 0 ? static_cast<double>(good) / static_cast<double>(arrived) : 0; }
};

}  // namespace alight
