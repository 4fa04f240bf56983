// Media and floors that cannot be: refused, naming the key and what to do.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

std::string network(const std::string& leaf, const std::string& more = "") {
  return with("    leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 1:1, latency: 600 ns}\n",
              more + "    leaf: {rate: 400 Gbps, down_ports: 32" + leaf + "}\n");
}
std::string floor_of(const std::string& keys) {
  return with("  network:\n", "  floor: {" + keys + "}\n  network:\n");
}

}  // namespace

TEST_CASE("media that are none, do not carry the rate or do not reach are refused") {
  Judge judge;
  judge.refused_text("unknown", network(", medium: DAK 400G"), "did you mean \"DAC 400G\"");
  judge.refused_text("unknown class", network("", "    medium: opticel\n"), "did you mean \"optical\"");
  judge.refused_text("of no tier either", with("  network:\n", "  network:\n    scale_up_medium: wool\n"),
                     "site.network.scale_up_medium");
  judge.refused_text("no cable", network(", medium: KP4 FEC"), "knows no reach");
  judge.refused_text("too slow", network(", medium: DAC 100G"), "carries 200 Gbps");
  judge.refused_text("no class so fast",
                     with("rate: 400 Gbps, down_ports: 64", "rate: 3200 Gbps, down_ports: 64, medium: AEC"),
                     "no \"AEC\" of the catalogue carries 3200 Gbps");
  judge.refused_text("nothing so fast",
                     with("rate: 400 Gbps, down_ports: 64", "rate: 3200 Gbps, down_ports: 64, medium: auto"),
                     "no link of the catalogue carries 3200 Gbps");
  judge.refused_text("too far", with("rate: 400 Gbps, down_ports: 64", "rate: 400 Gbps, down_ports: 64, medium: DAC"),
                     "40 of 40 spine links are longer, up to 6 m from rack 0 of pool n to network rack 0");
  judge.refused_text("what would do",
                     with("rate: 400 Gbps, down_ports: 64", "rate: 400 Gbps, down_ports: 64, medium: DAC"),
                     "nearest that reaches: AOC 400G (50 m)");
  judge.refused_text("latency unknown", network(", medium: UALink 1.0"), "does not know the latency of UALink 1.0");
  judge.refused_text("a number", network(", medium: 5 m"), "site.network.leaf.medium");
  judge.refused_text("a list", network(", medium: [DAC, AEC]"), "site.network.leaf.medium");
}

