// Counts of cables and modules that were published, from counts of chips, links and ends.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/examples.hpp"
#include "tests/support/reference.hpp"

using namespace alight;

namespace {

Prepared example(const std::string& name, const std::vector<std::string>& set = {}) {
  Diagnostics d;
  auto prepared = prepare(test::examples_folder() / (name + ".yaml"), set, d, false);
  std::ostringstream problems;
  d.print(problems);
  INFO(problems.str());
  REQUIRE(prepared);
  return std::move(*prepared);
}

BillSum of_tier(const Bill& bill, const std::string& tier) {
  BillSum sum;
  for (const BillRow& row : bill.rows)
    if (row.tier == tier) sum.add(row.sum);
  return sum;
}

}  // namespace

// Jouppi et al., "TPU v4: An Optically Reconfigurable Supercomputer", arXiv 2304.01433, section 2: 64 blocks of 4 x 4 x
// 4 chips, copper inside, 6 x 16 optical links out of each to 48 optical circuit switches of 136 ports, 128 of them
// used. Modules to a chip, 1.5: of the same design (nextbigfuture.com, 30 Nov 2025).
TEST_CASE("a pod of 4,096 TPU v4 has 48 optical circuit switches and one and a half modules to a chip") {
  const Prepared pod = example("tpu-pod");
  std::int64_t copper = 0, optical = 0;
  for (const BillRow& row : pod.bill.rows) (row.sum.modules > 0 ? optical : copper) += row.sum.links;
  CHECK(optical == 64 * 6 * 16 / 2);
  CHECK(pod.bill.total.modules == 4096 * 3 / 2);
  // Of the 3 x 48 links of a block 64 stay inside hosts of 2 x 2 x 1.
  CHECK(copper == 64 * (3 * 48 - 64));
  REQUIRE(pod.bill.optical_switches.size() == 1);
  CHECK(pod.bill.optical_switches[0].count == 48);
  CHECK(pod.bill.optical_switches[0].used_ports == 48 * 128);
}

TEST_CASE("one NVL72 has 5,184 copper cables") {
  // 72 chips x 18 links x 2 lanes of 200 Gbps each way, a wire pair to each.
  const Prepared one = example("media-nvl72-row", {"site.pools[0].count=18"});
  REQUIRE(one.site.chips == 72);
  const BillSum sum = of_tier(one.bill, "scale-up nvl72");
  CHECK(sum.links == 72 * 18);
  CHECK(sum.cables == 5184);
  CHECK(sum.power_w == 0);
  CHECK(sum.modules == 0);
  // The links carry what the chip's entry says: 18 x 400 Gbps each way are 1,800 GB/s both ways.
  const Pool& pool = one.site.pools[0];
  CHECK(static_cast<double>(pool.server.scale_up_wiring->links) * pool.server.scale_up_wiring->rate_gbps * 2 / 8 ==
        Approx(*pool.chip.scale_up_gbs));
  // The catalogue's price is of one rack's cables.
  CHECK(sum.price_usd == Approx(75000));
  // Optics in their place: 20 kW, as NVIDIA said in the keynote of 2024 (cited by the catalogue's entry).
  const Prepared optical =
      example("media-nvl72-row", {"site.pools[0].count=18", "site.network.scale_up_medium=optical"});
  const BillSum modules = of_tier(optical.bill, "scale-up nvl72");
  CHECK(modules.modules == 2 * 72 * 18);
  CHECK(modules.power_w == Approx(20e3).epsilon(0.05));
  // In a row of eight, eight times as many.
  CHECK(of_tier(example("media-nvl72-row").bill, "scale-up nvl72").cables == 8 * 5184);
}

TEST_CASE("a CloudMatrix384 has 6,912 modules of 400G") {
  const Prepared cm = example("media-cloudmatrix384");
  REQUIRE(cm.site.chips == 384);
  CHECK(of_tier(cm.bill, "scale-up cm384").modules == 384 * 7 * 2);  // 5,376
  CHECK(of_tier(cm.bill, "leaf").modules == 384 * 2);
  CHECK(of_tier(cm.bill, "spine").modules == 384 * 2);  // without oversubscription: as many up as down
  CHECK(cm.bill.total.modules == 6912);
  for (const BillRow& row : cm.bill.rows) CHECK(row.rate_gbps == 400);
  // What stands in the racks of chips, as others counted it (qsfptek.com, "How many 400G OSFP SiPh LPOs ..."): 3,072,
  // one end of every scale-up link and of every NIC's.
  CHECK(of_tier(cm.bill, "scale-up cm384").links + of_tier(cm.bill, "leaf").links == 3072);
  // Other ways to build the second network, the same count: a leaf of 48 ports per rail.
  const Prepared rails = example("media-cloudmatrix384", {"site.pools[0].rails=8", "site.network.leaf.down_ports=48"});
  CHECK(rails.bill.total.modules == 6912);
}

TEST_CASE("the collected notes give the same counts") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/links.csv");
  bool nvl72 = false, cloudmatrix = false;
  for (const auto& row : test::csv_rows(file)) {
    if (row.at("price_basis").find("5184 cables") != std::string::npos) nvl72 = true;
    if (row.at("medium") == "UB CloudMatrix384")
      cloudmatrix = row.at("note").find("x384=5376 scale-up + 1536 scale-out = 6912") != std::string::npos;
  }
  CHECK(nvl72);
  CHECK(cloudmatrix);
}

TEST_CASE("the H100 fat tree counts 16,384 links a tier, and copper is refused where it does not reach") {
  const Prepared optical = example("media-h100-clos", {"site.network.medium=optical"});
  for (const char* tier : {"leaf", "spine", "core"}) {
    const BillSum sum = of_tier(optical.bill, tier);
    CHECK(sum.links == 2048 * 8);
    CHECK(sum.power_w == Approx(2048 * 8 * 2 * 8));
    CHECK(sum.price_usd == Approx(2048 * 8 * 2 * 450.0));
    CHECK(sum.failures_per_year == Approx(2048 * 8 * 2 * 0.012));
  }
  const Prepared mixed = example("media-h100-clos");
  CHECK(mixed.bill.total.links == optical.bill.total.links);
  CHECK(mixed.bill.total.metres == optical.bill.total.metres);
  CHECK(mixed.bill.total.price_usd < optical.bill.total.price_usd);
  Diagnostics d;
  CHECK_FALSE(prepare(test::examples_folder() / "media-h100-clos.yaml", {"site.network.medium=copper"}, d, false));
  CHECK(d.problems().size() == 3);  // a tier each
  // A leaf of each rack's own: all in reach, four servers of eight NICs.
  const Prepared racks =
      example("media-h100-clos", {"site.pools[0].rails=1", "site.network.leaf.medium=passive copper"});
  CHECK(of_tier(racks.bill, "leaf").links == 2048 * 8);
  CHECK(of_tier(racks.bill, "leaf").modules == 0);
}

TEST_CASE("a way's latency has each switch once and each link's medium") {
  const Prepared p = example("media-nvl72-row");
  const double half = 150e-9 / 2;  // QM9700
  CHECK(p.site.tiers[0].latency_s == Approx(half + p.bill.tiers[0].mean_latency_s));
  CHECK(p.site.tiers[1].latency_s == Approx(2 * half + p.bill.tiers[1].mean_latency_s));
  // Given, it stays as given.
  const Prepared given = example("media-nvl72-row", {"site.network.leaf.latency=600 ns"});
  CHECK(given.site.tiers[0].latency_s == Approx(600e-9));
  CHECK(given.site.tiers[1].latency_s == Approx(half + p.bill.tiers[1].mean_latency_s));
}
