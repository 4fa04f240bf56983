// Placements that give every server a score and take the best. Each rule is one file beside this one.
//
// Scores are whole numbers, truncated, as in the simulator that published them (Weng et al., "Beware of Fragmentation:
// Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023, section 6; its source is
// github.com/hkust-adsl/kubernetes-scheduler-simulator, pkg/simulator/plugin). So many servers score alike; among them
// the one wins that stands first in a ranking drawn once, from the run's stream "placement". Where the publication
// divides by the size of its largest node (128 cores, 8 GPUs), the site's largest server stands here.
//
// The publication places pods, which lie on one server. So does this, over all of a request's pools together, for
// every request that some single server can hold. A gang that needs several takes them in the first of its pools with
// room: those that can hold most of it first, which needs the fewest, and by score among equals; what is left at the
// end goes to the server that scores best for just that.
#pragma once

#include <vector>

#include "sim/scheduler/placement.hpp"

namespace alight {

/// What one server is asked to give to a job.
struct Ask {
  std::int64_t chips = 0;
  std::int32_t chip_milli = 1000;
  std::int64_t cpu_milli = 0;
  bool fractional() const { return chip_milli < 1000; }
  std::int64_t milli() const { return chips * chip_milli; }
};

class ScoredPlacement : public Placement {
 public:
  ScoredPlacement(const Site& site, Stream stream);
  bool place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
             Allocation& out) final;

 protected:
  /// Larger is better. Asked only of servers that have room for `ask`.
  virtual std::int64_t score(const Cluster& cluster, ServerIndex s, const Ask& ask) const = 0;

  /// Of the site's largest server, at least 1 each: thousandths of a core, thousandths of a chip.
  std::int64_t largest_cpu_milli() const { return largest_cpu_milli_; }
  std::int64_t largest_chips_milli() const { return largest_chips_milli_; }
  /// Whether processor cores are counted on the server; where they are not, rules take its share of them as 0.
  bool counts_cpu(const Cluster& cluster, ServerIndex s) const { return counts_cpu_[cluster.pool_of(s)]; }

 private:
  struct Part {
    std::int64_t chips;
    std::int64_t score;
    ServerIndex server;
  };
  Ask ask(const ChipRequest& request, std::int64_t chips) const;
  bool on_one_server(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
                     Allocation& out) const;
  void over_servers(const ChipRequest& request, PoolIndex p, const Cluster& cluster, Allocation& out);

  std::vector<std::uint32_t> rank_;  ///< [server]
  std::vector<bool> counts_cpu_;     ///< [pool]
  std::int64_t largest_cpu_milli_ = 1;
  std::int64_t largest_chips_milli_ = 1;
  std::vector<Part> parts_;
};

}  // namespace alight
