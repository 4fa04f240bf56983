#include "workloads/requests/generator.hpp"

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <limits>
#include <queue>
#include <stdexcept>

#include "workloads/requests/intake.hpp"
#include "workloads/requests/reshape.hpp"

namespace alight {

namespace {

/// Lengths of one turn: of two laws of their own, or of a row of a trace.
class TurnLengths {
 public:
  using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  TurnLengths(const RequestGeneratorSpec& spec, const std::string& name, std::uint64_t seed, const Pairs& pairs)
      : pairs_(pairs), prompt_stream_(stream(seed, name + ".prompt")), output_stream_(stream(seed, name + ".output")) {
    if (!pairs.empty()) return;
    prompt_.emplace(spec.prompt.value());
    output_.emplace(spec.output.value());
  }
  std::pair<std::uint32_t, std::uint32_t> draw() {
    if (pairs_.empty()) {
      const std::uint32_t prompt = prompt_->draw(prompt_stream_);
      return {prompt, output_->draw(output_stream_)};
    }
    const double u = boost::random::uniform_01<double>()(prompt_stream_);
    const auto at = static_cast<std::size_t>(u * static_cast<double>(pairs_.size()));
    return pairs_[std::min(at, pairs_.size() - 1)];
  }

 private:
  const Pairs& pairs_;
  std::optional<LengthLaw> prompt_, output_;
  Stream prompt_stream_, output_stream_;
};

/// Which of the shared system prompts a session has, and its blocks.
class SystemPrompts {
 public:
  SystemPrompts(const SystemPromptSpec& spec, std::uint32_t blocks, Stream stream)
      : tokens_(static_cast<std::uint32_t>(spec.tokens)), blocks_(blocks), stream_(stream) {
    double sum = 0;
    for (std::int64_t k = 1; k <= spec.variants; ++k)
      up_to_.push_back(sum += std::pow(static_cast<double>(k), -spec.skew));
  }
  std::uint32_t tokens() const { return tokens_; }
  std::uint32_t blocks() const { return blocks_; }
  /// Blocks of all variants, numbered from 0.
  std::uint32_t all_blocks() const { return blocks_ * static_cast<std::uint32_t>(up_to_.size()); }
  /// The first block of the variant drawn.
  BlockHash draw() {
    if (up_to_.size() == 1 || blocks_ == 0) return 0;
    const double u = boost::random::uniform_01<double>()(stream_) * up_to_.back();
    const auto found = std::upper_bound(up_to_.begin(), up_to_.end() - 1, u);
    return static_cast<BlockHash>(found - up_to_.begin()) * blocks_;
  }

 private:
  std::uint32_t tokens_, blocks_;
  std::vector<double> up_to_;
  Stream stream_;
};

struct Later {
  bool operator()(const std::pair<Request, std::uint64_t>& a, const std::pair<Request, std::uint64_t>& b) const {
    return a.first.arrival_s != b.first.arrival_s ? a.first.arrival_s > b.first.arrival_s : a.second > b.second;
  }
};

class Maker {
 public:
  Maker(const RequestGeneratorSpec& spec, const std::string& name, std::uint64_t seed, const TurnLengths::Pairs& pairs)
      : spec_(spec),
        size_(static_cast<std::uint32_t>(spec.block_tokens)),
        most_(spec.requests ? static_cast<std::uint64_t>(*spec.requests) : std::numeric_limits<std::uint64_t>::max()),
        horizon_s_(spec.horizon_s.value_or(std::numeric_limits<double>::infinity())),
        lengths_(spec, name, seed, pairs),
        systems_(spec.system_prompt, static_cast<std::uint32_t>(spec.system_prompt.tokens) / size_,
                 stream(seed, name + ".system")),
        turns_(spec.sessions ? spec.sessions->turns : LengthSpec::fixed(1)),
        turns_stream_(stream(seed, name + ".turns")),
        think_stream_(stream(seed, name + ".think")) {
    trace_.distinct_blocks = systems_.all_blocks();
    for (BlockHash block = 0; block < trace_.distinct_blocks; ++block) trace_.blocks.push_back(block);
    if (spec.requests) trace_.requests.reserve(static_cast<std::size_t>(*spec.requests));
  }

  RequestTrace make(const std::vector<double>& starts) && {
    for (const double start_s : starts) {
      release(start_s);
      if (full()) break;
      if (spec_.sessions)
        add_session(start_s);
      else
        add_single(start_s);
    }
    release(horizon_s_);
    if (!waiting_.empty()) dropped_ = true;
    trace_.block_tokens = trace_.blocks.empty() ? 0 : static_cast<int>(size_);
    if (dropped_) {
      put_in_order(trace_);
      compact_blocks(trace_);
    }
    return std::move(trace_);
  }

 private:
  bool full() const { return trace_.requests.size() >= most_; }

  /// Moves what comes before `until_s` into the trace.
  void release(double until_s) {
    while (!waiting_.empty() && !full() && waiting_.top().first.arrival_s < until_s) {
      trace_.requests.push_back(waiting_.top().first);
      waiting_.pop();
    }
  }

