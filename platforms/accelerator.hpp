// From the catalogue to what models/training computes with: a chip's peaks and memory, and what its kernels and its
// software make of them, measured or carried over.
//
// Few chips have published training steps. Whose constants stand for a chip, first that holds:
//
//   1. measured: the entry of `kernels` whose `chips` name it;
//   2. family:   the one whose `family` names it: the same design, cut, binned or with another memory;
//   3. vendor:   the one whose `vendors` name its vendor: the same software stack on another design;
//   4. guess:    the entry "Unmeasured chip", wide.
//
// Efficiencies are shares of a chip's own peaks, so that only they are carried over, never rates. What is carried over
// is less certain: 5 % (family) and 15 % (vendor) are added to the entry's own uncertainty in quadrature. The entry of
// the last rule states its own.
//
// Where only a chip's memory bandwidth is unknown, 4 bytes for 1,000 FLOP of the 16-bit peak are assumed (Ascend 910B2
// has 4.3, H100 3.4), and 20 % added to the uncertainty.
#pragma once

#include <string_view>

#include "models/training/accelerator.hpp"
#include "platforms/catalogue.hpp"

namespace alight {

enum class KernelBasis { measured, family, vendor, guess };
std::string_view name_of(KernelBasis basis);

struct KernelChoice {
  const KernelKind* kind = nullptr;  ///< never null
  KernelBasis basis = KernelBasis::guess;
};

/// The entry that stands for this chip, by the rule above. Every chip has one. Of several, the last: a user's own.
KernelChoice kernels_of(const Chip& chip, const Catalogue& catalogue);

/// The entry of `software` that drives this chip where nothing is said: the one its kernels name for such a layout.
const SoftwareKind& default_software(const Chip& chip, const Catalogue& catalogue, const Layout& layout = {});

/// What the software does with a layout though nobody says so: it splits what tensor ranks would repeat (a compiler,
/// known by its needing no host), and runs collectives beside computation: those of gradients where fused attention
/// shows a system of today, those of parameters and of tensor parallelism where the chip's software does that.
void set_habits(Layout& layout, const KernelKind& kind, const SoftwareKind& software);

/// Resolved. A peak or a memory the catalogue does not know is 0: callers say so. bf16 stands for fp16 too,
/// fp8 for mxfp8. `software`: an entry of that kind; empty for default_software() of a plain layout. One that is not in
/// the catalogue is our own bug (std::logic_error): callers check names of users with Catalogue::software().
Accelerator accelerator_of(const Chip& chip, const Catalogue& catalogue, std::string_view software = {});

}  // namespace alight
