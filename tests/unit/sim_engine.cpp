// The event queue: order, horizon, interruption, mistakes of our own. Each engine lives in a process of its own.
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/engine/engine.hpp"
#include "tests/support/in_child.hpp"

using namespace alight;
using namespace alight::test;

namespace {

using Numbers = std::vector<double>;

/// Writes down what is called, and posts more when told to.
struct Log {
  explicit Log(bool lockstep = false) : engine(lockstep) {}
  void note(std::uint64_t what) { seen.insert(seen.end(), {engine.now(), static_cast<double>(what)}); }
  void note_and_post(std::uint64_t what) {
    note(what);
    // In the same instant an earlier turn may still come, as may a later one.
    engine.at(engine.now(), Turn::record, Action::to<&Log::note>(this, what + 1));
    engine.at(engine.now(), Turn::condition, Action::to<&Log::note>(this, what + 2));
    engine.at(engine.now() + 1, Turn::runtime, Action::to<&Log::note>(this, what + 3));
  }
  void post_past(std::uint64_t) { engine.at(engine.now() - 1, Turn::runtime, Action::to<&Log::note>(this)); }
  void stop(std::uint64_t) { interrupt = true; }
  void fail(std::uint64_t) { throw std::runtime_error("an action failed"); }

  Engine engine;
  std::atomic<bool> interrupt{false};
  Numbers seen;
};

constexpr double kForever = std::numeric_limits<double>::infinity();

Numbers mixed(bool lockstep) {
  return in_child([lockstep] {
    Log log(lockstep);
    const auto note = [&](double t, Turn turn, std::uint64_t what) {
      log.engine.at(t, turn, Action::to<&Log::note>(&log, what));
    };
    note(5, Turn::record, 1);
    note(5, Turn::decision, 2);
    note(2.5, Turn::record, 3);
    note(5, Turn::arrival, 4);
    note(5, Turn::condition, 5);
    note(5, Turn::runtime, 6);
    note(5, Turn::arrival, 7);
    note(0, Turn::record, 8);
    log.engine.at(7, Turn::arrival, Action::to<&Log::note_and_post>(&log, 100));
    log.engine.run(kForever, log.interrupt);
    return log.seen;
  });
}

}  // namespace

TEST_CASE("events go by time, then by turn, then in the order of posting") {
  CHECK(mixed(false) == Numbers{0, 8, 2.5, 3, 5, 5, 5, 6, 5, 4, 5, 7, 5, 2, 5, 1, 7, 100, 7, 102, 7, 101, 8, 103});
}

TEST_CASE("in lockstep with SimGrid the order is the same") {
  CHECK(mixed(true) == mixed(false));
}

TEST_CASE("the horizon's own events happen, later ones do not") {
  const Numbers got = in_child([] {
    Log log;
    for (const double t : {1.0, 4.0, 4.000001}) log.engine.at(t, Turn::runtime, Action::to<&Log::note>(&log));
    const auto how = log.engine.run(4, log.interrupt);
    return Numbers{static_cast<double>(how), log.engine.now(), static_cast<double>(log.engine.events())};
  });
  CHECK(got == Numbers{static_cast<double>(Engine::End::horizon), 4, 2});
}

TEST_CASE("an interruption takes effect between two instants") {
  const Numbers got = in_child([] {
    Log log;
    log.engine.at(1, Turn::runtime, Action::to<&Log::stop>(&log));
    log.engine.at(1, Turn::record, Action::to<&Log::note>(&log, 1));
    log.engine.at(2, Turn::runtime, Action::to<&Log::note>(&log, 2));
    const auto how = log.engine.run(kForever, log.interrupt);
    return Numbers{static_cast<double>(how), log.engine.now(), static_cast<double>(log.seen.size())};
  });
  CHECK(got == Numbers{static_cast<double>(Engine::End::interrupted), 1, 2});
}

TEST_CASE("an engine without events is finished at once") {
  CHECK(in_child([] {
          Log log;
          return Numbers{static_cast<double>(log.engine.run(kForever, log.interrupt)), log.engine.now()};
        }) == Numbers{static_cast<double>(Engine::End::finished), 0});
}

TEST_CASE("events in the past or at no time are our own bug; what an action throws comes out of run()") {
  const auto throws = [](auto post) {
    return in_child([&] {
      Log log;
      double caught = 0;
      try {
        post(log);
        log.engine.run(kForever, log.interrupt);
      } catch (const std::logic_error&) {
        caught = 1;
      } catch (const std::runtime_error&) {
        caught = 2;
      }
      return Numbers{caught};
    });
  };
  CHECK(throws([](Log& l) { l.engine.at(3, Turn::runtime, Action::to<&Log::post_past>(&l)); }) == Numbers{1});
  CHECK(throws([](Log& l) { l.engine.at(-1, Turn::runtime, Action::to<&Log::note>(&l)); }) == Numbers{1});
  CHECK(throws([](Log& l) { l.engine.at(kForever, Turn::runtime, Action::to<&Log::note>(&l)); }) == Numbers{1});
  CHECK(throws([](Log& l) { l.engine.at(std::nan(""), Turn::runtime, Action::to<&Log::note>(&l)); }) == Numbers{1});
  CHECK(throws([](Log& l) { l.engine.at(3, Turn::runtime, Action::to<&Log::fail>(&l)); }) == Numbers{2});
}
