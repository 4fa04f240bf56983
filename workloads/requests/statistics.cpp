#include "workloads/requests/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

double LengthCounter::mean() const {
  return count_ == 0 ? 0 : static_cast<double>(tokens_) / static_cast<double>(count_);
}

std::uint32_t LengthCounter::percentile(double share) const {
  const double wanted = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
  std::uint64_t up_to = 0;
  for (std::size_t length = 0; length < of_length_.size(); ++length) {
    up_to += of_length_[length];
    if (static_cast<double>(up_to) >= wanted) return static_cast<std::uint32_t>(length);
  }
  return 0;
}

void GapCounter::add(double arrival_s) {
  if (seen_++ > 0) {
    const double gap = arrival_s - last_s_;
    const double off = gap - mean_;
    mean_ += off / static_cast<double>(++gaps_);
    squares_ += off * (gap - mean_);
  }
  last_s_ = arrival_s;
}

double GapCounter::cv() const {
  return mean_ > 0 ? std::sqrt(squares_ / static_cast<double>(gaps_)) / mean_ : 0;
}

RequestStatistics::RequestStatistics(std::uint32_t distinct_blocks, int block_tokens)
    : block_tokens_(block_tokens), seen_(distinct_blocks) {}

void RequestStatistics::add(const Request& request, std::span<const BlockHash> with_answer) {
  if (prompts_.count() == 0) first_s_ = request.arrival_s;
  last_s_ = request.arrival_s;
  gaps_.add(request.arrival_s);
  prompts_.add(request.prompt_tokens);
  outputs_.add(request.output_tokens);
  sessions_ = std::max(sessions_, request.session);
  ++prefix_.requests;
  prefix_.tokens += request.prompt_tokens;
  if (block_tokens_ == 0) return;
  const auto size = static_cast<std::uint64_t>(block_tokens_);
  std::uint64_t found = 0;
  while (found < request.blocks && seen_[with_answer[found]]) ++found;
  for (std::size_t i = found; i < with_answer.size(); ++i) seen_[with_answer[i]] = true;
  const std::uint64_t tokens = std::min<std::uint64_t>(request.prompt_tokens, found * size);
  prefix_.blocks += (request.prompt_tokens + size - 1) / size;
  prefix_.found_blocks += found;
  prefix_.found_tokens += tokens;
  prefix_.found_requests += found > 0 ? 1 : 0;
  prefix_.shares += static_cast<double>(tokens) / request.prompt_tokens;
}

RequestStatistics statistics_of(const RequestTrace& trace) {
  RequestStatistics statistics(trace.distinct_blocks, trace.block_tokens);
  for (const Request& request : trace.requests) statistics.add(request, blocks_after(trace, request));
  return statistics;
}

double dispersion_of_counts(const std::vector<Request>& requests, double window_s) {
  if (requests.empty() || !(window_s > 0)) return 0;
  const double first_s = requests.front().arrival_s;
  const double windows = std::floor((requests.back().arrival_s - first_s) / window_s);
  if (windows < 2) return 0;
  // Most windows of a bursty trace are empty, so only those with arrivals are visited.
  double count = 0, sum = 0, squares = 0, at = 0;
  const auto close = [&] {
    sum += count;
    squares += count * count;
    count = 0;
  };
  for (const Request& r : requests) {
    const double window = std::floor((r.arrival_s - first_s) / window_s);
    if (window >= windows) break;
    if (window != at) close();
    at = window;
    ++count;
  }
  close();
  const double mean = sum / windows;
  return (squares / windows - mean * mean) / mean;
}

std::vector<std::uint64_t> requests_by_hour(const std::vector<Request>& requests) {
  constexpr double kHour = 3600;
  std::vector<std::uint64_t> hours;
  for (const Request& r : requests) {
    const auto hour = static_cast<std::size_t>(r.arrival_s / kHour);
    if (hour >= hours.size()) hours.resize(hour + 1);
    ++hours[hour];
  }
  return hours;
}

}  // namespace alight
