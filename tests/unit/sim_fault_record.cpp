#include <catch2/catch.hpp>

#include "sim/record/faults.hpp"

using namespace alight;

TEST_CASE("faults are what broke in the network, whatever else happens to the site") {
  FaultRecord record;
  record.site_event(
      {.time_s = 1, .kind = "down", .pool = SiteEvent::kNoPool, .servers = 0, .subject = "spine 0", .fault = true});
  record.site_event({.time_s = 2, .kind = "capped", .pool = SiteEvent::kNoPool, .servers = 0, .subject = "site cap"});
  record.site_event({.time_s = 2, .kind = "switched off", .pool = 0, .servers = 3, .subject = "site cap"});
  record.site_event({.time_s = 3, .kind = "delivered", .pool = 0, .servers = 3});
  record.site_event(
      {.time_s = 4, .kind = "up", .pool = SiteEvent::kNoPool, .servers = 0, .subject = "spine 0", .fault = true});
  CHECK(record.totals(5).faults == 1);
  CHECK(record.totals(5).repairs == 1);
}
