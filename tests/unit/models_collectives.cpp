// Collectives worked by hand, on fabrics whose constants are round numbers.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/collectives/collective.hpp"
#include "models/collectives/in_domain.hpp"

using namespace alight;

namespace {

constexpr double kMb = 1e6;

/// 100 GB/s each way, one protocol at the full rate: 10 us and 1 us a step.
Fabric plain() {
  Fabric f;
  f.up = {.gbs = 100, .domain = 8, .simple = {.base_us = 10, .hop_us = 1, .efficiency = 1}};
  f.up.direct = {.base_us = 5, .efficiency = 0.5};
  f.out = {.gbs = 10, .efficiency = 1, .direct_efficiency = 0.5, .ll_us = 20, .simple_us = 20};
  return f;
}

double us(Collective collective, double bytes, Group group, const Fabric& fabric) {
  return estimate(collective, bytes, group, fabric).seconds * 1e6;
}

}  // namespace

TEST_CASE("one rank and no bytes take no time") {
  CHECK(us(Collective::all_reduce, 8 * kMb, {.ranks = 1}, plain()) == 0);
  CHECK(us(Collective::all_gather, 0, {.ranks = 8, .per_domain = 8}, plain()) == 0);
  CHECK(estimate(Collective::broadcast, kMb, {.ranks = 1}, plain()).algorithm == Algorithm::none);
}

TEST_CASE("a ring inside a domain: base, steps, bytes") {
  // All-gather of 8 MB over 8: 7 steps of 1 us; 7/8 of 8 MB travel and the own eighth costs 0.48 of one:
  // 7.48 MB at 100 GB/s = 74.8 us. 10 + 7 + 74.8.
  const auto gather = estimate(Collective::all_gather, 8 * kMb, {.ranks = 8, .per_domain = 8}, plain());
  CHECK(gather.seconds * 1e6 == Approx(91.8));
  CHECK(gather.algorithm == Algorithm::ring);
  // busbw: 7/8 of 8 MB in 91.8 us.
  CHECK(gather.busbw_gbs == Approx(7.0e6 / 91.8e-6 / 1e9));
  // All-reduce goes round twice: 14 steps, 14.48 MB. 10 + 14 + 144.8.
  CHECK(us(Collective::all_reduce, 8 * kMb, {.ranks = 8, .per_domain = 8}, plain()) == Approx(168.8));
  // A reduction of one-byte elements runs at 0.94 of the rate: 74.8 / 0.94 = 79.57.
  CHECK(us(Collective::reduce_scatter, 8 * kMb, {.ranks = 8, .per_domain = 8, .int8 = true}, plain()) ==
        Approx(10 + 7 + 74.8 / 0.94));
  // A broadcast moves the whole buffer over every link: 80 us.
  CHECK(us(Collective::broadcast, 8 * kMb, {.ranks = 8, .per_domain = 8}, plain()) == Approx(97));
}

TEST_CASE("hops and transfer hide each other by the overlap") {
  Fabric f = plain();
  f.up.simple.overlap = 1;
  f.up.simple.hop_us = 10;
  // 70 us of hops, 149.6 us of transfer: the transfer hides the hops (70 + 149.6 / 2 is less). 10 + 149.6.
  CHECK(us(Collective::all_gather, 16 * kMb, {.ranks = 8, .per_domain = 8}, f) == Approx(10 + 149.6));
  // A tenth of it: 70 us of hops hide half of 7.48 us.
  CHECK(us(Collective::all_gather, 0.8 * kMb, {.ranks = 8, .per_domain = 8}, f) == Approx(10 + 70 + 3.74));
  // Half rate until 20 us are lost.
  f.up.simple = {.base_us = 10, .efficiency = 1, .ramp_us = 20};
  CHECK(us(Collective::all_gather, 0.8 * kMb, {.ranks = 8, .per_domain = 8}, f) == Approx(10 + 2 * 7.48));
  CHECK(us(Collective::all_gather, 8 * kMb, {.ranks = 8, .per_domain = 8}, f) == Approx(10 + 74.8 + 20));
}

TEST_CASE("the library leaves a small protocol when it believes so, or when it should") {
  Fabric f = plain();
  f.up.ll = {.base_us = 2, .hop_us = 0, .efficiency = 0.5};
  const Group pair{.ranks = 2, .per_domain = 8};
  // 0.2 MB gathered by two. LL: 2 + (0.5 + 0.425) * 0.2 MB at 50 GB/s = 5.7; bulk: 10 + 1 + (0.5 + 0.24) * 0.2 MB at
  // 100 GB/s = 12.48.
  CHECK(us(Collective::all_gather, 0.2 * kMb, pair, f) == Approx(5.7));
  // A tuner that takes LL for 1 GB/s and bulk for 1000: 6.6 + 0.6 + 100 against 8.4 + 3.4 + 0.1: bulk, too early.
  f.up.tuner_ll = 0.01;
  f.up.tuner_simple = 10;
  CHECK(us(Collective::all_gather, 0.2 * kMb, pair, f) == Approx(12.48));
  // One that takes LL for the faster at 20 MB: 7.2 + 1 against 11.8 + 100. LL takes 2 + 370, bulk 11 + 148: the choice
  // would come too late, and is not followed.
  f.up.tuner_ll = 100;
  f.up.tuner_simple = 1;
  CHECK(us(Collective::all_gather, 20 * kMb, pair, f) == Approx(159));
}

