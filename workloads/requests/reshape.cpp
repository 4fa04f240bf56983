#include "workloads/requests/reshape.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "workloads/requests/intake.hpp"

namespace alight {

namespace {

constexpr double kHourS = 3600;

/// Appends requests of the trace as it was, as a copy that knows nothing of the others.
class Copier {
 public:
  Copier(RequestTrace& trace, CopiedBlocks blocks)
      : trace_(trace), blocks_(blocks), pool_(trace.blocks.size()), distinct_(trace.distinct_blocks) {
    for (const Request& r : trace.requests) sessions_ = std::max<std::uint64_t>(sessions_, r.session);
  }

  /// Makes room for all there will be: growing copy by copy would move everything each time.
  void expect(double requests, double copies) {
    trace_.requests.reserve(static_cast<std::size_t>(requests));
    if (blocks_ == CopiedBlocks::fresh) trace_.blocks.reserve(static_cast<std::size_t>(copies) * pool_);
  }

  /// Begins copy number `copy` from 1 on.
  void begin(std::uint64_t copy) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    if ((copy + 1) * std::max(sessions_, distinct_) > kMost)
      throw std::logic_error("requests: more than 2^32 sessions or blocks in copies of a trace");
    copy_ = copy;
    if (blocks_ == CopiedBlocks::same || pool_ == 0) return;
    const auto shift = static_cast<BlockHash>(copy * distinct_);
    for (std::size_t i = 0; i < pool_; ++i) trace_.blocks.push_back(trace_.blocks[i] + shift);
    trace_.distinct_blocks += static_cast<std::uint32_t>(distinct_);
  }

  void add(Request request, double arrival_s) {
    request.arrival_s = arrival_s;
    if (request.session != 0) request.session += static_cast<std::uint32_t>(copy_ * sessions_);
    if (blocks_ == CopiedBlocks::fresh) request.first_block += copy_ * pool_;
    trace_.requests.push_back(request);
  }

 private:
  RequestTrace& trace_;
  CopiedBlocks blocks_;
  std::uint64_t pool_, distinct_;
  std::uint64_t sessions_ = 0;
  std::uint64_t copy_ = 0;
};

/// The hours of a trace as a clock: arrivals up to a time, as if each hour's were spread evenly over it.
class HourClock {
 public:
  /// `span_s` after the first arrival; the last hour may be a part of one.
  HourClock(const std::vector<Request>& requests, double first_s, double span_s) : first_s_(first_s), span_s_(span_s) {
    const auto hours = static_cast<std::size_t>(std::ceil(span_s / kHourS));
    up_to_.assign(hours + 1, 0);
    for (const Request& r : requests) {
      const auto hour = static_cast<std::size_t>((r.arrival_s - first_s) / kHourS);
      ++up_to_[std::min(hour, hours - 1) + 1];
    }
    for (std::size_t h = 0; h < hours; ++h) up_to_[h + 1] += up_to_[h];
  }
  double total() const { return up_to_.back(); }

  double operational(double t_s) const {
    const auto hour = std::min(static_cast<std::size_t>((t_s - first_s_) / kHourS), up_to_.size() - 2);
    const double into = (t_s - first_s_ - static_cast<double>(hour) * kHourS) / length(hour);
    return up_to_[hour] + into * (up_to_[hour + 1] - up_to_[hour]);
  }
  double calendar(double u) const {
    const auto after = std::upper_bound(up_to_.begin(), up_to_.end(), u);
    const auto hour = std::min(static_cast<std::size_t>(after - up_to_.begin()) - 1, up_to_.size() - 2);
    const double arrivals = up_to_[hour + 1] - up_to_[hour];
    const double into = arrivals > 0 ? (u - up_to_[hour]) / arrivals : 0;
    return first_s_ + static_cast<double>(hour) * kHourS + std::clamp(into, 0.0, 1.0) * length(hour);
  }

