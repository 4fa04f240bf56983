#include "platforms/simgrid/xml_values.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace alight {

namespace {

using Scale = std::pair<std::string_view, double>;

constexpr double kKi = 1024;
constexpr std::array<Scale, 26> kBandwidth = {{{"Bps", 1},
                                               {"kBps", 1e3},
                                               {"MBps", 1e6},
                                               {"GBps", 1e9},
                                               {"TBps", 1e12},
                                               {"PBps", 1e15},
                                               {"EBps", 1e18},
                                               {"KiBps", kKi},
                                               {"MiBps", kKi* kKi},
                                               {"GiBps", kKi* kKi* kKi},
                                               {"TiBps", kKi* kKi* kKi* kKi},
                                               {"PiBps", kKi* kKi* kKi* kKi* kKi},
                                               {"EiBps", kKi* kKi* kKi* kKi* kKi* kKi},
                                               {"bps", 0.125},
                                               {"kbps", 0.125 * 1e3},
                                               {"Mbps", 0.125 * 1e6},
                                               {"Gbps", 0.125 * 1e9},
                                               {"Tbps", 0.125 * 1e12},
                                               {"Pbps", 0.125 * 1e15},
                                               {"Ebps", 0.125 * 1e18},
                                               {"Kibps", 0.125 * kKi},
                                               {"Mibps", 0.125 * kKi* kKi},
                                               {"Gibps", 0.125 * kKi* kKi* kKi},
                                               {"Tibps", 0.125 * kKi* kKi* kKi* kKi},
                                               {"Pibps", 0.125 * kKi* kKi* kKi* kKi* kKi},
                                               {"Eibps", 0.125 * kKi* kKi* kKi* kKi* kKi* kKi}}};
constexpr std::array<Scale, 9> kTime = {{{"s", 1},
                                         {"ms", 1e-3},
                                         {"us", 1e-6},
                                         {"ns", 1e-9},
                                         {"ps", 1e-12},
                                         {"m", 60},
                                         {"h", 3600},
                                         {"d", 86400},
                                         {"w", 604800}}};
constexpr std::array<Scale, 18> kSpeed = {{{"f", 1},
                                           {"kf", 1e3},
                                           {"Mf", 1e6},
                                           {"Gf", 1e9},
                                           {"Tf", 1e12},
                                           {"Pf", 1e15},
                                           {"Ef", 1e18},
                                           {"Zf", 1e21},
                                           {"Yf", 1e24},
                                           {"flops", 1},
                                           {"kiloflops", 1e3},
                                           {"megaflops", 1e6},
                                           {"gigaflops", 1e9},
                                           {"teraflops", 1e12},
                                           {"petaflops", 1e15},
                                           {"exaflops", 1e18},
                                           {"zettaflops", 1e21},
                                           {"yottaflops", 1e24}}};

std::span<const Scale> scales(XmlUnit unit) {
  switch (unit) {
    case XmlUnit::bandwidth:
      return kBandwidth;
    case XmlUnit::time:
      return kTime;
    case XmlUnit::speed:
      return kSpeed;
  }
  return {};
}

// SimGrid numbers hosts with a 32-bit int.
constexpr std::int64_t kLargestXml = 2147483647;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > kLargestXml) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> parse_xml_value(std::string_view text, XmlUnit unit) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
  const std::string_view symbol = text.substr(static_cast<std::size_t>(end - text.data()));
  if (symbol.empty()) return value;
  for (const auto& [name, scale] : scales(unit))
    if (name == symbol) return std::isfinite(value * scale) ? std::optional(value * scale) : std::nullopt;
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> parse_radical(std::string_view text, std::size_t most) {
  std::vector<std::int64_t> out;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = whole(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : whole(part.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    if (static_cast<std::uint64_t>(*last - *first) >= most - out.size()) return std::nullopt;
    for (std::int64_t n = *first; n <= *last; ++n) out.push_back(n);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace alight
