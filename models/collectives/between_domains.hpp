// Collectives of groups that span scale-up domains. Times in microseconds; see collective.hpp for what bytes are.
#pragma once

#include "models/collectives/in_domain.hpp"

namespace alight {

/// `inside` ranks of the group in each domain (at least 1, fewer than all).
Timed between_domains(Collective collective, double bytes, std::int64_t inside, const Group& group,
                      const Fabric& fabric);

}  // namespace alight
