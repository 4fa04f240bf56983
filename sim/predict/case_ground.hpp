// Where a case of a table runs: on the servers of a pool of a scenario's site, or on a small site that the case's own
// columns describe. Either way its network is that of a job of a run which lies as closely as it can
// (sim/runtime/lie.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/collectives/fabric.hpp"
#include "platforms/catalogue.hpp"
#include "sim/predict/table.hpp"
#include "sim/runtime/lie.hpp"
#include "sim/scenario/load.hpp"

namespace alight {

/// What the columns of a row say of its servers and their network.
struct CaseServers {
  const Chip* chip = nullptr;
  std::int64_t chips = 1;       ///< of the case
  std::int64_t per_server = 0;  ///< of these on each server; 0, only on a scenario's site: as many as it has
  // Of the small site; a scenario's site has its own.
  std::int64_t domain = 1;               ///< chips of one scale-up domain
  std::optional<double> scale_up_gbs;    ///< both directions together; none: the catalogue's
  std::optional<double> scale_out_gbps;  ///< of a chip, each direction; none: the catalogue's
  std::string_view network;              ///< an entry of `fabrics`; empty: the one of the chip
  std::int64_t nics = 0;                 ///< of a server; 0: one a chip
  std::int64_t per_leaf = 0;             ///< chips of the case below a leaf; 0: all
  double oversubscription = 1;           ///< of these
  RoutingRule routing;
};

/// The columns that make a network of a case, the same for all commands: network, nics_per_node, oversubscription,
/// routing, flows_per_nic; and `per_leaf` by the name it has there.
class NetworkColumns {
 public:
  NetworkColumns(CaseTable& table, const char* per_leaf);
  /// Fills in the current row's. Its texts live until the next.
  void read(CaseTable& table, CaseServers& servers) const;

 private:
  CaseColumn<std::string_view> network_;
  CaseColumn<std::int64_t> nics_, per_leaf_, flows_;
  CaseColumn<double> oversubscription_;
  CaseColumn<std::size_t> routing_;
};

/// Where a case lies, and the network it finds there. Of a small site whose NICs' rate nobody knows, out.gbs is 0.
struct CasePlace {
  Fabric fabric;
  Lie lie;
};

class CaseGround {
 public:
  /// Every case on a site of its own. The catalogue outlives this.
  explicit CaseGround(const Catalogue& catalogue) : catalogue_(catalogue) {}
  /// On the site of a scenario, which outlives this: in the pool named, or in the first that has the case's chip. A
  /// name of no pool is a mistake of `--pool`.
  CaseGround(const Prepared& scenario, const std::optional<std::string>& pool, Diagnostics& diagnostics);

  bool on_site() const { return site_ != nullptr; }
  /// Empty, or why the case cannot be there.
  std::string place(const CaseServers& servers, CasePlace& out) const;

 private:
  std::string place_on_site(const CaseServers& servers, CasePlace& out) const;

  const Catalogue& catalogue_;
  const Site* site_ = nullptr;
  std::vector<TrainingGround::PoolGround> grounds_;  ///< [pool]
  std::optional<std::size_t> pool_;
};

/// The site that a case's columns describe. One leaf stands for all, since all are equal. Throws nothing: what cannot
/// be is said by CaseGround::place().
Site site_of(const CaseServers& servers);

}  // namespace alight
