// Single values out of a trace's cells: numbers, calendar stamps, spans of time. All trim blanks, read the whole text
// or nothing, and never return a NaN or an infinity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alight {

std::string_view trimmed(std::string_view text);

/// True for the ways traces write "nothing": empty, None, null, NaN, NA, N/A, Unknown (letter case ignored).
bool is_missing(std::string_view text);

/// A finite number: "66", "66.0", "1e3", "-1", "+2".
std::optional<double> to_number(std::string_view text);
/// A whole number within +-2^53, also written "8.0" or "1e3".
std::optional<std::int64_t> to_whole(std::string_view text);

/// Seconds since 1970-01-01 00:00 UTC of "2017-10-09 07:01:55[.25][Z|+08:00|+0800|+08]"; 'T' may stand for the blank,
/// seconds or the whole time may be missing, '/' may stand for '-'. Without a zone the stamp is taken as UTC.
std::optional<double> to_unix_s(std::string_view stamp);
/// The same by a pattern of strptime ("%d.%m.%Y %H:%M"), for stamps of no common form.
std::optional<double> to_unix_s(std::string_view stamp, const std::string& pattern);

/// Seconds of "[D-]HH:MM:SS[.ff]", "MM:SS" or "D-HH", as Slurm prints spans.
std::optional<double> span_to_s(std::string_view text);

}  // namespace alight
