#include "platforms/catalogue/fabric_kind.hpp"

namespace alight {

const Description& ProtocolFigures::description() {
  static const auto d = describe<ProtocolFigures>("protocol", "One wire protocol of a communication library.")
                            .quantity("base", &ProtocolFigures::base_us, "us",
                                      "Time of an operation without steps and bytes.", {.min = 0})
                            .quantity("hop", &ProtocolFigures::hop_us, "us", "Time each step adds.", {.min = 0})
                            .quantity("efficiency", &ProtocolFigures::efficiency, "1",
                                      "Rate reached over the nominal one; 0 = absent.", {.min = 0, .max = 1})
                            .quantity("ramp", &ProtocolFigures::ramp_us, "us",
                                      "Time a transfer loses until it has its full rate.", {.min = 0})
                            .quantity("overlap", &ProtocolFigures::overlap, "1",
                                      "How far steps and transfer hide each other, 0 to 1.", {.min = 0, .max = 1})
                            .done();
  return d;
}

const Description& ScaleUpFigures::description() {
  const Range some{.min = 0}, part{.min = 0, .max = 4};
  static const auto d = describe<ScaleUpFigures>("scale_up_figures", "How collectives run inside a scale-up domain.")
                            .choice("topology", &ScaleUpFigures::topology,
                                    {{"switched", ScaleUpTopology::switched},
                                     {"full mesh", ScaleUpTopology::full_mesh},
                                     {"torus", ScaleUpTopology::torus},
                                     {"host", ScaleUpTopology::host}},
                                    "switched, full mesh, torus or host (PCIe of a server).")
                            .integer("axes", &ScaleUpFigures::axes, "Axes of a torus.", {.min = 1, .max = 8})
                            .quantity("assumed_bandwidth", &ScaleUpFigures::assumed_gbs, "GB/s",
                                      "Per chip, both directions together, for chips whose own is unknown.", some)
                            .quantity("contention", &ScaleUpFigures::contention, "1",
                                      "Of a host: n chips get (2/n)^contention of the rate each.", part)
                            .object("ll", &ScaleUpFigures::ll, "Protocol of small payloads (NCCL: LL).")
                            .object("ll128", &ScaleUpFigures::ll128, "Protocol of middle payloads (NCCL: LL128).")
                            .object("bulk", &ScaleUpFigures::bulk, "Protocol of large payloads (NCCL: Simple).")
                            .object("in_network", &ScaleUpFigures::in_network, "Reduction by the switches (NVLS).")
                            .object("direct", &ScaleUpFigures::direct, "Point to point and all-to-all.")
                            .quantity("direct_self", &ScaleUpFigures::direct_self, "1",
                                      "Cost of the part a rank keeps in an all-to-all, over that of a part sent.", part)
                            .quantity("tuner_ll", &ScaleUpFigures::tuner_ll, "1",
                                      "Rate of a ring by ll that the library believes in, over the nominal one.", part)
                            .quantity("tuner_ll128", &ScaleUpFigures::tuner_ll128, "1", "The same of ll128.", part)
                            .quantity("tuner_bulk", &ScaleUpFigures::tuner_bulk, "1",
                                      "The same of bulk; 0 = the library takes what is fastest.", part)
                            .done();
  return d;
}

const Description& ScaleOutFigures::description() {
  const Range some{.min = 0}, part{.min = 0, .max = 1};
  static const auto d =
      describe<ScaleOutFigures>("scale_out_figures", "How collectives run between scale-up domains.")
          .quantity("efficiency", &ScaleOutFigures::efficiency, "1", "Rate of rings and trees over the nominal one.",
                    part)
          .quantity("direct_efficiency", &ScaleOutFigures::direct_efficiency, "1",
                    "Rate of point to point and all-to-all over the nominal one.", part)
          .quantity("ll_step", &ScaleOutFigures::ll_step_us, "us", "One step of the small protocol.", some)
          .quantity("bulk_step", &ScaleOutFigures::bulk_step_us, "us", "One step of the bulk protocol.", some)
          .quantity("message", &ScaleOutFigures::message_us, "us", "Each further peer of an all-to-all.", some)
          .flag("in_network", &ScaleOutFigures::in_network, "The switches reduce (SHARP).")
          .done();
  return d;
}

const Description& FabricKind::description() {
  static const auto d = [] {
    auto kind =
        begin_entry<FabricKind>("fabric", "How collectives run on a kind of link, as measured or carried over.");
    kind.list("chips", &FabricKind::chips, "Chips these were measured on.")
        .list("links", &FabricKind::links, "Texts of scale_up_link of the other chips it stands for.")
        .object("up", &FabricKind::up, "Inside a scale-up domain.")
        .object("out", &FabricKind::out, "Between domains.");
    return end_entry(kind);
  }();
  return d;
}

}  // namespace alight
