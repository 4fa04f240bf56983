#include "sim/network/fluid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace alight {
namespace {

/// Steps agree with each other when nobody's talking moves by more than this part of it: very closely among few, as
/// closely as bursts are known among many. Judgements; docs/sharing.md says them.
double agreement_after(std::size_t fits) {
  return fits < 200 ? 1e-10 : fits < 400 ? 1e-4 : 2e-3;
}
/// Rounds converge by a factor each; near saturation slowly.
constexpr int kMostRounds = 400;
/// A link that carries this part of its capacity is saturated.
constexpr double kSaturated = 1 - 1e-9;

bool differs(double a, double b, double by) {
  return std::abs(a - b) > by * std::max(std::abs(a), std::abs(b));
}

template <class T>
void insert_sorted(std::vector<T>& in, const T& value) {
  in.insert(std::lower_bound(in.begin(), in.end(), value), value);
}

template <class T>
void erase_sorted(std::vector<T>& from, const T& value) {
  const auto at = std::lower_bound(from.begin(), from.end(), value);
  if (at != from.end() && *at == value) from.erase(at);
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

FluidNetwork::FluidNetwork(std::vector<double> capacities, std::unique_ptr<FairShares> shares)
    : links_(capacities.size()), shares_(std::move(shares)) {
  for (std::size_t l = 0; l < capacities.size(); ++l) links_[l].capacity = capacities[l];
}

void FluidNetwork::concern(Member member, State& state) {
  if (state.concerned) return;
  state.concerned = true;
  concerned_.push_back(member);
}

void FluidNetwork::concern_users(LinkIndex link) {
  stirred_.push_back(link);
  for (const User& user : links_[link].users) concern(user.member, *user.state);
}

void FluidNetwork::open(Member member, const Footprint& footprint) {
  const auto [it, fresh] = members_.try_emplace(member);
  if (!fresh) throw std::logic_error("FluidNetwork: a member is opened twice");
  State& state = it->second;
  state.footprint = &footprint;
  state.stretches.resize(footprint.exchanges.size());
  std::vector<std::pair<LinkIndex, std::uint32_t>> uses;
  for (std::uint32_t x = 0; x < footprint.exchanges.size(); ++x)
    for (const LinkBytes& load : footprint.exchanges[x].loads) uses.emplace_back(load.link, x);
  std::sort(uses.begin(), uses.end());
  for (const auto& [link, x] : uses) {
    if (state.parts.empty() || state.parts.back().link != link) state.parts.push_back({.link = link});
    Part& part = state.parts.back();
    const SharedExchange& shared = footprint.exchanges[x];
    const double bytes =
        std::lower_bound(shared.loads.begin(), shared.loads.end(), link, [](const LinkBytes& l, LinkIndex i) {
          return l.link < i;
        })->bytes;
    const double asked = bytes / shared.exchange.network_s;
    part.asks.emplace_back(x, asked);
    part.peak = std::max(part.peak, asked);
    part.bytes += bytes * shared.exchange.times;
  }
  for (Part& part : state.parts)
    std::sort(part.asks.begin(), part.asks.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  state.burst_s = state.step_s = footprint.step_s;
  talk(state);
  for (const Part& part : state.parts) {
    Wire& wire = links_[part.link];
    const User user{member, &state, &part};
    wire.users.insert(std::lower_bound(wire.users.begin(), wire.users.end(), member,
                                       [](const User& u, Member m) { return u.member < m; }),
                      user);
    wire.peaks += part.peak;
    wire.crowd.add(part.talk);
    if (contended(wire))
      concern_users(part.link);
    else
      stirred_.push_back(part.link);
  }
  concern(member, state);
}

void FluidNetwork::close(Member member) {
  const auto it = members_.find(member);
  if (it == members_.end()) throw std::logic_error("FluidNetwork: a member that is not open is closed");
  const State state = std::move(it->second);
  if (state.concerned) std::erase(concerned_, member);
  if (state.shared_out) {
    shares_->remove(member);
    erase_sorted(shared_out_, member);
  }
  members_.erase(it);
  for (const Part& part : state.parts) {
    Wire& wire = links_[part.link];
    const bool was_contended = contended(wire);
    std::erase_if(wire.users, [&](const User& user) { return user.member == member; });
    // Summed anew: a difference would keep the rounding of all that ever came and went.
    wire.peaks = 0;
    wire.crowd = {};
    for (const User& user : wire.users) {
      wire.peaks += user.part->peak;
      wire.crowd.add(user.part->talk);
    }
    if (was_contended)
      concern_users(part.link);
    else
      stirred_.push_back(part.link);
  }
}

void FluidNetwork::set_capacity(LinkIndex link, double bytes_per_s) {
  links_[link].capacity = bytes_per_s;
  if (bytes_per_s <= 0)
    for (const User& user : links_[link].users)
      if (user.state->shared_out) {
        shares_->remove(user.member);
        erase_sorted(shared_out_, user.member);
        user.state->shared_out = false;
      }
  if (shares_) shares_->set_capacity(link, bytes_per_s);
  concern_users(link);
}

void FluidNetwork::talk(State& state) {
  for (Part& part : state.parts) {
    double talking = 0, asked = 0;
    for (const auto& [x, rate] : part.asks) {
      const Exchange& exchange = state.footprint->exchanges[x].exchange;
      const double each = exchange.times * exchange.network_s;
      talking += each * state.stretches[x].worst;
      // Where another link holds it up it asks for less here.
      asked += each * state.stretches[x].worst * rate / state.stretches[x].elsewhere(part.link);
    }
    part.talk = {.duty = std::min(1.0, talking / state.burst_s), .rate = talking > 0 ? asked / talking : 0};
  }
}

LinkIndex FluidNetwork::dead_link(const State& state) const {
  for (const Part& part : state.parts)
    if (links_[part.link].capacity <= 0) return part.link;
  return kNoLink;
}

bool FluidNetwork::meet(Member member, State& state) {
  for (Stretch& stretch : state.stretches) stretch = {};
  const LinkIndex dead = dead_link(state);
  for (const Part& part : state.parts) {
    const Wire& wire = links_[part.link];
    if (dead != kNoLink || !contended(wire)) continue;
    const bool many = wire.users.size() > kExactTalkers + 1;
    Crowd others = wire.crowd;
    others_.clear();
    if (many)
      others.remove(part.talk);
    else
      for (const User& user : wire.users)
        if (user.member != member) others_.push_back(user.part->talk);
    double asked = -1, met = 1;
    for (const auto& [x, rate] : part.asks) {
      if (rate != asked)
        met = many ? stretch_in(rate, others, wire.capacity) : stretch_among(rate, others_, wire.capacity);
      asked = rate;
      Stretch& stretch = state.stretches[x];
      if (met > stretch.worst) {
        stretch = {.worst = met, .second = stretch.worst, .link = part.link};
      } else {
        stretch.second = std::max(stretch.second, met);
      }
    }
  }
  double longer = 0, most = 0;
  state.worst = kNoLink;
  for (std::size_t x = 0; x < state.stretches.size(); ++x) {
    const double by = state.footprint->exchanges[x].exchange.lengthening_s(state.stretches[x].worst);
    longer += by;
    if (by > most) {
      most = by;
      state.worst = state.stretches[x].link;
    }
  }
  state.burst_s = state.footprint->step_s + longer;
  if (dead != kNoLink) {  // it is silent everywhere until the link is back
    state.burst_s = std::numeric_limits<double>::infinity();
    state.worst = dead;
  }
  before_.clear();
  for (const Part& part : state.parts) before_.push_back(part.talk);
  talk(state);
  const double agreement = agreement_after(seen_.size());
  bool other = false;
  for (std::size_t i = 0; i < before_.size(); ++i) {
    const Part& part = state.parts[i];
    Crowd& crowd = links_[part.link].crowd;
    crowd.remove(before_[i]);
    crowd.add(part.talk);
    other = other || differs(before_[i].duty, part.talk.duty, agreement) ||
            differs(before_[i].rate, part.talk.rate, agreement);
  }
  return other;
}

void FluidNetwork::go_round() {
  std::vector<Member> round;
  for (int r = 0; r < kMostRounds && !concerned_.empty(); ++r) {
    round.swap(concerned_);
    concerned_.clear();
    std::sort(round.begin(), round.end());
    for (const Member member : round) members_.at(member).concerned = false;
    for (const Member member : round) {
      State& state = members_.at(member);
      seen_.push_back(member);
      if (!meet(member, state)) continue;
      for (const Part& part : state.parts) {
        const Wire& wire = links_[part.link];
        stirred_.push_back(part.link);
        if (!contended(wire)) continue;
        for (const User& user : wire.users)
          if (user.member != member) concern(user.member, *user.state);
      }
    }
  }
  for (const Member member : concerned_) members_.at(member).concerned = false;
  concerned_.clear();
}

void FluidNetwork::share_out() {
  if (!shares_) return;
  std::vector<Member> changed = seen_;
  for (const LinkIndex link : stirred_) {
    Wire& wire = links_[link];
    double bytes_s = 0;
    for (const User& user : wire.users) bytes_s += user.part->bytes / user.state->burst_s;
    const bool saturated = wire.capacity > 0 && contended(wire) && bytes_s >= kSaturated * wire.capacity;
    if (saturated != wire.saturated)
      for (const User& user : wire.users) changed.push_back(user.member);
    wire.saturated = saturated;
  }
  sort_unique(changed);
  std::vector<StepBytes> uses;
  for (const Member member : changed) {
    State& state = members_.at(member);
    uses.clear();
    for (const Part& part : state.parts)
      if (links_[part.link].saturated && std::isfinite(state.burst_s)) uses.push_back({part.link, part.bytes});
    if (!uses.empty()) {
      shares_->set(member, uses, 1 / state.burst_s);
      if (!state.shared_out) insert_sorted(shared_out_, member);
    } else if (state.shared_out) {
      shares_->remove(member);
      erase_sorted(shared_out_, member);
    }
    state.shared_out = !uses.empty();
  }
}

void FluidNetwork::sum_up(LinkIndex link) {
  Wire& wire = links_[link];
  wire.load = 0;
  others_.clear();
  for (const User& user : wire.users) {
    wire.load += user.part->bytes / user.state->step_s;
    others_.push_back(user.part->talk);
  }
  wire.crowded = wire.capacity > 0 && contended(wire) ? crowding_of(others_, wire.capacity) : 0;
}

std::span<const FluidNetwork::Member> FluidNetwork::settle() {
  seen_.clear();
  moved_.clear();
  go_round();
  sort_unique(stirred_);
  sort_unique(seen_);
  share_out();
  std::vector<Member> told = seen_;
  told.insert(told.end(), shared_out_.begin(), shared_out_.end());
  sort_unique(told);
  for (const Member member : told) {
    State& state = members_.at(member);
    const double step_s = state.shared_out ? std::max(state.burst_s, 1 / shares_->rate(member)) : state.burst_s;
    if (step_s == state.step_s) continue;
    state.step_s = step_s;
    moved_.push_back(member);
    for (const Part& part : state.parts) stirred_.push_back(part.link);
  }
  sort_unique(stirred_);
  touched_.swap(stirred_);
  stirred_.clear();
  for (const LinkIndex link : touched_) sum_up(link);
  return moved_;
}

}  // namespace alight
