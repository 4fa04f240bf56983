// Maximum flow between two vertices of an undirected network, by Boost (Boykov-Kolmogorov).
#pragma once

#include <cstdint>
#include <vector>

namespace alight {

/// An arc with its capacity forwards and backwards; equal for a full-duplex link.
struct FlowArc {
  std::int32_t from = 0, to = 0;
  double forwards = 0, backwards = 0;
};

/// The largest flow from `source` to `sink`, in the capacities' unit. Vertices are 0 .. `vertices` - 1.
double max_flow(std::int32_t vertices, const std::vector<FlowArc>& arcs, std::int32_t source, std::int32_t sink);

}  // namespace alight
