// The storage system of a site as a scenario states it, and what a job writes to it. Resolved into
// platforms/storage.hpp by resolve_storage(); the checkpoints of a job into workloads/storage_work.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/describe/description.hpp"
#include "workloads/storage_work.hpp"

namespace alight {

struct JobSpec;

struct StorageSpec {
  /// What the traffic of storage crosses.
  enum class Fabric : std::uint8_t {
    shared,  ///< the network between the servers
    own,     ///< a network of its own
  };
  std::string name = "storage";
  double read_gbs = 0, write_gbs = 0;
  double latency_s = 0;
  Fabric fabric = Fabric::shared;
  std::optional<double> link_gbps, server_gbps;
  std::optional<std::string> place;
  static const Description& description();
};

struct CheckpointSpec {
  std::string every;
  bool asynchronous = false;
  std::optional<double> size_bytes;
  static const Description& description();
};

/// What keys of a job come to. Returns what is wrong with `load`, or with `checkpoint.every`, or empty.
std::string read_storage_work(const std::string& load, const std::optional<CheckpointSpec>& checkpoint,
                              double token_bytes, StorageWork& work);

/// What a job's keys for the storage cannot be.
void check_storage(const JobSpec& job, const std::string& path, Diagnostics& out);

}  // namespace alight
