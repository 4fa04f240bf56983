// Values as SimGrid's XML writes them: "1.25GBps", "20us", "1Gf", "0-3,7".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace alight {

enum class XmlUnit : std::uint8_t { bandwidth, time, speed };

/// The value in bytes/s, s or flop/s; nothing where `text` is no finite number of at least 0 with a unit SimGrid knows.
/// A missing unit is read as Bps, s or f, as SimGrid does. (In SimGrid "m" is a minute.)
std::optional<double> parse_xml_value(std::string_view text, XmlUnit unit);

/// "0-3,7" as {0, 1, 2, 3, 7}; nothing where it is no such list, runs backwards or exceeds `most` numbers.
std::optional<std::vector<std::int64_t>> parse_radical(std::string_view text, std::size_t most);

}  // namespace alight
