#include "sim/network/fluid_users.hpp"

#include <algorithm>
#include <cmath>

#include "sim/engine/simgrid_shares.hpp"

namespace alight {

namespace {

/// A link that carries this part of its capacity is full.
constexpr double kFull = 1 - 1e-9;

}  // namespace

FluidUsers::FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      network_(capacities(), std::make_unique<SimgridShares>(engine, capacities())) {}

void FluidUsers::load_begun(JobIndex job, const Footprint& transfer) {
  Loading& loading = loading_[job];
  loading = {.left = 1, .since_s = engine().now(), .step_s = transfer.step_s};
  network_.open(job, transfer);
  date(job, loading);
}

void FluidUsers::load_gone(JobIndex job) {
  loading_.erase(job);
  network_.close(job);
}

void FluidUsers::date(JobIndex job, Loading& loading) {
  const double end_s = loading.since_s + loading.left * loading.step_s;
  ++loading.dated;
  if (std::isfinite(end_s))
    engine().at(std::max(end_s, engine().now()), Turn::runtime,
                Action::to<&FluidUsers::load_over>(this, static_cast<std::uint64_t>(loading.dated) << 32 | job));
}

void FluidUsers::load_over(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = loading_.find(job);
  if (at == loading_.end() || at->second.dated != which >> 32) return;
  load_gone(job);
  loaded(job);
}

void FluidUsers::begun(JobIndex job, const LinkUse& use) {
  network_.open(job, use.footprint);
}

void FluidUsers::gone(JobIndex job) {
  if (!use(job).halted) leave(job);
}

// Who crosses no link for a while, because what it crosses is whole again, is no member.
void FluidUsers::leave(JobIndex job) {
  if (!use(job).footprint.empty()) network_.close(job);
}

void FluidUsers::join(JobIndex job) {
  const LinkUse& mine = use(job);
  if (!mine.footprint.empty()) network_.open(job, mine.footprint);
  go_on(job, mine.footprint.step_s, kNoLink);
}

// The part of what a step is longer than alone that its checkpoints are.
double FluidUsers::waits_for_checkpoints(JobIndex job) const {
  const LinkUse& mine = *find(job);
  if (mine.rate->storage.checkpoints == 0) return 0;
  const auto& exchanges = mine.footprint.exchanges;
  double all = 0, own = 0;
  for (std::size_t x = 0; x < exchanges.size(); ++x) {
    const double by = exchanges[x].exchange.lengthening_s(network_.stretch(job, x));
    all += by;
    if (exchanges[x].exchange.kind == ExchangeKind::checkpoint) own += by;
  }
  if (all > 0) return own / all;
  // Hidden, but for the links that are full: its checkpoints hold it up where they are on one.
  for (const SharedExchange& shared : exchanges)
    if (shared.exchange.kind == ExchangeKind::checkpoint)
      for (const LinkBytes& load : shared.loads)
        if (network_.load(load.link) >= kFull * network_.capacity(load.link)) return 1;
  return 0;
}

void FluidUsers::settle() {
  for (const JobIndex job : network_.settle()) {
    if (const auto at = loading_.find(job); at != loading_.end()) {
      Loading& loading = at->second;
      loading.left = std::max(0.0, loading.left - (engine().now() - loading.since_s) / loading.step_s);
      loading.since_s = engine().now();
      loading.step_s = network_.step_s(job);
      date(job, loading);
      continue;
    }
    go_on(job, network_.step_s(job), network_.worst_link(job), waits_for_checkpoints(job));
  }
  for (const LinkIndex link : network_.touched())
    callbacks().carries({engine().now(), link, network_.load(link), network_.crowded(link)});
}

}  // namespace alight
