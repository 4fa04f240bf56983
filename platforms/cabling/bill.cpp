#include "platforms/cabling/bill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <tuple>

namespace alight {

namespace {

/// Upper ends of the histogram's bins, m: the reaches of copper, then of multimode and single-mode optics.
constexpr std::array<double, 15> kBinEnds = {1, 2, 3, 5, 7, 10, 20, 30, 50, 100, 200, 500, 1000, 2000, 10000};

/// Links of one length: the key's runs have the same medium.
struct Group {
  std::int64_t links = 0;
  const CableRun* first = nullptr;
};
/// Tier, rate, length.
using Groups = std::map<std::tuple<std::int32_t, double, double>, Group>;

Groups grouped(const std::vector<CableTier>& tiers, const std::vector<CableRun>& runs, const FloorPlan& plan) {
  Groups groups;
  for (const CableRun& run : runs) {
    const double length = run.over ? plan.length_m(run.a, *run.over) + plan.length_m(*run.over, run.b)
                                   : plan.length_m(run.a, run.b, tiers[static_cast<std::size_t>(run.tier)].built_in);
    Group& group = groups[{run.tier, run.rate_gbps, length}];
    if (!group.first) group.first = &run;
    group.links += run.links;
  }
  return groups;
}

BillSum sum_of(const LinkFigures& one, std::int64_t links, double length_m) {
  const auto n = static_cast<double>(links);
  BillSum sum;
  sum.links = links;
  sum.cables = links * one.cables;
  sum.ends = 2 * sum.cables;
  sum.modules = one.modules ? sum.ends : 0;
  sum.metres = static_cast<double>(sum.cables) * length_m;
  sum.power_w = n * one.power_w.value_or(0);
  sum.price_usd = n * one.price_usd.value_or(0);
  sum.price_cny = n * one.price_cny.value_or(0);
  sum.failures_per_year = n * one.failures_per_year.value_or(0);
  sum.unknown_price = one.price_usd || one.price_cny ? 0 : links;
  sum.unknown_power = one.power_w ? 0 : links;
  sum.unknown_failures = one.failures_per_year ? 0 : links;
  return sum;
}

BillBin& bin_of(std::vector<BillBin>& bins, double length_m) {
  const auto* to = std::lower_bound(kBinEnds.begin(), kBinEnds.end(), length_m);
  const double end = to == kBinEnds.end() ? std::numeric_limits<double>::infinity() : *to;
  if (bins.empty() || bins.back().to_m != end) bins.push_back({to == kBinEnds.begin() ? 0 : *(to - 1), end, {}});
  return bins.back();
}

/// What of a tier nothing reaches, at one rate.
struct TooLong {
  std::int64_t links = 0, all = 0;
  double longest_m = 0;
  const CableRun* run = nullptr;
};

void report(const CableTier& tier, double rate_gbps, const TooLong& too_long, const FloorPlan& plan, const Media& media,
            Diagnostics& diagnostics) {
  const auto allowed = media.candidates(tier.medium, rate_gbps, too_long.longest_m, tier.built_in, tier.fibre);
  if (allowed.empty()) {
    if (tier.fibre && !media.candidates(tier.medium, rate_gbps, too_long.longest_m, tier.built_in).empty())
      diagnostics.error_at(tier.key,
                           fmt::format("{} links run over optical circuit switches, which {} cannot send through",
                                       tier.name, in_quotes(tier.medium)),
                           "expected optical, LPO, CPO, or auto");
    else
      diagnostics.error_at(tier.key,
                           fmt::format("no {} of the catalogue carries {:g} Gbps ({} links)",
                                       tier.medium == "auto" ? "link" : in_quotes(tier.medium), rate_gbps, tier.name));
    return;
  }
  const Link& farthest = **std::max_element(allowed.begin(), allowed.end(),
                                            [](const Link* a, const Link* b) { return *a->reach_m < *b->reach_m; });
  const Link* would_do = media.choose("auto", rate_gbps, too_long.longest_m, tier.built_in, tier.fibre);
  diagnostics.error_at(
      tier.key,
      fmt::format("{} reaches {:g} m at {:g} Gbps ({}); {} of {} {} links are longer, up to {:g} m from {} to {}",
                  in_quotes(tier.medium), *farthest.reach_m, rate_gbps, farthest.name, too_long.links, too_long.all,
                  tier.name, too_long.longest_m, plan.name_of(too_long.run->a.rack),
                  plan.name_of(too_long.run->b.rack)),
      would_do && tier.fibre ? fmt::format("nearest that reaches: {} ({:g} m)", would_do->name, *would_do->reach_m)
      : would_do
          ? fmt::format("nearest that reaches: {} ({:g} m); auto takes copper where it reaches and optics elsewhere",
                        would_do->name, *would_do->reach_m)
          : "nothing in the catalogue reaches that far at that rate");
}

}  // namespace

void BillSum::add(const BillSum& o) {
  links += o.links;
  cables += o.cables;
  ends += o.ends;
  modules += o.modules;
  metres += o.metres;
  power_w += o.power_w;
  price_usd += o.price_usd;
  price_cny += o.price_cny;
  failures_per_year += o.failures_per_year;
  unknown_price += o.unknown_price;
  unknown_power += o.unknown_power;
  unknown_failures += o.unknown_failures;
}

BillSwitches switches_on_bill(std::string network, const Switch& of, std::int64_t count, std::int64_t used_ports) {
  BillSwitches bill{.network = std::move(network), .name = of.name, .count = count, .used_ports = used_ports};
  if (of.power_w) bill.power_w = static_cast<double>(count) * *of.power_w;
  for (const Price& price : of.prices)
    if (const auto usd = amount_in(price.amount, unit("USD")); usd && !bill.price_usd) {
      bill.price_usd = static_cast<double>(count) * *usd;
      bill.price_date = price.date;
    }
  return bill;
}

Bill bill_of(const std::vector<CableTier>& tiers, const std::vector<CableRun>& runs, const FloorPlan& plan,
             const Catalogue& catalogue, Diagnostics& diagnostics) {
  const Media media(catalogue);
  Bill bill;
  std::vector<std::int64_t> links(tiers.size(), 0);
  for (const CableTier& tier : tiers) bill.tiers.push_back({.name = tier.name, .asked = tier.medium});
  std::map<std::pair<std::int32_t, double>, TooLong> too_long;
  for (const auto& [key, group] : grouped(tiers, runs, plan)) {
    const auto& [t, rate_gbps, length_m] = key;
    const CableTier& tier = tiers[static_cast<std::size_t>(t)];
    TooLong& of_tier = too_long[{t, rate_gbps}];
    of_tier.all += group.links;
    const Link* link = media.choose(tier.medium, rate_gbps, length_m, tier.built_in, tier.fibre);
    if (!link) {
      of_tier.links += group.links;
      of_tier.longest_m = length_m;  // lengths ascend
      of_tier.run = group.first;
      continue;
    }
    const LinkFigures one = figures_of(*link, rate_gbps, length_m);
    const BillSum sum = sum_of(one, group.links, length_m);
    const auto is_row = [&, wanted = rate_gbps](const BillRow& row) {
      return row.tier == tier.name && row.medium == link->name && row.rate_gbps == wanted;
    };
    auto row = std::find_if(bill.rows.begin(), bill.rows.end(), is_row);
    if (row == bill.rows.end())
      row = bill.rows.insert(row, {.tier = tier.name,
                                   .medium = link->name,
                                   .link_class = link->link_class,
                                   .price_date = one.price_date,
                                   .confidence = link->provenance.confidence,
                                   .rate_gbps = rate_gbps,
                                   .shortest_m = length_m});
    row->longest_m = length_m;
    row->sum.add(sum);
    bin_of(row->bins, length_m).sum.add(sum);
    bill.total.add(sum);
    BillTier& of_bill = bill.tiers[static_cast<std::size_t>(t)];
    of_bill.mean_length_m += static_cast<double>(group.links) * length_m;
    of_bill.mean_latency_s += static_cast<double>(group.links) * one.latency_s.value_or(0);
    if (!one.latency_s) of_bill.latency_unknown = link->name;
    links[static_cast<std::size_t>(t)] += group.links;
  }
  for (std::size_t t = 0; t < tiers.size(); ++t)
    if (links[t] > 0) {
      bill.tiers[t].mean_length_m /= static_cast<double>(links[t]);
      bill.tiers[t].mean_latency_s /= static_cast<double>(links[t]);
    }
  for (const auto& [key, of_tier] : too_long)
    if (of_tier.links > 0)
      report(tiers[static_cast<std::size_t>(key.first)], key.second, of_tier, plan, media, diagnostics);
  return bill;
}

}  // namespace alight
