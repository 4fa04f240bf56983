// Rows and single values of text tables.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/values.hpp"

using namespace alight;

TEST_CASE("numbers read back whole texts only") {
  CHECK(to_number(" 66.0 ") == 66.0);
  CHECK(to_number("0.1") == 0.1);
  CHECK(to_number("1234567.0009765625") == 1234567.0009765625);
  CHECK(to_number("9007199254740993") == 9007199254740992.0);
  CHECK(to_number("123456789012345678901234567890") == 123456789012345678901234567890.0);
  CHECK(to_number("12345678901234567.5") == 12345678901234567.5);
  CHECK(to_number("1e3") == 1000.0);
  CHECK(to_number("+2") == 2.0);
  CHECK(to_number("5.") == 5.0);
  for (const char* bad : {"", " ", "nan", "inf", "-inf", "1e999", "12a", "1 2", "0x10", "--1", "+-1", "."})
    CHECK_FALSE(to_number(bad));
  CHECK(to_whole("8.0") == 8);
  CHECK_FALSE(to_whole("8.5"));
  CHECK_FALSE(to_whole("1e300"));
}

TEST_CASE("stamps are moments of the calendar") {
  CHECK(to_unix_s("1970-01-01") == 0.0);
  CHECK(to_unix_s("2017-10-09 07:01:55") == 1507532515.0);
  CHECK(to_unix_s("2017-10-09T07:01:55Z") == 1507532515.0);
  CHECK(to_unix_s("2017-10-09 15:01:55+08:00") == 1507532515.0);
  CHECK(to_unix_s("2017/10/09 07:01:55.25") == 1507532515.25);
  CHECK(to_unix_s("09.10.2017 07:01", "%d.%m.%Y %H:%M") == 1507532460.0);
  for (const char* bad : {"", "2017", "2017-13-01", "2017-02-29", "2017-10-09 25:00:00", "2017-10-09 07:61:00",
                          "2017-10-09 07:01:55 PDT", "2017-10-09x", "2017-10/09"})
    CHECK_FALSE(to_unix_s(bad));
}

TEST_CASE("Slurm's spans of time") {
  CHECK(span_to_s("01:02:03") == 3723.0);
  CHECK(span_to_s("2-00:00:01") == 172801.0);
  CHECK(span_to_s("05:30") == 330.0);
  CHECK(span_to_s("1-12") == 129600.0);
  for (const char* bad : {"", "5", "x", "1:2:3:4", "-1:00", "1-"}) CHECK_FALSE(span_to_s(bad));
}

TEST_CASE("rows of a table: quotes, line ends, byte order mark") {
  CsvReader all(
      "\xef\xbb\xbf"
      "a,\"b,\"\"c\"\"\",d\r\n\r\n1,,3\n\"two\nlines\",x,y");
  REQUIRE(all.next());
  CHECK(all.cells() == std::vector<std::string_view>{"a", "b,\"c\"", "d"});
  REQUIRE(all.next());
  CHECK(all.cells() == std::vector<std::string_view>{"1", "", "3"});
  CHECK(all.line() == 3);
  REQUIRE(all.next());
  CHECK(all.cells() == std::vector<std::string_view>{"two\nlines", "x", "y"});
  CHECK_FALSE(all.next());

  CsvReader wide("aaaaaaaa,bbbbbbb,,-------,,\x2d\x2c\x2d");  // cells around the eight bytes read at a time
  REQUIRE(wide.next());
  CHECK(wide.cells() == std::vector<std::string_view>{"aaaaaaaa", "bbbbbbb", "", "-------", "", "-", "-"});
}

TEST_CASE("a quote that does not close costs its own line only") {
  CsvReader rows("a,\"b\nc,d\ne\"f,g\nh,i\n");
  REQUIRE(rows.next());
  CHECK(rows.malformed());
  REQUIRE(rows.next());
  CHECK(rows.cells() == std::vector<std::string_view>{"c", "d"});
  REQUIRE(rows.next());
  CHECK(rows.malformed());
  REQUIRE(rows.next());
  CHECK(rows.cells() == std::vector<std::string_view>{"h", "i"});
  CHECK_FALSE(rows.next());
}
