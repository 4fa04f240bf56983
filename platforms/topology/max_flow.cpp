#include "platforms/topology/max_flow.hpp"

// GCC 12 takes Boost's optional edge iterators for uninitialised.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>

namespace alight {

double max_flow(std::int32_t vertices, const std::vector<FlowArc>& arcs, std::int32_t source, std::int32_t sink) {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using EdgeProperties =
      boost::property<boost::edge_capacity_t, double,
                      boost::property<boost::edge_residual_capacity_t, double,
                                      boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>;
  using VertexProperties =
      boost::property<boost::vertex_color_t, boost::default_color_type,
                      boost::property<boost::vertex_distance_t, long,
                                      boost::property<boost::vertex_predecessor_t, Traits::edge_descriptor>>>;
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, VertexProperties, EdgeProperties>;
  Graph graph(static_cast<std::size_t>(vertices));
  auto capacity = get(boost::edge_capacity, graph);
  auto reverse = get(boost::edge_reverse, graph);
  for (const FlowArc& arc : arcs) {
    const auto forth = add_edge(static_cast<std::size_t>(arc.from), static_cast<std::size_t>(arc.to), graph).first;
    const auto back = add_edge(static_cast<std::size_t>(arc.to), static_cast<std::size_t>(arc.from), graph).first;
    capacity[forth] = arc.forwards;
    capacity[back] = arc.backwards;
    reverse[forth] = back;
    reverse[back] = forth;
  }
  return boost::boykov_kolmogorov_max_flow(graph, static_cast<std::size_t>(source), static_cast<std::size_t>(sink));
}

}  // namespace alight
