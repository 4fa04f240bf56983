// What became of the requests of each service, how many replicas it had and how they spent their time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/record/recorder.hpp"
#include "sim/record/text_file.hpp"
#include "sim/serving/bucket_effect.hpp"
#include "sim/serving/fleet.hpp"
#include "sim/serving/service.hpp"

namespace alight {

/// A service at the end of a bin of the ledger. Valid during the call only.
struct ServiceState {
  double t_start_s, t_end_s;
  const Service& service;
  const ServiceResults& results;   ///< of all requests so far
  std::int64_t waiting;            ///< requests in flight
  std::int64_t serving, starting;  ///< replicas
};

/// A service at the end of the run. Valid during the call only.
struct ServiceEnd {
  const Service& service;
  const ServiceResults& results;
  std::int64_t in_flight = 0;              ///< requests neither ended nor to come
  std::int64_t to_come = 0;                ///< requests after the end of the run
  std::vector<ReplicaHours> hours = {};    ///< of each replica that was ever asked for
  std::vector<std::size_t> replicas = {};  ///< of the service's, which each is one of
};

/// Of one service, at the end of the run.
struct ServiceTotals {
  std::string name;
  ServiceTargets targets;
  ServiceResults results;
  std::int64_t in_flight = 0, to_come = 0;
  double busy_chip_s = 0, idle_chip_s = 0, starting_chip_s = 0;
  double joules = 0;  ///< of the servers around its chips, their part; 0 where power is not counted
  /// kWh for a million answer tokens.
  double kwh_per_mtoken() const;
  std::int64_t asked_prompt_tokens = 0, hit_prompt_tokens = 0;  ///< of prompts admitted; from prefix caches
  std::int64_t preemptions = 0;
  /// Of its kinds of replicas, in the order of the scenario.
  struct Kind {
    std::string name;
    double busy_s = 0, serving_s = 0;
    std::int64_t replicas = 0;
  };
  std::vector<Kind> kinds;
  std::vector<FleetBucket> buckets;
};

/// services.csv, a row for each service and bin, requests.csv, a row for each request of services that ask for it
/// (docs/formats/outputs.md), and the totals.
class ServicesRecord : public Recorder {
 public:
  /// A file is begun with its first row: a run without services has none.
  explicit ServicesRecord(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void service_bin(const ServiceState& state) override;
  void service_ended(const ServiceEnd& end) override;
  void job_ended(const JobRecord& record) override;
  std::vector<ServiceTotals> totals() const;
  /// Of the files there are, their names and SHA-256.
  std::vector<std::pair<std::string, std::string>> close();

 private:
  void add_requests(const ServiceEnd& end);

  std::filesystem::path folder_;
  std::optional<TextFile> bins_, requests_;
  std::map<std::string, ServiceResults> before_;
  std::vector<ServiceTotals> totals_;
  std::map<std::string, double, std::less<>> joules_;  ///< of a service's replicas
};

/// As people read it, a few lines for each.
std::vector<std::pair<std::string, std::string>> service_lines(const std::vector<ServiceTotals>& totals, double run_s);
nlohmann::ordered_json services_json(const std::vector<ServiceTotals>& totals, double run_s);

}  // namespace alight
