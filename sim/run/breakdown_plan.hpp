// What of a site's servers breaks or is serviced in a run, and what is done about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/reliability/interruptions.hpp"
#include "sim/cluster/request.hpp"
#include "sim/run/servers_out.hpp"

namespace alight {

/// What becomes of a job that loses a chip.
enum class OnFailure : std::uint8_t {
  requeue,  ///< it waits again, and goes on from its last checkpoint
  fail,     ///< it ends
};

/// What becomes of jobs on a chip that is found slow.
enum class WhenSlow : std::uint8_t {
  stop,  ///< its job loses its chips, and goes on elsewhere
  wait,  ///< its server waits until they are done
};

struct BreakdownPlan {
  /// A way to fail, of all such devices of some pools.
  struct Cause {
    FailureCause of;
    std::string stream;  ///< of its random draws
    std::vector<PoolIndex> pools;
    /// Whether a server has to be mended. Where not (software), only the job is stopped.
    bool takes_server = true;
    double detection_s = 0;  ///< infinite: it is never found
    /// What is left of the speed of a chip that becomes slow and is not dead; nothing: it is dead.
    std::optional<double> slows_to = {};
    WhenSlow when_found = WhenSlow::stop;
    /// Of a rack: so many side by side share a loop, and all of them are out until it is mended; jobs on the others may
    /// run on for `drain_s`.
    std::int64_t loop_racks = 1;
  };
  /// Servers that are out from a known time on.
  struct Outage {
    double at_s = 0;
    ServerIndex first = 0, end = 0;
    std::string what;
    OutFor why = OutFor::failure;
    /// Of these servers, those that broke themselves; equal: all.
    ServerIndex struck_first = 0, struck_end = 0;
    /// As of the cause; without, that of outages by failure.
    std::optional<double> detection_s = {};
    std::optional<double> until_s;  ///< infinite: for good
    double lasts_s = 0;             ///< without `until_s`: from when the servers are empty
  };
  /// A chip that becomes slow at a known time, as its cause says.
  struct Slowing {
    double at_s = 0;
    std::size_t cause = 0;
    ServerIndex server = 0;
    int chip = 0;
  };
  std::vector<Cause> causes;
  std::vector<Slowing> slowings;
  std::vector<Outage> outages;  ///< by at_s
  double detection_s = 0;       ///< of outages by failure
  double drain_s = 0;           ///< others on the server may run on for so long
  double test_s = 0;            ///< from the repair until a server is taken into service
  std::int64_t crews = 0;       ///< 0: as many as there is need for
  std::map<PoolIndex, std::int64_t> spares;
  OnFailure on_failure = OnFailure::requeue;
  /// So many starts in a row that kept no work, and a job ends as failed: it would never get on.
  static constexpr std::int64_t kMostStartsInVain = 100;
};

}  // namespace alight
