#include "sim/serving/play_requests.hpp"

#include <algorithm>
#include <queue>

namespace alight {
namespace {

struct Happening {
  enum class Kind : std::uint8_t { started, transferred, lost, repaired };
  Ticks at = 0;
  std::uint64_t order = 0;
  Kind kind = Kind::started;
  std::uint64_t number = 0;
  bool operator>(const Happening& other) const { return at != other.at ? at > other.at : order > other.order; }
};

class FixedTimes : public FleetSurroundings {
 public:
  explicit FixedTimes(const PlaySettings& settings) : settings_(&settings) {
    for (const PlaySettings::Loss& loss : settings.losses) {
      post(ticks(loss.at_s), Happening::Kind::lost, loss.replica);
      post(ticks(loss.back_s), Happening::Kind::repaired, loss.replica);
    }
  }
  void start(std::uint32_t, std::uint64_t ticket, Ticks t) override {
    ++there_;
    most_ = std::max(most_, there_);
    post(t + ticks(settings_->start_s), Happening::Kind::started, ticket);
  }
  void stop(std::uint32_t, Ticks) override { --there_; }
  void transfer(double bytes, std::uint32_t, std::uint32_t, std::uint64_t ticket, Ticks t) override {
    post(t + ticks(settings_->transfer_latency_s + bytes / settings_->transfer_bytes_s), Happening::Kind::transferred,
         ticket);
  }

  Ticks next() const { return queue_.empty() ? kNever : queue_.top().at; }
  void play(Fleet& fleet, Ticks t) {
    while (next() <= t) {
      const Happening h = queue_.top();
      queue_.pop();
      const auto replica = static_cast<std::uint32_t>(h.number);
      switch (h.kind) {
        case Happening::Kind::started:
          fleet.started(h.number, t);
          break;
        case Happening::Kind::transferred:
          fleet.transferred(h.number, t);
          break;
        case Happening::Kind::lost:
          if (replica < fleet.replicas() && fleet.state(replica) != ReplicaState::off) {
            --there_;
            failed_.push_back(replica);
            fleet.lose(replica, t);
          }
          break;
        case Happening::Kind::repaired:
          if (std::erase(failed_, replica) > 0) fleet.start(replica, t);
          break;
      }
    }
  }
  void serve_from_the_start(std::int64_t replicas) { most_ = there_ = replicas; }
  std::int64_t most() const { return most_; }

 private:
  void post(Ticks at, Happening::Kind kind, std::uint64_t number) { queue_.push({at, posted_++, kind, number}); }
  const PlaySettings* settings_;
  std::priority_queue<Happening, std::vector<Happening>, std::greater<>> queue_;
  std::vector<std::uint32_t> failed_;
  std::uint64_t posted_ = 0;
  std::int64_t there_ = 0, most_ = 0;
};

}  // namespace

PlayedRequests play_requests(const RequestTrace& trace, const FleetConfig& config, const PlaySettings& settings) {
  FixedTimes around(settings);
  Fleet fleet(config, trace, around);
  around.serve_from_the_start(static_cast<std::int64_t>(fleet.replicas()));
  Ticks t = 0;
  std::uint32_t next = 0;
  const auto count = static_cast<std::uint32_t>(trace.requests.size());
  const auto arrival = [&] { return next < count ? ticks(trace.requests[next].arrival_s) : kNever; };
  int idle_looks = 0;
  while (next < count || fleet.in_flight() > 0) {
    const Ticks outside = std::min(arrival(), around.next());
    const Ticks soonest = std::min(outside, fleet.next_change());
    // Only an autoscaler that looks at requests nobody will serve: it has had its chance.
    idle_looks = outside == kNever && !fleet.any_due() ? idle_looks + 1 : 0;
    if (soonest == kNever || idle_looks > 2) break;
    t = soonest;
    around.play(fleet, t);
    while (arrival() <= t) fleet.arrive(next++, t);
    fleet.play(t);
  }
  fleet.close(t);
  PlayedRequests played;
  for (std::uint32_t n = 0; n < fleet.replicas(); ++n) {
    played.hours.push_back(fleet.hours(n, t));
    played.pools.push_back(fleet.pool_of(n));
    played.steps += played.hours.back().totals.steps;
  }
  played.most_replicas = around.most();
  played.results = fleet.take_results();
  return played;
}

}  // namespace alight
