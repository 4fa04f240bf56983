#include "workloads/elastic_work.hpp"

#include <cmath>

#include "models/describe/units.hpp"

namespace alight {
namespace {

constexpr double kMostReplicas = 1e9;
constexpr double kShortestS = 1, kLongestS = 1e7;
constexpr std::string_view kGrow = " grow ";

}  // namespace

std::string read_elastic(std::string_view text, ElasticWork& work) {
  work = {};
  if (text.empty() || text == "none") return {};
  const std::size_t grow = text.find(kGrow);
  const std::string_view number = text.substr(0, grow);
  const auto replicas = parse_number(number);
  if (!replicas || *replicas < 1 || *replicas > kMostReplicas || *replicas != std::floor(*replicas))
    return "\"" + std::string(number) + "\" is no number of replicas; expected e.g. 16 or 16 grow 30 min";
  if (grow != std::string_view::npos) {
    const std::string_view time = text.substr(grow + kGrow.size());
    const Parsed parsed = parse_quantity(time, unit("s"));
    if (!parsed.value) return parsed.problem;
    if (*parsed.value < kShortestS || *parsed.value > kLongestS)
      return "\"" + std::string(time) + "\" is out of range; expected 1 s to 1e7 s";
    work.grow_s = *parsed.value;
  }
  work.least_replicas = static_cast<std::int64_t>(*replicas);
  return {};
}

std::string elastic_text(const ElasticWork& work) {
  if (work.least_replicas == 0) return {};
  const std::string text = std::to_string(work.least_replicas);
  return work.grow_s == ElasticWork{}.grow_s ? text
                                             : text + std::string(kGrow) + format_quantity(work.grow_s, unit("s"));
}

}  // namespace alight
