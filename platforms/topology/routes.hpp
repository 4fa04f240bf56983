// Which links the way between two servers crosses: the links that traffic of several jobs can share, numbered, each
// direction by itself.
//
// Servers that reach all others over the same links but for those of their own share a place: the servers of a leaf
// group, of a dragonfly's router; in a torus each server is a place. The whole way from server a to server b is what a
// leaves by, way(place_of(a), place_of(b)) and what b is entered by; ends() says what those are. A job that holds whole
// servers shares none of its servers' own links, so for it the ways between places are all there is to share.
//
// Ways and latencies are those of the SimGrid platform that build_platform() makes (tests compare them), where a link
// has the same name. Construction costs microseconds per link; a way is a closed form, tens of nanoseconds and a few
// per link on it. Safe to read from several threads.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platforms/site.hpp"

namespace alight {

using LinkIndex = std::uint32_t;
inline constexpr LinkIndex kNoLink = std::numeric_limits<LinkIndex>::max();

/// Parallel cables taken together, one direction.
struct SharedLink {
  std::string name;               ///< as in the SimGrid platform; of a split-duplex link with _UP or _DOWN behind
  std::string tier;               ///< where it begins, seen from the servers: "server", "leaf", "spine" ...
  double gbps = 0;                ///< of all cables together
  double latency_s = 0;           ///< added by every crossing
  std::int32_t from = 0, to = 0;  ///< nodes: the servers by number, then switches and what stands for several of them
};

/// Traffic between two places puts `share` of its bytes on `link`: less than 1 where several equal ways split it.
struct Crossing {
  LinkIndex link = kNoLink;
  double share = 1;
  bool operator==(const Crossing&) const = default;
};

/// The directions of links that break together, from `first` to before `end`.
struct LinkWays {
  LinkIndex first = 0, end = 0;
};

/// What traffic between servers leaves and enters them by.
enum class Ends : std::uint8_t {
  nics,   ///< nic_up() of the one, nic_down() of the other
  ports,  ///< port_up() and port_down(): through the switches of the supernode they share
  none,   ///< the way has all links: servers cabled to each other
};

/// Ways between the places of a slice, over the same links by number as those of the whole network. No two slices share
/// a link, nor does a slice share one with the ways of servers outside it.
class SliceWays {
 public:
  virtual ~SliceWays() = default;
  /// Servers along each axis.
  virtual const std::vector<std::int64_t>& dims() const = 0;
  /// As Routes::way(); std::logic_error for a place outside the slice.
  virtual void way(std::int64_t place_a, std::int64_t place_b, std::vector<Crossing>& out) const = 0;
};

class Routes {
 public:
  virtual ~Routes() = default;
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  const std::vector<SharedLink>& links() const { return links_; }
  /// Of a cable both directions, "up" first; what the storage reads and what it writes break each by itself.
  LinkWays ways_of(LinkIndex link) const {
    if (link >= storage_read_) return {link, link + 1};
    return {link / 2 * 2, link / 2 * 2 + 2};
  }
  /// Nodes that links begin and end at, servers included.
  std::int32_t nodes() const { return nodes_; }
  /// Nodes joined without a link of their own, so that nothing there is ever narrow.
  const std::vector<std::pair<std::int32_t, std::int32_t>>& joints() const { return joints_; }

  /// Places are numbered in the order of their first servers.
  std::int64_t places() const { return places_; }
  std::int64_t place_of(std::int64_t server) const { return place_of_[static_cast<std::size_t>(server)]; }

  /// The NICs of one server together, away from it and towards it.
  LinkIndex nic_up(std::int64_t server) const { return static_cast<LinkIndex>(2 * server); }
  LinkIndex nic_down(std::int64_t server) const { return static_cast<LinkIndex>(2 * server + 1); }
  /// The ports of one server into the switches of its supernode together; kNoLink where it is in none.
  virtual LinkIndex port_up(std::int64_t server) const;
  virtual LinkIndex port_down(std::int64_t server) const;

