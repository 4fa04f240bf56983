// The job tables of the S-Lab traces (Helios, Acme) share their columns; both readers are this one.
#pragma once

#include "workloads/traces/readers.hpp"

namespace alight {

struct SlabTraits {
  const char* vc_column;  ///< the column quotas should speak of
};
Result<Workload> read_slab(Inputs files, const SlabTraits& traits);

}  // namespace alight
