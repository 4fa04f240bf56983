#include "platforms/topology/detours.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <set>

namespace alight {

namespace {

/// Nodes that hang together.
class Parts {
 public:
  explicit Parts(std::int32_t nodes) : above_(static_cast<std::size_t>(nodes)) {
    std::iota(above_.begin(), above_.end(), 0);
  }
  std::int32_t of(std::int32_t node) {
    while (above(node) != node) {
      above(node) = above(above(node));
      node = above(node);
    }
    return node;
  }
  void join(std::int32_t a, std::int32_t b) {
    a = of(a);
    b = of(b);
    above(std::max(a, b)) = std::min(a, b);
  }

 private:
  std::int32_t& above(std::int32_t node) { return above_[static_cast<std::size_t>(node)]; }
  std::vector<std::int32_t> above_;
};

/// Marks the servers that are not in the largest part of their group; a group of -1 is none.
void mark_outside(const std::vector<std::int32_t>& group, Parts& parts, std::vector<bool>& cut) {
  std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> size;  // by (group, part)
  const auto part = [&](std::size_t s) { return parts.of(static_cast<std::int32_t>(s)); };
  for (std::size_t s = 0; s < group.size(); ++s)
    if (group[s] >= 0) ++size[{group[s], part(s)}];
  std::map<std::int32_t, std::int32_t> largest;  // a part is called by its first node, so the first of equals wins
  for (const auto& [key, servers] : size) {
    const auto [at, fresh] = largest.emplace(key.first, key.second);
    if (!fresh && servers > size.at({key.first, at->second})) at->second = key.second;
  }
  for (std::size_t s = 0; s < group.size(); ++s)
    if (group[s] >= 0 && largest.at(group[s]) != part(s)) cut[s] = true;
}

}  // namespace

Detours::Detours(std::unique_ptr<const Routes> whole) : whole_(std::move(whole)) {
  links_ = whole_->links();
  joints_ = whole_->joints();
  places_ = whole_->places();
  nodes_ = whole_->nodes();
  take_storage(*whole_);
  std::size_t servers = 0;  // their own links come first
  while (2 * servers < links_.size() && links_[2 * servers].tier == "server" &&
         links_[2 * servers].from == static_cast<std::int32_t>(servers))
    ++servers;
  for (std::size_t s = 0; s < servers; ++s)
    place_of_.push_back(static_cast<std::uint32_t>(whole_->place_of(static_cast<std::int64_t>(s))));
  dead_.assign(links_.size(), false);
  router_.assign(static_cast<std::size_t>(nodes_), false);
  for (std::size_t l = 0; l < links_.size(); l += 2) {
    const std::string& tier = links_[l].tier;
    layer_.push_back(tier == "server" || tier == "supernode" ? Layer::ends
                     : tier == "torus" || tier == "mesh"     ? Layer::grid
                                                             : Layer::fabric);
    if (tier != "local" && tier != "global") continue;
    router_[static_cast<std::size_t>(links_[l].from)] = true;
    router_[static_cast<std::size_t>(links_[l].to)] = true;
  }
}

void Detours::set_dead(LinkIndex link, bool dead) {
  if (dead_[link] == dead) return;
  for (auto [way, end] = ways_of(link); way < end; ++way) dead_[way] = dead;
  count_ += dead ? 1 : static_cast<std::size_t>(-1);
  found_.clear();
}

void Detours::way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const {
  if (count_ == 0) return whole_->way(a, b, out);
  std::vector<Crossing> way;
  whole_->way(a, b, way);
  go_around(way);
  out.insert(out.end(), way.begin(), way.end());
}

void Detours::static_way(std::int64_t a, std::int64_t b, std::vector<Crossing>& out) const {
  if (count_ == 0) return whole_->static_way(a, b, out);
  std::vector<Crossing> way;
  whole_->static_way(a, b, way);
  go_around(way);
  out.insert(out.end(), way.begin(), way.end());
}

void Detours::to_storage(std::int64_t place, std::vector<Crossing>& out) const {
  std::vector<Crossing> way;
  whole_->to_storage(place, way);
  if (count_ > 0) go_around(way);
  out.insert(out.end(), way.begin(), way.end());
}

void Detours::from_storage(std::int64_t place, std::vector<Crossing>& out) const {
  std::vector<Crossing> way;
  whole_->from_storage(place, way);
  if (count_ > 0) go_around(way);
  out.insert(out.end(), way.begin(), way.end());
}

// A way forks and meets again only where one chain begins or ends: chains are cut there.
std::vector<Detours::Chain> Detours::chains_of(const std::vector<Crossing>& way) const {
  std::set<std::int32_t> forks;
  for (std::size_t i = 0; i < way.size(); ++i) {
    const bool goes_on = i > 0 && links_[way[i - 1].link].to == links_[way[i].link].from;
    if (goes_on && way[i - 1].share == way[i].share) continue;
    forks.insert(links_[way[i].link].from);
    if (i > 0) forks.insert(links_[way[i - 1].link].to);
  }
  std::vector<Chain> chains;
  for (const Crossing& crossing : way) {
    const SharedLink& link = links_[crossing.link];
    if (chains.empty() || chains.back().to != link.from || forks.contains(link.from) ||
        chains.back().links.front().share != crossing.share)
      chains.push_back({.links = {}, .from = link.from, .to = link.from});
    chains.back().links.push_back(crossing);
    chains.back().to = link.to;
    chains.back().dead = chains.back().dead || dead(crossing.link);
  }
  return chains;
}

void Detours::go_around(std::vector<Crossing>& way) const {
  if (std::none_of(way.begin(), way.end(), [this](const Crossing& c) { return dead(c.link); })) return;
  ++deviations_;
  std::vector<Chain> chains = chains_of(way);
  way.clear();
  for (const Chain& chain : chains) {
    double live = 0, all = 0;
    for (const Chain& other : chains)
      if (other.from == chain.from && other.to == chain.to) {
        all += other.links.front().share;
        if (!other.dead) live += other.links.front().share;
      }
    if (!chain.dead) {
      for (const Crossing& crossing : chain.links) way.push_back({crossing.link, crossing.share * (all / live)});
      continue;
    }
    if (live > 0) continue;
    const Layer layer = layer_[chain.links.front().link / 2];
    const std::vector<LinkIndex>& around = shortest(chain.from, chain.to, layer);
    if (around.empty()) {
      way.insert(way.end(), chain.links.begin(), chain.links.end());
      continue;
    }
    for (const LinkIndex link : around) way.push_back({link, chain.links.front().share});
  }
}

bool Detours::joins_router(const std::pair<std::int32_t, std::int32_t>& joint) const {
  return router_[static_cast<std::size_t>(joint.first)] || router_[static_cast<std::size_t>(joint.second)];
}

void Detours::build_edges() const {
  if (!edges_.empty()) return;
  edges_.resize(static_cast<std::size_t>(nodes_));
  for (LinkIndex l = 0; l < links_.size(); ++l)
    edges_[static_cast<std::size_t>(links_[l].from)].push_back({links_[l].to, l});
  for (const auto& joint : joints_) {
    if (joins_router(joint)) continue;
    edges_[static_cast<std::size_t>(joint.first)].push_back({joint.second, kNoLink});
    edges_[static_cast<std::size_t>(joint.second)].push_back({joint.first, kNoLink});
  }
}

const std::vector<LinkIndex>& Detours::shortest(std::int32_t from, std::int32_t to, Layer layer) const {
  const auto [at, fresh] = found_.try_emplace({from, to});
  if (!fresh) return at->second;
  build_edges();
  struct Reached {
    std::int32_t from = -1;
    LinkIndex by = kNoLink;
  };
  std::vector<Reached> reached(static_cast<std::size_t>(nodes_));
  std::deque<std::int32_t> open = {from};
  reached[static_cast<std::size_t>(from)].from = from;
  while (!open.empty() && reached[static_cast<std::size_t>(to)].from < 0) {
    const std::int32_t node = open.front();
    open.pop_front();
    for (const Edge& edge : edges_[static_cast<std::size_t>(node)]) {
      Reached& there = reached[static_cast<std::size_t>(edge.to)];
      if (there.from >= 0) continue;
      if (edge.link == kNoLink ? layer != Layer::fabric : dead(edge.link) || layer_[edge.link / 2] != layer) continue;
      there = {node, edge.link};
      open.push_back(edge.to);
    }
  }
  if (reached[static_cast<std::size_t>(to)].from < 0) return at->second;
  for (std::int32_t node = to; node != from; node = reached[static_cast<std::size_t>(node)].from)
    if (const LinkIndex by = reached[static_cast<std::size_t>(node)].by; by != kNoLink) at->second.push_back(by);
  std::reverse(at->second.begin(), at->second.end());
  return at->second;
}

LinkIndex Detours::between(std::int64_t a, std::int64_t b) const {
  if (count_ == 0 || a == b) return kNoLink;
  std::vector<Crossing> crossings;
  route(a, b, crossings);
  return first_dead(crossings);
}

LinkIndex Detours::first_dead(const std::vector<Crossing>& way) const {
  const auto found = std::find_if(way.begin(), way.end(), [this](const Crossing& c) { return dead(c.link); });
  return found == way.end() ? kNoLink : found->link;
}

LinkIndex Detours::from_writing(const std::vector<std::int64_t>& servers) const {
  if (count_ == 0) return kNoLink;
  std::vector<Crossing> way;
  for (const std::int64_t s : servers) {
    way.clear();
    if (storage_over_network()) way.push_back({nic_up(s)});
    to_storage(place_of(s), way);
    if (const LinkIndex link = first_dead(way); link != kNoLink) return link;
  }
  return kNoLink;
}

LinkIndex Detours::from_reading(const std::vector<std::int64_t>& servers) const {
  if (count_ == 0) return kNoLink;
  std::vector<Crossing> way;
  for (const std::int64_t s : servers) {
    way.clear();
    from_storage(place_of(s), way);
    if (storage_over_network()) way.push_back({nic_down(s)});
    if (const LinkIndex link = first_dead(way); link != kNoLink) return link;
  }
  return kNoLink;
}

LinkIndex Detours::among(const std::vector<std::int64_t>& servers) const {
  for (std::size_t i = 1; i < servers.size() && count_ > 0; ++i)
    if (const LinkIndex link = between(servers.front(), servers[i]); link != kNoLink) return link;
  return kNoLink;
}

std::vector<bool> Detours::cut_off() const {
  std::vector<bool> cut(place_of_.size(), false);
  if (count_ == 0) return cut;
  // A way out of a dragonfly joins its routers only where something lies beyond it.
  std::vector<bool> leads_on(static_cast<std::size_t>(nodes_), false);
  for (const SharedLink& link : links_) leads_on[static_cast<std::size_t>(link.from)] = true;
  for (const auto& joint : joints_)
    if (!joins_router(joint)) leads_on[static_cast<std::size_t>(joint.first)] = true;
  Parts live(nodes_), live_own(nodes_), own(nodes_);
  for (std::size_t l = 0; l < links_.size(); l += 2) {
    const SharedLink& link = links_[l];
    const bool scale_up = link.tier == "supernode" || layer_[l / 2] == Layer::grid;
    if (scale_up) own.join(link.from, link.to);
    if (dead_[l]) continue;
    live.join(link.from, link.to);
    if (scale_up) live_own.join(link.from, link.to);
  }
  for (const auto& joint : joints_)
    if (!joins_router(joint) || leads_on[static_cast<std::size_t>(joint.second)]) live.join(joint.first, joint.second);
  const std::vector<std::int32_t> all(cut.size(), 0);
  mark_outside(all, live, cut);
  std::vector<std::int32_t> island(cut.size(), -1);
  for (std::size_t s = 0; s < cut.size(); ++s) {
    const auto node = static_cast<std::int32_t>(s);
    island[s] = own.of(node);
  }
  mark_outside(island, live_own, cut);
  return cut;
}

}  // namespace alight
