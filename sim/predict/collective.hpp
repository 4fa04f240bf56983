// `alight predict collective`: a table of collective operations, each timed in closed form.
#pragma once

#include <filesystem>

#include "models/describe/diagnostics.hpp"
#include "platforms/catalogue.hpp"
#include "sim/predict/case_ground.hpp"

namespace alight {

/// Reads cases from a CSV file and writes one row each to `out`: id, status, time_us, busbw_gbs, algorithm. `status` is
/// `ok` or `unsupported: why`; the other cells are then empty.
///
/// Columns read: id, op (all_reduce, all_gather, reduce_scatter, alltoall, broadcast, send_recv), chip, ranks,
/// ranks_per_node, bytes (as nccl-tests print them). If there: dtype (int8 and the like reduce at another rate),
/// domain (chips of one scale-up domain), scale_up_gbs (both directions together), scale_out_gbps (per chip, each
/// direction), nics_per_node (default: one a chip), network (an entry of the catalogue's fabrics), ranks_per_leaf,
/// oversubscription (of the leaves), routing and flows_per_nic (models/sharing/routing.hpp). With these a case makes a
/// small site of its own; where `ground` is a scenario's site, that site says it all, and they are not used.
///
/// A chip whose scale-up domain is larger than a server (NVL72, a TPU pod) has its ranks in one domain as far as that
/// goes, whatever ranks_per_node says; other groups have ranks_per_node ranks in each.
///
/// Mistakes of the table are in `diagnostics`, and nothing is written; a file that cannot be written is one too. The
/// file appears whole or not at all. Returns the number of rows written.
std::size_t predict_collectives(const std::filesystem::path& cases, const std::filesystem::path& out,
                                const Catalogue& catalogue, const CaseGround& ground, Diagnostics& diagnostics);

}  // namespace alight
