// Requests as alight's own table: what the format csv reads back without loss.
#pragma once

#include <iosfwd>

#include "workloads/requests/request.hpp"

namespace alight {

/// Columns nothing stands in are left out; the tokens of a block and the start in Unix time go before the header.
void write_request_csv(std::ostream& out, const RequestTrace& trace);

}  // namespace alight