 private:
  double length(std::size_t hour) const { return std::min(kHourS, span_s_ - static_cast<double>(hour) * kHourS); }
  double first_s_, span_s_;
  std::vector<double> up_to_;  ///< arrivals before each hour; one more for the end
};

/// Which of the numbers below `count` are used, and how many used ones are below each: a bit and a half a number, where
/// a table of new numbers would take 32.
class UsedNumbers {
 public:
  explicit UsedNumbers(std::uint32_t count) : bits_(count / kBits + 1) {}
  void mark(std::uint32_t number) { bits_[number / kBits] |= std::uint64_t{1} << (number % kBits); }
  /// After this nothing is marked any more.
  std::uint32_t count() {
    below_.clear();
    std::uint32_t sum = 0;
    for (const std::uint64_t word : bits_) {
      below_.push_back(sum);
      sum += static_cast<std::uint32_t>(std::popcount(word));
    }
    return sum;
  }
  std::uint32_t rank(std::uint32_t number) const {
    const std::uint64_t before = bits_[number / kBits] & ((std::uint64_t{1} << (number % kBits)) - 1);
    return below_[number / kBits] + static_cast<std::uint32_t>(std::popcount(before));
  }

 private:
  static constexpr std::uint32_t kBits = 64;
  std::vector<std::uint64_t> bits_;
  std::vector<std::uint32_t> below_;
};

}  // namespace

void cut(RequestTrace& trace, std::uint64_t requests, double until_s) {
  auto& all = trace.requests;
  const auto end =
      std::partition_point(all.begin(), all.end(), [&](const Request& r) { return r.arrival_s < until_s; });
  const auto kept = std::min<std::uint64_t>(requests, static_cast<std::uint64_t>(end - all.begin()));
  if (kept == all.size()) return;
  all.resize(static_cast<std::size_t>(kept));
  put_in_order(trace);
  compact_blocks(trace);
}

void cut_window(RequestTrace& trace, double from_s, double to_s) {
  std::erase_if(trace.requests, [&](const Request& r) { return r.arrival_s < from_s || r.arrival_s >= to_s; });
  for (Request& r : trace.requests) r.arrival_s -= from_s;
  if (trace.start_s != 0) trace.start_s += from_s;
  put_in_order(trace);
  compact_blocks(trace);
}

void keep_kinds(RequestTrace& trace, const std::vector<std::string>& kinds) {
  std::vector<bool> kept;
  for (const std::string& name : trace.kinds)
    kept.push_back(std::find(kinds.begin(), kinds.end(), name) != kinds.end());
  std::erase_if(trace.requests, [&](const Request& r) { return !kept[r.kind]; });
  put_in_order(trace);
  compact_blocks(trace);
}

std::optional<double> mean_rate_per_s(const RequestTrace& trace) {
  if (trace.requests.size() < 2) return std::nullopt;
  const double span_s = trace.requests.back().arrival_s - trace.requests.front().arrival_s;
  if (!(span_s > 0)) return std::nullopt;
  return static_cast<double>(trace.requests.size() - 1) / span_s;
}

void stretch_to_rate(RequestTrace& trace, double rate_per_s) {
  const auto mean = mean_rate_per_s(trace);
  if (!mean) throw std::logic_error("stretch_to_rate: the trace has no rate");
  const double factor = *mean / rate_per_s;
  for (Request& r : trace.requests) r.arrival_s *= factor;
}

double period_of(const RequestTrace& trace) {
  const auto mean = mean_rate_per_s(trace);
  if (!mean) throw std::logic_error("period_of: the trace has no rate");
  return static_cast<double>(trace.requests.size()) / *mean;
}

