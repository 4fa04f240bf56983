#include "sim/serving/router.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <string>

namespace alight {
namespace {

/// The finaliser of MurmurHash3 (Appleby): every bit of the key reaches every bit of the result.
std::uint64_t mixed(std::uint64_t key) {
  key = (key ^ (key >> 33)) * 0xff51afd7ed558ccdu;
  key = (key ^ (key >> 33)) * 0xc4ceb9fe1a85ec53u;
  return key ^ (key >> 33);
}

}  // namespace

Router::Router(const RouterConfig& config, std::string_view service)
    : config_(config), stream_(stream(config.seed, "router/" + std::string(service))) {}

std::uint32_t Router::least_work(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads) {
  return *std::min_element(open.begin(), open.end(),
                           [&](std::uint32_t a, std::uint32_t b) { return loads[a].work() < loads[b].work(); });
}

// The replica with the highest hash of session and replica (Thaler, Ravishankar, IEEE/ACM Transactions on Networking
// 6(1), 1998): when replicas come and go, only the sessions of these move.
std::uint32_t Router::by_session(std::span<const std::uint32_t> open, std::uint32_t session) const {
  const auto score = [&](std::uint32_t n) { return mixed((std::uint64_t{session} << 32) + n + config_.seed); };
  return *std::max_element(open.begin(), open.end(),
                           [&](std::uint32_t a, std::uint32_t b) { return score(a) < score(b); });
}

// Each gains its weight, the richest is taken and pays for all: the smooth weighted round robin of nginx, which spreads
// the turns of each evenly.
std::uint32_t Router::in_proportion(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads) {
  if (credit_.size() < loads.size()) credit_.resize(loads.size(), 0);
  double all = 0;
  std::uint32_t richest = open.front();
  for (const std::uint32_t n : open) {
    credit_[n] += loads[n].weight;
    all += loads[n].weight;
    if (credit_[n] > credit_[richest]) richest = n;
  }
  credit_[richest] -= all;
  return richest;
}

std::uint32_t Router::choose_blind(std::span<const std::uint32_t> open, std::span<const ReplicaLoad> loads,
                                   const RoutedRequest& request) {
  switch (config_.routing) {
    case RequestRouting::round_robin: {
      const auto next = std::upper_bound(open.begin(), open.end(), last_);
      return last_ = next == open.end() ? open.front() : *next;
    }
    case RequestRouting::power_of_two: {
      boost::random::uniform_int_distribution<std::size_t> any(0, open.size() - 1), other(0, open.size() - 2);
      const std::size_t i = any(stream_);
      std::size_t j = other(stream_);
      if (j >= i) ++j;
      return loads[open[j]].work() < loads[open[i]].work() ? open[j] : open[i];
    }
    case RequestRouting::session:
      return request.session > 0 ? by_session(open, request.session) : least_work(open, loads);
    case RequestRouting::weighted:
      return in_proportion(open, loads);
    case RequestRouting::least_work:
    case RequestRouting::prefix_aware:
      break;
  }
  return least_work(open, loads);
}

}  // namespace alight
