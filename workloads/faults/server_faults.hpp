// Servers that were out of service, as a trace recorded it: a plain list of server, from, to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "workloads/traces/input.hpp"

namespace alight {

/// A server is down from `from_s` to `to_s`, not interrupted.
struct ServerFault {
  std::uint32_t server = 0;  ///< index in ServerFaults::servers
  double from_s = 0;
  double to_s = 0;   ///< infinite: never repaired within the trace
  std::string what;  ///< of the fault that began it: "Hardware Failure / GPU"
};

struct ServerFaults {
  std::vector<std::string> servers;  ///< those that were down at least once, by first fault
  std::vector<ServerFault> faults;   ///< by (from_s, server); of one server they neither meet nor overlap
  double end_s = 0;                  ///< time of the last event
  std::int64_t recorded = 0;         ///< faults in the trace; more than `faults` where some overlap
};

/// Reads the fault trace of InfiniteHBD (github.com/stepfun-ai/InfiniteHBD-Trace, SIGCOMM 2025): a JSON list of events
/// in order of time, each with node_id, event_time in days from the start of the trace, event_type (fault_start or
/// fault_end) and fault_type {Level, Class, Desc}. A server is down while at least one fault of it has begun and not
/// ended. What is wrong is reported at its line and column, all at once (after fifty, no more); then there is no value.
std::optional<ServerFaults> read_infinitehbd(const Input& file, Diagnostics& diagnostics);

struct DownStatistics {
  double mean_down = 0;    ///< servers, from 0 to the end of the trace
  std::int64_t worst = 0;  ///< most servers down at once
  double worst_at_s = 0;   ///< when first
};
DownStatistics down_statistics(const ServerFaults& faults);

}  // namespace alight
