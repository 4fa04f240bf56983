// The profiles of a Batsim workload: what a job of each does.
//
//   delay                        {delay}: seconds
//   parallel, ptask              {cpu: [...], com: [...]}: operations per host, bytes from each to each, row by row
//   parallel_homogeneous,        {cpu, com}: operations of every host, bytes from each to each other
//   ptask_homogeneous
//   parallel_homogeneous_total   {cpu, com}: the same, divided by the number of hosts
//   composed,                    {seq: [names], repeat}: one after another
//   sequential_composition
// (Batsim's documentation, "Workload input format", and its generate_parallel_* for the homogeneous ones.)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workloads/parallel_work.hpp"

namespace alight {

struct BatsimProfile {
  /// A number, a list of numbers, or something else.
  struct Amounts {
    std::optional<double> number;
    std::vector<double> list;
    bool is_list = false;
    bool wrong = false;  ///< something in it is no number
  };
  std::string type;
  std::optional<double> delay, repeat;
  Amounts cpu, com;
  std::vector<std::string> seq;
  bool spread = false;  ///< generation_strategy: defined_amount_spread_uniformly
};

using BatsimProfiles = std::unordered_map<std::string, BatsimProfile>;

/// True for the one type whose run time does not depend on the platform.
bool is_delay(const BatsimProfile& profile);

/// Turns profiles into works, each pair of profile and size once.
class BatsimWorks {
 public:
  explicit BatsimWorks(const BatsimProfiles& profiles) : profiles_(profiles) {}

  struct Made {
    std::string fault;  ///< why there is none; empty where there is
    std::string text;   ///< of the ParallelWork
  };
  /// What a job of `ranks` hosts does by the profile of that name, which is there.
  const Made& of(const std::string& name, std::int64_t ranks);

 private:
  std::string add(const BatsimProfile& profile, std::int64_t ranks, int depth, ParallelWork& work) const;
  std::string add_sequence(const BatsimProfile& profile, std::int64_t ranks, int depth, ParallelWork& work) const;

  const BatsimProfiles& profiles_;
  std::unordered_map<std::string, Made> made_;  ///< by name and size
};

}  // namespace alight
