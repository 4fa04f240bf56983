#include "sim/serving/rate_search.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

RateLimits limits_of(const std::vector<RatePoint>& points, double least) {
  RateLimits out;
  for (const RatePoint& point : points)
    if (point.good_share < least && (!out.failed || point.rate_per_s < *out.failed)) out.failed = point.rate_per_s;
  for (const RatePoint& point : points) {
    if (point.good_share < least || (out.failed && point.rate_per_s > *out.failed)) continue;
    if (!out.kept || point.rate_per_s > *out.kept) out.kept = point.rate_per_s;
  }
  return out;
}

std::vector<RatePoint> search_rates(const std::vector<double>& rates, const RateSearch& search,
                                    const std::function<std::optional<RatePoint>(double rate_per_s)>& play) {
  std::vector<RatePoint> points;
  const auto look = [&](double rate) {
    const std::optional<RatePoint> point = play(rate);
    if (point) points.push_back(*point);
    return point.has_value();
  };
  bool going = true;
  for (const double rate : rates) going = going && look(rate);
  for (int i = 0; going && i < search.most_doublings; ++i) {
    const RateLimits limits = limits_of(points, search.least);
    if (limits.kept && limits.failed) break;
    going = limits.kept ? look(2 * *limits.kept) : limits.failed ? look(*limits.failed / 2) : false;
  }
  while (going) {
    const RateLimits limits = limits_of(points, search.least);
    if (!limits.kept || !limits.failed || *limits.failed <= *limits.kept * (1 + search.within)) break;
    going = look(std::sqrt(*limits.kept * *limits.failed));
  }
  std::sort(points.begin(), points.end(),
            [](const RatePoint& a, const RatePoint& b) { return a.rate_per_s < b.rate_per_s; });
  return points;
}

}  // namespace alight
