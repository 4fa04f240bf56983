// Random jobs on random links: what must hold of every one of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "sim/engine/simgrid_shares.hpp"
#include "sim/network/fluid.hpp"
#include "tests/support/footprints.hpp"

using namespace alight;

namespace {

constexpr std::size_t kLinks = 12;
constexpr double kCapacity = 100;

Footprint random_footprint(std::mt19937& draw, std::size_t mirrored) {
  std::uniform_real_distribution<double> unit(0.05, 1);
  Footprint footprint;
  footprint.step_s = 0;
  const auto kinds = 1 + draw() % 3;
  for (std::size_t x = 0; x < kinds; ++x) {
    const double times = static_cast<double>(1 + draw() % 10), network_s = unit(draw),
                 room_s = draw() % 2 ? unit(draw) : 0;
    std::vector<std::pair<LinkIndex, double>> loads;
    for (LinkIndex l = 0; l < kLinks; ++l)
      if (draw() % 4 == 0) loads.emplace_back(l, unit(draw) * kCapacity * network_s);
    if (loads.empty()) loads.emplace_back(draw() % kLinks, kCapacity * network_s);
    if (mirrored)
      for (auto& load : loads) load.first = static_cast<LinkIndex>(kLinks - 1 - load.first);
    std::sort(loads.begin(), loads.end());
    footprint.exchanges.push_back(test::exchange_on(times, network_s, room_s, loads));
    footprint.step_s += times * std::max(network_s, room_s) + unit(draw);
  }
  return footprint;
}

double carried(const Footprint& footprint, LinkIndex link) {
  double bytes = 0;
  for (const SharedExchange& shared : footprint.exchanges)
    for (const LinkBytes& load : shared.loads)
      if (load.link == link) bytes += load.bytes * shared.exchange.times;
  return bytes;
}

}  // namespace

TEST_CASE("no link above capacity, bytes conserved, nobody faster than alone, whoever comes and goes") {
  Engine engine;
  FluidNetwork network(std::vector<double>(kLinks, kCapacity),
                       std::make_unique<SimgridShares>(engine, std::vector<double>(kLinks, kCapacity)));
  std::mt19937 draw(20);
  std::map<std::uint32_t, Footprint> open;
  for (std::uint32_t round = 0; round < 400; ++round) {
    if (open.size() < 3 || (open.size() < 12 && draw() % 2)) {
      const auto& footprint = open.emplace(round, random_footprint(draw, 0)).first->second;
      network.open(round, footprint);
    } else {
      const auto leaves = std::next(open.begin(), static_cast<std::ptrdiff_t>(draw() % open.size()))->first;
      network.close(leaves);
      open.erase(leaves);
    }
    network.settle();
    for (const auto& [member, footprint] : open) CHECK(network.step_s(member) >= footprint.step_s * (1 - 1e-9));
    for (LinkIndex l = 0; l < kLinks; ++l) {
      double sum = 0;
      for (const auto& [member, footprint] : open) sum += carried(footprint, l) / network.step_s(member);
      CHECK(network.load(l) == Approx(sum).epsilon(1e-9).margin(1e-9));
      CHECK(network.load(l) <= kCapacity * (1 + 1e-6));
      CHECK(network.crowded(l) >= 0);
      CHECK(network.crowded(l) <= 1 + 1e-12);
    }
  }
}

TEST_CASE("mirrored layouts give mirrored results, and the order of arrival within an instant none") {
  Engine engine;
  FluidNetwork network(std::vector<double>(kLinks, kCapacity),
                       std::make_unique<SimgridShares>(engine, std::vector<double>(kLinks, kCapacity)));
  std::vector<double> steps[2];
  for (std::size_t mirrored = 0; mirrored < 2; ++mirrored) {
    std::mt19937 draw(3);
    std::vector<Footprint> jobs;
    for (int j = 0; j < 8; ++j) jobs.push_back(random_footprint(draw, mirrored));
    std::vector<std::uint32_t> order = {0, 1, 2, 3, 4, 5, 6, 7};
    if (mirrored) std::reverse(order.begin(), order.end());
    for (const auto j : order) network.open(j, jobs[j]);
    network.settle();
    for (std::uint32_t j = 0; j < 8; ++j) steps[mirrored].push_back(network.step_s(j));
    for (std::uint32_t j = 0; j < 8; ++j) network.close(j);
    network.settle();
  }
  for (std::size_t j = 0; j < 8; ++j) CHECK(steps[0][j] == Approx(steps[1][j]).epsilon(1e-8));
}
