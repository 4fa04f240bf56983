// A replica of a model in service: one engine that batches continuously, as vLLM and SGLang do.
//
// At the end of each iteration (a boundary) the engine lets finished sequences go, takes in what has arrived, and
// composes the next: first one step of every decoding sequence, for which blocks of keys and values are taken, with
// the youngest of the lowest priority preempted when there are none; then prompts being computed, in chunks; then
// waiting ones, the head of the line first, while batch, tokens and blocks allow (Kwon et al., Efficient Memory
// Management for LLM Serving with PagedAttention, SOSP 2023, 4.5; Agrawal et al., Sarathi-Serve, OSDI 2024, 4). Blocks
// of a whole prompt, and of the first token after it, are taken when it is admitted.
//
// Boundaries at which nothing changes are not visited: while all sequences decode, the next one that matters is the
// first finish, the last iteration the free blocks suffice for, or a deadline, and its time follows in closed form
// (stretch.hpp). An arrival that could be let in shortens the stretch to the boundary it falls to. With `exact` every
// boundary is visited. Both give the same events at the same ticks, since a boundary visited in vain changes nothing.
//
// It is driven by somebody's clock: `next_change` says when it wants to be played, `play(t)` plays all up to and at t,
// `catch_up(t)` all before t. Who submits at t has first caught up to t; what is submitted at t takes part in a
// boundary at t unless that was played. Events collect in order until taken.
#pragma once

#include <vector>

#include "sim/serving/fill_offsets.hpp"
#include "sim/serving/lazy_heap.hpp"
#include "sim/serving/replica_config.hpp"
#include "sim/serving/stretch.hpp"
#include "sim/serving/waiting_line.hpp"

namespace alight {

class Replica {
 public:
  /// `lines` outlives it. Throws std::invalid_argument for a config that cannot work.
  Replica(const ReplicaConfig& config, IterationLines& lines);

  /// Whether a request of so many tokens could ever run here, alone.
  bool fits(std::int64_t prompt, std::int64_t output) const;

  /// A request arrives at `t`; it fits. Its blocks stay where they are while it, or the cache, needs them.
  void submit(const ReplicaRequest& request, Ticks t);
  /// The keys and values of a prefilled sequence have left.
  void release(std::uint32_t id, Ticks t);

  void catch_up(Ticks t) { while (boundary_ < t) step(); }
  void play(Ticks t) { while (boundary_ <= t) step(); }
  Ticks next_change() const { return boundary_; }
  std::vector<ReplicaEvent>& events() { return events_; }

  /// The replica is gone: empties it, cache and all, and returns whom it held, oldest first.
  std::vector<std::uint32_t> lose(Ticks t);

  std::int64_t waiting() const { return waiting_.size(); }
  std::int64_t running() const { return decodes_ + static_cast<std::int64_t>(prefilling_.size()); }
  bool empty() const { return live_ == 0; }
  /// Blocks held by sequences, up to the iteration that runs at `t`.
  std::int64_t used_blocks(Ticks t);
  /// Tokens of a prompt with these blocks that the cache holds at `t`.
  std::int64_t cached_tokens(PrefixCache::Blocks blocks, std::int64_t prompt, Ticks t);
  ReplicaTotals totals(Ticks t) const;
  const ReplicaConfig& config() const { return config_; }
  const PrefixCache& cache() const { return cache_; }

 private:
  enum class State : std::uint8_t { gone, waiting, prefilling, decoding, handing };
  struct Sequence {
    std::uint32_t id = 0, stamp = 0;
    std::uint32_t prompt = 0, output = 0, generated = 0;
    std::uint32_t to_compute = 0, computed = 0;  ///< tokens of the prefill, and of these done or found in the cache
    std::uint32_t chunk = 0;                     ///< tokens in the iteration that runs
    std::uint32_t lost_tokens = 0;               ///< of to_compute, computed before a preemption
    State state = State::gone;
    std::uint8_t priority = 0;
    bool loaded = false;       ///< its keys and values are here or at the host: no prefill
    bool swapped = false;      ///< they are at the host
    bool admitted = false;     ///< it has run before
    std::int64_t order = 0;    ///< of arrival here
    std::int64_t offset = 0;   ///< decoding: tokens held less those of the pace
    std::int64_t blocks = 0;   ///< prefilling, handing: reserved, cached ones included
    std::int64_t cached = 0;   ///< blocks of the trace referenced in the cache
    PrefixCache::Node node = 0;
    Ticks deadline = kNever;
    PrefixCache::Blocks names;
  };
  struct Due {
    std::int64_t tokens, order;
    SequenceRef who;
  };
  struct DueFirst {
    bool operator()(const Due& a, const Due& b) const {
      return a.tokens != b.tokens ? a.tokens < b.tokens : a.order < b.order;
    }
  };
  struct Victim {
    std::uint8_t priority;
    std::int64_t order;
    SequenceRef who;
  };
  struct VictimFirst {
    bool operator()(const Victim& a, const Victim& b) const {
      return a.priority != b.priority ? a.priority < b.priority : a.order > b.order;
    }
  };
  struct Deadline {
    Ticks at;
    std::int64_t order;
    SequenceRef who;
  };
  struct DeadlineFirst {
    bool operator()(const Deadline& a, const Deadline& b) const {
      return a.at != b.at ? a.at < b.at : a.order < b.order;
    }
  };

