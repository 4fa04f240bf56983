// Keys and values on their way between the replicas of a run: over the links that others share, where links are shared,
// else each at the rate of the narrower replica.
//
// Each data-parallel part of a replica sends for one request at a time, first come, first served: its NICs are its own.
// What is sent to or from a replica that is lost is dropped.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/network/footprint.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class ReplicaSends {
 public:
  struct Hooks {
    /// The server of each chip that a replica holds.
    std::function<std::vector<std::int64_t>(JobIndex replica)> servers;
    /// Something goes over shared links: what they name it, which sent() is told when it is there. None where links are
    /// not shared.
    std::function<std::optional<JobIndex>(Send what)> over_links;
    /// It has nowhere to go, or comes from nowhere.
    std::function<void(JobIndex name)> drop;
  };
  ReplicaSends(Engine& engine, Hooks hooks) : engine_(engine), hooks_(std::move(hooks)) {}

  /// From one replica, which sends for `parts` requests at a time, to another; servers are filled in. `arrived` is
  /// called when it is there.
  void send(JobIndex from, JobIndex to, std::int64_t parts, const Send& what, Action arrived);
  /// What went over links is there.
  void sent(JobIndex name);
  void lose(JobIndex replica);

 private:
  struct Item {
    JobIndex from = 0, to = 0;
    Send what;
    Action arrived;
    bool under_way = false;
    std::optional<JobIndex> name = {};  ///< where it goes over links
  };
  struct Source {
    std::int64_t parts = 1, sending = 0;
    std::deque<std::uint64_t> waiting;
  };
  void go_on(JobIndex source);
  void start(std::uint64_t id);
  void arrive(std::uint64_t id);

  Engine& engine_;
  Hooks hooks_;
  std::uint64_t ids_ = 0;
  std::map<std::uint64_t, Item> items_;
  std::map<JobIndex, Source> sources_;
  std::map<JobIndex, std::uint64_t> by_name_;
};

}  // namespace alight
