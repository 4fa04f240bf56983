#include <catch2/catch.hpp>

#include "models/describe/date.hpp"

using namespace alight;

TEST_CASE("Dates read in the three forms, in UTC") {
  CHECK(parse_date("1970-01-01")->unix_s == 0);
  // 2025-06-01 is day 20,240 of the epoch: 55 years of 365 days, 14 leap days before 2025, and 151 days of 2025.
  CHECK(parse_date("2025-06-01")->unix_s == std::int64_t{55 * 365 + 14 + 151} * 86400);
  CHECK(parse_date("2025-06-01 07:30")->unix_s == parse_date("2025-06-01")->unix_s + 27000);
  CHECK(parse_date("2025-06-01T07:30:15Z")->unix_s == parse_date("2025-06-01")->unix_s + 27015);
  CHECK(parse_date("2024-02-29").has_value());
  CHECK(parse_date("1969-12-31 23:59:59")->unix_s == -1);
}

TEST_CASE("What is no date of the calendar is not read") {
  for (const char* text :
       {"", "2025", "2025-6-1", "2025-02-29", "2025-13-01", "2025-00-10", "2025-01-32", "2025-06-01 ",
        "2025-06-01 24:00", "2025-06-01 07", "2025-06-01 07:60", "2025-06-01 07:30:60", "2025-06-01 07:30:15.5",
        "2025-06-01x", "20250601", "-2025-06-01", "2025/06/01", "nan"}) {
    INFO(text);
    CHECK_FALSE(parse_date(text).has_value());
  }
}

TEST_CASE("Formatted dates read back") {
  CHECK(format_date(*parse_date("2025-06-01")) == "2025-06-01");
  CHECK(format_date(*parse_date("2025-06-01 07:30")) == "2025-06-01 07:30:00");
  CHECK(format_date({-1}) == "1969-12-31 23:59:59");
  for (std::int64_t t = -62135596800; t < 253402300800; t += 86400 * 97 + 12345)
    REQUIRE(parse_date(format_date({t}))->unix_s == t);
}
