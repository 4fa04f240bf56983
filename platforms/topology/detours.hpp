// Routes of a network some of whose links are dead: ways go around them where others lead there.
//
// A way that crosses no dead link stays as it is. Of several equal ways the dead ones leave their traffic to the
// others, in proportion. A way that is left without any takes the one with the fewest links that are not dead, of those
// the one whose links come first by number: over the links of its grid where it lies in one, else over those between
// switches (routers of a dragonfly, WAN). A tree has no other way. Where no way is left the way stays as it was: it
// crosses a dead link, and nothing gets through.
//
// Ways of slices (Routes::slice) do not go around. Not safe to read from several threads: ways found are kept.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "platforms/topology/routes.hpp"

namespace alight {

class Detours final : public Routes {
 public:
  explicit Detours(std::unique_ptr<const Routes> whole);

  /// As if nothing were dead.
  const Routes& whole() const { return *whole_; }

  /// All that breaks with it (Routes::ways_of).
  void set_dead(LinkIndex link, bool dead);
  bool dead(LinkIndex link) const { return dead_[link]; }
  std::size_t dead_links() const { return count_; }
  /// Ways asked for so far that were not those of the whole network.
  std::uint64_t deviations() const { return deviations_; }

  /// A dead link that keeps two servers from each other; kNoLink where they can talk.
  LinkIndex between(std::int64_t server_a, std::int64_t server_b) const;
  /// The same for all of `servers` together.
  LinkIndex among(const std::vector<std::int64_t>& servers) const;
  /// A dead link that keeps one of them from writing to the storage of the site, or from reading; kNoLink where none.
  LinkIndex from_writing(const std::vector<std::int64_t>& servers) const;
  LinkIndex from_reading(const std::vector<std::int64_t>& servers) const;
  /// [server] whether it is cut off from the largest part of the network that holds together, or from that of its grid
  /// or supernode. Of parts of one size the one of the first server counts.
  std::vector<bool> cut_off() const;

  // -- As Routes
  LinkIndex port_up(std::int64_t server) const override { return whole_->port_up(server); }
  LinkIndex port_down(std::int64_t server) const override { return whole_->port_down(server); }
  Ends ends(std::int64_t a, std::int64_t b) const override { return whole_->ends(a, b); }
  void way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override;
  void static_way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const override;
  void to_storage(std::int64_t place, std::vector<Crossing>& out) const override;
  void from_storage(std::int64_t place, std::vector<Crossing>& out) const override;
  int diameter() const override { return whole_->diameter(); }
  std::unique_ptr<const SliceWays> slice(const std::vector<std::int64_t>& servers) const override {
    return whole_->slice(servers);
  }
  const Grid* grid_of(std::int64_t server) const override { return whole_->grid_of(server); }

 private:
  enum class Layer : std::uint8_t { ends, grid, fabric };  ///< a server's own; between servers; between switches
  /// Links one after the other with one share.
  struct Chain {
    std::vector<Crossing> links;
    std::int32_t from = 0, to = 0;
    bool dead = false;
  };
  std::vector<Chain> chains_of(const std::vector<Crossing>& way) const;
  void go_around(std::vector<Crossing>& way) const;
  LinkIndex first_dead(const std::vector<Crossing>& way) const;
  const std::vector<LinkIndex>& shortest(std::int32_t from, std::int32_t to, Layer layer) const;
  void build_edges() const;
  /// Joints of routers to the top of their dragonfly stand for the way out, not for one between routers.
  bool joins_router(const std::pair<std::int32_t, std::int32_t>& joint) const;

  struct Edge {
    std::int32_t to = 0;
    LinkIndex link = kNoLink;  ///< kNoLink: a joint
  };
  std::unique_ptr<const Routes> whole_;
  std::vector<Layer> layer_;  ///< [link / 2]
  std::vector<bool> dead_;    ///< [link]
  std::vector<bool> router_;  ///< [node] of a dragonfly
  std::size_t count_ = 0;
  mutable std::uint64_t deviations_ = 0;
  mutable std::vector<std::vector<Edge>> edges_;  ///< [node]; empty before the first search
  mutable std::map<std::pair<std::int32_t, std::int32_t>, std::vector<LinkIndex>> found_;
};

}  // namespace alight
