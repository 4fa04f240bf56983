#include "workloads/traces/batsim_profiles.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

constexpr int kDeepest = 16;

/// Batsim's own profile types by name; whatever else a file says is one reason, not thousands.
std::string named_type(const std::string& type) {
  for (const char* known :
       {"parallel_homogeneous_pfs", "parallel_homogeneous_pfs_multiple_tiers", "ptask_on_storage_homogeneous",
        "ptask_data_staging_between_storages", "forkjoin_composition", "trace_replay", "replay_smpi", "replay_usage",
        "smpi", "usage_trace", "data_staging", "scheduler_send", "scheduler_recv", "send", "recv"})
    if (type == known) return type;
  return "unknown to Batsim";
}

bool is_sequence(const std::string& type) {
  return type == "composed" || type == "sequence_composition" || type == "sequential_composition";
}

bool is_amount(double value) {
  return value >= 0 && value <= ParallelWork::kMostAmount;
}

std::string fault_of(const BatsimProfile::Amounts& amounts, bool list) {
  if (amounts.wrong) return "something that is no number";
  if (list ? !amounts.is_list : !amounts.number) return list ? "no list of numbers" : "no number";
  const bool fine =
      list ? std::all_of(amounts.list.begin(), amounts.list.end(), is_amount) : is_amount(*amounts.number);
  return fine ? "" : "an amount below 0 or above 1e27";
}

std::string add_matrix(const BatsimProfile& profile, std::int64_t ranks, ParallelWork& work) {
  const auto n = static_cast<std::size_t>(ranks);
  for (const auto& [name, amounts] : {std::pair{"cpu", &profile.cpu}, {"com", &profile.com}})
    if (const std::string fault = fault_of(*amounts, true); !fault.empty())
      return std::string("a parallel profile with ") + fault + " as " + name;
  if (profile.com.list.size() != profile.cpu.list.size() * profile.cpu.list.size())
    return "a parallel profile whose com is not as long as its cpu squared";
  if (profile.cpu.list.size() != n) return "res is not the number of hosts of its parallel profile";
  work.stages.push_back({.task = {.flops = profile.cpu.list, .bytes = profile.com.list}});
  return {};
}

std::string add_homogeneous(const BatsimProfile& profile, double divide_by, ParallelWork& work) {
  for (const auto& [name, amounts] : {std::pair{"cpu", &profile.cpu}, {"com", &profile.com}})
    if (const std::string fault = fault_of(*amounts, false); !fault.empty())
      return std::string("a homogeneous parallel profile with ") + fault + " as " + name;
  work.stages.push_back(
      {.task = {.flops_each = *profile.cpu.number / divide_by, .bytes_each = *profile.com.number / divide_by}});
  return {};
}

}  // namespace

bool is_delay(const BatsimProfile& profile) {
  return profile.type == "delay" || profile.type == "DelayProfile";
}

std::string BatsimWorks::add(const BatsimProfile& profile, std::int64_t ranks, int depth, ParallelWork& work) const {
  if (work.stages.size() >= ParallelWork::kMostStages) return "a sequence of more than 10,000 profiles";
  const std::string& type = profile.type;
  if (is_delay(profile)) {
    if (!profile.delay) return "a delay profile without a delay that is a number";
    if (!(*profile.delay >= 0) || *profile.delay > ParallelWork::kLongestDelayS)
      return "a delay that is no number of seconds from 0 to 1e10";
    work.stages.push_back({.task = {}, .delay_s = *profile.delay, .is_delay = true});
    return {};
  }
  if (type == "parallel" || type == "ptask") return add_matrix(profile, ranks, work);
  if (profile.spread) return "profile with generation_strategy defined_amount_spread_uniformly";
  if (type == "parallel_homogeneous" || type == "ptask_homogeneous") return add_homogeneous(profile, 1, work);
  if (type == "parallel_homogeneous_total") return add_homogeneous(profile, static_cast<double>(ranks), work);
  if (is_sequence(type)) return add_sequence(profile, ranks, depth, work);
  return "profile of type " + named_type(type) + ": its run time depends on what is not modelled";
}

std::string BatsimWorks::add_sequence(const BatsimProfile& profile, std::int64_t ranks, int depth,
                                      ParallelWork& work) const {
  if (depth == kDeepest) return "profiles composed of each other more than 16 deep";
  if (profile.seq.empty()) return "a composed profile without a list seq of names";
  const double repeat = profile.repeat.value_or(1);
  if (!(repeat >= 1) || repeat != std::trunc(repeat) || repeat > static_cast<double>(ParallelWork::kMostRepeats))
    return "a composed profile whose repeat is no whole number from 1 to 1e6";
  const std::size_t first = work.stages.size();
  for (const std::string& name : profile.seq) {
    const auto part = profiles_.find(name);
    if (part == profiles_.end()) return "a composed profile of one that is not in the file";
    if (std::string fault = add(part->second, ranks, depth + 1, work); !fault.empty()) return fault;
  }
  const std::size_t once = work.stages.size() - first;
  if (depth == 0) {
    work.repeat = static_cast<std::int64_t>(repeat);
    return std::ssize(work.stages) * work.repeat > ParallelWork::kMostTurns ? "a sequence of more than 1e7 profiles"
                                                                            : "";
  }
  if (static_cast<double>(first) + static_cast<double>(once) * repeat > static_cast<double>(ParallelWork::kMostStages))
    return "a sequence of more than 10,000 profiles";
  for (std::int64_t i = 1; i < static_cast<std::int64_t>(repeat); ++i)
    for (std::size_t s = 0; s < once; ++s) work.stages.push_back(work.stages[first + s]);
  return {};
}

const BatsimWorks::Made& BatsimWorks::of(const std::string& name, std::int64_t ranks) {
  const auto [it, fresh] = made_.try_emplace(std::to_string(ranks) + ' ' + name);
  if (!fresh) return it->second;
  ParallelWork work;
  it->second.fault = add(profiles_.at(name), ranks, 0, work);
  if (it->second.fault.empty()) it->second.text = text_of(work);
  return it->second;
}

}  // namespace alight
