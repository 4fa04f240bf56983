// A fleet's requests: to which replica each goes, and how each ends.
#include <algorithm>

#include "sim/serving/fleet.hpp"

namespace alight {
namespace {

/// The names of whole blocks only: of prompt and answer, or of the prompt where its last block is a part of one.
PrefixCache::Blocks whole_blocks(const RequestTrace& trace, const Request& request) {
  if (request.blocks == 0 || trace.block_tokens == 0) return {};
  const std::uint32_t whole = request.prompt_tokens / static_cast<std::uint32_t>(trace.block_tokens);
  return request.blocks > whole ? blocks_of(trace, request).first(whole) : blocks_after(trace, request);
}

}  // namespace

Ticks Fleet::deadline_of(const Request& request) const {
  return config_.timeout_s > 0 ? ticks(request.arrival_s) + ticks(config_.timeout_s) : kNever;
}

ReplicaRequest Fleet::ask_of(std::uint32_t id) const {
  const Request& r = trace_->requests[active_[id].request];
  return {.id = id,
          .prompt = r.prompt_tokens,
          .output = std::max(1u, r.output_tokens),
          .priority = r.priority,
          .deadline = deadline_of(r),
          .blocks = whole_blocks(*trace_, r)};
}

void Fleet::arrive(std::uint32_t request, Ticks t) {
  std::uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(active_.size());
    active_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  const Request& r = trace_->requests[request];
  active_[id] = {.request = request, .tokens = static_cast<double>(r.prompt_tokens) + r.output_tokens};
  ++results_.arrived;
  ++in_flight_;
  send(id, t);
}

bool Fleet::fits(std::size_t pool, const Request& r) const {
  const bool prompts = config_.pools[pool].replica.role == ReplicaRole::prefill;
  return std::int64_t{r.prompt_tokens} + (prompts ? 0 : std::max(1u, r.output_tokens)) <= pools_[pool].longest;
}

std::uint32_t Fleet::pick(bool second, const Active& a, Ticks t) {
  const Request& r = trace_->requests[a.request];
  std::span<const std::uint32_t> open = open_[second];
  bool all = second || config_.queue_limit == 0;
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) all = all && (second_half(pool) != second || fits(pool, r));
  if (!all) {
    fitting_.clear();
    for (const std::uint32_t n : open) {
      const Member& m = members_[n];
      const bool full = !second && config_.queue_limit > 0 && m.engine->waiting() >= config_.queue_limit;
      if (!full && fits(m.pool, r)) fitting_.push_back(n);
    }
    open = fitting_;
  }
  if (open.empty()) return kNobody;
  const PrefixCache::Blocks names = whole_blocks(*trace_, r);
  const auto cached = [&](std::uint32_t n) {
    return second ? 0 : members_[n].engine->cached_tokens(names, r.prompt_tokens, t);
  };
  const auto holders = second || names.empty() ? std::span<const std::uint32_t>() : directory_.holders(names.front());
  return (second ? second_router_ : router_).choose(open, loads_, {a.tokens, r.session}, holders, cached);
}

void Fleet::assign(std::uint32_t id, std::uint32_t replica) {
  active_[id].replica = replica;
  loads_[replica].tokens += active_[id].tokens;
  ++loads_[replica].requests;
}

void Fleet::unassign(Active& a) {
  if (a.replica == kNobody) return;
  loads_[a.replica].tokens -= a.tokens;
  --loads_[a.replica].requests;
  a.replica = kNobody;
}

void Fleet::send(std::uint32_t id, Ticks t) {
  if (deadline_of(trace_->requests[active_[id].request]) <= t) return end(id, RequestEnd::timed_out, 0, t);
  if (open_[0].empty()) {
    waiting_[0].push_back(id);
    return;
  }
  const std::uint32_t replica = pick(false, active_[id], t);
  if (replica == kNobody) return end(id, RequestEnd::rejected, 0, t);
  Replica& engine = *members_[replica].engine;
  // Half of the work of a request is done elsewhere: it must fit there too.
  if (engine.config().role == ReplicaRole::prefill && !open_[1].empty()) {
    const Request& r = trace_->requests[active_[id].request];
    const bool fit =
        std::any_of(open_[1].begin(), open_[1].end(), [&](std::uint32_t n) { return fits(members_[n].pool, r); });
    if (!fit) return end(id, RequestEnd::rejected, 0, t);
  }
  assign(id, replica);
  engine.submit(ask_of(id), t);
  changed(replica);
}

void Fleet::hand_over(std::uint32_t id, Ticks t) {
  Active& a = active_[id];
  const std::uint32_t to = pick(true, a, t);
  a.held_back = to == kNobody;
  if (a.held_back) {
    waiting_[1].push_back(id);
    return;
  }
  if (a.source == kNobody) a.source = a.replica;
  unassign(a);
  assign(id, to);
  a.ticket = ++tickets_;
  const ServingPool& pool = config_.pools[members_[a.source].pool];
  const double bytes = pool.kv_bytes_per_sequence + pool.kv_bytes_per_token * trace_->requests[a.request].prompt_tokens;
  results_.transferred_bytes += bytes;
  around_->transfer(bytes, a.source, to, (std::uint64_t{id} << 40) | (a.ticket & 0xffffffffff), t);
}

