// Networks of a scenario that cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kNetwork = R"(  network:
    leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 1:1, latency: 600 ns}
    spine: {rate: 400 Gbps, down_ports: 64}
)";

/// The base scenario (pool h of 4 servers of 8 chips, n of 2 of 8) with networks as given.
std::string networks(const std::string& text, const std::string& more = "") {
  return with(kNetwork, kNetwork + "  networks:\n    - " + text + "\n" + more);
}

const std::string kBoth =
    "{name: a, pools: [h], place: east, leaf: {}}\n    - {name: b, pools: [n], place: west, leaf: {}}";

}  // namespace

TEST_CASE("networks that hold together are accepted") {
  const auto accepted = [](const std::string& label, const std::string& text) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(label, {"run", "s.yaml", "--out", "out"}, 0, 0);
  };
  accepted("a list for a torus of servers", networks("{name: t, pools: [h], torus: [2, 2]}"));
  accepted("a torus of chips", networks("{name: t, pools: [h], torus: {chips: [4, 8]}}"));
  accepted("a torus of chips along one axis", networks("{name: t, pools: [h], torus: {chips: [32]}}"));
  accepted("slices",
           networks("{name: t, pools: [h], torus: {chips: [4, 8], slices: true, block: [2, 4], rate: 100 Gbps}}"));
  accepted("a mesh of chips",
           networks("{name: t, pools: [h], full_mesh: {chips: [8, 2, 2], rates: [400 Gbps, 100 Gbps, 50 Gbps]}}"));
  accepted("several of one kind", networks("{name: t, pools: [h], full_mesh: {servers: [2], count: 2}}"));
  accepted("routing", networks("{name: t, pools: [h], leaf: {}, routing: ecmp, flows_per_nic: 4, fabric: EFA}",
                               "  backbone: 800 Gbps\n"));
  accepted("a number for a supernode", networks("{name: t, pools: [h], supernode: 2}"));
  accepted("a dragonfly beside tiers", networks("{name: t, pools: [h], dragonfly: {groups: 2, routers: 1, servers: 2}}",
                                                "  backbone: {rate: 800 Gbps, latency: 2 us}\n"));
  accepted("a rate for a backbone", networks("{name: t, pools: [h], leaf: {}}", "  backbone: 800 Gbps\n"));
  accepted("scale-up and scale-out",
           networks("{name: t, pools: [h, n], leaf: {}}\n    - {name: u, pools: [n], supernode: 2}"));
  accepted("two places", networks(kBoth, "  wan: [{between: [east, west], rate: 10 Gbps, length: 100 km}]\n"));
}

