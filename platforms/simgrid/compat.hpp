// The one door to SimGrid: includes it, and gives one spelling to what is spelled differently between 3.32 and 4.1.
// Include it in .cpp files only.
//
//   3.34  completion signals per activity class, start() honours dependencies, get_load for get_usage
//   3.36  routes between zones through a gateway set before
//   4.0   add_host, add_link, add_router, add_netzone_*; the root zone is there from the start
#pragma once

// SimGrid's version.h leans on headers before it.
// clang-format off
#include <simgrid/s4u.hpp>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/kernel/routing/NetPoint.hpp>
#include <simgrid/version.h>
#include <xbt/log.h>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/kernel/resource/Action.hpp>
#include <simgrid/kernel/resource/Model.hpp>
// clang-format on

#include <string>
#include <utility>
#include <vector>

namespace alight::simgrid_compat {

namespace s4u = simgrid::s4u;
using NetPoint = simgrid::kernel::routing::NetPoint;
using LinksInRoute = std::vector<s4u::LinkInRoute>;

/// Nothing of SimGrid's own on stdout or stderr. Call before the Engine is made, which already logs.
inline void silence() {
  xbt_log_control_set("root.thresh:critical");
}

enum class Zone { star, full, floyd, dijkstra, dijkstra_cache };

/// The zone that holds all others. From 4.0 on it is there from the start, under this name.
inline s4u::NetZone* world([[maybe_unused]] s4u::Engine& engine) {
#if SIMGRID_VERSION >= 40000
  return engine.get_netzone_root();
#else
  return s4u::create_full_zone("_world_");
#endif
}

/// That zone again, of the engine there is.
inline s4u::NetZone* root() {
  return s4u::Engine::get_instance()->get_netzone_root();
}

/// What a zone needs before it can be filled: the world's models (see add_zone()), or from 3.34 on the world itself.
inline s4u::NetZone* lend_models(s4u::NetZone* world, s4u::NetZone* zone) {
#if SIMGRID_VERSION < 33400
  const auto* lender = world->get_impl();
  auto* borrower = zone->get_impl();
  borrower->set_network_model(lender->get_network_model());
  borrower->set_cpu_pm_model(lender->get_cpu_pm_model());
  borrower->set_cpu_vm_model(lender->get_cpu_vm_model());
  borrower->set_disk_model(lender->get_disk_model());
  borrower->set_host_model(lender->get_host_model());
#else
  zone->set_parent(world);
#endif
  return zone;
}

/// A zone of hosts that finds its routes itself. Its hosts are numbered in the order they are added; nothing else may
/// be.
class OwnZone : public simgrid::kernel::routing::NetZoneImpl {
 public:
  explicit OwnZone(const std::string& name) : NetZoneImpl(name) {}

 protected:
  ~OwnZone() override = default;

 private:
  /// Appends the links from one host to another, in order.
  virtual void find_links(unsigned long from, unsigned long to, std::vector<const s4u::Link*>& out) = 0;

  void get_local_route(const NetPoint* from, const NetPoint* to, simgrid::kernel::routing::Route* into,
                       double* latency) override {
    links_.clear();
    find_links(from->id(), to->id(), links_);
    for (const s4u::Link* link : links_) {
      into->link_list_.push_back(link->get_impl());
      if (latency) *latency += link->get_latency();
    }
  }

