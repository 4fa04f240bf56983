// What a chip of a pool draws in each state of the ledger, with its part of the server around it.
//
// A server is taken to be in one state at a time: what stands around a chip is the server's draw beside its chips, all
// of them in that state, over their number (models/power/server_power.hpp). Chips that nobody holds idle; those without
// power, or not yet there, draw nothing. Waiting for slower chips, in a bubble or for a checkpoint, a chip spins
// (models/power/chip_power.hpp); a replica without requests idles.
#pragma once

#include "models/power/chip_power.hpp"
#include "models/power/server_power.hpp"
#include "sim/ledger/ledger.hpp"

namespace alight {

/// `opaque`: of the span from idle to the limit, what a chip draws whose job nobody can see inside and has no share of
/// its own; at a lower clock that part of what a chip draws beyond idle that computes.
StatePower state_power(const ChipRatings& chip, const ServerFacts& server, double opaque);

/// The same of a chip alone, without the server around it: what warms it.
StatePower die_power(const ChipRatings& chip, double opaque);

}  // namespace alight