TEST_CASE("media of networks that are no tiers") {
  Judge judge;
  // Pool h is 4 servers of 8 chips, two to a rack.
  const auto refused = [&](const std::string& label, const std::string& text, const std::string& expected) {
    judge.refused_text(label, with("  network:\n", "  networks:\n    - " + text + "\n  network:\n"), expected);
  };
  const std::string slices = "chips: [4, 8], slices: true, block: [2, 4], rate: 100 Gbps";
  refused("unknown", "{name: t, pools: [h], medium: opticel, torus: [4]}", "did you mean \"optical\"");
  refused("where", "{name: t, pools: [h], medium: opticel, torus: [4]}", "site.networks[0].medium");
  refused("unknown of an axis", "{name: t, pools: [h], torus: {servers: [2, 2], media: [DAC, wool]}}",
          "site.networks[0].torus.media[1]");
  refused("of other axes", "{name: t, pools: [h], torus: {servers: [2, 2], media: [DAC]}}", "1 numbers for 2 axes");
  refused("unknown of a mesh", "{name: t, pools: [h], full_mesh: {servers: [4], media: [wool]}}",
          "site.networks[0].full_mesh.media[0]");
  refused(
      "unknown of a group",
      "{name: t, pools: [h], dragonfly: {groups: 2, routers: 1, servers: 2, global_medium: x}}\n  backbone: 800 Gbps",
      "site.networks[0].dragonfly.global_medium");
  refused("too far", "{name: t, pools: [h], medium: DAC, torus: {servers: [4], rate: 400 Gbps}}",
          "t torus x links are longer, up to 4.5 m from rack 0 of pool h to rack 1 of pool h");
  refused("too far for all",
          "{name: t, pools: [h], full_mesh: {servers: [4], rate: 1600 Gbps, media: [AEC]}}\n"
          "  floor: {tray_height: 9 m}",
          "of 6 t mesh x links are longer");
  refused("too fast", "{name: t, pools: [h], medium: auto, torus: {servers: [4], rate: 9 Tbps}}",
          "no link of the catalogue carries 9000 Gbps (t torus x links)");
  refused("too far of a supernode", "{name: t, pools: [h], medium: backplane, supernode: {servers: 4, rate: 400 Gbps}}",
          "\"backplane\" reaches 1.5 m");
  refused("copper over optical switches", "{name: t, pools: [h], medium: copper, torus: {" + slices + "}}",
          "which \"copper\" cannot send through");
  refused("no such optical switch", "{name: t, pools: [h], torus: {" + slices + ", optical_switch: Palomino OCS}}",
          "did you mean \"Palomar OCS\"");
  refused("a switch of packets", "{name: t, pools: [h], torus: {" + slices + ", optical_switch: QM9700}}",
          "QM9700 is no optical circuit switch");
  refused("no cable", "{name: t, pools: [h], dragonfly: {groups: 2, routers: 2, servers: 1, local_cables: 0}}",
          "local_cables");
  refused(
      "latency unknown",
      "{name: t, pools: [h], medium: UALink 1.0, torus: {servers: [4], rate: 400 Gbps}}\n  floor: {rack_height: 2.4 m}",
      "does not know the latency of UALink 1.0");
}

TEST_CASE("switches that are none, or of unknown latency, are refused") {
  Judge judge;
  judge.refused_text("unknown", network(", switch: QM9071"), "did you mean \"QM9700\"");
  judge.refused_text("no switch but a link", network(", switch: DAC 400G"), "site.network.leaf.switch");
}

TEST_CASE("floors that cannot be are refused") {
  Judge judge;
  judge.refused_text("zero pitch", floor_of("rack_pitch: 0 m"), "site.floor.rack_pitch");
  judge.refused_text("zero rows", floor_of("row_pitch: 0 m"), "site.floor.row_pitch");
  judge.refused_text("negative slack", floor_of("slack: -1 m"), "site.floor.slack");
  judge.refused_text("a wrong unit", floor_of("slack: 1 s"), "length");
  judge.refused_text("no unit", floor_of("tray_height: 3"), "needs a unit of length");
  judge.refused_text("a tray in the racks", floor_of("tray_height: 1 m"), "site.floor.tray_height");
  judge.refused_text("no racks", floor_of("racks_per_row: 0"), "site.floor.racks_per_row");
  judge.refused_text("nowhere", floor_of("leaf: top-of-the-rack"), "did you mean \"top-of-rack\"");
  judge.refused_text("unknown key", floor_of("aisle: 1 m"), "site.floor.aisle");
}

TEST_CASE("links of one's own say what their price buys") {
  Judge judge;
  const auto own = [](const std::string& keys) {
    return std::string(kScenario) + "catalogue:\n  links:\n    mine: {rate: 400 Gbps, reach: 9 m, " + keys + "}\n";
  };
  judge.refused_text("not said", own("prices: [{amount: 9 USD}]"), "price_per");
  judge.refused_text("nothing known", own("prices: [{amount: 9 USD}], price_per: box"), "price_per");
  judge.refused_text("a set of how many", own("prices: [{amount: 9 USD}], price_per: set"), "set_cables");
  judge.refused_text("a class unknown", own("class: wire"), "class");
  judge.refused_text("an unknown wiring",
                     std::string(kScenario) +
                         "catalogue:\n  servers:\n    mine: {like: GB200 NVL72, scale_up_wiring: {links: 1, rate: 1 "
                         "Gbps, medium: straw}}\n",
                     "scale_up_wiring");
}
