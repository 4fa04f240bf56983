// Networks other than tiers of switches, and what joins networks to each other; plain figures of one site. What they
// are wired as: topology/grid.hpp, topology/dragonfly.hpp, topology/joined.hpp.
//
// All is in servers. Where a network is described in chips (the links of a TPU begin at the chip), the cables between
// the chips of two servers are taken together; what is inside a server is arithmetic of models/collectives. So
// 100,000 chips are 12,500 to 25,000 servers with a few links each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace alight {

/// Servers cabled to each other, each at its own point of a grid.
struct Grid {
  enum class Wiring : std::uint8_t {
    torus,      ///< with the next server along each axis
    full_mesh,  ///< with every server that differs in one coordinate only (nD full mesh; UB-Mesh, arXiv 2503.20377)
  };
  Wiring wiring = Wiring::torus;
  std::vector<std::int64_t> dims;    ///< servers along each axis
  std::vector<std::int64_t> block;   ///< servers of one leaf; divides dims. Servers are numbered block by block
  std::vector<double> gbps;          ///< [axis] between two servers, all cables, each direction
  std::vector<std::int64_t> cables;  ///< [axis] between two servers
  double latency_s = 0;              ///< of one link
  /// [axis] of a torus: its ends meet. Along an axis of two servers they meet by a second link (of chips 0 to 3 in two
  /// servers, 1 and 2 are joined, and 3 and 0).
  std::vector<bool> wrap;
  /// Optical circuit switches join the faces of blocks, so that any free blocks make a torus of their own (TPU v4,
  /// arXiv 2304.01433). Unless a job asks, they join the blocks into the one torus of `dims`.
  bool slices = false;
  std::int64_t count = 1;  ///< grids of this kind; each joined to the others by its servers' NICs only

  std::int64_t servers() const;  ///< of one
  std::int64_t block_servers() const;
};

/// Groups of routers: every two routers of a group are joined, and every two groups (Kim, Dally, Scott, Abts,
/// "Technology-Driven, Highly-Scalable Dragonfly Topology", ISCA 2008).
struct Dragonfly {
  std::int64_t groups = 1, routers = 1, servers = 1;  ///< routers of a group, servers of a router
  std::int64_t pair_cables = 1;                       ///< between two groups
  std::int64_t local_cables = 1;                      ///< between two routers of a group
  double local_gbps = 0, global_gbps = 0;             ///< between two routers of a group; of one cable between groups
  double latency_s = 0, local_latency_s = 0, global_latency_s = 0;  ///< of a link to a server, in and between groups
};

/// Servers of one scale-up domain under switches that all of them reach (NVL72; CloudMatrix384, arXiv 2506.12708).
struct Supernode {
  std::int64_t servers = 1;  ///< of one
  std::int64_t planes = 1;   ///< switches side by side; every server's cables spread evenly over them
  std::int64_t cables = 1;   ///< of one server
  double gbps = 0;           ///< of one server into all planes, each direction
  double latency_s = 0;      ///< of one link: twice from server to server
};

/// What each network of a place hangs on.
struct Backbone {
  double gbps = 0;       ///< of one network's link to it, each direction
  double latency_s = 0;  ///< of that link
};

/// Between two places.
struct Wan {
  std::string a, b;
  double gbps = 0;  ///< each direction
  double latency_s = 0;
};

}  // namespace alight
