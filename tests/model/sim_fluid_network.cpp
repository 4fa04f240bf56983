// Steps of jobs that share links, against steps worked out by hand. Links carry 100 bytes/s.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "sim/engine/simgrid_shares.hpp"
#include "sim/network/fluid.hpp"
#include "tests/support/footprints.hpp"

using namespace alight;
using test::exchange_on;
using test::one_exchange;

namespace {

struct World {
  explicit World(std::size_t links)
      : network(std::vector<double>(links, 100.0),
                std::make_unique<SimgridShares>(engine, std::vector<double>(links, 100.0))) {}
  Engine engine;
  FluidNetwork network;
};

}  // namespace

TEST_CASE("a job alone takes its own step, and its load is its bytes over its step") {
  World w(2);
  const Footprint job = one_exchange(2, 0.5, 0, {{0, 50}, {1, 20}});
  w.network.open(7, job);
  CHECK(w.network.settle().empty());
  CHECK(w.network.step_s(7) == 2);
  CHECK(w.network.load(0) == 25);
  CHECK(w.network.load(1) == 10);
  CHECK(w.network.crowded(0) == 0);
  w.network.close(7);
  w.network.settle();
  CHECK(w.network.load(0) == 0);
}

TEST_CASE("two equal jobs that hide 0.8 s of a full link beside 1 s: the link is saturated, 1.6 s each, then 1 s") {
  World w(1);
  const Footprint job = one_exchange(1, 0.8, 1, {{0, 80}});
  w.network.open(1, job);
  w.network.open(2, job);
  w.network.settle();
  // 160 bytes of two steps over 100 bytes/s.
  CHECK(w.network.step_s(1) == Approx(1.6).epsilon(1e-12));
  CHECK(w.network.step_s(2) == Approx(1.6).epsilon(1e-12));
  CHECK(w.network.load(0) == Approx(100).epsilon(1e-12));
  CHECK(w.network.crowded(0) == Approx(1));
  w.network.close(2);
  CHECK(w.network.settle().size() == 1);
  CHECK(w.network.step_s(1) == 1);
}

TEST_CASE("a job that hides two exchanges of 0.6 s of a full link beside 1 s takes 1.2 s, alone too") {
  World w(1);
  Footprint job = one_exchange(1, 0.6, 1, {{0, 60}});
  job.exchanges.push_back(job.exchanges.front());
  w.network.open(1, job);
  w.network.settle();
  CHECK(w.network.step_s(1) == Approx(1.2).epsilon(1e-12));
  CHECK(w.network.load(0) == Approx(100).epsilon(1e-12));
  CHECK(alone_s(job, std::vector<double>{100}) == Approx(1.2).epsilon(1e-12));
}

TEST_CASE("two equal jobs that hide 0.4 s of a full link beside 1 s do not harm each other") {
  World w(1);
  const Footprint job = one_exchange(1, 0.4, 1, {{0, 40}});
  w.network.open(1, job);
  w.network.open(2, job);
  w.network.settle();
  CHECK(w.network.step_s(1) == 1);
  CHECK(w.network.step_s(2) == 1);
  CHECK(w.network.load(0) == Approx(80));
}

TEST_CASE("eight jobs that only talk share a link evenly") {
  World w(1);
  const Footprint job = one_exchange(1, 1, 0, {{0, 100}});
  for (std::uint32_t j = 0; j < 8; ++j) w.network.open(j, job);
  w.network.settle();
  for (std::uint32_t j = 0; j < 8; ++j) CHECK(w.network.step_s(j) == Approx(8).epsilon(1e-9));
}

TEST_CASE("two equal jobs, half computing and half talking: the stretch meets its own duty") {
  World w(1);
  const Footprint job = one_exchange(2, 1, 0, {{0, 100}});
  w.network.open(1, job);
  w.network.open(2, job);
  w.network.settle();
  // x seconds of talking in a step of 1 + x: the other talks f = x / (1 + x) of the time, at which the share is 1/2:
  // x = (1 / (1 - f / 2) + (1 + f)) / 2.
  const double x = w.network.step_s(1) - 1, f = x / (1 + x);
  CHECK(x == Approx((1 / (1 - f / 2) + 1 + f) / 2).epsilon(1e-9));
  CHECK(x == Approx(1.517).epsilon(1e-3));
  CHECK(w.network.step_s(2) == Approx(w.network.step_s(1)).epsilon(1e-9));
}