  // The iterations (replica.cpp).
  void step();
  void end_stretch(Ticks t);
  void plan(Ticks t);
  void begin(Ticks t, bool preempted);
  void shorten(Ticks t);
  void idle();
  Ticks first_deadline();
  void drop_late(Ticks t);
  std::int64_t count_iterations();
  void end_prefill(std::uint32_t place, Ticks t);

  // Who runs on which blocks (replica_batch.cpp).
  bool grow(Ticks t);
  void compose_chunks();
  void admit();
  bool admit_head();
  bool admit_loaded(std::uint32_t place);
  bool admit_prompt(std::uint32_t place);
  std::int64_t chunk_of(std::int64_t tokens, std::int64_t computed) const;
  void take_chunk(Sequence& s);
  void start_running(std::uint32_t place);
  void preempt(std::uint32_t place, Ticks t);
  void join(std::uint32_t place);
  void leave(std::uint32_t place);
  void give_back(std::uint32_t place);
  void keep_blocks(Sequence& s, std::int64_t tokens);
  void forget(std::uint32_t place);
  void settle(std::int64_t level);
  void settle_at(Ticks t);
  void trim_cache();

  std::int64_t blocks_for(std::int64_t tokens) const {
    return (tokens + config_.decode_tokens - 1 + config_.block_tokens - 1) / config_.block_tokens +
           config_.blocks_per_sequence;
  }
  /// Blocks of the engine behind blocks of the trace that a sequence references: none where the store is elsewhere.
  std::int64_t weight(std::int64_t cached) const { return cached * cached_weight_; }
  std::int64_t used() const { return private_ + (cached_weight_ > 0 ? weight(cache_.referenced()) : 0); }
  std::int64_t available() const { return config_.blocks - used(); }
  bool alive(SequenceRef r) const { return sequences_[r.place].stamp == r.stamp; }
  bool is(SequenceRef r, State state) const { return alive(r) && sequences_[r.place].state == state; }
  bool runs(SequenceRef r) const { return is(r, State::prefilling) || is(r, State::decoding); }
  SequenceRef ref(std::uint32_t place) const { return {place, sequences_[place].stamp}; }
  void tell(ReplicaEvent::Kind kind, const Sequence& s, Ticks t) { events_.push_back({kind, s.id, s.generated, t}); }

  ReplicaConfig config_;
  IterationLines* lines_;
  TokenPace pace_;
  std::int64_t watermark_ = 0, cached_weight_ = 0;
  Ticks swap_block_ = 0;

  std::vector<Sequence> sequences_;
  std::vector<std::uint32_t> free_;
  std::int64_t live_ = 0, arrivals_ = 0;
  WaitingLine waiting_;
  bool blocked_ = false;  ///< the head of the line found too few blocks at the last boundary

  std::vector<std::uint32_t> prefilling_;  ///< in order of admission
  std::int64_t decodes_ = 0, offsets_ = 0;  ///< decoding sequences; the sum of their offsets
  LazyHeap<Due, DueFirst> due_;
  LazyHeap<Victim, VictimFirst> victims_;
  LazyHeap<Deadline, DeadlineFirst> deadlines_;
  std::int64_t timed_ = 0;  ///< live sequences with a deadline
  FillOffsets fill_;
  std::int64_t counter_ = 0;  ///< decode iterations so far
  std::int64_t level_ = 0;    ///< the pace's count that decoding sequences have blocks for
  std::int64_t private_ = 0;  ///< blocks of sequences that are not in the cache
  PrefixCache cache_;

  // The iteration being composed, then run.
  IterationWork work_;
  std::int64_t budget_ = 0, chunks_ = 0, recomputed_ = 0;
  bool with_decodes_ = false;
  Ticks swap_ = 0;
  Stretch stretch_;
  bool in_stretch_ = false;
  Ticks boundary_ = kNever;
  ReplicaTotals totals_;
  std::vector<ReplicaEvent> events_;
};

}  // namespace alight