  std::vector<const s4u::Link*> links_;
};

/// A zone to stand under `parent`, to be filled and then attached.
///
/// Before 3.34 every new host and link is looked for by name in all zones under the world, and sealing a zone visits
/// every host under the world: quadratic. So there zones are filled, joined and sealed while the world does not know
/// them, on models lent by it.
inline s4u::NetZone* add_zone([[maybe_unused]] s4u::NetZone* world, [[maybe_unused]] s4u::NetZone* parent, Zone kind,
                              const std::string& name) {
#if SIMGRID_VERSION >= 40000
  switch (kind) {
    case Zone::star:
      return parent->add_netzone_star(name);
    case Zone::full:
      return parent->add_netzone_full(name);
    case Zone::floyd:
      return parent->add_netzone_floyd(name);
    default:
      return parent->add_netzone_dijkstra(name, kind == Zone::dijkstra_cache);
  }
#else
  s4u::NetZone* zone = kind == Zone::star    ? s4u::create_star_zone(name)
                       : kind == Zone::full  ? s4u::create_full_zone(name)
                       : kind == Zone::floyd ? s4u::create_floyd_zone(name)
                                             : s4u::create_dijkstra_zone(name, kind == Zone::dijkstra_cache);
#if SIMGRID_VERSION < 33400
  return lend_models(world, zone);
#else
  zone->set_parent(parent);
  return zone;
#endif
#endif
}

/// Makes a filled, unsealed zone known to its parent.
inline void attach([[maybe_unused]] s4u::NetZone* zone, [[maybe_unused]] s4u::NetZone* parent) {
#if SIMGRID_VERSION < 33400
  zone->set_parent(parent);
#endif
}

#if SIMGRID_VERSION >= 40000
inline s4u::Host* add_host(s4u::NetZone* z, const std::string& name, double flops) {
  return z->add_host(name, flops);
}
inline s4u::Link* add_link(s4u::NetZone* z, const std::string& name, double rate) {
  return z->add_link(name, rate);
}
inline s4u::SplitDuplexLink* add_duplex_link(s4u::NetZone* z, const std::string& name, double rate) {
  return z->add_split_duplex_link(name, rate);
}
inline NetPoint* add_router(s4u::NetZone* z, const std::string& name) {
  return z->add_router(name);
}
#else
inline s4u::Host* add_host(s4u::NetZone* z, const std::string& name, double flops) {
  return z->create_host(name, flops);
}
inline s4u::Link* add_link(s4u::NetZone* z, const std::string& name, double rate) {
  return z->create_link(name, rate);
}
inline s4u::SplitDuplexLink* add_duplex_link(s4u::NetZone* z, const std::string& name, double rate) {
  return z->create_split_duplex_link(name, rate);
}
inline NetPoint* add_router(s4u::NetZone* z, const std::string& name) {
  return z->create_router(name);
}
#endif

/// Between two hosts or routers of one zone; in a star zone `to` is null: the way in and out of `from`.
inline void add_route(s4u::NetZone* zone, NetPoint* from, NetPoint* to, const LinksInRoute& links,
                      bool symmetrical = true) {
#if SIMGRID_VERSION >= 40000
  zone->add_route(from, to, links, symmetrical);
#else
  zone->add_route(from, to, nullptr, nullptr, links, symmetrical);
#endif
}

/// Between two child zones of `zone`, each entered at its gateway.
inline void add_zone_route(s4u::NetZone* zone, s4u::NetZone* from, NetPoint* gateway_from, s4u::NetZone* to,
                           NetPoint* gateway_to, const LinksInRoute& links, bool symmetrical = true) {
#if SIMGRID_VERSION >= 33600
  from->set_gateway(gateway_from);
  to->set_gateway(gateway_to);
  zone->add_route(from, to, links, symmetrical);
#else
  zone->add_route(from->get_netpoint(), to->get_netpoint(), gateway_from, gateway_to, links, symmetrical);
#endif
}

/// Calls back at the end of every activity of class A (Exec, Comm, Io); before 3.34 the signal is one for all classes,
/// so others are filtered out.
template <class A, class F>
void on_completion(F callback) {
#if SIMGRID_VERSION >= 33400
  A::on_completion_cb([callback = std::move(callback)](const A& activity) mutable { callback(activity); });
#else
  s4u::Activity::on_completion_cb([callback = std::move(callback)](const s4u::Activity& activity) mutable {
    if (const auto* own = dynamic_cast<const A*>(&activity)) callback(*own);
  });
#endif
}

/// Starts an activity as soon as those it depends on are done.
template <class A>
void start(A& activity) {
#if SIMGRID_VERSION >= 33400
  activity.start();
#else
  activity.vetoable_start();
#endif
}

/// Calls `each(activity, rate)` for every activity under way: its implementation (Activity::get_impl) and the part of
/// it that is done per second, with all that was started or stopped so far.
template <class F>
void for_each_rate(F each) {
  for (auto* model : s4u::Engine::get_instance()->get_all_models()) {
    if (model->get_started_action_set()->empty()) continue;
    model->next_occurring_event(s4u::Engine::get_clock());  // solves, and moves nothing
    for (const auto& action : *model->get_started_action_set())
      each(static_cast<const void*>(action.get_activity()), action.get_rate());
  }
}

/// Bytes/s now on a link.
inline double load(const s4u::Link& link) {
#if SIMGRID_VERSION >= 33400
  return link.get_load();
#else
  return link.get_usage();
#endif
}

}  // namespace alight::simgrid_compat
