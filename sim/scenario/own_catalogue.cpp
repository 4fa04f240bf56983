#include "sim/scenario/own_catalogue.hpp"

namespace alight {

const Description& OwnCatalogue::description() {
  static const auto d =
      describe<OwnCatalogue>("catalogue", "Entries of your own beside the built-in ones (docs/catalogue.md).")
          .table("chips", &OwnCatalogue::chips, "Chips by name.")
          .table("servers", &OwnCatalogue::servers, "Servers by name, as site.pools[].server names them.")
          .table("links", &OwnCatalogue::links, "Cables and optics by name.")
          .table("switches", &OwnCatalogue::switches, "Switches by name.")
          .table("nics", &OwnCatalogue::nics, "Network cards by name.")
          .table("cooling", &OwnCatalogue::cooling, "Cooling technologies by name.")
          .table("fabrics", &OwnCatalogue::fabrics, "How collectives run on a kind of link, by name.")
          .table("kernels", &OwnCatalogue::kernels, "What kernels of chips reach in training, by name.")
          .table("software", &OwnCatalogue::software, "Training frameworks by name.")
          .table("engines", &OwnCatalogue::engines, "Serving engines by name.")
          .table("failures", &OwnCatalogue::failures, "How often things fail, as studies counted it, by name.")
          .table("power_profiles", &OwnCatalogue::power_profiles, "How unevenly chips with work draw, by name.")
          .table("prices", &OwnCatalogue::prices, "Dated prices by name.")
          .table("facts", &OwnCatalogue::facts, "Other dated numbers by name.")
          .done();
  return d;
}

}  // namespace alight
