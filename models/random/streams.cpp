#include "models/random/streams.hpp"

#include <boost/random/seed_seq.hpp>

namespace alight {

Stream stream(std::uint64_t seed, std::string_view name) {
  // FNV-1a of the name (Fowler, Noll, Vo; 64-bit offset basis and prime), so that the name alone decides.
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  const std::uint32_t words[] = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                 static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(hash >> 32)};
  boost::random::seed_seq sequence(std::begin(words), std::end(words));
  return Stream(sequence);
}

}  // namespace alight
