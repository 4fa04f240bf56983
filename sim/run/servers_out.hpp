// Servers that are out of service: why, and which chips are dark because of it. Nothing is placed on a server that is
// out. What of it is free goes dark at once; what jobs hold stays theirs until they give it back, and goes dark then.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/ledger/states.hpp"

namespace alight {

/// Of several reasons the first here names the state of the server's chips.
enum class OutFor : std::uint8_t {
  no_power,     ///< ChipState::unpowered, as is the next
  too_hot,      ///< switched off for heat
  failure,      ///< ChipState::failed, as is the next
  cut_off,      ///< the network does not reach it
  maintenance,  ///< ChipState::maintenance
  spare,        ///< kept free for when others break: dark as free chips are
};

class ServersOut {
 public:
  /// Thousandths of chips of a pool that nobody holds go from one state to another; nothing stands for that of free
  /// chips in service.
  using Moved = std::function<void(PoolIndex pool, std::optional<ChipState> from, std::optional<ChipState> to,
                                   std::int64_t milli)>;

  /// `cluster` outlives this.
  ServersOut(Cluster& cluster, Moved moved);

  /// A server is out for this reason too, from now on; also one that is not delivered yet.
  void take(ServerIndex server, OutFor why);
  /// No longer for this reason. Nothing where it was not.
  void give_back(ServerIndex server, OutFor why);
  /// Chips of a server are free that were not: jobs gave them back, or it was delivered.
  void freed(ServerIndex server);

  bool out(ServerIndex server) const { return why_[server] != 0; }
  /// All of it is free and in service.
  bool idle(ServerIndex server) const;
  bool out(ServerIndex server, OutFor why) const { return (why_[server] & bit(why)) != 0; }
  /// Nobody holds any part of a server that is out, or it is not delivered yet.
  bool empty(ServerIndex server) const;
  /// Whether any delivered server is out, and not only spare.
  bool any() const { return dark_servers_ > 0; }
  /// How many are.
  std::size_t dark() const { return dark_servers_; }

 private:
  /// What of a server is kept from placements.
  struct HeldBack {
    std::optional<ChipState> state;  ///< nothing of a spare
    std::int64_t milli = 0;          ///< of its chips
    bool all = false;                ///< it is no longer `up`; else:
    Allocation slices;               ///< free parts beside those that jobs hold
    ChipRequest host = {};           ///< free processors and memory, of the last of these slices
  };
  static constexpr unsigned bit(OutFor why) { return 1U << static_cast<unsigned>(why); }
  bool wholly_free(ServerIndex server) const;
  void hold_back(ServerIndex server);
  std::optional<ChipState> let_go(ServerIndex server, std::int64_t& milli);
  void renew(ServerIndex server);

  Cluster& cluster_;
  Moved moved_;
  std::vector<std::uint8_t> why_;  ///< [server] of OutFor
  std::map<ServerIndex, HeldBack> held_back_;
  std::size_t dark_servers_ = 0;
};

}  // namespace alight
