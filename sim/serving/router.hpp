// Which replica a request goes to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/random/streams.hpp"

namespace alight {

enum class RequestRouting : std::uint8_t {
  round_robin,
  least_work,    ///< fewest outstanding tokens for its speed
  power_of_two,  ///< of two drawn at random, the one with fewer outstanding tokens for its speed
  prefix_aware,  ///< the longest cached prefix among those not overloaded; of equal ones the least work
  session,       ///< a session stays where it is; a request of none goes to the least work
  weighted,      ///< in turn, each as often as its speed is of all
};

struct RouterConfig {
  RequestRouting routing = RequestRouting::least_work;
  /// Prefix-aware: a replica is overloaded with more outstanding work than this times the mean, and one request.
  double overload = 1.5;
  std::uint64_t seed = 1;
};

/// What a router knows of a replica that serves.
struct ReplicaLoad {
  double weight = 1;          ///< its speed, in any unit common to all
  double tokens = 0;          ///< of prompts and answers of the requests it was given and has not ended
  std::int64_t requests = 0;  ///< of these
  double work() const { return tokens / weight; }
};

struct RoutedRequest {
  double tokens = 0;          ///< prompt and answer
  std::uint32_t session = 0;  ///< 0: none
};

class Router {
 public:
  Router(const RouterConfig& config, std::string_view service);

  /// One of `open` (numbers of replicas, ascending, not empty). `loads` is by number; `cached(n)` the prompt's tokens
  /// that n has cached, 0 for all but `holders` (ascending; may hold others than open ones).
  template <class Cached>
  std::uint32_t choose(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads,
                       const RoutedRequest& request, std::span<const std::uint32_t> holders, const Cached& cached) {
    if (open.size() == 1) return open.front();
    if (config_.routing != RequestRouting::prefix_aware) return choose_blind(open, loads, request);
    double mean = 0;
    for (const std::uint32_t n : open) mean += loads[n].work();
    mean *= config_.overload / static_cast<double>(open.size());
    std::uint32_t best = least_work(open, loads);
    if (holders.empty()) return best;
    asked_.assign(holders.begin(), holders.end());  // asking may change who holds what
    std::int64_t longest = cached(best);
    for (const std::uint32_t n : asked_) {
      if (n == best || !std::binary_search(open.begin(), open.end(), n) ||
          loads[n].work() > mean + request.tokens / loads[n].weight)
        continue;
      const std::int64_t tokens = cached(n);
      if (tokens < longest || (tokens == longest && loads[n].work() >= loads[best].work())) continue;
      best = n;
      longest = tokens;
    }
    return best;
  }

 private:
  std::uint32_t choose_blind(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads,
                             const RoutedRequest& request);
  static std::uint32_t least_work(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads);
  std::uint32_t by_session(std::span<const std::uint32_t> open, std::uint32_t session) const;
  std::uint32_t in_proportion(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads);

  RouterConfig config_;
  Stream stream_;
  std::uint32_t last_ = 0xffffffff;
  std::vector<double> credit_;
  std::vector<std::uint32_t> asked_;
};

}  // namespace alight
