// A replica written as plainly as can be: every iteration, every sequence, times summed in long double. It knows no
// stretches, heaps or histograms, and no prefix cache; what it shares with the real one is its description only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "serving.hpp"

namespace alight::test {

struct NaiveEvent {
  ReplicaEvent::Kind kind;
  std::uint32_t id;
  std::int64_t tokens;
  long double at_s;
};

class NaiveReplica {
 public:
  NaiveReplica(const ReplicaConfig& c, const IterationTimes& times) : c_(c), times_(&times) {
    c_.max_batch = std::max<std::int64_t>(1, std::min(c_.max_batch, c_.max_batched_tokens / c_.decode_tokens));
    watermark_ = std::llround(std::ceil(c.watermark * static_cast<double>(c.blocks)));
  }

  std::vector<NaiveEvent> play(const std::vector<Arrival>& arrivals) {
    std::size_t next = 0;
    for (;;) {
      for (; next < arrivals.size() && arrivals[next].at_s <= t_; ++next) take_in(arrivals[next], next);
      drop_late();
      if (iterate()) continue;
      long double wake = next < arrivals.size() ? arrivals[next].at_s : HUGE_VALL;
      for (const Seq& s : waiting_) wake = std::min(wake, s.deadline_s);
      if (wake == HUGE_VALL) return events_;
      t_ = std::max(t_, wake);
    }
  }

 private:
  struct Seq {
    std::uint32_t id;
    std::int64_t prompt, output, generated, to_compute, computed, chunk, held;
    int priority;
    std::size_t order;
    long double deadline_s;
    bool decoding, swapped;
  };

  std::int64_t pace(std::int64_t j) const {
    return static_cast<std::int64_t>(std::llround(c_.tokens_per_iteration * 1048576)) * j / 1048576;
  }
  std::int64_t blocks_for(std::int64_t tokens) const {
    const std::int64_t slots = tokens + c_.decode_tokens - 1;
    return slots / c_.block_tokens + (slots % c_.block_tokens != 0) + c_.blocks_per_sequence;
  }
  std::int64_t free_blocks() const {
    std::int64_t left = c_.blocks;
    for (const Seq& s : running_) left -= s.held;
    return left;
  }
  void tell(ReplicaEvent::Kind kind, const Seq& s) { events_.push_back({kind, s.id, s.generated, t_}); }

  void take_in(const Arrival& a, std::size_t order) {
    const ReplicaRequest& r = a.request;
    if (blocks_for(std::int64_t{r.prompt} + r.output) + watermark_ > c_.blocks) return;
    const long double deadline = r.deadline < kNever ? static_cast<long double>(r.deadline) * 0x1p-64L : HUGE_VALL;
    const Seq s{r.id, r.prompt, r.output, 0, 0, 0, 0, 0, r.priority, order, deadline, false, false};
    auto at = waiting_.begin();
    while (at != waiting_.end() && at->priority >= s.priority) ++at;
    waiting_.insert(at, s);
  }

  void drop_late() {
    std::vector<const Seq*> late;
    for (const auto* all : {&waiting_, &running_})
      for (const Seq& s : *all)
        if (s.deadline_s <= t_) late.push_back(&s);
    std::sort(late.begin(), late.end(), [](const Seq* a, const Seq* b) {
      return a->deadline_s != b->deadline_s ? a->deadline_s < b->deadline_s : a->order < b->order;
    });
    for (const Seq* s : late) tell(ReplicaEvent::Kind::timed_out, *s);
    for (auto* all : {&waiting_, &running_}) std::erase_if(*all, [&](const Seq& s) { return s.deadline_s <= t_; });
  }

  bool grow() {
    bool preempted = false;
    for (;;) {
      std::int64_t needed = 0;
      for (const Seq& s : running_)
        if (s.decoding) needed += blocks_for(s.prompt + s.generated) - s.held;
      if (needed <= free_blocks()) break;
      const auto victim = std::min_element(running_.begin(), running_.end(), [](const Seq& a, const Seq& b) {
        return a.priority != b.priority ? a.priority < b.priority : a.order > b.order;
      });
      Seq s = *victim;
      running_.erase(victim);
      preempted = true;
      s.swapped = s.decoding && c_.preemption == Preemption::swap;
      if (s.swapped) swap_s_ += s.held * (c_.block_bytes / c_.swap_bytes_s);
      s.decoding = false;
      s.held = 0;
      tell(ReplicaEvent::Kind::preempted, s);
      auto at = waiting_.begin();
      while (at != waiting_.end() && at->priority > s.priority) ++at;
      waiting_.insert(at, s);
    }
    for (Seq& s : running_)
      if (s.decoding) s.held = blocks_for(s.prompt + s.generated);
    level_ = pace(j_);
    return preempted;
  }

