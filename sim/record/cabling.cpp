#include "sim/record/cabling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/record/summary.hpp"
#include "sim/record/text_file.hpp"

namespace alight {
namespace {

using Json = nlohmann::ordered_json;

std::string power(double w) {
  return w < 1e3   ? fmt::format("{:.3g} W", w)
         : w < 1e6 ? fmt::format("{:.4g} kW", w / 1e3)
                   : fmt::format("{:.4g} MW", w / 1e6);
}
std::string money(double amount, const char* currency) {
  return amount < 1e6 ? fmt::format("{} {}", with_commas(std::llround(amount)), currency)
                      : fmt::format("{:.4g} million {}", amount / 1e6, currency);
}
std::string length(double m) {
  return m < 1e4 ? fmt::format("{:.4g} m", m) : fmt::format("{:.4g} km", m / 1e3);
}

std::string figures(const BillSum& sum) {
  std::string text = power(sum.power_w);
  if (sum.unknown_power > 0) text += fmt::format(" (of {} links unknown)", with_commas(sum.unknown_power));
  if (sum.price_usd > 0 || sum.price_cny == 0) text += "   " + money(sum.price_usd, "USD");
  if (sum.price_cny > 0) text += "   " + money(sum.price_cny, "CNY");
  if (sum.unknown_price > 0) text += fmt::format(" (of {} links unknown)", with_commas(sum.unknown_price));
  text += fmt::format("   {:.4g} failures a year", sum.failures_per_year);
  if (sum.unknown_failures > 0) text += fmt::format(" (of {} links unknown)", with_commas(sum.unknown_failures));
  return text;
}

/// "2025, undated": of what days the prices are.
std::string price_dates(const Bill& bill) {
  std::vector<std::string> dates;
  for (const BillRow& row : bill.rows) {
    if (row.sum.unknown_price == row.sum.links) continue;
    const std::string date = row.price_date.empty() ? "undated" : row.price_date;
    if (std::find(dates.begin(), dates.end(), date) == dates.end()) dates.push_back(date);
  }
  std::sort(dates.begin(), dates.end());
  return fmt::format("{}", fmt::join(dates, ", "));
}

std::string row_line(const BillRow& row) {
  const std::string lengths = row.shortest_m == row.longest_m
                                  ? fmt::format("{:.4g} m", row.longest_m)
                                  : fmt::format("{:.4g} to {:.4g} m", row.shortest_m, row.longest_m);
  return fmt::format("{}: {} x {}{}, {}   {}", row.tier, with_commas(row.sum.links), row.medium,
                     row.sum.modules > 0               ? fmt::format(" ({} modules)", with_commas(row.sum.modules))
                     : row.sum.cables != row.sum.links ? fmt::format(" ({} cables)", with_commas(row.sum.cables))
                                                       : "",
                     lengths, figures(row.sum));
}

std::string switches_line(const BillSwitches& of) {
  std::string text =
      fmt::format("{}: {} x {}, {} ports used", of.network, with_commas(of.count), of.name, with_commas(of.used_ports));
  text += "   " + (of.power_w ? power(*of.power_w) : std::string("power unknown"));
  text += "   " + (of.price_usd ? money(*of.price_usd, "USD") : std::string("price unknown"));
  return text + " (beside the links)";
}

Json json(const BillSwitches& of) {
  return {{"network", of.network},
          {"switch", of.name},
          {"count", of.count},
          {"used_ports", of.used_ports},
          {"power_w", of.power_w ? Json(*of.power_w) : Json(nullptr)},
          {"price_usd", of.price_usd ? Json(*of.price_usd) : Json(nullptr)},
          {"price_date", of.price_date.empty() ? Json(nullptr) : Json(of.price_date)}};
}

Json json(const BillSum& sum) {
  Json out = {{"links", sum.links},         {"cables", sum.cables},       {"ends", sum.ends},
              {"modules", sum.modules},     {"metres", sum.metres},       {"power_w", sum.power_w},
              {"price_usd", sum.price_usd}, {"price_cny", sum.price_cny}, {"failures_per_year", sum.failures_per_year}};
  for (const auto& [key, links] : {std::pair{"links_of_unknown_power", sum.unknown_power},
                                   {"links_of_unknown_price", sum.unknown_price},
                                   {"links_of_unknown_failures", sum.unknown_failures}})
    if (links > 0) out[key] = links;
  return out;
}

/// A sum as a field; empty where the catalogue does not know it.
std::string known(double value, std::int64_t unknown) {
  return unknown > 0 ? std::string() : fmt::format("{}", value);
}

}  // namespace

std::vector<std::string> bill_lines(const Bill& bill, const Site& site) {
  std::vector<std::string> lines;
  if (bill.empty()) return lines;
  lines.push_back(fmt::format("{} links, {} cables, {} modules, {}   {}   prices: {}", with_commas(bill.total.links),
                              with_commas(bill.total.cables), with_commas(bill.total.modules),
                              length(bill.total.metres), figures(bill.total), price_dates(bill)));
  for (const BillRow& row : bill.rows) lines.push_back(row_line(row));
  for (const BillSwitches& switches : bill.optical_switches) lines.push_back(switches_line(switches));
  std::string latencies;
  for (const Tier& tier : site.tiers)
    if (tier.latency_s > 0)
      latencies += fmt::format("{}{} {:.4g} ns", latencies.empty() ? "" : ", ", tier.name, tier.latency_s * 1e9);
  if (!latencies.empty()) lines.push_back("latency of a link: " + latencies);
  return lines;
}

Json bill_json(const Bill& bill, const Site& site) {
  Json out = json(bill.total);
  Json tiers = Json::array();
  for (const BillTier& tier : bill.tiers) {
    Json one = {{"tier", tier.name},
                {"asked", tier.asked},
                {"mean_length_m", tier.mean_length_m},
                {"medium_latency_s", tier.mean_latency_s}};
    for (const Tier& of_site : site.tiers)
      if (of_site.name == tier.name) one["latency_s"] = of_site.latency_s;
    tiers.push_back(one);
  }
  out["tiers"] = tiers;
  Json media = Json::array();
  for (const BillRow& row : bill.rows) {
    Json one = {{"tier", row.tier},
                {"medium", row.medium},
                {"class", row.link_class},
                {"rate_gbps", row.rate_gbps},
                {"shortest_m", row.shortest_m},
                {"longest_m", row.longest_m},
                {"price_date", row.price_date.empty() ? Json(nullptr) : Json(row.price_date)}};
    one.update(json(row.sum));
    media.push_back(one);
  }
  out["media"] = media;
  if (!bill.optical_switches.empty()) {
    Json switches = Json::array();
    for (const BillSwitches& of : bill.optical_switches) switches.push_back(json(of));
    out["optical_switches"] = switches;
  }
  return out;
}

std::string write_cables(const std::filesystem::path& file, const Bill& bill) {
  TextFile out(file);
  out.add(
      "tier,medium,class,rate_gbps,over_m,to_m,links,cables,ends,modules,metres,power_w,price_usd,price_cny,price_date,"
      "failures_per_year\n");
  for (const BillRow& row : bill.rows)
    for (const BillBin& bin : row.bins) {
      const BillSum& sum = bin.sum;
      out.print("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(row.tier), csv_field(row.medium),
                csv_field(row.link_class), row.rate_gbps, bin.over_m, bin.to_m, sum.links, sum.cables, sum.ends,
                sum.modules, sum.metres, known(sum.power_w, sum.unknown_power),
                sum.price_cny > 0 ? std::string() : known(sum.price_usd, sum.unknown_price),
                sum.price_cny > 0 ? fmt::format("{}", sum.price_cny) : std::string(), csv_field(row.price_date),
                known(sum.failures_per_year, sum.unknown_failures));
    }
  return out.close();
}

std::vector<std::string> low_confidence_media(const Bill& bill) {
  std::vector<std::string> out;
  for (const BillRow& row : bill.rows) {
    const std::string text = row.medium + ": power, price and failure rate of links (low confidence)";
    if (row.confidence == "low" && std::find(out.begin(), out.end(), text) == out.end()) out.push_back(text);
  }
  return out;
}

}  // namespace alight
