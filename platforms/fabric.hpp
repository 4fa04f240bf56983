// From the catalogue to what collectives.hpp computes with: a chip's links, and the measured or carried-over constants
// of their kind.
//
// The kind is, first that holds: the entry of `fabrics` that names the chip; the one that names its scale_up_link;
// "PCIe" where that link begins with PCIe; "Unmeasured link". The last two of these are guesses and say so.
#pragma once

#include <optional>
#include <string>

#include "models/collectives/fabric.hpp"
#include "platforms/catalogue.hpp"

namespace alight {

/// What is known better than the catalogue: of a site, a server, a case. GB/s of scale_up count both directions
/// together, as in the catalogue; scale_out is per chip, each direction.
struct FabricOverrides {
  std::optional<double> scale_up_gbs;
  std::optional<std::int64_t> domain;
  std::optional<double> scale_out_gbps;
  std::string network;  ///< an entry of `fabrics` with `out`; empty: the one the chip's kind names, else "Rail network"
  Uplink leaf, pod;
};

/// The entry whose constants stand for this chip's scale-up links. Every chip has one. Of several, the last: a user's
/// own.
const FabricKind& fabric_kind_of(const Chip& chip, const Catalogue& catalogue);

/// Resolved. Where the scale-up rate is unknown the kind's assumed one is taken; where there is none the domain is one
/// chip. Where the scale-out rate is unknown `out.gbs` is 0: callers decide. A network that is not in the catalogue is
/// our own bug (std::logic_error): callers check names of users with Catalogue::fabrics().
Fabric fabric_of(const Chip& chip, const Catalogue& catalogue, const FabricOverrides& overrides = {});

}  // namespace alight
