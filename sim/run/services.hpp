// The services of a run: their fleets on the run's clock, their replicas on chips the scheduler gives, and how these
// chips spent their time.
//
// A replica holds its chips as a job of the workload. It is asked for when the service begins, or scales up; loads its
// weights; serves; and gives its chips back when it is no longer needed. What happens inside a fleet concerns nobody
// else while no replica comes or goes and nothing is sent between replicas, so fleets are played in stretches; they
// have an event of their own only where the run has to hear at once.
//
// While it serves, a replica's chips are `no_requests` in the ledger. When a bin is closed, or it stops, the time its
// engine was busy is counted anew: `useful`, its model FLOPs over the peak of its chips; `exposed_comm`, the exchanges
// of its mean iteration; `throttled`, by how much that iteration is longer at the clock its chips went at; `bucket`,
// what they wait in it for the slowest of them; `below_peak`, the rest (busy_time.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/ledger/ledger.hpp"
#include "sim/record/recorder.hpp"
#include "sim/run/replica_sends.hpp"
#include "sim/runtime/clocked.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/scheduler/scheduler.hpp"
#include "sim/serving/fleet.hpp"
#include "sim/serving/service.hpp"

namespace alight {

class RunningServices {
 public:
  struct Hooks {
    std::function<void(JobIndex job)> ask;  ///< a replica asks for its chips
    /// It gives them back, or asks no longer.
    std::function<void(JobIndex job, std::string_view why)> give_back;
    /// What its chips did was counted anew, and took so many joules more.
    std::function<void(JobIndex job, double joules)> counted;
    ReplicaSends::Hooks sends;
  };

  /// All outlive this.
  RunningServices(const Services& services, const Workload& workload, Engine& engine, Ledger& ledger, double bin_s,
                  std::vector<Recorder*> recorders, Hooks hooks);
  ~RunningServices();

  /// What a replica loads before it serves; null where it loads nothing.
  const TrainingRate* load(JobIndex job) const;
  /// From its chips until it is told to give them back.
  Course course(JobIndex job) const;
  /// When it last asked for its chips.
  double asked_s(JobIndex job) const { return replicas_.at(job).asked_s; }
  /// Its weights are there.
  void ready(JobIndex job);
  /// What its chips did until now is counted: they are about to be lost.
  void count(JobIndex job);
  /// Its chips go at a clock of the full one from now on, until it gives them back; its iteration under way ends as it
  /// began. What it did until now is counted, which may end it.
  void clock(JobIndex job, double clock);
  double clock_of(JobIndex job) const;
  /// The same of the speeds of its chips.
  void speed(JobIndex job, const JobSpeeds& speeds);
  /// Seconds by which its engine was busy longer for them on the chips it has, or had last, as far as that is counted.
  double slowed_s(JobIndex job) const;
  /// Its chips are lost, and given back: it asks for others.
  void lose(JobIndex job);
  /// What went from replica to replica over links is there.
  void sent(JobIndex name) { sends_.sent(name); }
  /// All requests have ended.
  bool over() const { return open_ == 0; }
  /// The run ends: what has happened by then is recorded.
  void close(double end_s);

 private:
  class Play;
  struct Replica {
    Play* service = nullptr;
    std::uint32_t number = 0;
    double asked_s = 0;
  };
  void bin_over(std::uint64_t number);
  void count(double end_s);

  Engine& engine_;
  Ledger& ledger_;
  double bin_s_;
  std::vector<Recorder*> recorders_;
  Hooks hooks_;
  ReplicaSends sends_;
  std::vector<std::unique_ptr<Play>> services_;
  std::unordered_map<JobIndex, Replica> replicas_;              ///< that were asked for
  std::unordered_map<JobIndex, const ServiceReplicas*> pools_;  ///< what each job is one of
  double counted_s_ = 0;                                        ///< until when chips are counted
  std::size_t open_ = 0;                                        ///< services with requests to come or in flight
};

}  // namespace alight
