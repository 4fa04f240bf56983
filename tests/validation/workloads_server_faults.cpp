// InfiniteHBD's published fault trace, against what is published of it.
#include <catch2/catch.hpp>
#include <cstdio>
#include <iostream>
#include <map>

#include "tests/support/reference.hpp"
#include "workloads/faults/server_faults.hpp"

using namespace alight;

TEST_CASE("InfiniteHBD: 2.31 % of 400 servers down on average, 35 at worst") {
  ALIGHT_REFERENCE_OR_SKIP(file, "traces/infinitehbd_faults/fault_trace.json.gz");
  const auto text = read_input(file);
  REQUIRE(text);
  Diagnostics d;
  const auto faults = read_infinitehbd(*text, d);
  d.print(std::cout);
  REQUIRE(faults);
  const DownStatistics s = down_statistics(*faults);
  std::printf("%-34s %9s %9s\n", "", "computed", "published");
  std::printf("%-34s %8.2f%% %8.2f%%\n", "servers down, mean of 400", 100 * s.mean_down / 400, 2.31);
  std::printf("%-34s %9lld %9d\n", "servers down, at worst", static_cast<long long>(s.worst), 35);
  std::printf("%-34s %9lld %9d\n", "faults", static_cast<long long>(faults->recorded), 584);
  std::printf("%-34s %9zu %9d\n", "servers that ever failed", faults->servers.size(), 400 - 169);
  CHECK(100 * s.mean_down / 400 == Approx(2.31).margin(0.005));
  CHECK(s.worst == 35);
  CHECK(faults->recorded == 584);
  CHECK(faults->servers.size() == 400 - 169);
}
