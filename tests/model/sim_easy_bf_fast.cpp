// easy_bf_fast by hand, on 10 servers of one chip.
#include <catch2/catch.hpp>

#include "tests/support/runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::vector<double> starts(const std::vector<Row>& rows, const std::string& policy) {
  return played(site_of({chips_pool("p", 10)}), workload(rows), {.policy = policy}).starts();
}

}  // namespace

TEST_CASE("easy_bf_fast: a promise made once, 5 s more for everyone, no spare chips") {
  const std::vector<Row> rows = {
      {.id = "a", .submit_s = 0, .duration_s = 50, .chips = 6, .estimate_s = 100},
      // No room: the head, promised 0 + 100 + 5 = 105.
      {.id = "b", .submit_s = 1, .duration_s = 100, .chips = 8, .estimate_s = 100},
      // 2 + 90 + 5 <= 105: starts.
      {.id = "c", .submit_s = 2, .duration_s = 90, .chips = 4, .estimate_s = 90},
      // No room at 3. At 50 a's 6 chips are free, too few for b; 50 + 200 + 5 > 105: waits, though b will need 8 of 10.
      {.id = "d", .submit_s = 3, .duration_s = 10, .chips = 1, .estimate_s = 200},
      // 60 + 40 + 5 = 105 starts at once; a second more does not.
      {.id = "e", .submit_s = 60, .duration_s = 40, .chips = 2, .estimate_s = 40},
      {.id = "f", .submit_s = 61, .duration_s = 1, .chips = 1, .estimate_s = 40},
  };
  // b starts when c ends at 92, sooner than promised. Then d finds no chip: the new head, promised 105 again, when e is
  // to have ended. At 100 e ends: d starts, and f beside it.
  CHECK(starts(rows, "easy_bf_fast") == std::vector<double>{0, 92, 2, 100, 60, 100});
  // easy knows at 50 that b needs 8 of the 10 chips at 92: d takes one of the other two.
  CHECK(starts(rows, "easy")[3] == 50);
}

TEST_CASE("easy_bf_fast: the promise is kept as made, though the head could start sooner") {
  const std::vector<Row> rows = {
      {.id = "a", .submit_s = 0, .duration_s = 10, .chips = 5, .estimate_s = 100},
      {.id = "b", .submit_s = 0, .duration_s = 20, .chips = 5, .estimate_s = 20},
      // The head: both must end, promised 105.
      {.id = "c", .submit_s = 1, .duration_s = 10, .chips = 10, .estimate_s = 10},
      // At 10 a has ended and c could start at 20 by b's requested time; the promise lets d in: 11 + 60 + 5 <= 105.
      {.id = "d", .submit_s = 11, .duration_s = 60, .chips = 5, .estimate_s = 60},
  };
  CHECK(starts(rows, "easy_bf_fast") == std::vector<double>{0, 0, 71, 11});
  CHECK(starts(rows, "easy") == std::vector<double>{0, 0, 20, 30});
}
