// Making another workload of one: in random order, scaled to a load, one job at a time. So the openb study makes its
// arrivals of a trace (Weng et al., "Beware of Fragmentation", USENIX ATC 2023, section 6.1; the rules are those of
// github.com/hkust-adsl/kubernetes-scheduler-simulator, pkg/simulator): shuffle, inflate, one_by_one, in this order.
//
// The first two change the order of jobs only; submit times still are the trace's. A workload must be in order of
// submission again before it runs: by one_by_one(), or by Workload::sort(), which undoes a shuffle.
#pragma once

#include <cstdint>

#include "models/random/streams.hpp"
#include "workloads/job.hpp"

namespace alight {

/// Puts the jobs in random order, every order as likely as any (Fisher and Yates).
void shuffle(Workload& workload, Stream stream);

/// Brings the chips that the jobs ask for in all to `ratio` times `capacity_milli` (thousandths of chips).
///
/// Too few: random jobs of the workload as it was are copied, one after another, to the end; the copies of job NAME are
/// called NAME#2, NAME#3 ... It stops at the first draw of which one chip's share would exceed the target; so, as in
/// the study, a job of several chips may overshoot by all but one of them.
/// Too many: random jobs are dropped until the target is not exceeded.
/// A workload that asks for no chips at all stays as it is.
void inflate(Workload& workload, double ratio, std::int64_t capacity_milli, Stream stream);

/// Submits the jobs one a second in their present order, the first at 0. The workload has no epoch then.
void one_by_one(Workload& workload);

}  // namespace alight
