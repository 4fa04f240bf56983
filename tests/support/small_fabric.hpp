// Links made up for easy thought: what training of tests goes over.
#pragma once

#include "models/collectives/fabric.hpp"

namespace alight::test {

/// 200 GB/s inside domains of `domain` chips, `out_gbs` between them.
inline Fabric small_fabric(std::int64_t domain, double out_gbs = 25) {
  Fabric fabric;
  fabric.up.gbs = 200;
  fabric.up.domain = domain;
  fabric.up.ll = {.base_us = 5, .hop_us = 1, .efficiency = 0.4};
  fabric.up.simple = {.base_us = 10, .hop_us = 2, .efficiency = 0.8};
  fabric.up.direct = {.base_us = 10, .hop_us = 0.5, .efficiency = 0.8};
  fabric.out.gbs = out_gbs;
  fabric.out.efficiency = 0.9;
  fabric.out.direct_efficiency = 0.8;
  fabric.out.ll_us = 5;
  fabric.out.simple_us = 10;
  return fabric;
}

}  // namespace alight::test
