// `alight explain KEY`: what a key of the scenario means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

struct Explanation {
  bool found = false;
  std::string text;  ///< ends in a newline; for an unknown key, the nearest ones
};

/// Explains `key`: "site.network.spine.rate", "site.pools[].server" (also site.pools[0].server and site.pools.server),
/// "policy.quotas.<name>" (any name). A key of a struct lists the keys in it; the empty key lists all keys there are.
Explanation explain(const Description& root, std::string_view key);

/// All keys of `root` in the order described, elements of lists as "pools[]", of tables as "quotas.<name>".
std::vector<std::string> all_keys(const Description& root);

}  // namespace alight