void refill_to_rate(RequestTrace& trace, double rate_per_s, CopiedBlocks blocks) {
  const auto mean = mean_rate_per_s(trace);
  if (!mean) throw std::logic_error("refill_to_rate: the trace has no rate");
  const double factor = rate_per_s / *mean;
  const HourClock clock(trace.requests, trace.requests.front().arrival_s, period_of(trace));
  const std::size_t once = trace.requests.size();
  std::vector<double> operational(once);
  for (std::size_t i = 0; i < once; ++i) operational[i] = clock.operational(trace.requests[i].arrival_s);
  // So many whole passes and the first `part` requests of one more; together they fill the span.
  const double wanted = std::max(1.0, std::round(factor * static_cast<double>(once)));
  const auto whole = static_cast<std::uint64_t>(wanted / static_cast<double>(once));
  const auto part = static_cast<std::size_t>(wanted - static_cast<double>(whole) * static_cast<double>(once));
  const double pass = clock.total();
  // Where the first request left out would stand; one at the very start leaves no span to fill.
  const auto end = std::find_if(operational.begin() + static_cast<std::ptrdiff_t>(part), operational.end(),
                                [](double u) { return u > 0; });
  const double length = static_cast<double>(whole) * pass + (part == 0 ? 0 : end == operational.end() ? pass : *end);
  Copier copier(trace, blocks);
  copier.expect(wanted, static_cast<double>(whole + 1));
  std::size_t kept = 0;
  for (std::uint64_t copy = 0; copy < whole + (part > 0 ? 1 : 0); ++copy) {
    if (copy > 0) copier.begin(copy);
    for (std::size_t i = 0; i < (copy < whole ? once : part); ++i) {
      const double t_s = clock.calendar((static_cast<double>(copy) * pass + operational[i]) * (pass / length));
      if (copy > 0)
        copier.add(trace.requests[i], t_s);
      else
        trace.requests[kept++].arrival_s = t_s;
    }
  }
  if (kept < once) {
    trace.requests.resize(kept);
    put_in_order(trace);
  }
  compact_blocks(trace);
}

void repeat(RequestTrace& trace, double period_s, std::uint64_t requests, double until_s, CopiedBlocks blocks) {
  const std::size_t once = trace.requests.size();
  if (once == 0 || !(period_s > 0)) throw std::logic_error("repeat: nothing to repeat");
  const double first_s = trace.requests.front().arrival_s;
  Copier copier(trace, blocks);
  const double copies = std::max(1.0, std::ceil(std::min((until_s - first_s) / period_s,
                                                         static_cast<double>(requests) / static_cast<double>(once))));
  copier.expect(std::min(copies * static_cast<double>(once), static_cast<double>(requests)), copies);
  for (std::uint64_t copy = 1; trace.requests.size() < requests; ++copy) {
    const double shift_s = static_cast<double>(copy) * period_s;
    if (first_s + shift_s >= until_s) break;
    copier.begin(copy);
    for (std::size_t i = 0; i < once && trace.requests.size() < requests; ++i)
      copier.add(trace.requests[i], trace.requests[i].arrival_s + shift_s);
  }
  // The last copy may be there in part only.
  cut(trace, requests, until_s);
  if (trace.requests.size() % once != 0) compact_blocks(trace);
}

void compact_blocks(RequestTrace& trace) {
  if (trace.blocks.empty()) return;
  UsedNumbers used(trace.distinct_blocks);
  std::uint64_t first = trace.blocks.size(), end = 0;
  for (const Request& r : trace.requests) {
    const auto blocks = blocks_after(trace, r);
    if (blocks.empty()) continue;
    first = std::min(first, r.first_block);
    end = std::max(end, r.first_block + blocks.size());
    for (const BlockHash block : blocks) used.mark(block);
  }
  if (end == 0) first = 0;
  trace.distinct_blocks = used.count();
  trace.blocks.resize(end);
  trace.blocks.erase(trace.blocks.begin(), trace.blocks.begin() + static_cast<std::ptrdiff_t>(first));
  // What lies between the stretches in use gets a number too, but nobody reads it.
  for (BlockHash& block : trace.blocks) block = used.rank(block);
  for (Request& r : trace.requests) r.first_block = r.first_block > first ? r.first_block - first : 0;
  if (trace.distinct_blocks == 0) trace.block_tokens = 0;
}

}  // namespace alight
