// The data of steps where it matters when in a step something happens to its way: steps that are taken by themselves.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/network/fluid_users.hpp"

namespace alight {
namespace {

/// Parts of a step, or of its data, below this are rounding.
constexpr double kRoundingOfStep = 1e-9;
constexpr double kNoEnd = std::numeric_limits<double>::infinity();

const SharedExchange* data_among(const std::vector<SharedExchange>& exchanges) {
  const auto is_data = [](const SharedExchange& shared) { return shared.exchange.kind == ExchangeKind::dataset; };
  const auto found = std::find_if(exchanges.begin(), exchanges.end(), is_data);
  return found == exchanges.end() ? nullptr : &*found;
}

bool crosses(const SharedExchange& shared, LinkIndex link) {
  return std::binary_search(shared.loads.begin(), shared.loads.end(), LinkBytes{.link = link},
                            [](const LinkBytes& a, const LinkBytes& b) { return a.link < b.link; });
}

}  // namespace

// Where the link of the exchange is full, it is what fills the step.
FluidNetwork::Apart FluidNetwork::apart(Member member, std::size_t exchange) const {
  const State& state = members_.at(member);
  const SharedExchange& shared = state.footprint->exchanges[exchange];
  const Exchange& e = shared.exchange;
  const double stretch = state.stretches[exchange].worst;
  Apart apart{.exchange_s = e.seconds + e.network_s * (stretch - 1),
              .rest_s = state.burst_s - e.exposed_s() - e.lengthening_s(stretch)};
  if (!(state.step_s > state.burst_s)) return apart;
  if (std::any_of(shared.loads.begin(), shared.loads.end(),
                  [this](const LinkBytes& load) { return links_[load.link].saturated; }))
    apart.exchange_s = std::max(apart.exchange_s, state.step_s);
  else
    apart.rest_s += state.step_s - state.burst_s;
  return apart;
}

bool FluidUsers::apart(JobIndex job) const {
  const auto at = data_.find(job);
  return at != data_.end() && at->second.apart;
}

bool FluidUsers::waits_for_data(JobIndex job) const {
  return apart(job) && data_.at(job).trained;
}

const SharedExchange* FluidUsers::data_in(const Footprint& footprint) {
  return data_among(footprint.exchanges);
}

const Footprint& FluidUsers::way_of_steps(JobIndex job) const {
  return apart(job) ? data_.at(job).steps : use(job).footprint;
}

// Before the network hears of it: how far a step is follows from how it went until now.
void FluidUsers::carries_otherwise(LinkIndex link) {
  for (auto& [job, data] : data_) {
    if (data.apart || !takes_steps(job) || use(job).end_s() <= engine().now()) continue;
    const SharedExchange* exchange = data_in(use(job).footprint);
    if (!exchange || !crosses(*exchange, link)) continue;
    close_steps(job);
    set_apart(job, data);
    open_steps(job);
    pace(job, first_pace(job), kNoLink);
  }
  network_.set_capacity(link, carries_now(link));
}

// A step begins with all of its exchanges, so its data comes first, at the pace of one exchange; the rest of the step
// takes as long as it does without. A last part of a step has such a part of the data.
void FluidUsers::set_apart(JobIndex job, Data& data) {
  LinkUse& mine = use(job);
  mine.count(engine().now());
  const double step = mine.rate->step.tokens, done = (data.tokens - mine.tokens_left) / step;
  const double whole_steps = std::floor(done + kRoundingOfStep), since_s = (done - whole_steps) * data.step_s;
  const double part = std::min(1.0, data.tokens / step - whole_steps);
  double left = part;
  if (since_s > kRoundingOfStep * data.step_s) {
    left -= since_s / data.was.exchange_s;
    if (data.was.rest_s < data.step_s)
      mine.tokens_left = data.tokens - (whole_steps + std::min(part, since_s / data.was.rest_s)) * step;
  }
  data.apart = true;
  data.trained = false;
  data.tokens_then = data.tokens - (whole_steps + part) * step;
  mine.fetching = left > kRoundingOfStep;
  data.fetching = {.left = left, .since_s = engine().now()};
  lay_apart(job, data);
}

void FluidUsers::lay_apart(JobIndex job, Data& data) {
  data.steps = use(job).footprint;
  data.fetch = {};
  if (const SharedExchange* exchange = data_in(data.steps)) {
    data.fetch = {.step_s = exchange->exchange.seconds, .exchanges = {*exchange}};
    data.fetch.exchanges.front().exchange.room_s = 0;
    data.steps.step_s -= exchange->exchange.exposed_s();
    data.steps.exchanges.erase(data.steps.exchanges.begin() + (exchange - data.steps.exchanges.data()));
  }
  if (!use(job).fetching) return;
  data.fetching.step_s = data.fetch.step_s;
  if (!data.fetch.empty()) network_.open(data_of(job), data.fetch);
  date_data(job, data);
  settle_soon();
}

void FluidUsers::close_data(JobIndex job) {
  if (!network_.is_open(data_of(job))) return;
  count(data_.at(job).fetching);
  network_.close(data_of(job));
}

void FluidUsers::date_data(JobIndex job, Data& data) {
  data.fetching.dated = ++dates_;
  const double end_s = data.fetching.since_s + data.fetching.left * data.fetching.step_s;
  if (std::isfinite(end_s))
    engine().at(std::max(end_s, engine().now()), Turn::runtime,
                Action::to<&FluidUsers::data_over>(this, ticket(data.fetching.dated, job)));
}

void FluidUsers::data_settled(JobIndex job, double step_s) {
  Data& data = data_.at(job);
  count(data.fetching);
  data.fetching.step_s = step_s;
  date_data(job, data);
  if (!data.trained || use(job).halted) return;
  const LinkIndex worst = network_.worst_link(data_of(job));
  use(job).go_on(engine().now(), kNoEnd, worst, whole(worst));
}

void FluidUsers::data_over(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = data_.find(job);
  if (at == data_.end() || at->second.fetching.dated != which >> 32) return;
  LinkUse& mine = use(job);
  mine.fetching = false;
  close_data(job);
  settle_soon();
  if (mine.halted) return;
  if (at->second.trained) return step_over(job);
  pace(job, mine.step_s, mine.worst);
}

void FluidUsers::date_step(JobIndex job) {
  if (!apart(job)) return;
  Data& data = data_.at(job);
  const LinkUse& mine = use(job);
  data.dated = ++dates_;
  if (mine.halted || (data.trained && mine.fetching)) return;
  const double over_s = data.trained
                            ? mine.since_s
                            : mine.since_s + std::max(0.0, mine.tokens_left - data.tokens_then) / mine.tokens_per_s();
  if (std::isfinite(over_s))
    engine().at(std::max(over_s, engine().now()), Turn::runtime,
                Action::to<&FluidUsers::trained>(this, ticket(data.dated, job)));
}

void FluidUsers::trained(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = data_.find(job);
  if (at == data_.end() || at->second.dated != which >> 32) return;
  LinkUse& mine = use(job);
  mine.count(engine().now());
  mine.tokens_left = at->second.tokens_then;
  at->second.trained = true;
  if (!mine.fetching) return step_over(job);
  close_steps(job);
  const LinkIndex worst = network_.is_open(data_of(job)) ? network_.worst_link(data_of(job)) : kNoLink;
  go_on(job, kNoEnd, worst);
  waits(job);
  settle_soon();
}

void FluidUsers::step_over(JobIndex job) {
  Data& data = data_.at(job);
  LinkUse& mine = use(job);
  close_steps(job);
  data.apart = data.trained = false;
  data.dated = ++dates_;
  settle_soon();
  if (mine.tokens_left <= kRoundingOfStep * mine.rate->step.tokens) {
    mine.tokens_left = 0;
    return go_on(job, first_pace(job), kNoLink);
  }
  if (is_due(job)) comes_due(job);
  if (stands(job)) return;
  open_steps(job);
  pace(job, first_pace(job), kNoLink);
}

}  // namespace alight
