// Words about keys that the schema, `alight explain` and the reference page share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

/// What a value is, short: "data rate in Gbps", "one of fifo, easy", "list of pool", "whole number, at least 1".
std::string type_text(const ValueType& type);

/// A default as a user would write it, on one line; empty for null (no default).
std::string value_text(const Node* value);

/// "required", "default 400 Gbps", "unset unless given". `standard` is the field's default, null where it has none.
std::string default_text(const Field& field, const Node* standard);

/// The field's doc followed by its type and default, in sentences on one line.
std::string describe_text(const Field& field, const Node* standard);

/// `text` broken into lines of at most `width` characters at blanks.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace alight
