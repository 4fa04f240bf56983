// Whether a training job may go on with fewer chips than it asks for, as a scenario or a job table states it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace alight {

struct ElasticWork {
  std::int64_t least_replicas = 0;  ///< data-parallel ones it may go on with; 0: it needs all
  double grow_s = 3600;             ///< how often it then looks for chips to grow back

  bool operator==(const ElasticWork&) const = default;
};

/// "16", "16 grow 30 min"; empty or "none": it needs all. Returns what is wrong, or empty.
std::string read_elastic(std::string_view text, ElasticWork& work);
/// What reads back as the same; empty where it needs all.
std::string elastic_text(const ElasticWork& work);

}  // namespace alight