  /// The storage's own links, all it reads and all it writes; kNoLink in a site without one. They come last.
  LinkIndex storage_read() const { return storage_read_; }
  LinkIndex storage_write() const { return storage_read_ == kNoLink ? kNoLink : storage_read_ + 1; }
  /// Appends the links from a place to the storage, its own with them, but for the servers' NICs; and back. In a site
  /// with one.
  virtual void to_storage(std::int64_t place, std::vector<Crossing>& out) const;
  virtual void from_storage(std::int64_t place, std::vector<Crossing>& out) const;
  /// Whether the servers' NICs carry what they read and write.
  bool storage_over_network() const { return storage_over_network_; }

  /// How a server of one place and another server of the other talk; the places may be one.
  virtual Ends ends(std::int64_t place_a, std::int64_t place_b) const;
  /// Appends the links from one place to another between those ends, in order; nothing for a place with itself. Where
  /// several ways are equal, all of them, one after the other, with the share of the traffic that takes each.
  virtual void way(std::int64_t place_a, std::int64_t place_b, std::vector<Crossing>& out) const = 0;
  /// The one of these ways that a static router takes: what SimGrid routes. All shares are 1.
  virtual void static_way(std::int64_t place_a, std::int64_t place_b, std::vector<Crossing>& out) const;

  /// Appends the whole way from one server to another; nothing for a server with itself.
  void route(std::int64_t server_a, std::int64_t server_b, std::vector<Crossing>& out) const;
  void static_route(std::int64_t server_a, std::int64_t server_b, std::vector<Crossing>& out) const;
  /// Summed latency of that static way, s.
  double latency_s(std::int64_t server_a, std::int64_t server_b) const;
  /// No static way between two servers has more links.
  virtual int diameter() const = 0;

  /// The ways inside a job that holds these servers, where it has a torus of its own: all servers of whole blocks of
  /// one grid with `slices`, which its optical switches join. Null otherwise: way(). The routes outlive it.
  virtual std::unique_ptr<const SliceWays> slice(const std::vector<std::int64_t>& servers) const;
  /// What a server is cabled to others as, at its own place; null where it is not. Between servers of one and the same
  /// grid ends() are none.
  virtual const Grid* grid_of(std::int64_t server) const;

 protected:
  Routes() = default;
  /// Adds both directions of a split-duplex link, "up" first, and says the index of that one.
  LinkIndex add_duplex(const std::string& name, const std::string& tier, double gbps, double latency_s,
                       std::int32_t below, std::int32_t above);
  /// Adds the storage, which hangs on `node`.
  void add_storage(const Storage& storage, std::int32_t node);
  /// It is that of `other`, which has the same links.
  void take_storage(const Routes& other);
  /// Appends the links from a place to that node, and back.
  virtual void rise(std::int64_t /*place*/, std::vector<Crossing>& /*out*/) const {}
  virtual void fall(std::int64_t /*place*/, std::vector<Crossing>& /*out*/) const {}

  std::vector<SharedLink> links_;  ///< the servers' NICs first, two each
  std::vector<std::pair<std::int32_t, std::int32_t>> joints_;
  std::vector<std::uint32_t> place_of_;
  std::int64_t places_ = 0;
  std::int32_t nodes_ = 0;

 private:
  LinkIndex storage_read_ = kNoLink;
  bool storage_over_network_ = false;
  void whole_way(std::int64_t a, std::int64_t b, bool fixed, std::vector<Crossing>& out) const;
};

/// The routes of a numbered site. Null for a site read from a platform file: its ways are SimGrid's own. The link that
/// joins pools of a site without tiers (kIdealLinkName) never binds, takes no time, and is left out.
/// Throws std::logic_error for a site that check_network() would refuse.
std::unique_ptr<const Routes> routes_of(const Site& site);

}  // namespace alight
