// The training jobs of a run that talk over shared links: how far each is, what its steps take now, and what the others
// cost it. The run tells it who comes and goes and is told whose course that changed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/ledger/split.hpp"
#include "sim/network/fluid.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/runtime/training_rate.hpp"

namespace alight {

class TalkingJobs {
 public:
  using JobIndex = FluidNetwork::Member;

  struct Talking {
    const TrainingRate* rate = nullptr;  ///< alone
    Footprint footprint;
    Split split{ChipState::below_peak};  ///< of its chips' time now
    double step_s = 0;                   ///< now
    double since_s = 0;                  ///< when these became so
    double tokens_left = 0;
    LinkIndex worst = kNoLink;              ///< the link that lengthens its steps most
    double lost_s = 0;                      ///< to the others, so far
    std::map<LinkIndex, double> lost_on_s;  ///< of it, by the worst link at the time
    double tokens_per_s() const { return rate->step.tokens / step_s; }
    /// When all tokens are trained if nothing changes.
    double end_s() const { return since_s + tokens_left / tokens_per_s(); }
  };
  /// A job whose steps take longer or shorter from now on; `before` is the split that held until now.
  using Changed = std::function<void(JobIndex job, const Split& before, const Talking& now)>;

  TalkingJobs(std::unique_ptr<const Routes> routes, std::unique_ptr<FairShares> shares);

  /// Its first step begins at `now_s`. False, and nothing is kept, where it crosses no shared link.
  bool begin(JobIndex job, const TrainingRate& rate, std::span<const Slice> held, double tokens, double now_s);
  /// It ends; nothing for a job that does not talk.
  void end(JobIndex job, double now_s);
  /// After all changes of an instant.
  void settle(double now_s, const Changed& changed);

  /// From its start at `start_s` on, as things stand.
  static Course course(const Job& job, const Talking& talking, double start_s);

  /// Null for a job that does not talk. Figures as of its last change; trained() counts on from there.
  const Talking* find(JobIndex job) const;
  double lost_s(const Talking& job, double now_s) const;
  double tokens_left(const Talking& job, double now_s) const;

  const Routes& routes() const { return *routes_; }
  const FluidNetwork& network() const { return network_; }

 private:
  void count_on(Talking& job, double now_s) const;

  std::unique_ptr<const Routes> routes_;
  FluidNetwork network_;
  std::map<JobIndex, Talking> jobs_;
  std::vector<JobIndex> fresh_;
};

}  // namespace alight
