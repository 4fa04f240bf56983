#include "sim/network/fluid.hpp"

#include <algorithm>
#include <boost/functional/hash.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace alight {
namespace {

/// Steps agree with each other when nobody's talking moves by more than this part of it: very closely among few, as
/// closely as bursts are known among many. Judgements; docs/sharing.md says them.
double agreement_after(std::size_t fits) {
  return fits < 100 ? 1e-10 : 1e-4;
}
/// Rounds converge by a factor each; near saturation slowly.
constexpr int kMostGoingRound = 400;
/// A link that carries this part of its capacity is saturated.
constexpr double kSaturated = 1 - 1e-9;

bool differs(double a, double b, double by) {
  return std::abs(a - b) > by * std::max(std::abs(a), std::abs(b));
}
bool differs(const Talker& a, const Talker& b, double by) {
  return differs(a.duty, b.duty, by) || differs(a.rate, b.rate, by);
}
bool differs(const Crowd& a, const Crowd& b, double by) {
  return differs(a.number, b.number, by) || differs(a.variance, b.variance, by) || differs(a.load, b.load, by);
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

void FluidNetwork::stir(LinkIndex link) {
  if (links_[link].stirred) return;
  links_[link].stirred = true;
  stirred_.push_back(link);
}

void FluidNetwork::tell_users(LinkIndex link) {
  Wire& wire = links_[link];
  stir(link);
  ++wire.news;
  wire.told = wire.crowd;
  wire.told_contended = contended(wire);
  for (const User& user : wire.users) concern(user.member, *user.state);
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
    part.asks.push_back({.exchange = x, .rate = asked});
    part.peak = std::max(part.peak, asked);
    part.bytes += bytes * shared.exchange.times;
  }
  for (Part& part : state.parts)
    std::sort(part.asks.begin(), part.asks.end(), [](const Ask& a, const Ask& b) { return a.rate < b.rate; });
  state.burst_s = state.step_s = footprint.step_s;
  talk(state);
  for (Part& part : state.parts) {
    part.told = part.talk;
    boost::hash_combine(part.alike, member);
    for (const Ask& ask : part.asks) {
      boost::hash_combine(part.alike, ask.exchange);
      boost::hash_combine(part.alike, ask.rate);
    }
    Wire& wire = links_[part.link];
    wire.alike += part.alike;
    const User user{member, &state, &part};
    wire.users.insert(std::lower_bound(wire.users.begin(), wire.users.end(), member,
                                       [](const User& u, Member m) { return u.member < m; }),
                      user);
    wire.peaks += part.peak;
    wire.crowd.add(part.talk);
    stir(part.link);
    changed_.push_back(part.link);
  }
  opened_.push_back(member);
}

void FluidNetwork::close(Member member) {
  const auto it = members_.find(member);
  if (it == members_.end()) throw std::logic_error("FluidNetwork: a member that is not open is closed");
  const State state = std::move(it->second);
  std::erase(opened_, member);
  if (shared_out_.erase(member) > 0) shares_->remove(member);
  members_.erase(it);
  for (const Part& part : state.parts) {
    Wire& wire = links_[part.link];
    wire.alike -= part.alike;
    std::erase_if(wire.users, [&](const User& user) { return user.member == member; });
    // Summed anew: a difference would keep the rounding of all that ever came and went.
    wire.peaks = 0;
    wire.crowd = {};
    for (const User& user : wire.users) {
      wire.peaks += user.part->peak;
      wire.crowd.add(user.part->talk);
    }
    stir(part.link);
    changed_.push_back(part.link);
  }
}

void FluidNetwork::set_capacity(LinkIndex link, double bytes_per_s) {
  links_[link].capacity = bytes_per_s;
  if (bytes_per_s <= 0)
    for (const User& user : links_[link].users)
      if (shared_out_.erase(user.member) > 0) {
        shares_->remove(user.member);
        user.state->paced_s = 0;
      }
  if (shares_) shares_->set_capacity(link, bytes_per_s);
  links_[link].told = {};
  stir(link);
  changed_.push_back(link);
}

void FluidNetwork::talk(State& state) {
  for (Part& part : state.parts) {
    double talking = 0, asked = 0;
    for (const Ask& ask : part.asks) {
      const Exchange& exchange = state.footprint->exchanges[ask.exchange].exchange;
      const Stretch& stretch = state.stretches[ask.exchange];
      const double each = exchange.times * exchange.network_s * stretch.worst;
      talking += each;
      asked += each * ask.rate * stretch.asks_on(part.link);
    }
    part.talk = {.duty = std::min(1.0, talking / state.burst_s), .rate = talking > 0 ? asked / talking : 0};
  }
}

bool FluidNetwork::alike(const Part& part, const Part& before) const {
  const Wire &wire = links_[part.link], &other = links_[before.link];
  return (part.link ^ before.link) == 1 && before.heard == other.news && part.alike == before.alike &&
         wire.alike == other.alike && wire.capacity == other.capacity && wire.users.size() == other.users.size();
}

// 1 / stretch is max-min fairness over several links, right where the other is crowded all the time. Where it is so at
// some times only the sender asks for more at others; and with 1 / stretch links close to full relieve each other, so
// that more than one answer agrees with itself: where 400 jobs cross 13 full links each, two answers 30 % apart. With
// the exponents here, 1 less half the time in which the others are silent, 3/4 where they are many, they are 2 % apart
// (tests/bench/sim_fluid.cpp, "off"). A judgement; docs/sharing.md has the errors that follow.
double FluidNetwork::asked_for(double stretch, LinkIndex held_up_by) const {
  if (held_up_by == kNoLink) return 1;
  const Wire& wire = links_[held_up_by];
  if (wire.many()) return 1 / std::sqrt(stretch * std::sqrt(stretch));
  const double silent = wire.crowd.number > 0 ? std::clamp(wire.crowd.variance / wire.crowd.number, 0.0, 1.0) : 0;
  return std::pow(stretch, 0.5 * silent - 1);
}

LinkIndex FluidNetwork::dead_link(const State& state) const {
  for (const Part& part : state.parts)
    if (links_[part.link].capacity <= 0) return part.link;
  return kNoLink;
}

bool FluidNetwork::look(Member member, State& state) {
  bool changed = false;
  for (Part& part : state.parts) {
    const Wire& wire = links_[part.link];
    if (part.heard == wire.news) continue;
    part.heard = wire.news;
    if (&part != state.parts.data() && alike(part, *(&part - 1))) {
      for (std::size_t i = 0; i < part.asks.size(); ++i) part.asks[i].met = (&part - 1)->asks[i].met;
      continue;
    }
    const bool free = !contended(wire), many = wire.many();
    Crowd others = wire.crowd;
    others_.clear();
    if (many)
      others.remove(part.talk);
    else if (!free)
      for (const User& user : wire.users)
        if (user.member != member) others_.push_back(user.part->talk);
    double asked = -1, met = 1;
    for (Ask& ask : part.asks) {
      if (!free && ask.rate != asked)
        met = many ? stretch_in(ask.rate, others, wire.capacity) : stretch_among(ask.rate, others_, wire.capacity);
      asked = ask.rate;
      changed = changed || met != ask.met;
      ask.met = met;
    }
  }
  return changed;
}

void FluidNetwork::meet(Member member, State& state) {
  const LinkIndex dead = dead_link(state);
  const bool silent = std::isinf(state.burst_s);
  if (dead == kNoLink ? !look(member, state) && !silent : silent && state.worst == dead) return;
  for (Stretch& stretch : state.stretches) stretch = {};
  for (const Part& part : state.parts)
    for (const Ask& ask : part.asks) {
      if (dead != kNoLink) break;
      Stretch& stretch = state.stretches[ask.exchange];
      if (ask.met > stretch.worst)
        stretch = {.worst = ask.met, .second = stretch.worst, .link = part.link, .second_link = stretch.link};
      else if (ask.met > stretch.second)
        stretch.second = ask.met, stretch.second_link = part.link;
    }
  for (Stretch& stretch : state.stretches) {
    stretch.asks_on_worst = asked_for(stretch.second, stretch.second_link);
    stretch.asks = asked_for(stretch.worst, stretch.link);
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
  tell_others(state);
}

// `before_`: how it talked until now.
void FluidNetwork::tell_others(State& state) {
  const double agreement = agreement_after(seen_.size() + concerned_.size());
  for (std::size_t i = 0; i < before_.size(); ++i) {
    Part& part = state.parts[i];
    Wire& wire = links_[part.link];
    wire.crowd.remove(before_[i]);
    wire.crowd.add(part.talk);
    stir(part.link);
    if (!contended(wire)) continue;
    const bool news =
        wire.many() ? differs(wire.crowd, wire.told, agreement) : differs(part.talk, part.told, agreement);
    if (!news) continue;
    part.told = part.talk;
    const bool heard = part.heard == wire.news, concerned = state.concerned;
    state.concerned = true;  // it knows
    tell_users(part.link);
    state.concerned = concerned;
    if (heard) part.heard = wire.news;
  }
}

// Few are told of everything; many of what is more than they would agree about.
void FluidNetwork::tell_of_changes() {
  sort_unique(changed_);
  for (const Member member : opened_) concern(member, members_.at(member));
  for (const LinkIndex link : changed_)
    for (const User& user : links_[link].users) concern(user.member, *user.state);
  const double agreement = agreement_after(concerned_.size());
  for (const Member member : concerned_) members_.at(member).concerned = false;
  concerned_.clear();
  for (const Member member : opened_) concern(member, members_.at(member));
  for (const LinkIndex link : changed_) {
    const Wire& wire = links_[link];
    if (contended(wire) != wire.told_contended ||
        (contended(wire) && (!wire.many() || differs(wire.crowd, wire.told, agreement))))
      tell_users(link);
  }
  changed_.clear();
  opened_.clear();
}

void FluidNetwork::go_round() {
  std::vector<Member> round;
  for (int r = 0; r < kMostGoingRound && !concerned_.empty(); ++r) {
    round.swap(concerned_);
    concerned_.clear();
    std::sort(round.begin(), round.end());
    for (const Member member : round) members_.at(member).concerned = false;
    for (const Member member : round) {
      State& state = members_.at(member);
      seen_.push_back(member);
      meet(member, state);
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
    // Exchanges of one job, each of which fits, may come to more than the link carries.
    const bool full = contended(wire) ? bytes_s >= kSaturated * wire.capacity : bytes_s > wire.capacity / kSaturated;
    const bool saturated = wire.capacity > 0 && full;
    if (saturated != wire.saturated)
      for (const User& user : wire.users) {
        changed.push_back(user.member);
        user.state->paced_s = 0;
      }
    wire.saturated = saturated;
  }
  sort_unique(changed);
  const double agreement = agreement_after(seen_.size());
  std::vector<StepBytes> uses;
  for (const Member member : changed) {
    State& state = members_.at(member);
    uses.clear();
    for (const Part& part : state.parts)
      if (links_[part.link].saturated && std::isfinite(state.burst_s)) uses.push_back({part.link, part.bytes});
    if (uses.empty() && shared_out_.erase(member) > 0) {
      shares_->remove(member);
      state.paced_s = 0;
    } else if (!uses.empty() && differs(state.burst_s, state.paced_s, agreement)) {
      shares_->set(member, uses, 1 / state.burst_s);
      state.paced_s = state.burst_s;
      shared_out_.insert(member);
    }
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
  tell_of_changes();
  go_round();
  std::sort(stirred_.begin(), stirred_.end());
  sort_unique(seen_);
  share_out();
  std::vector<Member> told = seen_;
  told.insert(told.end(), shared_out_.begin(), shared_out_.end());
  sort_unique(told);
  for (const Member member : told) {
    State& state = members_.at(member);
    const double step_s =
        shared_out_.contains(member) ? std::max(state.burst_s, 1 / shares_->rate(member)) : state.burst_s;
    if (step_s == state.step_s) continue;
    state.step_s = step_s;
    moved_.push_back(member);
    for (const Part& part : state.parts) stir(part.link);
  }
  touched_.swap(stirred_);
  stirred_.clear();
  std::sort(touched_.begin(), touched_.end());
  for (const LinkIndex link : touched_) {
    links_[link].stirred = false;
    sum_up(link);
  }
  return moved_;
}

}  // namespace alight
