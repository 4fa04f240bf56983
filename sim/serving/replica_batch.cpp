// Who runs on a replica, and on which blocks.
#include <algorithm>

#include "sim/serving/replica.hpp"

namespace alight {

bool Replica::grow(Ticks t) {
  const std::int64_t count = pace_.at(counter_);
  bool preempted = false;
  while (decodes_ > 0 && fill_.needed(level_, count) > available()) {
    const Victim* victim = victims_.top([this](const Victim& v) { return runs(v.who); });
    preempt(victim->who.place, t);
    preempted = true;
  }
  settle(count);
  return preempted;
}

void Replica::settle(std::int64_t level) {
  if (decodes_ > 0) private_ += fill_.needed(level_, level);
  level_ = level;
  trim_cache();
}

void Replica::settle_at(Ticks t) {
  if (!in_stretch_ || !with_decodes_) return;
  const std::int64_t begun = std::min(stretch_.ended_before(t, pace_), stretch_.iterations - 1);
  settle(std::max(level_, pace_.at(stretch_.before + begun)));
}

void Replica::trim_cache() {
  if (cached_weight_ > 0) cache_.shrink_unreferenced(available() / cached_weight_);
}

void Replica::compose_chunks() {
  for (const std::uint32_t place : prefilling_) take_chunk(sequences_[place]);
}

std::int64_t Replica::chunk_of(std::int64_t tokens, std::int64_t computed) const {
  const std::int64_t left = tokens - computed;
  if (config_.chunked) return std::min({left, config_.max_chunk_tokens, budget_});
  // By what it is, not by what is left: else a prompt could come in because the cache lost its beginning.
  const bool too_long = tokens > config_.max_batched_tokens;
  return left <= budget_ || (too_long && chunks_ == 0) ? left : 0;
}

void Replica::take_chunk(Sequence& s) {
  const std::int64_t chunk = std::max<std::int64_t>(0, chunk_of(s.to_compute, s.computed));
  s.chunk = static_cast<std::uint32_t>(chunk);
  if (chunk == 0) return;
  budget_ -= chunk;
  ++chunks_;
  const auto tokens = static_cast<double>(chunk);
  work_.prefill_tokens += tokens;
  work_.prefill_sequences += 1;
  work_.prefill_pairs += tokens * s.computed + tokens * (tokens + 1) / 2;
  recomputed_ += std::max<std::int64_t>(0, std::min<std::int64_t>(s.lost_tokens, s.computed + chunk) - s.computed);
}

void Replica::admit() {
  blocked_ = false;
  while (admit_head()) continue;
}

bool Replica::admit_head() {
  if (running() >= config_.max_batch) return false;
  const SequenceRef* head = waiting_.head([this](SequenceRef r) { return is(r, State::waiting); });
  if (head == nullptr) return false;
  const std::uint32_t place = head->place;
  return sequences_[place].loaded ? admit_loaded(place) : admit_prompt(place);
}

bool Replica::admit_loaded(std::uint32_t place) {
  Sequence& s = sequences_[place];
  if (config_.mixed && budget_ < config_.decode_tokens) return false;
  const std::int64_t blocks = blocks_for(std::int64_t{s.prompt} + s.generated);
  if (blocks + watermark_ > available()) {
    blocked_ = true;
    return false;
  }
  private_ += blocks;
  s.blocks = blocks;
  trim_cache();
  if (s.swapped) swap_ += blocks * swap_block_;
  budget_ -= config_.decode_tokens;
  s.loaded = s.swapped = false;
  start_running(place);
  join(place);
  return true;
}

bool Replica::admit_prompt(std::uint32_t place) {
  Sequence& s = sequences_[place];
  if (budget_ <= 0) return false;
  const std::int64_t tokens = std::int64_t{s.prompt} + s.generated;
  PrefixCache::Match match;
  if (config_.prefix_caching != PrefixCaching::off) {
    // The last token is computed in any case: its output is the next token.
    const auto names = static_cast<std::int64_t>(s.names.size());
    match = cache_.match(s.names, std::min(names, (tokens - 1) / config_.hash_block_tokens));
  }
  const std::int64_t hit = match.blocks * config_.hash_block_tokens;
  if (chunk_of(tokens, hit) <= 0) return false;
  const std::int64_t blocks = blocks_for(config_.role == ReplicaRole::prefill ? tokens : tokens + 1);
  const std::int64_t fresh = blocks - weight(match.blocks);
  if (fresh + weight(match.unreferenced) + watermark_ > available()) {
    blocked_ = true;
    return false;
  }
  s.blocks = blocks;
  s.cached = match.blocks;
  if (match.blocks > 0) s.node = cache_.hold(s.names, match.blocks);
  private_ += fresh;
  trim_cache();
  s.to_compute = static_cast<std::uint32_t>(tokens);
  s.computed = static_cast<std::uint32_t>(hit);
  if (!s.admitted) {
    totals_.asked_tokens += s.prompt;
    totals_.hit_tokens += hit;
  }
  start_running(place);
  s.state = State::prefilling;
  prefilling_.push_back(place);
  take_chunk(s);
  return true;
}

void Replica::start_running(std::uint32_t place) {
  Sequence& s = sequences_[place];
  waiting_.forget();
  s.admitted = true;
  s.state = State::prefilling;
  victims_.push({s.priority, s.order, ref(place)}, static_cast<std::size_t>(running()),
                [this](const Victim& v) { return runs(v.who); });
}

void Replica::join(std::uint32_t place) {
  Sequence& s = sequences_[place];
  const std::int64_t count = pace_.at(counter_);
  s.state = State::decoding;
  s.offset = std::int64_t{s.prompt} + s.generated - count;
  private_ -= s.blocks - blocks_for(s.offset + level_);
  fill_.add(s.offset + config_.decode_tokens - 1);
  due_.push({count + s.output - s.generated, s.order, ref(place)}, static_cast<std::size_t>(decodes_),
            [this](const Due& d) { return is(d.who, State::decoding); });
  ++decodes_;
  offsets_ += s.offset;
}

void Replica::leave(std::uint32_t place) {
  const Sequence& s = sequences_[place];
  fill_.remove(s.offset + config_.decode_tokens - 1);
  --decodes_;
  offsets_ -= s.offset;
  give_back(place);
}

void Replica::give_back(std::uint32_t place) {
  Sequence& s = sequences_[place];
  const std::int64_t blocks = s.state == State::decoding ? blocks_for(s.offset + level_) : s.blocks;
  private_ -= blocks - weight(s.cached);
  if (s.cached > 0) cache_.release(s.node);
  s.cached = s.blocks = 0;
  s.node = 0;
}

void Replica::keep_blocks(Sequence& s, std::int64_t tokens) {
  if (config_.prefix_caching == PrefixCaching::off) return;
  const std::int64_t whole = std::min(static_cast<std::int64_t>(s.names.size()), tokens / config_.hash_block_tokens);
  if (whole <= s.cached) return;
  s.node = cache_.extend(s.node, s.cached, s.names, whole);
  private_ -= weight(whole - s.cached);
  s.cached = whole;
}

void Replica::preempt(std::uint32_t place, Ticks t) {
  Sequence& s = sequences_[place];
  if (s.state == State::decoding) {
    const std::int64_t tokens = s.offset + pace_.at(counter_);
    s.generated = static_cast<std::uint32_t>(tokens - s.prompt);
    if (config_.preemption == Preemption::swap) {
      s.loaded = s.swapped = true;
      swap_ += blocks_for(s.offset + level_) * swap_block_;
    } else {
      s.lost_tokens = static_cast<std::uint32_t>(tokens - 1);
    }
    leave(place);
  } else {
    s.lost_tokens = std::max(s.lost_tokens, s.computed);
    std::erase(prefilling_, place);
    give_back(place);
  }
  ++totals_.preemptions;
  tell(ReplicaEvent::Kind::preempted, s, t);
  // A new stamp: what is left of it in the heaps is of its former run.
  ++s.stamp;
  s.state = State::waiting;
  waiting_.push_front(ref(place), s.priority);
  if (s.deadline < kNever)
    deadlines_.push({s.deadline, s.order, ref(place)}, static_cast<std::size_t>(timed_),
                    [this](const Deadline& d) { return alive(d.who); });
}

void Replica::forget(std::uint32_t place) {
  Sequence& s = sequences_[place];
  if (s.deadline < kNever) --timed_;
  ++s.stamp;
  s.state = State::gone;
  s.names = {};
  free_.push_back(place);
  --live_;
}

std::int64_t Replica::cached_tokens(PrefixCache::Blocks blocks, std::int64_t prompt, Ticks t) {
  if (config_.prefix_caching == PrefixCaching::off) return 0;
  const std::int64_t limit =
      std::min(static_cast<std::int64_t>(blocks.size()), (prompt - 1) / config_.hash_block_tokens);
  if (cache_.match(blocks, limit).blocks == 0) return 0;
  settle_at(t);  // what the running iteration has taken may be gone from the cache
  return cache_.match(blocks, limit).blocks * config_.hash_block_tokens;
}

}  // namespace alight