TEST_CASE("max-min over two links: who is held up elsewhere leaves the rest to others") {
  World w(2);
  // a talks all the time over both links at up to 100 bytes/s, b only over the first, c and d only over the second.
  const Footprint a = one_exchange(1, 1, 0, {{0, 100}, {1, 100}});
  const Footprint b = one_exchange(1, 1, 0, {{0, 100}});
  const Footprint c = one_exchange(1, 1, 0, {{1, 100}});
  w.network.open(1, a);
  w.network.open(2, b);
  w.network.open(3, c);
  w.network.open(4, c);
  w.network.settle();
  // The second link gives a, c and d a third each; b has two thirds of the first.
  CHECK(w.network.step_s(1) == Approx(3).epsilon(1e-6));
  CHECK(w.network.step_s(3) == Approx(3).epsilon(1e-6));
  CHECK(w.network.step_s(4) == Approx(3).epsilon(1e-6));
  CHECK(w.network.step_s(2) == Approx(1.5).epsilon(1e-6));
}

TEST_CASE("a job that shares no link with another is left untouched, to the bit") {
  World w(3);
  const Footprint one = one_exchange(1.7, 0.9, 0.2, {{0, 77}}), far = one_exchange(1.3, 1, 0, {{2, 90}});
  w.network.open(1, one);
  w.network.open(2, one);
  w.network.settle();
  const double before = w.network.step_s(1);
  w.network.open(3, far);
  w.network.open(4, far);
  for (const auto moved : w.network.settle()) CHECK(moved > 2);
  CHECK(w.network.step_s(1) == before);
  CHECK(w.network.step_s(3) > 1.3);
}

TEST_CASE("a link that carries less slows its users down, and what it carries again speeds them up") {
  World w(1);
  const Footprint job = one_exchange(1, 0.5, 0, {{0, 50}});
  w.network.open(1, job);
  w.network.settle();
  w.network.set_capacity(0, 50);
  w.network.settle();
  // Half a second of computing and 50 bytes over 50 bytes/s.
  CHECK(w.network.step_s(1) == Approx(1.5));
  w.network.set_capacity(0, 100);
  w.network.settle();
  CHECK(w.network.step_s(1) == Approx(1).epsilon(1e-12));
}

TEST_CASE("a link that carries nothing: who crosses it stands still and asks for nothing elsewhere, until it is back") {
  World w(2);
  // Three jobs fill both links over: a over both, b over the first, c over the second.
  const Footprint a = one_exchange(1, 1, 0, {{0, 100}, {1, 100}});
  const Footprint b = one_exchange(1, 1, 0, {{0, 100}});
  const Footprint c = one_exchange(1, 1, 0, {{1, 100}});
  w.network.open(1, a);
  w.network.open(2, b);
  w.network.open(3, c);
  w.network.settle();
  CHECK(w.network.step_s(3) == Approx(2).epsilon(1e-6));
  w.network.set_capacity(0, 0);
  w.network.settle();
  CHECK(std::isinf(w.network.step_s(1)));
  CHECK(std::isinf(w.network.step_s(2)));
  CHECK(w.network.worst_link(1) == 0);
  CHECK(w.network.load(0) == 0);
  CHECK(w.network.crowded(0) == 0);
  // c has the second link to itself.
  CHECK(w.network.step_s(3) == Approx(1).epsilon(1e-9));
  CHECK(w.network.load(1) == Approx(100).epsilon(1e-9));
  // Others come and go meanwhile.
  w.network.open(4, c);
  w.network.open(5, b);
  w.network.settle();
  CHECK(std::isinf(w.network.step_s(5)));
  CHECK(w.network.step_s(3) == Approx(2).epsilon(1e-6));
  w.network.close(4);
  w.network.close(5);
  w.network.set_capacity(0, 50);
  w.network.settle();
  // Of 50 bytes/s a and b have half each: 4 s a step.
  CHECK(w.network.step_s(1) == Approx(4).epsilon(1e-6));
  CHECK(w.network.step_s(2) == Approx(4).epsilon(1e-6));
  w.network.set_capacity(0, 100);
  w.network.settle();
  for (const std::uint32_t job : {1U, 2U, 3U}) CHECK(w.network.step_s(job) == Approx(2).epsilon(1e-6));
}

TEST_CASE("SimGrid is not asked about a link that carries nothing") {
  Engine engine;
  SimgridShares shares(engine, {100, 100});
  const StepBytes both[] = {{0, 100}, {1, 100}};
  const StepBytes second[] = {{1, 100}};
  shares.set(1, both, 10);
  shares.set(2, second, 10);
  CHECK(shares.rate(1) == Approx(0.5).epsilon(1e-9));
  shares.set_capacity(0, 0);
  CHECK(shares.rate(1) == 0);
  CHECK(shares.rate(2) == Approx(1).epsilon(1e-9));
  shares.set(3, both, 10);
  CHECK(shares.rate(3) == 0);
  shares.remove(3);
  shares.set_capacity(0, 100);
  CHECK(shares.rate(1) == Approx(0.5).epsilon(1e-9));
}
