// The scale-up domains of a site that are larger than a rack: their switches stand in racks of their own, amid the
// domain's.
//
// A domain is a supernode of Site::networks; of a pool that none of these joins, and whose server's catalogue entry has
// its scale-up links as cables, the chips of one `scale_up_domain`, beginning with a rack.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "platforms/site.hpp"

namespace alight {

struct ScaleUpDomain {
  std::string name;               ///< "domain 0 of pool cm384"; of a network: "supernode 0 of ub"
  std::int64_t before_rack = 0;   ///< of the site: its switch racks stand before it
  std::int64_t switch_racks = 1;  ///< what is sold with it, at least one
};

class ScaleUpDomains {
 public:
  explicit ScaleUpDomains(const Site& site);

  const std::vector<ScaleUpDomain>& all() const { return domains_; }
  /// -1: none, or one within a rack.
  std::int64_t of_server(std::int64_t server) const { return of_server_[static_cast<std::size_t>(server)]; }
  /// Whose switches stand before a rack of the site.
  const std::vector<std::size_t>& before_rack(std::int64_t rack) const;

 private:
  void add_wired(const Site& site, const Pool& pool);
  void add_supernodes(const Site& site, const Network& network);
  void add(ScaleUpDomain domain);

  std::vector<ScaleUpDomain> domains_;
  std::vector<std::int32_t> of_server_;
  std::map<std::int64_t, std::vector<std::size_t>> before_;
};

}  // namespace alight
