// A platform as SimGrid's users write it: one-core hosts around a router, a backbone across.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "platforms/simgrid/import_xml.hpp"

namespace alight::test {

/// `hosts` of 1 GFLOP/s, each with a link of `link` and a backbone of `backbone` ("2GBps"), `latency` through each.
inline Site star_site(int hosts, const std::string& link, const std::string& backbone,
                      const std::string& latency = "0us") {
  const std::string text = fmt::format(
      "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform "
      "version=\"4.1\">\n<zone id=\"all\" routing=\"Full\">\n<cluster id=\"c\" prefix=\"a\" suffix=\"\" "
      "radical=\"0-{}\" speed=\"1Gf\" bw=\"{}\" "
      "lat=\"{}\" bb_bw=\"{}\" bb_lat=\"{}\"/>\n</zone>\n</platform>\n",
      hosts - 1, link, latency, backbone, latency);
  Diagnostics d;
  auto site = import_xml_text(text, "star.xml", d);
  if (!site) throw std::logic_error("star_site: " + d.problems().front().message);
  return std::move(*site);
}

}  // namespace alight::test