TEST_CASE("a network that cannot be is refused, naming its key") {
  Judge judge;
  const auto refused = [&](const std::string& label, const std::string& text, const std::string& key) {
    judge.refused_text(label, networks(text), key);
  };
  refused("routing of no tiers", "{name: t, pools: [h], torus: [4], routing: ecmp}", "networks[0].routing");
  refused("no such routing", "{name: t, pools: [h], leaf: {}, routing: hash}", "networks[0].routing");
  refused("flows that nothing hashes", "{name: t, pools: [h], leaf: {}, routing: adaptive, flows_per_nic: 4}",
          "networks[0].flows_per_nic");
  refused("no flow", "{name: t, pools: [h], leaf: {}, routing: ecmp, flows_per_nic: 0}", "networks[0].flows_per_nic");
  refused("no such fabric", "{name: t, pools: [h], leaf: {}, fabric: EFB}", "networks[0].fabric");
  refused("a fabric inside servers", "{name: t, pools: [h], leaf: {}, fabric: NVLink4}", "networks[0].fabric");
  refused("a fabric of no NICs", "{name: t, pools: [h], torus: [4], fabric: EFA}", "networks[0].fabric");
  refused("no name", "{pools: [h], torus: [4]}", "networks[0].name");
  refused("no pools", "{name: t, torus: [4]}", "networks[0].pools");
  refused("no pool in the list", "{name: t, pools: [], torus: [4]}", "networks[0].pools");
  refused("an unknown pool", "{name: t, pools: [hh], torus: [4]}", "networks[0].pools[0]");
  refused("a pool twice", "{name: t, pools: [h, h], torus: [8]}", "networks[0].pools");
  refused("a pool in two networks", "{name: t, pools: [h], torus: [4]}\n    - {name: u, pools: [h], supernode: 2}",
          "networks[1].pools");
  refused("two names alike", "{name: t, pools: [h], torus: [4]}\n    - {name: t, pools: [n], torus: [2]}",
          "networks[1].name");
  refused("no kind", "{name: t, pools: [h]}", "networks[0]");
  refused("two kinds", "{name: t, pools: [h], torus: [4], leaf: {}}", "networks[0]");
  refused("an unknown kind", "{name: t, pools: [h], tours: [4]}", "networks[0].tours");
  refused("a place for a torus", "{name: t, pools: [h], torus: [4], place: east}", "networks[0].place");
  refused("a core without a spine", "{name: t, pools: [h], leaf: {}, core: {}}", "networks[0].core");
  refused("a torus of other size", "{name: t, pools: [h], torus: [2, 3]}", "networks[0].torus");
  refused("a torus of none", "{name: t, pools: [h], torus: []}", "networks[0].torus");
  refused("a torus without size", "{name: t, pools: [h], torus: {rate: 100 Gbps}}", "networks[0].torus");
  refused("an axis of none", "{name: t, pools: [h], torus: [0, 4]}", "torus.servers[0]");
  refused("an axis below none", "{name: t, pools: [h], torus: [-2, -2]}", "torus.servers[0]");
  refused("half an axis", "{name: t, pools: [h], torus: [2.5]}", "torus.servers[0]");
  refused("a number for a torus", "{name: t, pools: [h], torus: 4}", "networks[0].torus");
  refused("seven axes", "{name: t, pools: [h], torus: [4, 1, 1, 1, 1, 1, 1]}", "networks[0].torus");
  refused("servers and chips", "{name: t, pools: [h], torus: {servers: [4], chips: [32]}}", "networks[0].torus");
  refused("chips that do not divide", "{name: t, pools: [h], torus: {chips: [1, 32]}}", "torus.chips");
  refused("chips of another server", "{name: t, pools: [h], torus: {chips: [4, 8], server: [2, 2]}}", "torus.server");
  refused("a server of other axes", "{name: t, pools: [h], torus: {chips: [4, 8], server: [2, 4, 1]}}", "torus.server");
  refused("a server of servers", "{name: t, pools: [h], torus: {servers: [4], server: [1]}}", "torus.server");
  refused("a block that does not divide", "{name: t, pools: [h], torus: {servers: [4], block: [3]}}", "torus.block");
  refused("a block of half servers", "{name: t, pools: [h], torus: {chips: [4, 8], block: [1, 4]}}", "torus.block");
  refused("slices without ends that meet", "{name: t, pools: [h], torus: {servers: [4], slices: true, wrap: false}}",
          "torus.wrap");
  refused("a rate of nothing", "{name: t, pools: [h], torus: {servers: [4], rate: 0 Gbps}}", "torus.rate");
  refused("a rate without a unit", "{name: t, pools: [h], torus: {servers: [4], rate: 400}}", "torus.rate");
  refused("rates of other axes", "{name: t, pools: [h], torus: {servers: [4], rates: [1 Gbps, 2 Gbps]}}",
          "torus.rates");
  refused("rate and rates", "{name: t, pools: [h], torus: {servers: [4], rate: 1 Gbps, rates: [1 Gbps]}}",
          "torus.rates");
  refused("a latency below nothing", "{name: t, pools: [h], torus: {servers: [4], latency: -1 us}}", "torus.latency");
  refused("too many of them", "{name: t, pools: [h], torus: {servers: [4], count: 2}}", "networks[0].torus");
  refused("a mesh of other size", "{name: t, pools: [h], full_mesh: [3]}", "networks[0].full_mesh");
  refused("a dragonfly of other size", "{name: t, pools: [h], dragonfly: {groups: 2, routers: 2, servers: 2}}",
          "networks[0].dragonfly");
  refused("a dragonfly without groups", "{name: t, pools: [h], dragonfly: {routers: 2, servers: 2}}",
          "dragonfly.groups");
  refused("a supernode of other size", "{name: t, pools: [h], supernode: 3}", "networks[0].pools");
  refused("ports that do not divide over planes", "{name: t, pools: [h], supernode: {servers: 2, ports: 3, planes: 5}}",
          "supernode.planes");
  judge.refused_text(
      "a dragonfly whose groups are out of reach",
      with("count: 4", "count: 40",
           networks("{name: t, pools: [h], dragonfly: {groups: 20, routers: 2, servers: 1, global_links: 3}}")),
      "dragonfly.global_links");
}

TEST_CASE("networks that nothing joins, and what joins nothing, are refused") {
  Judge judge;
  judge.refused_text("two networks of one place", networks("{name: t, pools: [h], leaf: {}}"), "site.networks");
  judge.refused_text("two places", networks(kBoth), "site.networks");
  const auto wan = [&](const std::string& label, const std::string& text, const std::string& key) {
    judge.refused_text(label, networks(kBoth, "  wan: [{" + text + "}]\n"), key);
  };
  wan("an unknown end", "between: [east, wset], rate: 1 Gbps, length: 1 km", "wan[0].between");
  wan("one end", "between: [east], rate: 1 Gbps, length: 1 km", "wan[0].between");
  wan("both ends the same", "between: [east, east], rate: 1 Gbps, length: 1 km", "wan[0].between");
  wan("no rate", "between: [east, west], length: 1 km", "wan[0].rate");
  wan("no length", "between: [east, west], rate: 1 Gbps", "wan[0].latency");
  wan("length and latency", "between: [east, west], rate: 1 Gbps, length: 1 km, latency: 1 ms", "wan[0].latency");
  wan("a length in seconds", "between: [east, west], rate: 1 Gbps, length: 1 s", "wan[0].length");
  judge.refused_text("a backbone of one network", with(kNetwork, kNetwork + "  backbone: 800 Gbps\n"), "site.backbone");
  judge.refused_text("a WAN of one network",
                     with(kNetwork, kNetwork + "  wan: [{between: [a, b], rate: 1 Gbps, length: 1 km}]\n"), "site.wan");
  judge.refused_text("a backbone of nothing", networks("{name: t, pools: [h], leaf: {}}", "  backbone: 0 Gbps\n"),
                     "site.backbone.rate");
}
