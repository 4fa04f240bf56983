#include "sim/scenario/speeds_spec.hpp"

namespace alight {

const Description& ChipSpeedsSpec::description() {
  static const auto d =
      describe<ChipSpeedsSpec>("chip speeds",
                               "Speeds of working chips of one kind, each drawn for itself and for good: a normal law "
                               "around the speed of the kind, cut off below, and stragglers beside it.")
          .quantity("spread", &ChipSpeedsSpec::spread, "1", "Standard deviation of the law.", {.min = 0, .max = 0.5})
          .quantity("range", &ChipSpeedsSpec::range, "1",
                    "Instead: by how much the fastest and the slowest chip of a server differ on average. 8 % over "
                    "five centres, 22 % at most (Sinha et al., SC'22, arXiv 2208.11035).",
                    {.min = 0, .max = 1})
          .quantity("slowest", &ChipSpeedsSpec::slowest, "1", "Where the law is cut off.", {.min = 0.01, .max = 1})
          .quantity("stragglers", &ChipSpeedsSpec::stragglers, "1", "Share of chips that are much slower.",
                    {.min = 0, .max = 1})
          .quantity("straggler_speed", &ChipSpeedsSpec::straggler_speed, "1", "Speed of those.",
                    {.min = 0.01, .max = 1})
          .check([](const ChipSpeedsSpec& s, const std::string& path, Diagnostics& out) {
            if (s.spread && s.range) out.error_at(join_key(path, "range"), "either `spread` or `range`, not both");
            if (!s.spread && !s.range && s.stragglers == 0)
              out.error_at(path, "no chip differs from another", "state a `spread`, a `range` or `stragglers`");
            if (s.stragglers > 0 && !s.straggler_speed)
              out.error_at(join_key(path, "straggler_speed"), "is missing: how fast the stragglers are");
            if (s.stragglers == 0 && s.straggler_speed)
              out.error_at(join_key(path, "stragglers"), "is missing: the share of chips that are so slow");
          })
          .done();
  return d;
}

}  // namespace alight
