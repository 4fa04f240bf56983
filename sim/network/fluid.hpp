// Training jobs that share links, as rates: how long a step of each takes beside the others, worked out anew for those
// whom a change concerns.
//
// A job alone takes the step its model predicts. Where links are shared its exchanges take longer, each by what its
// worst link demands:
//   - below saturation, whom it meets is chance: its burst, at the rate it has when alone, meets those of the others as
//     often as they talk (models/sharing/coincidence.hpp), which depends on their steps in turn. The steps that agree
//     with each other are found by going round; an exchange that still hides behind computation costs nothing.
//   - where the bytes of all steps so found come to what a link carries, it is saturated, and SimGrid shares it: every
//     job there is one parallel activity, the bytes of a step on each saturated link together with the pace found so
//     far as its cap, and SimGrid's max-min rate is the job's.
// Only jobs on a link that their bursts together can overfill concern each other, so a change costs what those it
// concerns cost. What a job holds alone, and links too wide for their users, never become more than a sum.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/sharing/coincidence.hpp"
#include "sim/engine/fair_shares.hpp"
#include "sim/network/footprint.hpp"

namespace alight {

class FluidNetwork {
 public:
  using Member = std::uint32_t;  ///< a job

  /// `capacities`: bytes/s of each link. `shares` may be null: then no link may saturate (tests of the arithmetic).
  FluidNetwork(std::vector<double> capacities, std::unique_ptr<FairShares> shares);

  /// A job begins to talk; `footprint` is not empty and outlives its stay.
  void open(Member member, const Footprint& footprint);
  void close(Member member);
  /// A link carries less, or more, from now on. Of those who cross a link that carries nothing a step has no end.
  void set_capacity(LinkIndex link, double bytes_per_s);

  bool is_open(Member member) const { return members_.contains(member); }

  /// Works out the steps after all changes of an instant. Those that moved, ascending; valid until the next call.
  std::span<const Member> settle();

  /// Seconds of a step of an open member, as settled.
  double step_s(Member member) const { return members_.at(member).step_s; }
  /// Of a step of an open member with an exchange that it has once, as settled: seconds of that exchange, and of the
  /// step but for what it adds.
  struct Apart {
    double exchange_s = 0, rest_s = 0;
  };
  Apart apart(Member member, std::size_t exchange) const;
  /// Bytes/s on a link now, as settled, and the share of time in which more is asked of it than it carries.
  double load(LinkIndex link) const { return links_[link].load; }
  double crowded(LinkIndex link) const { return links_[link].crowded; }
  double capacity(LinkIndex link) const { return links_[link].capacity; }
  /// Links whose load or crowding the last settle() changed, ascending.
  std::span<const LinkIndex> touched() const { return touched_; }
  /// The link that lengthens the member's steps most; kNoLink where none does.
  LinkIndex worst_link(Member member) const { return members_.at(member).worst; }

 private:
  struct Ask {
    std::uint32_t exchange = 0;
    double rate = 0;  ///< bytes/s it asks for while it talks
    double met = 1;   ///< how much longer the others made it when last looked at
  };
  /// What a member does on one link.
  struct Part {
    LinkIndex link = kNoLink;
    std::vector<Ask> asks;    ///< by ascending rate
    double peak = 0;          ///< the most of these
    double bytes = 0;         ///< of a step
    Talker talk;              ///< as others meet it
    Talker told;              ///< as they last heard, where they are few
    std::uint64_t heard = 0;  ///< Wire::news when it last looked at the others
    std::uint64_t alike = 0;  ///< equal where the same member asks for the same
  };
  /// How much longer an exchange takes on its worst link, and on its second worst.
  struct Stretch {
    double worst = 1, second = 1;
    LinkIndex link = kNoLink, second_link = kNoLink;
    /// Part of its rate that it asks for on the worst link, and on all others, since another holds it up.
    double asks_on_worst = 1, asks = 1;
    double asks_on(LinkIndex here) const { return here == link ? asks_on_worst : asks; }
  };
  struct State {
    const Footprint* footprint = nullptr;
    std::vector<Part> parts;         ///< by ascending link
    std::vector<Stretch> stretches;  ///< [exchange]
    double burst_s = 0;              ///< of a step before saturated links are shared out
    double step_s = 0;
    double paced_s = 0;  ///< `burst_s` as `shares_` was last told; 0: not, or of other links
    LinkIndex worst = kNoLink;
    bool concerned = false;
  };
  struct User {
    Member member = 0;
    State* state = nullptr;
    const Part* part = nullptr;  ///< of it, here
  };
  struct Wire {
    double capacity = 0;
    double peaks = 0;  ///< of all members
    double load = 0;
    double crowded = 0;
    bool saturated = false, stirred = false, told_contended = false;
    std::uint64_t news = 1;   ///< counts what its users have to look at
    std::uint64_t alike = 0;  ///< sum over the users: equal where all ask for the same
    Crowd crowd;              ///< the users
    Crowd told;               ///< as they last heard, where they are many
    std::vector<User> users;  ///< by ascending member
    bool many() const { return users.size() > kExactTalkers + 1; }
  };
  /// Bursts of all who use it together can overfill it.
  static bool contended(const Wire& wire) { return wire.peaks > wire.capacity * (1 + 1e-9); }
  void concern(Member member, State& state);
  void stir(LinkIndex link);
  /// Its users have to look at it anew.
  void tell_users(LinkIndex link);
  /// Fits a member's step to how the others talk now, and tells those that its own talking concerns.
  void meet(Member member, State& state);
  void tell_others(State& state);
  /// Looks at the links where there is news; true where one became slower or faster for it.
  bool look(Member member, State& state);
  /// The other direction of the same cables, where everybody asks for as much as in this one.
  bool alike(const Part& part, const Part& before) const;
  static void talk(State& state);
  /// Part of its rate that a sender asks for on other links while one holds it up `stretch` times.
  double asked_for(double stretch, LinkIndex held_up_by) const;
  void tell_of_changes();
  /// The first of its links that carries nothing; kNoLink where all do.
  LinkIndex dead_link(const State& state) const;
  void go_round();
  void share_out();
  void sum_up(LinkIndex link);

  std::vector<Wire> links_;
  std::unordered_map<Member, State> members_;
  std::unique_ptr<FairShares> shares_;
  std::vector<Member> opened_;      ///< since the last settle()
  std::vector<LinkIndex> changed_;  ///< whose users or capacity did
  std::vector<Member> concerned_;   ///< whose step is to be found anew
  std::vector<Member> seen_;        ///< by this settle()
  std::set<Member> shared_out_;     ///< open at `shares_`
  std::vector<Member> moved_;
  std::vector<LinkIndex> stirred_;  ///< whose load may have moved
  std::vector<LinkIndex> touched_;
  std::vector<Talker> others_, before_;
};

}  // namespace alight
