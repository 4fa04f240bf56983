// Hourly prices and carbon out of CSV files: what is read, and what is said of mistakes.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "workloads/series/hourly_csv.hpp"

using namespace alight;

namespace {

std::string told(const std::string& text, const SeriesColumns& columns = {}) {
  Diagnostics d;
  const auto values = read_series({"price.csv", text}, columns, d);
  CHECK(values.has_value() == d.ok());
  std::ostringstream out;
  d.print(out);
  return out.str();
}

void says(const std::string& text, const std::string& what, const SeriesColumns& columns = {}) {
  const std::string all = told(text, columns);
  INFO(all);
  CHECK(all.find(what) != std::string::npos);
}

}  // namespace

TEST_CASE("values hold from their stamp on, in UTC") {
  Diagnostics d;
  const std::string text =
      "Datetime,Zone,Price (USD/MWh)\n2023-01-01 00:00:00-06:00,x,10.5\n2023-01-01T07:00Z,x,-3\n2023-01-01 "
      "08:00,x,20\n";
  const auto values = read_series({"price.csv", text}, {.time = {}, .value = "Price (USD/MWh)", .times = 1e-3}, d);
  REQUIRE(values);
  REQUIRE(values->size() == 3);
  CHECK(format_date((*values)[0].date) == "2023-01-01 06:00:00");
  CHECK((*values)[0].value == Approx(0.0105));
  CHECK((*values)[1].value == Approx(-0.003));
  CHECK(format_date((*values)[2].date) == "2023-01-01 08:00:00");
  // A clock an hour ahead of UTC.
  const auto local = read_series({"x", "t,v\n2023-01-01 00:00,1\n2023-01-01 01:00,2\n"}, {.utc_offset_s = 3600}, d);
  REQUIRE(local);
  CHECK(format_date((*local)[0].date) == "2022-12-31 23:00:00");
}

TEST_CASE("mistakes of a series are told with their place") {
  says("", "price.csv:1:1: has no header");
  says("t,v\n", "price.csv:1:1: holds no values below its header");
  says("t\n2023-01-01 00:00\n", "price.csv:1:1: has one column only");
  says("time,price\n2023-01-01 00:00,1\n", "has no column \"prize\"\n", {.value = "prize"});
  says("time,price\n2023-01-01 00:00,1\n", "did you mean \"price\"?", {.value = "prize"});
  says("t,v\n2023-01-01 00:00,dear\n", "price.csv:2:18: v: \"dear\" is no number");
  says("t,v\n2023-01-01 00:00,\n", "price.csv:2:18: v: \"\" is no number");
  says("t,v\n2023-01-01 00:00,nan\n", "v: \"nan\" is no number");
  says("t,v\n2023-13-01 00:00,1\n", "price.csv:2:1: t: \"2023-13-01 00:00\" is no date and time");
  says("t,v\nnoon,x\n", "2 errors");
  says("t,v\n2023-01-01 00:00,1,2\n", "price.csv:2:1: has 3 cells; the header has 2");
  says("t,v\n2023-01-01 00:00,1\n2023-01-01 00:00,2\n", "price.csv:3:1: t: \"2023-01-01 00:00\" is there already");
  says("t,v\n2023-01-01 02:00,1\n2023-01-01 01:00,2\n", "is before the row above");
  says("t,v\n2023-01-01 00:00,1\n2023-01-01 01:00,2\n2023-01-01 03:00,2\n",
       "price.csv:4:1: t: \"2023-01-01 03:00\" is 7200 s after the row above; the first step is 3600 s");
  says("t,v\n\"2023,1\n", "quotes that do not close");
  std::string many = "t,v\n";
  for (int i = 0; i < 100; ++i) many += "x,y\n";
  const std::string all = told(many);
  CHECK((all.find("50 errors") != std::string::npos || all.find("51 errors") != std::string::npos));
}
