// Reading a SimGrid platform: its values, and what is said about a wrong file.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "platforms/simgrid/export_xml.hpp"
#include "platforms/simgrid/import_xml.hpp"
#include "platforms/simgrid/xml_values.hpp"
#include "tests/support/sites.hpp"

using namespace alight;

TEST_CASE("values with SimGrid's units") {
  CHECK(parse_xml_value("1.25GBps", XmlUnit::bandwidth) == 1.25e9);
  CHECK(parse_xml_value("10Gbps", XmlUnit::bandwidth) == 1.25e9);
  CHECK(parse_xml_value("1KiBps", XmlUnit::bandwidth) == 1024);
  CHECK(parse_xml_value("5", XmlUnit::bandwidth) == 5);
  CHECK(parse_xml_value("20us", XmlUnit::time) == Approx(20e-6));
  CHECK(parse_xml_value("2m", XmlUnit::time) == 120);
  CHECK(parse_xml_value("1Gf", XmlUnit::speed) == 1e9);
  CHECK(parse_xml_value("3teraflops", XmlUnit::speed) == 3e12);
  for (const char* wrong : {"", "GBps", "-1GBps", "1 GBps", "1GB", "nan", "inf", "1e999Bps", "1f"})
    CHECK_FALSE(parse_xml_value(wrong, XmlUnit::bandwidth));
  CHECK(parse_radical("0-3,7,9-9", 10) == std::vector<std::int64_t>{0, 1, 2, 3, 7, 9});
  for (const char* wrong : {"", "a", "3-1", "0-", "-3", "0-3,", "1-2-3", "0-99999999999", "0-10"})
    CHECK_FALSE(parse_radical(wrong, 10));
}

TEST_CASE("a wrong platform file is reported with its line, never a crash") {
  struct Case {
    std::string what, in, out;
  };
  const std::string good = R"(<?xml version='1.0'?>
<platform version="4.1">
<zone id="w" routing="Full">
<cluster id="a" prefix="a" suffix="" radical="0-3" speed="1Gf" bw="1GBps" lat="1us"/>
<cluster id="b" prefix="b" suffix="" radical="0-3" speed="1Gf" bw="1GBps" lat="1us"/>
<link id="l" bandwidth="1GBps" latency="1us"/>
<zoneRoute src="a" dst="b" gw_src="aa_router" gw_dst="bb_router"><link_ctn id="l"/></zoneRoute>
</zone>
</platform>)";
  const auto read = [](const std::string& text) {
    Diagnostics diagnostics;
    const auto site = import_xml_text(text, "p.xml", diagnostics);
    CHECK(site.has_value() == diagnostics.ok());
    return diagnostics.ok() ? std::string()
                            : diagnostics.problems()[0].where.text() + " " + diagnostics.problems()[0].message;
  };
  REQUIRE(read(good).empty());
  const std::vector<Case> cases = {
      {"</platform>", "", "not XML"},
      {"version=\"4.1\"", "version=\"3\"", "p.xml:2:"},
      {"<platform version=\"4.1\">", "<platform>", "is missing"},
      {"routing=\"Full\"", "routing=\"Vivaldi\"", "p.xml:3:"},
      {"routing=\"Full\"", "", "is missing"},
      {"id=\"b\" prefix", "id=\"a\" prefix", "already defined on line 4"},
      {"prefix=\"b\"", "prefix=\"a\"", "named \"a0\""},
      {"prefix=\"b\" ", "", "is missing"},
      {"radical=\"0-3\"", "radical=\"3-0\"", "p.xml:4:"},
      {"radical=\"0-3\"", "radical=\"0-99999999\"", "at most"},
      {"bw=\"1GBps\"", "bw=\"1GB\"", "is not a bandwidth"},
      {"bw=\"1GBps\"", "bw=\"0\"", "above 0"},
      {"lat=\"1us\"", "lat=\"-1us\"", "is not a time"},
      {"speed=\"1Gf\"", "speed=\"1Gf,2Gf\"", "power states"},
      {"speed=\"1Gf\"", "sped=\"1Gf\"", "unknown attribute"},
      {"speed=\"1Gf\"", "speed=\"1Gf\" topology=\"TORUS\"", "expected FLAT"},
      {"speed=\"1Gf\"", "speed=\"1Gf\" core=\"0\"", "count of cores"},
      {"speed=\"1Gf\"", "speed=\"1Gf\" sharing_policy=\"WIFI\"", "is not supported"},
      {"speed=\"1Gf\"", "speed=\"1Gf\" bb_lat=\"1us\"", "with bb_lat given"},
      {"<link_ctn id=\"l\"/>", "<link_ctn id=\"m\"/>", "p.xml:7:1 route from \"a\" to \"b\": no link named \"m\""},
      {"<link_ctn id=\"l\"/>", "", "has no link"},
      {"gw_dst=\"bb_router\"", "gw_dst=\"aa_router\"", "gateway"},
      {"src=\"a\"", "src=\"c\"", "\"c\" is not in zone \"w\""},
      {"<zoneRoute", "<bypassZoneRoute", ""},
      {"<link id=\"l\"", "<peer id=\"l\"", "<peer> is not supported"},
      {"<link id=\"l\"", "<link id=\"l\" state_file=\"x\"", "is not supported here"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.in, c.out);
    std::string text = good;
    text.replace(text.find(c.what), c.what.size(), c.in);
    const std::string said = read(text);
    CHECK_THAT(said, Catch::Contains(c.out) && !Catch::Equals(""));
  }
  for (const std::string& text : {std::string(), std::string("\0\1\2", 3), std::string("<a/>"),
                                  std::string("<platform version=\"4.1\"/>"), std::string(100000, '<')})
    CHECK_FALSE(read(text).empty());
  std::string deep = "<platform version=\"4.1\">";
  for (int i = 0; i < 5000; ++i) deep += "<zone id=\"z" + std::to_string(i) + "\" routing=\"Full\">";
  for (int i = 0; i < 5000; ++i) deep += "</zone>";
  CHECK_THAT(read(deep + "</platform>"), Catch::Contains("deeper than 64"));
  for (std::size_t cut = 0; cut < good.size(); cut += 7) CHECK_FALSE(read(good.substr(0, cut)).empty());
}

TEST_CASE("a file that cannot be written or read is a value") {
  CHECK_THAT(export_xml(test::small_clos(), "/nonexistent/dir/p.xml"), Catch::Contains("cannot write"));
  Diagnostics diagnostics;
  CHECK_FALSE(import_xml("/nonexistent/p.xml", diagnostics));
  REQUIRE(diagnostics.problems().size() == 1);
  CHECK_THAT(diagnostics.problems()[0].message, Catch::Contains("cannot read"));
}
