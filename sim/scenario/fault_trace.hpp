// Faults and repairs as users state them, in the scenario or in a file, turned into events of a plan: names looked up,
// what lasts for a time ended, and the story of each thing checked to hold together.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/faults_spec.hpp"

namespace alight {

/// "down" 0, "up" 1, "degraded 50 %" 0.5; nothing for what is none of these.
std::optional<double> read_fault_state(std::string_view text);

class FaultTrace {
 public:
  /// All outlive this. Mistakes go to the diagnostics.
  FaultTrace(const Breakables& breakables, const Routes& routes, Diagnostics& diagnostics);

  /// One written at `path` of the scenario.
  void add(const FaultSpec& spec, const std::string& path);
  /// Those of a file.
  void read(const std::string& file);

  /// All of them in the order of time; of one instant, what ends by itself before what is stated, in that order.
  std::vector<FaultEvent> take();
  /// After take(): whether something is never whole again.
  bool lasting() const { return lasting_; }

 private:
  struct Stated {
    FaultEvent event;
    bool by_itself = false;  ///< the end of what lasts for a time
    double until_s = -1;     ///< it ends by itself then
    Location where;
    std::string key;
    std::string name;
  };
  std::optional<FaultTarget> target(FaultTarget::Kind kind, const std::string& name, const Location& where,
                                    const std::string& key);
  void add(FaultEvent event, std::optional<double> lasts_s, const Location& where, const std::string& key,
           const std::string& name);
  void check(const std::vector<const Stated*>& story);

  const Breakables& breakables_;
  const Routes& routes_;
  Diagnostics& diagnostics_;
  std::vector<Stated> stated_;
  std::vector<std::string> link_names_;  ///< for suggestions; made when needed
  bool lasting_ = false;
};

}  // namespace alight