  std::int64_t chunk_of(const Seq& s) const {
    const std::int64_t left = s.to_compute - s.computed;
    if (c_.chunked) return std::max<std::int64_t>(0, std::min({left, c_.max_chunk_tokens, budget_}));
    return left <= budget_ || (s.to_compute > c_.max_batched_tokens && chunks_ == 0) ? left : 0;
  }
  void take_chunk(Seq& s) {
    s.chunk = chunk_of(s);
    budget_ -= s.chunk;
    chunks_ += s.chunk > 0;
  }

  void admit() {
    while (!waiting_.empty() && static_cast<std::int64_t>(running_.size()) < c_.max_batch) {
      Seq s = waiting_.front();
      const std::int64_t known = s.prompt + s.generated;
      if (s.swapped) {
        if ((c_.mixed && budget_ < c_.decode_tokens) || blocks_for(known) + watermark_ > free_blocks()) return;
        swap_s_ += blocks_for(known) * (c_.block_bytes / c_.swap_bytes_s);
        budget_ -= c_.decode_tokens;
        s.swapped = false;
        s.decoding = true;
        s.held = blocks_for(known - (pace(j_) - level_));
      } else {
        s.to_compute = known, s.computed = 0;
        if (budget_ <= 0 || chunk_of(s) == 0 || blocks_for(known + 1) + watermark_ > free_blocks()) return;
        s.held = blocks_for(known + 1);
        take_chunk(s);
      }
      waiting_.erase(waiting_.begin());
      running_.push_back(s);
    }
  }

  /// One iteration; false if there is nothing to do.
  bool iterate() {
    chunks_ = 0, swap_s_ = 0;
    budget_ = c_.max_batched_tokens;
    bool decode = true;
    for (Seq& s : running_) s.chunk = 0;
    if (c_.mixed) {
      const bool preempted = grow();
      for (const Seq& s : running_) budget_ -= s.decoding ? c_.decode_tokens : 0;
      for (Seq& s : running_)
        if (!s.decoding) take_chunk(s);
      if (!preempted || running_.empty()) admit();
    } else {
      for (Seq& s : running_)
        if (!s.decoding) take_chunk(s);
      admit();
      decode = chunks_ == 0;
      if (decode) grow();
    }
    IterationWork work;
    std::int64_t context = 0;
    for (const Seq& s : running_) {
      if (s.decoding && decode) work.decodes += 1, context += s.prompt + s.generated;
      if (s.chunk == 0) continue;
      work.prefill_tokens += static_cast<double>(s.chunk);
      work.prefill_sequences += 1;
      for (std::int64_t i = 1; i <= s.chunk; ++i) work.prefill_pairs += static_cast<double>(s.computed + i);
    }
    if (work.decodes == 0 && work.prefill_sequences == 0) return false;
    const IterationTime time = times_->iteration_time(work);
    t_ += swap_s_ + time.rest_s +
          std::max<long double>(time.floor_s, time.base_s + time.per_token_s * static_cast<long double>(context));
    finish(work.decodes > 0);
    return true;
  }

  void finish(bool decoded) {
    const std::int64_t before = pace(j_);
    if (decoded) ++j_;
    const std::int64_t gain = pace(j_) - before;
    // By tokens over what was asked, as the real one tells those that end together.
    std::vector<const Seq*> done;
    for (Seq& s : running_)
      if (s.decoding && decoded && (s.generated += gain) >= s.output) done.push_back(&s);
    std::sort(done.begin(), done.end(), [](const Seq* a, const Seq* b) {
      const std::int64_t over_a = a->generated - a->output, over_b = b->generated - b->output;
      return over_a != over_b ? over_a > over_b : a->order < b->order;
    });
    for (const Seq* s : done) events_.push_back({ReplicaEvent::Kind::finished, s->id, s->output, t_});
    std::erase_if(running_, [](const Seq& s) { return s.decoding && s.generated >= s.output; });
    for (Seq& s : running_) {
      if (s.chunk == 0 || (s.computed += s.chunk) < s.to_compute) continue;
      if (++s.generated == 1) tell(ReplicaEvent::Kind::first_token, s);
      s.decoding = true;
      s.held = blocks_for(s.prompt + s.generated - (pace(j_) - level_));
      if (s.generated >= s.output) tell(ReplicaEvent::Kind::finished, s);
    }
    std::erase_if(running_, [](const Seq& s) { return s.decoding && s.generated >= s.output; });
  }

  ReplicaConfig c_;
  const IterationTimes* times_;
  std::int64_t watermark_ = 0, budget_ = 0, chunks_ = 0, j_ = 0, level_ = 0;
  long double t_ = 0, swap_s_ = 0;
  std::vector<Seq> waiting_, running_;
  std::vector<NaiveEvent> events_;
};

}  // namespace alight::test
