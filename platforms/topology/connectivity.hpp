// What hangs together in a graph of bundles, and what a single failure takes away. Every call walks the whole graph.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "platforms/topology/graph.hpp"

namespace alight {

class Connectivity {
 public:
  /// Both outlive it. The first of the vertices are the servers, in order.
  Connectivity(const std::vector<Vertex>& vertices, const std::vector<Bundle>& bundles);
  ~Connectivity();
  Connectivity(const Connectivity&) = delete;
  Connectivity& operator=(const Connectivity&) = delete;

  /// Links from one vertex to every other by breadth-first search; -1 where no way leads.
  std::vector<int> hops_from(std::int32_t vertex) const;
  /// Bundles of a single cable, and switches, whose loss disconnects something.
  std::vector<std::int32_t> cut_bundles() const;
  std::vector<std::int32_t> cut_switches() const;
  /// Servers not in the largest part once a vertex and a bundle are gone (-1: none).
  Loss loss_without(std::int32_t vertex_gone, std::int32_t bundle_gone) const;

 private:
  struct Graph;

  const std::vector<Vertex>& vertices_;
  const std::vector<Bundle>& bundles_;
  std::unique_ptr<const Graph> graph_;
};

}  // namespace alight