void Fleet::transferred(std::uint64_t ticket, Ticks t) {
  const auto id = static_cast<std::uint32_t>(ticket >> 40);
  if (id >= active_.size() || active_[id].request == kNobody ||
      (active_[id].ticket & 0xffffffffff) != (ticket & 0xffffffffff))
    return;  // its replica failed meanwhile
  receive(id, t);
}

void Fleet::receive(std::uint32_t id, Ticks t) {
  Active& a = active_[id];
  a.ticket = 0;
  const std::uint32_t source = a.source;
  a.source = kNobody;
  members_[source].engine->release(id, t);
  changed(source);
  drained(source, t);
  ReplicaRequest ask = ask_of(id);
  ask.generated = 1;
  ask.blocks = {};
  members_[a.replica].engine->submit(ask, t);
  changed(a.replica);
}

void Fleet::hear(std::uint32_t replica) {
  auto& events = members_[replica].engine->events();
  for (const ReplicaEvent& e : events) {
    Active& a = active_[e.id];
    switch (e.kind) {
      case ReplicaEvent::Kind::first_token: {
        const Request& r = trace_->requests[a.request];
        const ServingPool& spec = config_.pools[members_[replica].pool];
        PoolState& pool = pools_[members_[replica].pool];
        a.first = e.at;
        a.outside_s = spec.request_s + spec.prompt_token_s * r.prompt_tokens;
        ++pool.first_tokens;
        const double ttft_s = seconds(e.at) - r.arrival_s + a.outside_s;
        if (config_.targets.ttft_s == 0 || ttft_s <= config_.targets.ttft_s) ++pool.in_time;
        break;
      }
      case ReplicaEvent::Kind::finished:
        end(e.id, RequestEnd::finished, e.tokens, e.at);
        break;
      case ReplicaEvent::Kind::timed_out:
        end(e.id, RequestEnd::timed_out, e.tokens, e.at);
        break;
      case ReplicaEvent::Kind::prefilled:
        hand_over(e.id, e.at);
        break;
      case ReplicaEvent::Kind::preempted:
        break;
    }
  }
  if (members_[replica].state == ReplicaState::draining) drained(replica, events.back().at);
  events.clear();
}

void Fleet::retry(std::uint32_t id, std::uint32_t tokens, Ticks t) {
  Active& a = active_[id];
  if (a.source != kNobody && a.source != a.replica) {
    members_[a.source].engine->release(id, t);
    changed(a.source);
    drained(a.source, t);
  }
  unassign(a);
  a.source = kNobody;
  a.ticket = 0;
  if (a.held_back) std::erase(waiting_[1], id);
  a.held_back = false;
  if (a.retries >= config_.retries) return end(id, RequestEnd::lost, tokens, t);
  results_.wasted_tokens += tokens;
  ++a.retries;
  ++results_.retried;
  a.first = kNever;
  send(id, t);
}

void Fleet::finish(const Active& a, const Request& r, double end_s) {
  const double first_s = seconds(a.first), outside_s = a.outside_s;
  const double ttft_s = first_s - r.arrival_s + outside_s, all_s = end_s - r.arrival_s + outside_s;
  const std::int64_t output = std::max(1u, r.output_tokens);
  const double tpot_s = output > 1 ? (end_s - first_s) / static_cast<double>(output - 1) : 0;
  results_.ttft_s.add(ttft_s);
  if (output > 1) results_.tpot_s.add(tpot_s);
  results_.end_to_end_s.add(all_s);
  results_.prompt_tokens += r.prompt_tokens;
  results_.output_tokens += output;
  const auto within = [](double value, double target) { return target == 0 || value <= target; };
  if (!within(ttft_s, config_.targets.ttft_s) || !within(tpot_s, config_.targets.tpot_s) ||
      !within(all_s, config_.targets.end_to_end_s))
    return;
  ++results_.good;
  results_.good_output_tokens += output;
}

void Fleet::end(std::uint32_t id, RequestEnd how, std::uint32_t tokens, Ticks t) {
  Active& a = active_[id];
  const Request& r = trace_->requests[a.request];
  const double end_s = seconds(t);
  ++results_.ended[static_cast<std::size_t>(how)];
  results_.end_s = std::max(results_.end_s, end_s);
  if (how == RequestEnd::finished)
    finish(a, r, end_s);
  else
    results_.wasted_tokens += tokens;
  if (config_.keep_outcomes)
    results_.outcomes[a.request] = {a.first < kNever ? seconds(a.first) : -1, end_s,
                                    a.replica == kNobody ? -1 : static_cast<std::int32_t>(a.replica), a.retries, how};
  unassign(a);
  a = {.request = kNobody};
  free_.push_back(id);
  --in_flight_;
}

}  // namespace alight
