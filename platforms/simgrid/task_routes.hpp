// What a parallel task asks of the links of a site's SimGrid platform: the seconds each shared link is busy with it,
// and the least it takes for all that it shares with nobody.
//
// Routes are SimGrid's own. Hosts of one star zone differ in their own links only, so a route between two zones is
// asked for once, and the bytes of all pairs are summed by zone: a task of n ranks costs n, its matrix n x n additions,
// and nobody asks for n x n routes. A host outside star zones is a zone by itself.
//
// What is added up is what SimGrid's host model ptask_L07 takes (src/surf/ptask_L07.cpp of SimGrid 3.32): a link
// carries the bytes of all pairs whose route crosses it, a link shared by nobody (fatpipe) bounds the largest single
// pair, a processor computes its rank's operations at the speed of one core, and the task begins after the longest
// latency of its routes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/parallel_task.hpp"
#include "platforms/site.hpp"

namespace simgrid::s4u {
class Engine;
}

namespace alight {

/// Where a rank of a task lies.
struct TaskRank {
  std::int64_t server = 0;
  bool alone = true;  ///< its job holds all chips of the server, so that nobody else uses the server's own links
};

struct TaskDemand {
  /// A link that other tasks may use as well, by its number in TaskRoutes.
  struct Load {
    std::uint32_t link = 0;
    double busy_s = 0;  ///< at the link's full rate
    bool operator==(const Load&) const = default;
  };
  double latency_s = 0;     ///< before anything moves
  double alone_s = 0;       ///< at least, however free the shared links are of others
  std::vector<Load> loads;  ///< by ascending link

  /// Where nobody else uses the shared links.
  double free_s() const;
};

class TaskRoutes {
 public:
  /// Builds the platform of the site in `engine`, which has none yet. The site outlives this.
  TaskRoutes(const Site& site, simgrid::s4u::Engine& engine);
  ~TaskRoutes();
  TaskRoutes(const TaskRoutes&) = delete;
  TaskRoutes& operator=(const TaskRoutes&) = delete;

  /// `ranks` by ascending server; as many as the task has where it states them one by one. What ranks of one server of
  /// several chips send each other uses no link.
  TaskDemand demand(const ParallelTask& task, std::span<const TaskRank> ranks);
  std::size_t links() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace alight
