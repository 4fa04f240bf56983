// All devices of a site that can fail by chance, cause by cause, and the servers each of them takes along.
//
// Who is out of service neither fails nor ages (models/reliability/failures.hpp). A device that failed comes back as a
// new one (software starts afresh), others of its server as they were. A chip that is slow stays so, whatever else of
// its server is mended, until put_back() says otherwise.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "models/reliability/failures.hpp"
#include "platforms/site.hpp"
#include "sim/run/breakdown_plan.hpp"

namespace alight {

/// Servers [first, second) of the loop a pool's rack is in: so many racks side by side share one.
std::pair<ServerIndex, ServerIndex> loop_servers(const Pool& pool, std::int64_t rack, std::int64_t racks);

class FailingDevices {
 public:
  /// Both outlive this. No server is there yet.
  FailingDevices(const BreakdownPlan& plan, const Site& site, std::uint64_t seed);

  /// Servers [first, end) are in service, with what they stand in and hang on.
  void add(ServerIndex first, ServerIndex end, double now_s);

  struct Failure {
    std::size_t cause = 0;
    Failures::Device device = 0;
    ServerIndex first = 0, end = 0;          ///< servers it strikes
    ServerIndex out_first = 0, out_end = 0;  ///< servers that are out until it is mended: these, and those of its loop
    int chip = -1;                           ///< the one of a server; -1: all
  };
  /// When the next fails; infinite: never.
  double next_s() const;
  /// Lets it fail, at next_s(); it is out until put_back().
  Failure fail();
  /// It is at risk again, as a new one. Not `at_risk`: once its server is put back.
  void put_back(const Failure& failure, double now_s, bool at_risk = true);

  /// A server leaves service, with its chips; comes back.
  void take_out(ServerIndex server, double now_s);
  void put_back(ServerIndex server, double now_s);

 private:
  struct Kind {
    const FailureCause* cause = nullptr;
    std::int64_t loop_racks = 1;
    std::vector<bool> pools;  ///< [pool]
    Failures failures;
    std::vector<std::pair<ServerIndex, ServerIndex>> servers;  ///< [device, or group of devices]
    std::vector<Failures::Device> first;                       ///< [server] its first device; -1: none
    std::set<Failures::Device> failed;
    bool slows = false;  ///< and does not break
  };
  static bool of_servers(const Kind& kind) { return kind.cause->per == Per::chip || kind.cause->per == Per::server; }
  std::pair<ServerIndex, ServerIndex> loop_of(const Kind& kind, ServerIndex from, ServerIndex to) const;
  /// Devices [first, second) of a server; none where racks and switches fail, or not this pool.
  std::pair<Failures::Device, Failures::Device> devices(const Kind& kind, ServerIndex server) const;

  const Site& site_;
  std::vector<Kind> kinds_;  ///< [cause]
};

}  // namespace alight