TEST_CASE("switches that reduce: one plus 1/n of the buffer each way") {
  Fabric f = plain();
  f.up.in_network = {.base_us = 25, .efficiency = 0.5};
  // 80 MB over 8: 90 MB at 50 GB/s = 1800 us and 25; the ring takes 10 + 14 + 1448.
  CHECK(estimate(Collective::all_reduce, 80 * kMb, {.ranks = 8, .per_domain = 8}, f).algorithm == Algorithm::ring);
  f.up.in_network.efficiency = 0.9;  // 1000 us and 25
  const auto e = estimate(Collective::all_reduce, 80 * kMb, {.ranks = 8, .per_domain = 8}, f);
  CHECK(e.algorithm == Algorithm::in_network);
  CHECK(e.seconds * 1e6 == Approx(1025));
  // They do not add one-byte elements.
  CHECK(estimate(Collective::all_reduce, 80 * kMb, {.ranks = 8, .per_domain = 8, .int8 = true}, f).algorithm ==
        Algorithm::ring);
}

TEST_CASE("all-to-all and point to point inside a domain") {
  // 8 MB over 8, 7 MB leave at 50 GB/s: 140 us and 5.
  CHECK(us(Collective::all_to_all, 8 * kMb, {.ranks = 8, .per_domain = 8}, plain()) == Approx(145));
  // One pair: base and one hop of the ring's protocol, at its rate. 10 + 1 + 80.
  CHECK(us(Collective::send_recv, 8 * kMb, {.ranks = 2, .per_domain = 2}, plain()) == Approx(91));
}

TEST_CASE("a full mesh gives a group only the links among itself") {
  Fabric f = plain();
  f.up.topology = ScaleUpTopology::full_mesh;
  f.up.gbs = 196;  // 7 links of 28 GB/s: Atlas 800T A2, 56 GB/s both ways
  CHECK(usable_gbs(8, f.up) == Approx(196));
  CHECK(usable_gbs(4, f.up) == Approx(84));
  CHECK(usable_gbs(2, f.up) == Approx(28));
  // Two chips gather 2.8 MB: (0.5 + 0.24) * 2.8 MB at 28 GB/s = 74 us, one step.
  CHECK(us(Collective::all_gather, 2.8 * kMb, {.ranks = 2, .per_domain = 8}, f) == Approx(85));
  // The switched fabric of the same rate takes a seventh of the transfer.
  f.up.topology = ScaleUpTopology::switched;
  CHECK(us(Collective::all_gather, 2.8 * kMb, {.ranks = 2, .per_domain = 8}, f) == Approx(11 + 74.0 / 7));
}

TEST_CASE("a torus uses the links of a block's axes") {
  ScaleUp up = plain().up;
  up.topology = ScaleUpTopology::torus;
  up.axes = 3;
  up.gbs = 600;                              // six links of 100 GB/s
  CHECK(usable_gbs(2, up) == Approx(100));   // a line of two: one link
  CHECK(usable_gbs(4, up) == Approx(200));   // 2x2: one link on each of two axes
  CHECK(usable_gbs(8, up) == Approx(200));   // 2x2x2: two axes at a time
  CHECK(usable_gbs(64, up) == Approx(400));  // 4x4x4: rings, both directions, two axes at a time
  up.axes = 2;
  up.gbs = 400;
  CHECK(usable_gbs(16, up) == Approx(400));  // 4x4: all four links
  Fabric f{up, {}};
  f.up.domain = 256;
  // 16 chips gather 16 MB: 15 MB over 400 GB/s = 37.5 us, 15 steps of 1 us, 10 us. No own copy is counted.
  const auto e = estimate(Collective::all_gather, 16 * kMb, {.ranks = 16, .per_domain = 16}, f);
  CHECK(e.seconds * 1e6 == Approx(62.5));
  CHECK(e.algorithm == Algorithm::torus);
}

TEST_CASE("cards of one host share it") {
  ScaleUp up = plain().up;
  up.topology = ScaleUpTopology::host;
  CHECK(usable_gbs(2, up) == Approx(100));
  CHECK(usable_gbs(8, up) == Approx(25));
  up.contention = 2;
  CHECK(usable_gbs(8, up) == Approx(6.25));
}

