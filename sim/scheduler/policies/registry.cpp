#include <algorithm>

#include "sim/scheduler/policy.hpp"

namespace alight {

// Each file of this folder defines one of these.
PolicyEntry conservative_policy();
PolicyEntry easy_bf_fast_policy();
PolicyEntry easy_policy();
PolicyEntry fcfs_policy();
PolicyEntry once_policy();
PolicyEntry sjf_policy();

const std::vector<PolicyEntry>& policies() {
  static const std::vector<PolicyEntry> all = [] {
    std::vector<PolicyEntry> list = {conservative_policy(), easy_bf_fast_policy(), easy_policy(),
                                     fcfs_policy(),         once_policy(),         sjf_policy()};
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return list;
  }();
  return all;
}

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (const auto& entry : policies()) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Policy> make_policy(const std::string& name) {
  for (const auto& entry : policies())
    if (entry.name == name) return entry.make();
  return nullptr;
}

}  // namespace alight
