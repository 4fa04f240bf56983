#include "platforms/cabling/medium.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace alight {

namespace {

constexpr double kHoursPerYear = 8760;

bool same(std::string_view a, std::string_view b) {
  return lower_case(a) == lower_case(b);
}

/// The classes that `asked` means; empty where it is not one of them.
std::vector<std::string> classes_of(std::string_view asked, bool built_in) {
  std::vector<std::string> classes;
  if (same(asked, "auto") || same(asked, "copper")) {
    classes = {"passive copper", "ACC", "AEC"};
    if (built_in) classes.emplace_back("backplane");
    if (same(asked, "auto")) classes.insert(classes.end(), {"AOC", "optical"});
    return classes;
  }
  if (same(asked, "DAC")) return {"passive copper"};
  for (const std::string& name : link_classes())
    if (same(asked, name)) return {name};
  return {};
}

bool sends_over_fibre(const Link& link) {
  return link.link_class.empty() || link.link_class == "optical" || link.link_class == "LPO" ||
         link.link_class == "CPO";
}

std::tuple<int, double, double> cost(const Link& link, double rate_gbps, double length_m) {
  const LinkFigures f = figures_of(link, rate_gbps, length_m);
  const double power = f.power_w.value_or(std::numeric_limits<double>::infinity());
  if (f.price_usd) return {0, *f.price_usd, power};
  if (f.price_cny) return {1, *f.price_cny, power};
  return {2, 0, power};
}

}  // namespace

std::pair<std::string, std::string> Media::problem_of(std::string_view asked) const {
  if (!classes_of(asked, false).empty()) return {};
  const Link* link = catalogue_.find_link(asked);
  if (!link) {
    std::vector<std::string> names = link_classes();
    names.insert(names.end(), {"auto", "copper", "DAC"});
    const auto links = catalogue_.links().all_names();
    names.insert(names.end(), links.begin(), links.end());
    return {"no link named " + in_quotes(asked) +
                " in the catalogue; expected one, or auto, copper, passive copper (DAC), ACC, AEC, AOC, optical, LPO, "
                "CPO, backplane",
            did_you_mean(asked, names) + " (alight catalog list links)"};
  }
  if (!link->rate_gbps || !link->reach_m)
    return {"the catalogue knows no " + std::string(link->rate_gbps ? "reach" : "rate") + " of " +
                in_quotes(link->name) + ", so it can be no medium",
            "alight catalog show \"" + link->name + "\""};
  return {};
}

std::vector<const Link*> Media::candidates(std::string_view asked, double rate_gbps, double length_m, bool built_in,
                                           bool fibre) const {
  std::vector<const Link*> found;
  const auto fits = [&](const Link& link) {
    return link.rate_gbps && link.reach_m && *link.rate_gbps >= rate_gbps && (!fibre || sends_over_fibre(link));
  };
  const auto classes = classes_of(asked, built_in);
  for (const std::string& name : classes) {
    double lowest = std::numeric_limits<double>::infinity();
    for (const Link& link : catalogue_.links().entries())
      if (link.link_class == name && fits(link)) lowest = std::min(lowest, *link.rate_gbps);
    for (const Link& link : catalogue_.links().entries())
      if (link.link_class == name && fits(link) && *link.rate_gbps == lowest) found.push_back(&link);
  }
  if (classes.empty())
    if (const Link* link = catalogue_.find_link(asked); link && fits(*link)) found.push_back(link);
  const Link* first = catalogue_.links().entries().data();
  std::sort(found.begin(), found.end(), [&](const Link* a, const Link* b) {
    return std::pair(cost(*a, rate_gbps, length_m), a - first) < std::pair(cost(*b, rate_gbps, length_m), b - first);
  });
  return found;
}

const Link* Media::choose(std::string_view asked, double rate_gbps, double length_m, bool built_in, bool fibre) const {
  const auto all = candidates(asked, rate_gbps, length_m, built_in, fibre);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Link* link) { return *link->reach_m >= length_m; });
  return found == all.end() ? nullptr : *found;
}

LinkFigures figures_of(const Link& link, double rate_gbps, double length_m) {
  LinkFigures f;
  if (link.lane_rate_gbps) f.cables = 2 * static_cast<std::int64_t>(std::ceil(rate_gbps / *link.lane_rate_gbps));
  f.modules = link.price_per == "module";
  const auto cables = static_cast<double>(f.cables);
  const double times = link.price_per == "module"  ? 2 * cables
                       : link.price_per == "metre" ? length_m * cables
                       : link.price_per == "set"   ? cables / static_cast<double>(link.set_cables.value_or(1))
                                                   : cables;
  for (const auto& [symbol, price] : {std::pair{"USD", &f.price_usd}, {"CNY", &f.price_cny}})
    for (const Price& p : link.prices)
      if (const auto amount = amount_in(p.amount, unit(symbol)); amount && !f.price_usd && !f.price_cny) {
        *price = *amount * times;
        f.price_date = p.date;
      }
  if (link.power_w) f.power_w = 2 * *link.power_w * cables;
  if (link.failures_per_year)
    f.failures_per_year = 2 * *link.failures_per_year * cables;
  else if (link.mtbf_h && *link.mtbf_h > 0)
    f.failures_per_year = 2 * kHoursPerYear / *link.mtbf_h * cables;
  if (link.propagation_ns_m && link.end_latency_ns && link.fec_latency_ns)
    f.latency_s = (length_m * *link.propagation_ns_m + 2 * *link.end_latency_ns + *link.fec_latency_ns) * 1e-9;
  return f;
}

}  // namespace alight
