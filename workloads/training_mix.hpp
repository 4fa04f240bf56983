// The parts of a training job that lies in several pools at once: how many chips of which pool, and the path between
// them. Kept as a text among the workload's names, as its work is (training_work.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alight {

struct TrainingMix {
  struct Part {
    std::string pool;
    std::int64_t chips = 0;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;
  std::string path;  ///< between the pools, as people write it ("25 GB/s staged"); empty: what the site has
  bool operator==(const TrainingMix&) const = default;

  std::int64_t chips() const;
};

/// One text for equal mixes; names of pools may hold anything but a line's end.
std::string text_of(const TrainingMix& mix);
/// Reads what text_of() wrote; no parts where it is none.
TrainingMix training_mix(std::string_view text);

}  // namespace alight