TEST_CASE("a ring around nodes is as fast as the NICs of a node") {
  // 4 nodes of 8, 800 MB all-reduce. Each node's 8 NICs carry 2 * 31/32 * 800 MB = 1550 MB at 80 GB/s = 19375 us.
  // 62 steps, 6 through the network: 56 * 1 + 6 * 20 = 176. 10 + 176 + 19375 = 19561.
  const Group group{.ranks = 32, .per_domain = 8};
  const auto e = estimate(Collective::all_reduce, 800 * kMb, group, plain());
  CHECK(e.seconds * 1e6 == Approx(19561));
  CHECK(e.algorithm == Algorithm::ring);
  // All-gather goes round once: 31 steps, 3 through the network; 775 MB at 80 GB/s = 9687.5. 10 + 28 + 60 + 9687.5 =
  // 9785.5. In turn over rails and inside: 100 MB over 4 on each rail, 3/4 at 10 GB/s = 7500, 3 steps of 20 and 10;
  // then 800 MB over 8 inside, 748 MB at 100 GB/s = 7480, 7 steps and 10: 15067.
  CHECK(us(Collective::all_gather, 800 * kMb, group, plain()) == Approx(9785.5));
}

TEST_CASE("a fast enough domain makes the hierarchical way the better one") {
  Fabric f = plain();
  f.up.gbs = 1000;
  // Inside: 800 MB over 8, 748 MB at 1000 GB/s = 748, 7 steps and 10: 765. Rails: 7570. Ring: 9785.5.
  const auto e = estimate(Collective::all_gather, 800 * kMb, {.ranks = 32, .per_domain = 8}, f);
  CHECK(e.seconds * 1e6 == Approx(765 + 7570));
  CHECK(e.algorithm == Algorithm::hierarchical);
}

TEST_CASE("small payloads go by trees") {
  // 4,096 ranks on 512 nodes, 80 kB. Depth 9: 18 steps of 20 us, chains of 2 * 7 us, 160 kB at 80 GB/s = 2 us, base 10.
  const auto e = estimate(Collective::all_reduce, 0.08 * kMb, {.ranks = 4096, .per_domain = 8}, plain());
  CHECK(e.algorithm == Algorithm::tree);
  CHECK(e.seconds * 1e6 == Approx(10 + 14 + 360 + 2));
}

TEST_CASE("the network's switches reduce where they can") {
  Fabric f = plain();
  f.out.in_network = true;
  // 1 rank a node, 16 nodes, 10 MB: 10 + 2 * 20 + 10 MB at 10 GB/s = 1000.
  const auto e = estimate(Collective::all_reduce, 10 * kMb, {.ranks = 16, .per_domain = 1}, f);
  CHECK(e.algorithm == Algorithm::in_network);
  CHECK(e.seconds * 1e6 == Approx(1050));
}

TEST_CASE("an all-to-all over nodes: the NIC and the domain work at once") {
  // 16 ranks on 2 nodes, 16 MB. Half leaves: 8 MB at 5 GB/s = 1600 us; inside 7 MB at 50 GB/s = 140 us, hidden.
  // Base 5, one step 20.
  CHECK(us(Collective::all_to_all, 16 * kMb, {.ranks = 16, .per_domain = 8}, plain()) == Approx(1625));
  Fabric f = plain();
  f.out.gbs = 1000;
  // 8 MB at 500 GB/s = 16 us: now the domain decides.
  CHECK(us(Collective::all_to_all, 16 * kMb, {.ranks = 16, .per_domain = 8}, f) == Approx(165));
  // Seven more peers at 1 us each: 16 + 7 stays below 140.
  f.out.message_us = 1;
  CHECK(us(Collective::all_to_all, 16 * kMb, {.ranks = 16, .per_domain = 8}, f) == Approx(165));
}

TEST_CASE("thin links above a leaf slow what crosses them") {
  Fabric f = plain();
  f.out.leaf = {.oversubscription = 4, .latency_us = 1};
  // 4 nodes of 1 rank, one below each leaf: the ring's NICs have a quarter, 2.5 GB/s. 80 MB all-gather: 60 MB in
  // 24000 us, 3 steps of 20 + 2 us, base 10.
  CHECK(us(Collective::all_gather, 80 * kMb, {.ranks = 4, .per_domain = 1, .per_leaf = 1}, f) == Approx(24076));
  // Two below each: one of two flows crosses, half the NIC is left.
  CHECK(us(Collective::all_gather, 80 * kMb, {.ranks = 4, .per_domain = 1, .per_leaf = 2}, f) == Approx(12076));
  // Four below each: one of four flows, nothing is lost.
  CHECK(us(Collective::all_gather, 80 * kMb, {.ranks = 4, .per_domain = 1, .per_leaf = 4}, f) == Approx(6070));
}

TEST_CASE("without a network, several domains never finish") {
  Fabric f = plain();
  f.out = {};
  CHECK(std::isinf(us(Collective::all_reduce, kMb, {.ranks = 16, .per_domain = 8}, f)));
}

TEST_CASE("names of collectives are read as libraries write them") {
  CHECK(parse_collective("all_reduce") == Collective::all_reduce);
  CHECK(parse_collective("reduce-scatter") == Collective::reduce_scatter);
  CHECK(parse_collective("alltoall") == Collective::all_to_all);
  CHECK_FALSE(parse_collective("allreduce2"));
  CHECK(name_of(Collective::send_recv) == "send_recv");
  CHECK(name_of(Algorithm::in_network) == "in_network");
}
