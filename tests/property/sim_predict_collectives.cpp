// What must hold of collectives on every chip of the catalogue, whatever its constants.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/collectives/collective.hpp"
#include "platforms/fabric.hpp"
#include "tests/support/built_in_catalogue.hpp"

using namespace alight;
using test::built_in_catalogue;

namespace {

constexpr Collective kAll[] = {Collective::all_reduce, Collective::all_gather, Collective::reduce_scatter,
                               Collective::all_to_all, Collective::broadcast,  Collective::send_recv};
constexpr std::int64_t kRanks[] = {2, 3, 4, 5, 8, 16, 64, 1024, 4096};

/// Every chip with a scale-up rate, its network at 400 Gbps where it is unknown.
template <class Visit>
void each_fabric(Visit visit) {
  for (const Chip& chip : built_in_catalogue().chips().entries()) {
    FabricOverrides known;
    if (!chip.scale_out_gbps) known.scale_out_gbps = 400;
    INFO(chip.name);
    visit(fabric_of(chip, built_in_catalogue(), known));
  }
}

double seconds(Collective c, double bytes, std::int64_t ranks, const Fabric& f) {
  return estimate(c, bytes, {.ranks = ranks, .per_domain = ranks}, f).seconds;
}

}  // namespace

TEST_CASE("every chip of the catalogue has a fabric, and collectives on it take a finite time") {
  std::size_t seen = 0;
  each_fabric([&](const Fabric& f) {
    ++seen;
    for (const Collective c : kAll)
      for (const std::int64_t n : kRanks) {
        INFO(name_of(c) << " " << n);
        const double small = seconds(c, 1, n, f);
        REQUIRE(std::isfinite(small));
        REQUIRE(small > 1e-6);
        REQUIRE(seconds(c, 1e6, 1, f) == 0);
      }
  });
  CHECK(seen > 90);
}

TEST_CASE("more bytes never take less time") {
  each_fabric([](const Fabric& f) {
    for (const Collective c : kAll)
      for (const std::int64_t n : kRanks) {
        double before = 0;
        for (double bytes = 1024; bytes < 2e10; bytes *= 1.25) {
          INFO(name_of(c) << " " << n << " ranks, " << bytes << " bytes");
          const double now = seconds(c, bytes, n, f);
          REQUIRE(now >= before);
          before = now;
        }
      }
  });
}

TEST_CASE("faster wires never slow a collective where the library takes what is fastest") {
  each_fabric([](Fabric f) {
    // A library that chooses by its own beliefs may choose worse on a faster wire, by 2 % at the kinks.
    const double slack = f.up.tuner_simple > 0 ? 1.02 : 1 + 1e-12;
    const Fabric base = f;
    for (const Collective c : kAll)
      for (const std::int64_t n : kRanks)
        for (double bytes = 1024; bytes < 2e10; bytes *= 7) {
          double before = INFINITY;
          for (double faster = 0.5; faster < 4; faster *= 1.3) {
            f.up.gbs = base.up.gbs * faster;
            f.out.gbs = base.out.gbs * faster;
            INFO(name_of(c) << " " << n << " ranks, " << bytes << " bytes, x" << faster);
            const double now = seconds(c, bytes, n, f);
            REQUIRE(now <= before * slack);
            before = now;
          }
        }
  });
}

TEST_CASE("no bus bandwidth above the wire") {
  each_fabric([](const Fabric& f) {
    for (const Collective c : kAll)
      for (const std::int64_t n : kRanks)
        for (double bytes = 1024; bytes < 1e13; bytes *= 10) {
          INFO(name_of(c) << " " << n << " ranks, " << bytes << " bytes");
          const CollectiveEstimate e = estimate(c, bytes, {.ranks = n, .per_domain = n}, f);
          const auto k = static_cast<double>(std::min(n, f.up.domain));
          // Between domains: the NICs of one domain, or all of its wire if that is less. Switches that reduce take half
          // of the bytes off the wire.
          double wire = n <= f.up.domain ? f.up.gbs : std::max(k * f.out.gbs, f.up.gbs);
          if (e.algorithm == Algorithm::in_network) wire *= 2;
          REQUIRE(e.busbw_gbs <= wire * (1 + 1e-9));
        }
  });
}

TEST_CASE("more ranks in one domain never finish a gathering of the same bytes sooner on a switch") {
  each_fabric([](const Fabric& f) {
    if (f.up.topology != ScaleUpTopology::switched || f.up.tuner_simple > 0) return;
    for (const Collective c : {Collective::all_gather, Collective::reduce_scatter, Collective::all_reduce})
      for (double bytes = 1024; bytes < 2e10; bytes *= 3) {
        double before = 0;
        for (std::int64_t n = 2; n <= f.up.domain && n <= 512; n *= 2) {
          const double now = seconds(c, bytes, n, f);
          REQUIRE(now >= before);
          before = now;
        }
      }
  });
}

TEST_CASE("thicker uplinks never slow a collective") {
  const Chip& chip = *built_in_catalogue().find_chip("H100");
  for (const Collective c : kAll)
    for (double bytes = 1024; bytes < 2e10; bytes *= 7) {
      double before = INFINITY;
      for (const double ratio : {16.0, 8.0, 4.0, 2.0, 1.0}) {
        FabricOverrides known;
        known.leaf.oversubscription = ratio;
        const Fabric f = fabric_of(chip, built_in_catalogue(), known);
        const double now = estimate(c, bytes, {.ranks = 512, .per_domain = 8, .per_leaf = 32}, f).seconds;
        REQUIRE(now <= before);
        before = now;
      }
    }
}
