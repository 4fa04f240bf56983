#include "sim/scheduler/policies/reservation.hpp"

#include <algorithm>

namespace alight {

double when_quota_is_free(const Scheduler& s, JobIndex job) {
  const Queue& queue = s.queues()[s.job(job).queue];
  std::int64_t left = queue.quota_milli - queue.used_milli;
  double from_s = -kForever;
  if (!queue.limited()) return from_s;
  const auto& running = s.running_of_queue(s.job(job).queue);
  for (auto it = running.begin(); it != running.end() && left < s.milli(job); ++it) {
    left += s.milli(it->job);
    from_s = std::max(s.now(), it->estimated_end_s);
  }
  return from_s;
}

Reservation when_chips_are_free(const Scheduler& s, JobIndex job, PoolIndex p, double from_s) {
  const std::int64_t need = s.request(job).chips;
  Reservation r{.pool = p, .shadow_s = std::max(s.now(), from_s)};
  std::int64_t free = s.cluster().free_chips(p);
  const auto& running = s.running(p);
  for (auto it = running.begin(); it != running.end() && (free < need || it->estimated_end_s <= from_s); ++it) {
    free += it->chips;
    r.shadow_s = std::max(r.shadow_s, it->estimated_end_s);
  }
  if (free < need) return {.pool = p};
  r.spare_chips = free - need;
  return r;
}

Reservation when_it_fits(const Scheduler& s, const ChipRequest& want, PoolIndex p, double from_s) {
  const std::int64_t need = Cluster::needed(want);
  Reservation r{.pool = p, .shadow_s = std::max(s.now(), from_s), .plain = false};
  Cluster later = s.cluster();
  const ServerIndex first = later.first_server(p);
  r.units.resize(later.end_server(p) - first);
  std::int64_t room = 0;
  for (std::size_t i = 0; i < r.units.size(); ++i)
    room += r.units[i] = later.usable(want, first + static_cast<ServerIndex>(i));
  const auto& running = s.running(p);
  const auto free = [&](const Running& done) {
    for_each_pool(s.cluster(), s.allocation(done.job), [&](PoolIndex of, Slices held) {
      if (of != p) return;
      later.release(s.request(done.job), held);
      for_each_server(held, [&](ServerIndex server) {
        std::int64_t& units = r.units[server - first];
        room += later.usable(want, server) - units;
        units = later.usable(want, server);
      });
    });
  };
  for (auto it = running.begin(); it != running.end() && (room < need || it->estimated_end_s <= from_s); ++it) {
    free(*it);
    r.shadow_s = std::max(r.shadow_s, it->estimated_end_s);
  }
  if (room < need) return {.pool = p};
  r.spare_chips = room - need;
  return r;
}

Reservation when_room(const Scheduler& s, JobIndex job, PoolIndex p, double from_s) {
  return s.request(job).plain() ? when_chips_are_free(s, job, p, from_s) : when_it_fits(s, s.request(job), p, from_s);
}

}  // namespace alight
