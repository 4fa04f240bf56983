// Writes jobs as our own job table (docs/formats/traces.md): what read_alight reads back, number for number.
#pragma once

#include <iosfwd>

#include "workloads/job.hpp"

namespace alight {

/// The columns job_id, submit_s, chips, duration_s, and every other column some job does not leave at its default, in
/// the order of job_columns(). Numbers are the shortest that read back exactly. The epoch is not written.
void write_csv(std::ostream& out, const Workload& workload);

}  // namespace alight
