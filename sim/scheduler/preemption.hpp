// Which running jobs give up their chips so that one of higher priority can start.
//
// Victims are preemptible jobs of lower priority than the job that needs the room, taken in this order: lowest priority
// first, of equals the one that started last (Slurm, slurm.conf: PreemptMode=REQUEUE, and
// PreemptParameters=youngest_order for the second). They are freed one after another on a copy of the cluster's state
// until the job fits there. Then those taken last are spared first, as far as the job still fits without them
// (Kubernetes, kube-scheduler's preemption: "reprieve"): nobody is preempted in vain.
//
// Of several pools that could be cleared: the one whose most important victim has the lowest priority, then the one
// with fewest victims, then the first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/cluster/cluster.hpp"

namespace alight {

class Scheduler;

enum class JobPreemption : std::uint8_t {
  none,
  requeue,  ///< victims lose their chips at once, and wait again
};

/// What the run says of preemption.
struct Preempting {
  /// Whether chips that a running preemptible job gives up could be used.
  std::function<bool(JobIndex)> may;
  /// It lost `held`, now, and waits again.
  std::function<void(JobIndex, const Allocation& held)> preempted;
};

/// The jobs to preempt so that `job` fits into one of `pools` (all parts of a mixed one, whatever `pools`); nothing
/// where that cannot be. `may` as in Preempting.
std::optional<std::vector<JobIndex>> find_victims(const Scheduler& scheduler, JobIndex job,
                                                  std::span<const PoolIndex> pools,
                                                  const std::function<bool(JobIndex)>& may);

}  // namespace alight
