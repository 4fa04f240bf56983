#include "platforms/simgrid/xml_elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace alight {

XmlElements::XmlElements(std::string_view text, const std::string& name, Diagnostics& diagnostics)
    : text_(text), name_(std::make_shared<const std::string>(name)), diagnostics_(diagnostics) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') line_ends_.push_back(i);
}

Location XmlElements::place(std::ptrdiff_t offset) const {
  const auto at = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(offset, 0, std::ssize(text_)));
  const auto line = std::lower_bound(line_ends_.begin(), line_ends_.end(), at);
  const std::size_t start = line == line_ends_.begin() ? 0 : *std::prev(line) + 1;
  return {name_, static_cast<int>(line - line_ends_.begin()) + 1, static_cast<int>(at - start) + 1};
}

// pugixml counts from behind the '<'.
Location XmlElements::place(pugi::xml_node node) const {
  return place(node.offset_debug() - 1);
}
void XmlElements::error(pugi::xml_node node, const std::string& attribute, std::string message, std::string hint) {
  std::string key = node.name();
  if (!attribute.empty()) key += "." + attribute;
  diagnostics_.error(place(node), std::move(key), std::move(message), std::move(hint));
}

void XmlElements::check_attributes(pugi::xml_node node, const std::vector<std::string>& known,
                                   const std::vector<std::string>& refused) {
  for (const auto attribute : node.attributes()) {
    const std::string name = attribute.name();
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (std::find(refused.begin(), refused.end(), name) == refused.end())
      error(node, name, "unknown attribute", did_you_mean(name, known));
    else if (*attribute.value() != '\0')
      error(node, name, "is not supported here");
  }
}

std::string XmlElements::text(pugi::xml_node node, const char* attribute) {
  const auto found = node.attribute(attribute);
  if (!found) error(node, attribute, "is missing");
  return found.value();
}

double XmlElements::value(pugi::xml_node node, const char* attribute, XmlUnit unit, bool zero_allowed) {
  const std::string written = text(node, attribute);
  if (!node.attribute(attribute)) return 1;
  if (unit == XmlUnit::speed && written.find(',') != std::string::npos) {
    error(node, attribute, "several speeds (power states) are not supported");
    return 1;
  }
  const auto parsed = parse_xml_value(written, unit);
  if (parsed && (*parsed > 0 || zero_allowed)) return *parsed;
  static constexpr const char* kExpected[] = {"a bandwidth, e.g. 1.25GBps", "a time, e.g. 20us", "a speed, e.g. 1Gf"};
  error(node, attribute,
        fmt::format("\"{}\" is not {}{}", written, kExpected[static_cast<std::size_t>(unit)],
                    zero_allowed ? "" : ", above 0"));
  return 1;
}

std::optional<double> XmlElements::optional_value(pugi::xml_node node, const char* attribute, XmlUnit unit,
                                                  bool zero_allowed) {
  if (*node.attribute(attribute).value() == '\0') return std::nullopt;
  return value(node, attribute, unit, zero_allowed);
}

std::int64_t XmlElements::cores(pugi::xml_node node) {
  const auto attribute = node.attribute("core");
  if (!attribute) return 1;
  const std::string_view written = attribute.value();
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(written.data(), written.data() + written.size(), count);
  if (failed == std::errc{} && end == written.data() + written.size() && count >= 1 && count <= 1'000'000) return count;
  error(node, "core", fmt::format("\"{}\" is not a count of cores, 1 to 1000000", written));
  return 1;
}

LinkSharing XmlElements::sharing(pugi::xml_node node, const char* attribute, LinkSharing otherwise) {
  const std::string_view written = node.attribute(attribute).value();
  if (written.empty()) return otherwise;
  if (written == "SHARED") return LinkSharing::shared;
  if (written == "FATPIPE") return LinkSharing::fatpipe;
  if (written == "SPLITDUPLEX" || written == "FULLDUPLEX") return LinkSharing::split_duplex;
  error(node, attribute, fmt::format("\"{}\" is not supported; expected SHARED, SPLITDUPLEX or FATPIPE", written));
  return otherwise;
}

}  // namespace alight
