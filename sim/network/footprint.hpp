// What a training job puts on the links that others can cross too, in one step: each exchange of its layout
// (models/training/exchanges.hpp) laid over the servers it holds and the ways between them (topology/routes.hpp).
//
// Ranks fill the servers in the order in which the job holds them (Placement::orders_ranks()). A ring passes its
// domains in the order of its ranks. The NICs of a server are the job's own, so a job below one leaf has an empty
// footprint, unless it reads or writes storage.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/training/exchanges.hpp"
#include "platforms/topology/routes.hpp"
#include "sim/cluster/cluster.hpp"

namespace alight {

struct LinkBytes {
  LinkIndex link = kNoLink;
  double bytes = 0;
};

/// An exchange that crosses shared links.
struct SharedExchange {
  Exchange exchange;
  std::vector<LinkBytes> loads;  ///< in one exchange, all groups together; by ascending link
  std::uint32_t number = 0;      ///< among the exchanges of the job
};

struct Footprint {
  double step_s = 0;  ///< as predicted, for chips that lie evenly
  std::vector<SharedExchange> exchanges;
  bool empty() const { return exchanges.empty(); }
};

/// Seconds of a step of a job alone on links of `capacities` bytes/s: more than predicted where its chips lie so
/// unevenly that a link is too thin for its exchange, or where its exchanges together are more than a link carries.
double alone_s(const Footprint& footprint, std::span<const double> capacities);

/// Bytes that go once from the holders of some chips to those of others, and are no part of a job's steps: keys and
/// values between replicas. Each rank sends an equal part to its like; of lists of unlike length a rank of the shorter
/// has to do with several of the other.
struct Send {
  double bytes = 0;
  double latency_s = 0;                ///< before the first byte, beside the ways'
  double apart_s = 0, together_s = 0;  ///< what it takes at least where it leaves a server, and where it does not
  std::vector<std::int64_t> from, to;  ///< the server of each rank
};
bool leaves_a_server(const Send& send);
/// Over whole ways, the servers' own links with them: what else is sent at the time shares those. Empty where nothing
/// leaves a server. `capacities`: bytes/s of each link when whole.
Footprint footprint_of(const Send& send, const Routes& routes, std::span<const double> capacities);

/// The server of each rank, in the order of ranks: of the chips in `held`, in that order, as many as the layout has.
std::vector<std::int64_t> servers_of_ranks(std::span<const Slice> held, std::int64_t ranks);

/// Links of the servers themselves that count although the job has them alone: they are not whole.
struct OwnLinks {
  std::vector<std::int64_t> servers;          ///< as servers_of_ranks() gives them
  std::function<bool(LinkIndex link)> count;  ///< none: none does
};

/// Of a job that holds these chips: over its slice where it has a torus of its own (Routes::slice()); where all of it
/// lies in one grid, as scaled by OwnBox; with those of its own links that count.
Footprint footprint_of(double step_s, std::span<const Exchange> exchanges, std::span<const Slice> held,
                       std::int64_t ranks, const Routes& routes, const OwnLinks& own = {});

}  // namespace alight
