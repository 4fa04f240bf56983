#include "sim/scenario/floor_spec.hpp"

namespace alight {

namespace {

/// The description wants a member of the base as one of its own struct.
template <class T>
constexpr T FloorSpec::*member(T Floor::*of_base) {
  return of_base;
}

}  // namespace

const Description& FloorSpec::description() {
  constexpr Range kPitch{.min = 0, .max = 1000, .above_min = true};
  constexpr Range kLength{.min = 0, .max = 1000};
  static const auto d =
      describe<FloorSpec>("floor", "Where racks and switches stand. Lengths of cables follow from it (docs/media.md).")
          .integer("racks_per_row", member(&Floor::racks_per_row), "Racks of servers in a row.", {.min = 1, .max = 1e5})
          .quantity("rack_pitch", member(&Floor::rack_pitch_m), "m", "Width of a rack, from one to the next.", kPitch)
          .quantity("row_pitch", member(&Floor::row_pitch_m), "m",
                    "From one row to the next: a rack's depth and half of the aisles before and behind it.", kPitch)
          .quantity("rack_height", member(&Floor::rack_height_m), "m", "Over which what stands in a rack is spread.",
                    kLength)
          .quantity("tray_height", member(&Floor::tray_height_m), "m", "Of the cable tray above the racks.", kLength)
          .quantity("slack", member(&Floor::slack_m), "m", "Added at each end of a cable.", kLength)
          .quantity("length_step", member(&Floor::length_step_m), "m",
                    "Cables are sold in multiples of it; 0: as long as needed.", kLength)
          .quantity("hall_gap", member(&Floor::hall_gap_m), "m", "From one hall to the next, beyond a row pitch.",
                    {.min = 0, .max = 1e5})
          .choice(
              "leaf", member(&Floor::leaf),
              {{"top-of-rack", LeafPlace::top_of_rack},
               {"middle-of-row", LeafPlace::middle_of_row},
               {"end-of-row", LeafPlace::end_of_row},
               {"network-row", LeafPlace::network_row}},
              "Where leaf switches stand: on top of racks of the servers they serve, in racks of their own in those "
              "rows, or with spines and cores in rows amid the others.")
          .integer("switches_per_rack", member(&Floor::switches_per_rack),
                   "Switches in a rack that holds nothing else.", {.min = 1, .max = 1000})
          .check([](const FloorSpec& f, const std::string& path, Diagnostics& out) {
            if (f.tray_height_m < f.rack_height_m)
              out.error_at(join_key(path, "tray_height"), "lies below the top of the racks (rack_height)");
          })
          .done();
  return d;
}

}  // namespace alight