  /// Nothing but the system prompt is shared, and its blocks lie in the pool already.
  void add_single(double start_s) {
    const auto [prompt, output] = lengths_.draw();
    Request request;
    request.arrival_s = start_s;
    request.prompt_tokens = systems_.tokens() + prompt;
    request.output_tokens = output;
    request.first_block = systems_.draw();
    request.blocks = systems_.blocks();
    trace_.requests.push_back(request);
  }

  void add_session(double start_s) {
    const SessionSpec& spec = *spec_.sessions;
    const std::uint32_t turns = turns_.draw(turns_stream_);
    const BlockHash system = systems_.draw();
    const std::uint64_t first_block = trace_.blocks.size();
    std::uint64_t context = systems_.tokens();
    double time_s = start_s;
    bool ended = false;
    ++session_;
    for (std::uint32_t turn = 0; turn < turns; ++turn) {
      const auto [text, output] = lengths_.draw();
      const double z = boost::random::normal_distribution<double>()(think_stream_);
      const std::uint64_t prompt = context + text;
      // The first turn is asked however long it is: a session without requests is none.
      if (turn > 0 && prompt > static_cast<std::uint64_t>(spec.longest_prompt)) ended = true;
      if (ended) continue;  // its draws are made all the same: another bound leaves the sessions after as they are
      context = prompt + output;
      Request request;
      request.arrival_s = time_s;
      request.prompt_tokens = static_cast<std::uint32_t>(prompt);
      request.output_tokens = output;
      request.first_block = first_block;
      request.blocks = static_cast<std::uint32_t>(prompt / size_);
      // An answer of more blocks than a request can name has the rest of them named by the next turn only.
      request.answer_blocks = static_cast<std::uint16_t>(
          std::min<std::uint64_t>(context / size_ - request.blocks, std::numeric_limits<std::uint16_t>::max()));
      request.session = session_;
      if (time_s < horizon_s_)
        waiting_.emplace(request, sequence_++);
      else
        dropped_ = true;
      time_s += output * spec.token_s + spec.think_s * std::exp(spec.think_sigma * z);
    }
    add_blocks(system, context / size_);
  }

  void add_blocks(BlockHash system, std::uint64_t blocks) {
    if (blocks + trace_.distinct_blocks > std::numeric_limits<BlockHash>::max())
      throw std::logic_error("generate_requests: more than 2^32 blocks");
    if (trace_.blocks.capacity() - trace_.blocks.size() < blocks) grow(blocks);
    for (std::uint64_t i = 0; i < blocks; ++i)
      trace_.blocks.push_back(i < systems_.blocks() ? system + static_cast<BlockHash>(i) : trace_.distinct_blocks++);
  }

  /// The pool of millions of requests is the largest thing there is: it is given what all of them will need, judged by
  /// those made so far, and not twice what it has.
  void grow(std::uint64_t blocks) {
    constexpr std::uint64_t kEnoughToJudge = 10'000;
    const auto size = static_cast<double>(trace_.blocks.size() + blocks);
    double wanted = 1.3 * size;
    if (spec_.requests && sequence_ > kEnoughToJudge)
      wanted =
          std::max(1.05 * size, 1.02 * size * static_cast<double>(*spec_.requests) / static_cast<double>(sequence_));
    trace_.blocks.reserve(static_cast<std::size_t>(wanted) + 64);
  }

  const RequestGeneratorSpec& spec_;
  std::uint32_t size_;
  std::uint64_t most_;
  double horizon_s_;
  TurnLengths lengths_;
  SystemPrompts systems_;
  LengthLaw turns_;
  Stream turns_stream_, think_stream_;
  std::priority_queue<std::pair<Request, std::uint64_t>, std::vector<std::pair<Request, std::uint64_t>>, Later>
      waiting_;
  std::uint64_t sequence_ = 0;
  std::uint32_t session_ = 0;
  bool dropped_ = false;
  RequestTrace trace_;
};

double rate_of(const RequestGeneratorSpec& spec) {
  if (spec.rate_per_s) return *spec.rate_per_s;
  if (!spec.requests || !spec.horizon_s) throw std::logic_error("generate_requests: no rate");
  return static_cast<double>(*spec.requests) / *spec.horizon_s;
}

}  // namespace

double expected_requests(const RequestGeneratorSpec& spec) {
  const double over = spec.horizon_s ? rate_of(spec) * *spec.horizon_s : std::numeric_limits<double>::infinity();
  return spec.requests ? std::min(over, static_cast<double>(*spec.requests)) : over;
}

RequestTrace generate_requests(const RequestGeneratorSpec& spec, const std::string& name, std::uint64_t seed,
                               const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  if (!(expected_requests(spec) <= kMostRequests)) throw std::logic_error("generate_requests: no end");
  Stream arrivals = stream(seed, name + ".arrivals");
  const double turns = spec.sessions ? LengthLaw(spec.sessions->turns).mean() : 1;
  const std::vector<double> starts =
      !spec.sessions && spec.requests && spec.horizon_s && !spec.rate_per_s
          ? arrivals_over(spec.arrivals, *spec.requests, *spec.horizon_s, arrivals)
          : arrivals_at(spec.arrivals, rate_of(spec) / turns, spec.requests, spec.horizon_s, arrivals);
  return Maker(spec, name, seed, pairs).make(starts);
}

}  // namespace alight
