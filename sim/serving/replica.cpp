// A replica's iterations: what ends with one, and how long the next goes on unchanged.
#include "sim/serving/replica.hpp"

#include <algorithm>
#include <stdexcept>

namespace alight {
namespace {

void refuse_unless(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

ReplicaConfig checked(ReplicaConfig c) {
  refuse_unless(c.max_batch > 0 && c.max_batched_tokens > 0 && c.max_chunk_tokens > 0, "limits of a batch above 0");
  refuse_unless(c.block_tokens > 0 && c.blocks > 0, "blocks above 0");
  refuse_unless(c.watermark >= 0 && c.watermark < 1, "a watermark from 0 to below 1");
  refuse_unless(c.tokens_per_iteration >= 1 && c.tokens_per_iteration <= 64, "1 to 64 tokens an iteration");
  refuse_unless(static_cast<double>(c.decode_tokens) >= c.tokens_per_iteration,
                "no more tokens an iteration than computed");
  refuse_unless(c.hash_block_tokens % c.block_tokens == 0, "a block of the trace of whole blocks of the engine");
  refuse_unless(c.preemption == Preemption::recompute || (c.swap_bytes_s > 0 && c.block_bytes > 0),
                "bytes of a block and a rate to swap them at");
  if (c.hash_block_tokens == 0) c.prefix_caching = PrefixCaching::off;
  // All running sequences decode in every iteration, so more than the tokens suffice for never run.
  c.max_batch = std::max<std::int64_t>(1, std::min(c.max_batch, c.max_batched_tokens / c.decode_tokens));
  return c;
}

}  // namespace

Replica::Replica(const ReplicaConfig& config, IterationLines& lines)
    : config_(checked(config)),
      lines_(&lines),
      pace_(config_.tokens_per_iteration),
      watermark_(watermark_blocks(config_)),
      cached_weight_(config_.prefix_caching == PrefixCaching::on ? config_.hash_block_tokens / config_.block_tokens
                                                                 : 0),
      swap_block_(config_.preemption == Preemption::swap ? ticks(config_.block_bytes / config_.swap_bytes_s) : 0),
      fill_(config_.block_tokens) {}

bool Replica::fits(std::int64_t prompt, std::int64_t output) const {
  return (config_.role == ReplicaRole::prefill ? prompt : prompt + output) <= longest_request(config_);
}

void Replica::submit(const ReplicaRequest& request, Ticks t) {
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(sequences_.size());
    sequences_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  Sequence& s = sequences_[place];
  s = {.id = request.id,
       .stamp = s.stamp,
       .prompt = request.prompt,
       .output = request.output,
       .generated = request.generated,
       .state = State::waiting,
       .priority = request.priority,
       .loaded = request.generated > 0,
       .order = arrivals_++,
       .deadline = request.deadline,
       .names = request.blocks};
  ++live_;
  const SequenceRef* head = waiting_.head([this](SequenceRef r) { return is(r, State::waiting); });
  const bool leads = head == nullptr || s.priority > sequences_[head->place].priority;
  waiting_.push(ref(place), s.priority);
  if (s.deadline < kNever) {
    ++timed_;
    deadlines_.push({s.deadline, s.order, ref(place)}, static_cast<std::size_t>(timed_),
                    [this](const Deadline& d) { return alive(d.who); });
    shorten(std::max(s.deadline, t));
  }
  if (!in_stretch_) {
    boundary_ = std::min(boundary_, t);
  } else if ((leads || !blocked_) && running() < config_.max_batch) {
    shorten(t);
  }
}

void Replica::release(std::uint32_t id, Ticks t) {
  const auto at = std::find_if(handing_.begin(), handing_.end(),
                               [this, id](std::uint32_t place) { return sequences_[place].id == id; });
  if (at == handing_.end()) return;
  const std::uint32_t place = *at;
  handing_.erase(at);
  settle_at(t);
  give_back(place);
  forget(place);
  blocked_ = false;
  if (!in_stretch_)
    boundary_ = std::min(boundary_, t);
  else
    shorten(t);
}

void Replica::step() {
  const Ticks t = boundary_;
  ++totals_.steps;
  if (in_stretch_) end_stretch(t);
  plan(t);
}

void Replica::end_stretch(Ticks t) {
  totals_ = totals(t);
  totals_.swapping += swap_;
  in_stretch_ = false;
  if (with_decodes_) {
    // totals() left out the last iteration, which ends at t.
    const std::int64_t k = stretch_.iterations, last = stretch_.before + k - 1;
    totals_.decode_context += stretch_.context_sum(k, pace_) - stretch_.context_sum(k - 1, pace_);
    totals_.decode_tokens += decodes_ * (pace_.at(last + 1) - pace_.at(last));
    settle(pace_.at(last));
    counter_ = last + 1;
    const std::int64_t count = pace_.at(counter_);
    const auto decoding = [this](const Due& d) { return is(d.who, State::decoding); };
    for (const Due* due = due_.top(decoding); due != nullptr && due->tokens <= count; due = due_.top(decoding)) {
      const std::uint32_t place = due->who.place;
      Sequence& s = sequences_[place];
      totals_.decode_tokens -= count - due->tokens;
      due_.pop();
      s.generated = s.output;
      tell(ReplicaEvent::Kind::finished, s, t);
      keep_blocks(s, std::int64_t{s.prompt} + s.output - 1);
      leave(place);
      forget(place);
    }
  }
  ++totals_.iterations;
  if (chunks_ == 0) return;
  totals_.prefill_tokens += static_cast<std::int64_t>(work_.prefill_tokens);
  totals_.prefill_pairs += work_.prefill_pairs;
  totals_.recomputed_tokens += recomputed_;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < prefilling_.size(); ++i) {
    const std::uint32_t place = prefilling_[i];
    Sequence& s = sequences_[place];
    s.computed += s.chunk;
    if (s.computed < s.to_compute)
      prefilling_[kept++] = place;
    else
      end_prefill(place, t);
  }
  prefilling_.resize(kept);
}

void Replica::end_prefill(std::uint32_t place, Ticks t) {
  Sequence& s = sequences_[place];
  keep_blocks(s, s.to_compute);
  if (++s.generated == 1) tell(ReplicaEvent::Kind::first_token, s, t);
  if (s.generated >= s.output) {
    tell(ReplicaEvent::Kind::finished, s, t);
    give_back(place);
    forget(place);
  } else if (config_.role == ReplicaRole::prefill) {
    s.state = State::handing;
    handing_.push_back(place);
    tell(ReplicaEvent::Kind::prefilled, s, t);
  } else {
    join(place);
  }
}

void Replica::plan(Ticks t) {
  drop_late(t);
  work_ = {};
  chunks_ = recomputed_ = 0;
  swap_ = 0;
  bool preempted = false;
  if (config_.mixed) {
    preempted = grow(t);
    budget_ = config_.max_batched_tokens - decodes_ * config_.decode_tokens;
    compose_chunks();
    if (!preempted || running() == 0) admit();
    with_decodes_ = decodes_ > 0;
  } else {
    budget_ = config_.max_batched_tokens;
    compose_chunks();
    admit();
    if (chunks_ == 0) preempted = grow(t);
    with_decodes_ = chunks_ == 0 && decodes_ > 0;
  }
  if (with_decodes_ || chunks_ > 0)
    begin(t, preempted);
  else
    idle();
}

void Replica::idle() {
  boundary_ = waiting_.size() > 0 ? first_deadline() : kNever;
}

void Replica::begin(Ticks t, bool preempted) {
  const std::int64_t decodes = with_decodes_ ? decodes_ : 0;
  stretch_ = {.start = t,
              .decodes = decodes,
              .context = with_decodes_ ? offsets_ + decodes * pace_.at(counter_) : 0,
              .before = counter_,
              .iterations = 1};
  if (chunks_ > 0) {
    work_.decodes = static_cast<double>(decodes);
    stretch_.line = lines_->mixed(work_, speed_);
  } else {
    stretch_.line = lines_->decode(decodes, speed_);
  }
  stretch_.line.rest += swap_;
  stretch_.at_floor = stretch_.floor_iterations(pace_);
  in_stretch_ = true;
  if (!config_.exact && chunks_ == 0 && !preempted && swap_ == 0) stretch_.iterations = count_iterations();
  boundary_ = stretch_.after(stretch_.iterations, pace_);
  if (const Ticks limit = first_deadline(); limit < boundary_) shorten(limit);
}

std::int64_t Replica::count_iterations() {
  const Due* due = due_.top([this](const Due& d) { return is(d.who, State::decoding); });
  const std::int64_t until = pace_.iterations_for(due->tokens);  // the count of iterations the first has its answer at
  const std::int64_t last = pace_.at(until - 1);
  const std::int64_t reach = fill_.reach(level_, last, available());
  return (reach < last ? pace_.iterations_for(reach + 1) : until) - counter_;
}

void Replica::shorten(Ticks t) {
  if (!in_stretch_ || stretch_.iterations == 1 || t >= boundary_) return;
  stretch_.iterations = std::min(stretch_.iterations, stretch_.ended_before(t, pace_) + 1);
  boundary_ = stretch_.after(stretch_.iterations, pace_);
}

Ticks Replica::first_deadline() {
  if (timed_ == 0) return kNever;
  const Deadline* first = deadlines_.top(
      [this](const Deadline& d) { return alive(d.who) && sequences_[d.who.place].state != State::handing; });
  return first == nullptr ? kNever : first->at;
}

void Replica::drop_late(Ticks t) {
  while (first_deadline() <= t) {
    const auto any = [](const Deadline&) { return true; };
    const std::uint32_t place = deadlines_.top(any)->who.place;
    deadlines_.pop();
    Sequence& s = sequences_[place];
    if (s.state == State::decoding) {
      s.generated = static_cast<std::uint32_t>(s.offset + pace_.at(counter_) - s.prompt);
      leave(place);
    } else if (s.state == State::prefilling) {
      std::erase(prefilling_, place);
      give_back(place);
    } else {
      waiting_.forget();
    }
    tell(ReplicaEvent::Kind::timed_out, s, t);
    forget(place);
  }
}

std::vector<Replica::Held> Replica::lose(Ticks t) {
  const std::int64_t ended = in_stretch_ ? std::min(stretch_.ended_before(t, pace_), stretch_.iterations - 1) : 0;
  const std::int64_t count = pace_.at(counter_ + (with_decodes_ ? ended : 0));
  totals_ = totals(t);
  std::vector<const Sequence*> held;
  for (const Sequence& s : sequences_)
    if (s.state != State::gone) held.push_back(&s);
  std::sort(held.begin(), held.end(), [](const Sequence* a, const Sequence* b) { return a->order < b->order; });
  std::vector<Held> ids;
  for (const Sequence* s : held) {
    const bool decodes = s->state == State::decoding;
    ids.push_back({s->id, decodes ? static_cast<std::uint32_t>(s->offset + count - s->prompt) : s->generated});
  }
  const ReplicaTotals kept = totals_;
  const double speed = speed_;
  std::vector<ReplicaEvent> events = std::move(events_);
  cache_.clear();
  *this = Replica(config_, *lines_);
  speed_ = speed;
  totals_ = kept;
  events_ = std::move(events);
  return ids;
}

ReplicaTotals Replica::totals(Ticks t) const {
  ReplicaTotals sum = totals_;
  if (!in_stretch_ || t <= stretch_.start) return sum;
  sum.busy += std::min(t, boundary_) - stretch_.start;
  const std::int64_t k = std::min(stretch_.ended_before(t, pace_), stretch_.iterations - 1);
  sum.iterations += k;
  if (with_decodes_) {
    sum.decode_context += stretch_.context_sum(k, pace_);
    sum.decode_tokens += decodes_ * (pace_.at(stretch_.before + k) - pace_.at(stretch_.before));
  }
  return sum;
}

std::int64_t Replica::used_blocks(Ticks t) {
  settle_at(t);
  return used();
}

}  // namespace alight
