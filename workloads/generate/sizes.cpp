#include "workloads/generate/sizes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "workloads/generate/statuses.hpp"

namespace alight {
namespace {

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 100'000'000) return std::nullopt;
  return value;
}

void check_sizes(const SizeSpec& spec, const std::string& path, Diagnostics& diagnostics) {
  const std::string weights = join_key(path, "weights");
  bool good = true;
  for (const auto& [chips, weight] : spec.weights) {
    const std::string key = join_key(weights, chips);
    if (!whole_number(chips)) {
      diagnostics.error_at(key, "\"" + chips + "\" is no number of chips; expected a whole number from 1");
      good = false;
    }
    if (!(weight >= 0)) {
      diagnostics.error_at(key, "a weight must be 0 or more");
      good = false;
    }
  }
  if (good && spec.table().empty()) diagnostics.error_at(weights, "at least one weight must be above 0");
  for (const auto& [status, tilt] : spec.tilt) {
    const std::string key = join_key(join_key(path, "tilt"), status);
    if (!status_called(status))
      diagnostics.error_at(key, "no status \"" + status + "\"", did_you_mean(status, status_names()));
    if (!(std::abs(tilt) <= 20)) diagnostics.error_at(key, "is out of range; expected from -20 to 20");
  }
}

}  // namespace

const Description& SizeSpec::description() {
  static const auto d =
      describe<SizeSpec>("sizes", "How many chips generated jobs ask for.")
          .table("weights", &SizeSpec::weights, "Relative number of jobs by chips per job, e.g. {1: 8, 2: 1, 8: 1}.")
          .required()
          .table("tilt", &SizeSpec::tilt,
                 "By status: the weights of jobs that end so are multiplied by chips to this power.")
          .check(check_sizes)
          .done();
  return d;
}

std::vector<std::pair<std::int64_t, double>> SizeSpec::table() const {
  std::vector<std::pair<std::int64_t, double>> out;
  for (const auto& [text, weight] : weights) {
    const auto chips = whole_number(text);
    if (chips && weight > 0) out.emplace_back(*chips, weight);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace alight
