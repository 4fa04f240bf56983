// The storage system of a site: one thing with a rate for reading and one for writing, that all servers share.
#pragma once

#include <string>

namespace alight {

struct Storage {
  std::string name = "storage";
  double read_gbps = 0;   ///< out of it, to all servers together; no more than its connection carries
  double write_gbps = 0;  ///< into it, likewise
  double latency_s = 0;   ///< before the first byte of a transfer
  std::string place;  ///< where it hangs on the networks; empty: a storage network of its own joins it to the servers
  double server_gbps = 0;  ///< of one server's own storage NICs, each direction; 0: the NICs of the network carry it

  /// Its traffic crosses the network between the servers.
  bool over_network() const { return !place.empty(); }
};

}  // namespace alight
