#include "platforms/topology/connectivity.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <iterator>
#include <utility>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

using Undirected = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                                         boost::property<boost::edge_index_t, std::size_t>>;

/// Breadth-first distances.
struct Distances : boost::default_bfs_visitor {
  std::vector<int>* hops;
  template <class Edge, class Graph>
  void tree_edge(Edge edge, const Graph& graph) const {
    (*hops)[target(edge, graph)] = (*hops)[source(edge, graph)] + 1;
  }
};

}  // namespace

struct Connectivity::Graph {
  explicit Graph(std::size_t vertices) : links(vertices) {}
  Undirected links;
};

Connectivity::Connectivity(const std::vector<Vertex>& vertices, const std::vector<Bundle>& bundles)
    : vertices_(vertices), bundles_(bundles) {
  auto graph = std::make_unique<Graph>(vertices.size());
  for (std::size_t b = 0; b < bundles.size(); ++b)
    add_edge(at(bundles[b].below), at(bundles[b].above), b, graph->links);
  graph_ = std::move(graph);
}
Connectivity::~Connectivity() = default;

std::vector<int> Connectivity::hops_from(std::int32_t vertex) const {
  std::vector<int> hops(vertices_.size(), -1);
  hops[at(vertex)] = 0;
  Distances visitor;
  visitor.hops = &hops;
  boost::breadth_first_search(graph_->links, static_cast<std::size_t>(vertex), boost::visitor(visitor));
  return hops;
}

std::vector<std::int32_t> Connectivity::cut_bundles() const {
  const Undirected& graph = graph_->links;
  std::vector<std::size_t> component(bundles_.size(), 0);
  const auto index = get(boost::edge_index, graph);
  const std::size_t components =
      boost::biconnected_components(graph, boost::make_iterator_property_map(component.begin(), index));
  std::vector<std::int32_t> size(components, 0);
  for (std::size_t c : component) ++size[c];
  std::vector<std::int32_t> out;
  for (std::size_t b = 0; b < component.size(); ++b)
    if (size[component[b]] == 1 && bundles_[b].cables <= 1) out.push_back(static_cast<std::int32_t>(b));
  return out;
}

std::vector<std::int32_t> Connectivity::cut_switches() const {
  std::vector<std::size_t> cut;
  boost::articulation_points(graph_->links, std::back_inserter(cut));
  std::sort(cut.begin(), cut.end());
  std::vector<std::int32_t> out;
  for (std::size_t v : cut)
    if (vertices_[v].place != Place::server) out.push_back(static_cast<std::int32_t>(v));
  return out;
}

Loss Connectivity::loss_without(std::int32_t vertex_gone, std::int32_t bundle_gone) const {
  std::vector<std::vector<std::int32_t>> neighbours(vertices_.size());
  for (std::size_t b = 0; b < bundles_.size(); ++b) {
    if (static_cast<std::int32_t>(b) == bundle_gone) continue;
    const auto [below, above] = std::pair(bundles_[b].below, bundles_[b].above);
    if (below == vertex_gone || above == vertex_gone) continue;
    neighbours[at(below)].push_back(above);
    neighbours[at(above)].push_back(below);
  }
  std::vector<std::int32_t> part(vertices_.size(), -1);
  std::vector<std::int64_t> size;
  for (std::int32_t start = 0; start < static_cast<std::int32_t>(vertices_.size()); ++start) {
    if (part[at(start)] >= 0) continue;
    const std::int32_t id = static_cast<std::int32_t>(size.size());
    size.push_back(0);
    std::vector<std::int32_t> open = {start};
    part[at(start)] = id;
    while (!open.empty()) {
      const std::int32_t v = open.back();
      open.pop_back();
      if (vertices_[at(v)].place == Place::server) ++size.back();
      for (std::int32_t w : neighbours[at(v)])
        if (part[at(w)] < 0) {
          part[at(w)] = id;
          open.push_back(w);
        }
    }
  }
  const auto largest = static_cast<std::int32_t>(std::max_element(size.begin(), size.end()) - size.begin());
  Loss loss;
  for (std::int64_t s = 0; s < std::ssize(vertices_) && vertices_[at(s)].place == Place::server; ++s)
    if (part[at(s)] != largest) loss.cut_off.push_back(s);
  loss.servers = static_cast<std::int64_t>(loss.cut_off.size());
  return loss;
}

}  // namespace alight
