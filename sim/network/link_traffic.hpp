// What tasks put on links, from how far SimGrid has brought each of them: between two looks every rate is the same, so
// the bytes that a task's progress stands for, over the time between, are what its links carried.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "sim/network/footprint.hpp"
#include "sim/record/recorder.hpp"

namespace alight {

class LinkTraffic {
 public:
  using Tell = std::function<void(const LinkState& state)>;
  /// Part of an open task that is left.
  using Left = std::function<double(std::uint64_t id)>;
  LinkTraffic(std::size_t links, Tell tell) : now_(links), tell_(std::move(tell)) {}

  /// A task begins, of which all is left. `bytes` and seconds of use of each of its links, in all of it.
  struct Use {
    LinkIndex link = kNoLink;
    double bytes = 0, busy_s = 0;
  };
  void begin(std::uint64_t id, std::vector<Use> uses);
  /// It ends, now; `left` of it was not done.
  void end(std::uint64_t id, double left);
  /// Tells what links carried from the last look to `now_s`, as of the last look. To be called at every instant in
  /// which tasks begin or end.
  void look(double now_s, const Left& left);

 private:
  struct Task {
    std::vector<Use> uses;
    double left = 1;  ///< at the last look
  };
  struct OnLink {
    double bytes = 0, busy_s = 0;
    bool listed = false, told = false;
  };
  void count(Task& task, double left);

  std::map<std::uint64_t, Task> open_;
  std::vector<OnLink> now_;        ///< [link] since the last look
  std::vector<LinkIndex> listed_;  ///< links with anything of that, or told of
  double since_s_ = 0;
  Tell tell_;
};

}  // namespace alight
