// A scenario as its file states it: the site, the workload, the scheduler, what to write. Every default is filled in;
// names are still names (resolve.hpp turns them into a site and a workload).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "sim/network/sharing.hpp"
#include "sim/scenario/facility_spec.hpp"
#include "sim/scenario/faults_spec.hpp"
#include "sim/scenario/floor_spec.hpp"
#include "sim/scenario/jobs_spec.hpp"
#include "sim/scenario/money_spec.hpp"
#include "sim/scenario/network_spec.hpp"
#include "sim/scenario/services_spec.hpp"
#include "sim/scenario/speeds_spec.hpp"
#include "sim/scenario/storage_spec.hpp"
#include "sim/scheduler/preemption.hpp"
#include "workloads/generate/generator.hpp"

namespace alight {

/// Racks of a pool: how many servers one holds.
struct RackSpec {
  std::optional<std::int64_t> servers;
  static const Description& description();
};

/// Racks that are delivered later, at a date or some time after the start.
struct PhaseSpec {
  std::optional<Date> from;
  std::optional<double> after_s;
  std::int64_t racks = 0;
  static const Description& description();
};

/// Equal servers under one software stack.
struct PoolSpec {
  std::string name;
  std::string server;  ///< catalogue name
  std::int64_t count = 0;
  RackSpec rack;
  std::string stack;
  std::string hall, row;
  std::optional<std::string> cooling;
  std::optional<Date> from;
  std::vector<PhaseSpec> phases;
  std::int64_t rails = 1;
  std::optional<ChipSpeedsSpec> speeds;
  static const Description& description();
};

/// One tier of switches.
struct TierSpec {
  double rate_gbps = 400;
  std::int64_t down_ports = 32;
  double oversubscription = 1;
  std::optional<double> latency_s;
  std::string switch_name;
  std::string medium;
  static const Description& description();
};

struct NetworkSpec {
  std::optional<TierSpec> leaf, spine, core;
  std::string medium;                ///< of tiers that name none
  std::string scale_up_medium;       ///< of the pools' scale-up links; empty: what their server's entry says
  std::optional<std::string> place;  ///< where it stands
  std::optional<FlowRouting> routing;
  std::optional<std::int64_t> flows_per_nic;
  std::string fabric;  ///< catalogue name of what its NICs are measured to do
  static const Description& description();
};

/// A network of some of the pools, of one kind.
struct SiteNetworkSpec {
  std::string name;
  std::vector<std::string> pools;
  std::optional<std::string> place;
  std::optional<TierSpec> leaf, spine, core;
  std::optional<FlowRouting> routing;
  std::optional<std::int64_t> flows_per_nic;
  std::string fabric;  ///< catalogue name of what its NICs are measured to do
  std::string medium;  ///< of links that name none
  std::optional<TorusSpec> torus;
  std::optional<FullMeshSpec> full_mesh;
  std::optional<DragonflySpec> dragonfly;
  std::optional<SupernodeSpec> supernode;
  static const Description& description();
};

struct SiteSpec {
  std::vector<PoolSpec> pools;
  std::optional<std::string> platform;  ///< a SimGrid XML file instead of pools and network
  NetworkSpec network;
  std::vector<SiteNetworkSpec> networks;
  std::optional<BackboneSpec> backbone;
  std::vector<WanSpec> wan;
  std::optional<FloorSpec> floor;
  std::optional<StorageSpec> storage;
  std::optional<FacilitySpec> facility;
  static const Description& description();
};

/// Run time on one chip over run time on another, where the default rule does not hold.
struct SlowdownSpec {
  std::string traced, on;
  double ratio = 1;
  static const Description& description();
};

struct WorkloadSpec {
  std::optional<std::string> file;
  std::string format = "auto";
  std::map<std::string, std::string> columns;
  std::string time_pattern;
  std::vector<GeneratorSpec> generate;
  std::vector<JobSpec> jobs;
  std::vector<ServiceSpec> services;
  std::string traced_chip;
  bool shuffle = false;
  std::optional<double> inflate;
  bool one_by_one = false;
  bool jobs_end = true;
  std::optional<double> checkpoint_s;
  std::vector<SlowdownSpec> slowdown;
  static const Description& description();
};

struct QueueSpec {
  double quota = 1;  ///< share of the site's chips
  static const Description& description();
};

struct SchedulerSpec {
  std::string policy = "easy";
  std::string placement = "pack";
  JobPreemption preemption = JobPreemption::none;
  std::map<std::string, QueueSpec> queues;
  static const Description& description();
};

struct OutputSpec {
  double ledger_bin_s = 3600;
  static const Description& description();
};

struct Scenario {
  std::string name = "scenario";
  std::string question;
  std::int64_t seed = 1;
  std::optional<Date> start;
  std::optional<double> horizon_s;
  SiteSpec site;
  WorkloadSpec workload;
  SchedulerSpec scheduler;
  OutputSpec output;
  Sharing network = Sharing::fluid;
  std::optional<FaultsSpec> faults;
  std::optional<MoneySpec> money;
  Node catalogue;  ///< entries of the user's own, as written; null when there are none
  Node models;     ///< the same of the model zoo
  static const Description& description();
};

}  // namespace alight
