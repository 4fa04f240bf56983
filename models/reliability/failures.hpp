// When the next of many alike devices fails, and which: one event queue for all of them, without a draw for each.
//
// Devices of one age are a cohort, and a cohort of n fails n times as often as one (the superposition of independent
// processes): one draw dates its next failure, and which of them it is is drawn afterwards, evenly. A repaired or
// replaced device has an age of its own and is a cohort of one, unless age makes no difference: then all that are at
// risk are one cohort. Whoever is out (failed, drained, without power) neither fails nor ages.
//
// A cohort that changes is dated anew from then on. That is no second chance: given that nothing failed so far, what
// comes depends on ages alone.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "models/reliability/lifetime.hpp"

namespace alight {

class Failures {
 public:
  using Device = std::int64_t;
  /// What a repair leaves behind.
  enum class Repaired {
    as_new,  ///< another device, or as good: age 0
    as_old,  ///< what it was when it failed
  };

  Failures(Lifetime lifetime, Stream stream);

  /// `count` more devices at risk from `now_s` on, all of `age_s`. Returns the number of the first; numbers are
  /// consecutive.
  Device add(std::int64_t count, double now_s = 0, double age_s = 0);

  /// When the next fails; infinite: never.
  double next_s() const;
  /// Lets it fail, at next_s(): which one. It is out until put_back().
  Device fail();

  /// A working device leaves; nothing where it is out already.
  void take_out(Device device, double now_s);
  /// A device that is out is at risk again; nothing where it is not out.
  void put_back(Device device, double now_s, Repaired repaired = Repaired::as_new);

  std::int64_t at_risk() const { return at_risk_; }
  bool out(Device device) const { return places_[index(device)].cohort < 0; }
  /// Of a lifetime for which age matters; else ages are not kept.
  double age_s(Device device, double now_s) const;

 private:
  struct Cohort {
    std::vector<Device> members;
    double born_s = 0;          ///< when they were of age 0, or would have been
    std::uint64_t version = 0;  ///< dates of earlier versions are void
  };
  struct Place {
    std::int64_t cohort = -1;  ///< -1: out
    std::int64_t position = 0;
    double age_s = 0;  ///< while out
  };
  struct Due {
    double time_s;
    std::int64_t cohort;
    std::uint64_t version;
    bool operator>(const Due& o) const { return time_s != o.time_s ? time_s > o.time_s : cohort > o.cohort; }
  };
  static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
  std::int64_t cohort_for(double age_s, double now_s);
  void join(Device device, std::int64_t cohort);
  void leave(Device device, double now_s);
  void date(std::int64_t cohort, double now_s);
  void drop_void();

  Lifetime lifetime_;
  Stream stream_;
  std::vector<Cohort> cohorts_;
  std::vector<std::int64_t> free_;  ///< cohorts without members
  std::vector<Place> places_;       ///< [device]
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::int64_t at_risk_ = 0;
};

}  // namespace alight
