// Named random streams: every consumer draws from a stream of its own, derived from the run's one seed and the
// stream's name, so a new consumer never shifts another's draws. Boost.Random, so the bits are the same everywhere.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <string_view>

namespace alight {

using Stream = boost::random::mt19937_64;

/// The stream called `name` of a run seeded with `seed`. The same two give the same draws on every platform.
Stream stream(std::uint64_t seed, std::string_view name);

}  // namespace alight
