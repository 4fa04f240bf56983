// How flows find their way over equal links above a switch, and what of these links they then get.
//
// A collective is as fast as its slowest flow. Where flows are not cut into packets that go different ways, the busiest
// link decides: with n flows of one rate on m links, the busiest of which has L, all flows get through in the time L of
// them take on one link, and the links together carry n / (m L) of what they have.
//
//   even      as if every packet took the least loaded link and nothing was lost by it: 1.
//   adaptive  switches choose a link for every packet: 0.95 (NVIDIA's newsroom, 28 October 2024, of 100,000 H100 on
//             Spectrum-X: "95% data throughput", where plain Ethernet of that size has flow collisions and "60%").
//   rails     every NIC has its link, round robin, as static routing of fat trees gives (E. Zahavi, "Fat-tree routing
//   and
//             node ordering providing contention free traffic for MPI global collectives", J. Parallel Distrib. Comput.
//             72(11), 2012): L = ceil(n / m) NICs.
//   ecmp      a hash of its header chooses the link of each flow, at random and for good: L is the expected load of the
//             fullest of m bins when n balls are thrown (busiest_of).
#pragma once

#include <cstdint>
#include <string_view>

namespace alight {

enum class FlowRouting : std::uint8_t { even, ecmp, rails, adaptive };
std::string_view name_of(FlowRouting routing);

/// Of the links above the leaves of one network.
struct RoutingRule {
  /// NCCL doubles the channels its search finds, of which each NIC has one (src/graph/connect.cc, "Duplicate channels
  /// rings/trees"), and opens one queue pair for each (NCCL_IB_QPS_PER_CONNECTION, default 1).
  static constexpr double kFlowsPerNic = 2;

  FlowRouting kind = FlowRouting::even;
  double flows_per_nic = kFlowsPerNic;  ///< that it has under way at a time; what ecmp hashes
  bool operator==(const RoutingRule&) const = default;
};

/// Share of what `cables` equal links above one switch have that `nics` NICs below it get through them when all of
/// these send up; at most 1. Where the same happens at `switches` switches at once and all wait for the slowest, the
/// share at that one.
double routing_efficiency(const RoutingRule& rule, double nics, double cables, double switches = 1);

/// Expected load of the fullest of `bins` bins into which `balls` balls are thrown independently, and of the fullest of
/// all where that is done `times` times. B. Levin, "A representation for multinomial cumulative distribution
/// functions", Ann. Statist. 9(5), 1981, with sums of Poisson variables taken as normal; that no two balls meet has its
/// exact probability. Within 2.5 % of the exact value, and of drawn ones within 6 % for many times. Fewer than 1 count
/// as 1; between whole numbers, in a straight line.
double busiest_of(double balls, double bins, double times = 1);

}  // namespace alight
