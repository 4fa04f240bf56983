#include "platforms/catalogue/power_profile_kind.hpp"

#include <algorithm>

#include "platforms/catalogue/entries.hpp"

namespace alight {

void check_quantiles(const std::vector<double>& quantiles, const std::string& key, Diagnostics& diagnostics) {
  if (quantiles.size() == 1) diagnostics.error_at(key, "is one number; a distribution needs two at least");
  if (!std::ranges::is_sorted(quantiles)) diagnostics.error_at(key, "does not ascend");
}

const Description& PowerProfileKind::description() {
  static const auto d = [] {
    using P = PowerProfileKind;
    auto kind = begin_entry<P>("power profile", "How unevenly chips with work draw.");
    kind.list("quantiles", &P::quantiles,
              "Shares of the span from idle to the limit at even steps of chip-time with work, from the least to the "
              "greatest.",
              "", {.min = 0, .max = 1})
        .check([](const P& p, const std::string& path, Diagnostics& diagnostics) {
          if (p.quantiles.empty()) diagnostics.error_at(join_key(path, "quantiles"), "is missing");
          check_quantiles(p.quantiles, join_key(path, "quantiles"), diagnostics);
        });
    return end_entry(kind);
  }();
  return d;
}

}  // namespace alight
