// What a training step sends between scale-up domains: each kind of exchange with its size, how often a step repeats
// it, how long one takes when the job is alone, and how much of that runs beside computation. The step model (step.hpp)
// has these times inside its sums; here they stand apart, for what shares the network with others (sim/network/).
//
// What stays inside a scale-up domain is left out: a job holds that alone. The exchanges are those of a mean rank;
// their times sum to the breakdown of predict_step() within rounding where nothing of a kind stays inside (tested).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/training/step.hpp"

namespace alight {

enum class ExchangeKind : std::uint8_t {
  tensor,
  context,
  expert,
  pipeline,
  weights,
  gradients,
  parameters,
  tied,
  load,         ///< of what a job starts from, before its first step; no part of steps
  dataset,      ///< of a step's data
  checkpoint,   ///< of the job's state
  keys_values,  ///< of a request, from the replica that read its prompt; no part of steps
};
std::string_view name_of(ExchangeKind kind);

/// Ranks that talk to each other: groups {b, b + stride, ... b + (ranks - 1) stride}, one for every rank b below
/// `bases` whose (b / stride) % ranks is 0. Ranks are numbered as in layer.hpp.
struct RankGroups {
  std::int64_t ranks = 1;
  std::int64_t stride = 1;
  std::int64_t bases = 1;
};

/// Who sends to whom.
enum class Pattern : std::uint8_t {
  ring,      ///< each domain of a group to the next, the last to the first
  everyone,  ///< each rank to all of the group in other domains
  chain,     ///< each rank to the next of its group and back: stages of a pipeline
  store,     ///< each rank of a group `domain_bytes` to the storage
  fetch,     ///< each rank of a group `domain_bytes` from it
};

struct Exchange {
  ExchangeKind kind = ExchangeKind::gradients;
  RankGroups groups;
  std::int64_t per_domain = 1;  ///< neighbours of a group in one scale-up domain
  Pattern pattern = Pattern::ring;
  double domain_bytes = 0;  ///< that leave each domain of a group in one exchange
  double times = 0;         ///< in a step
  double seconds = 0;       ///< of one, alone
  double network_s = 0;     ///< of `seconds`, with the network between domains busy
  double room_s = 0;        ///< of computation beside each; what is longer is exposed

  bool with_storage() const { return pattern == Pattern::store || pattern == Pattern::fetch; }
  double exposed_s() const { return times * std::max(0.0, seconds - room_s); }
  /// Seconds a step grows by when the network takes `stretch` times as long.
  double lengthening_s(double stretch) const {
    return times * std::max(0.0, seconds + network_s * (stretch - 1) - room_s) - exposed_s();
  }
};

/// Of a layout for which why_impossible() is empty.
std::vector<Exchange> exchanges_of(const Architecture& model, const Layout& layout, const Accelerator& chip,
                                   const Fabric& fabric);

}  // namespace alight
