#include "platforms/catalogue/entries.hpp"

#include <array>
#include <utility>

namespace alight {

namespace {

constexpr const char* kPricesDoc = "What one cost, and when.";

}  // namespace

std::optional<Amount> parse_amount(std::string_view text) {
  const std::size_t space = text.find(' ');
  const auto number = parse_number(text.substr(0, space));
  if (!number) return std::nullopt;
  Amount amount{*number, {}};
  if (space != std::string_view::npos) {
    const std::size_t begin = text.find_first_not_of(' ', space);
    if (begin != std::string_view::npos) amount.unit = std::string(text.substr(begin));
  }
  return amount;
}

std::optional<double> amount_in(std::string_view text, Unit to) {
  return text.empty() ? std::nullopt : parse_quantity(text, to).value;
}

std::optional<Date> first_date(std::string_view text) {
  const auto digits = [&](std::size_t from, std::size_t count) {
    if (text.size() < from + count) return false;
    for (std::size_t i = from; i < from + count; ++i)
      if (text[i] < '0' || text[i] > '9') return false;
    return text.size() == from + count || text[from + count] < '0' || text[from + count] > '9';
  };
  if (!digits(0, 4)) return std::nullopt;
  const std::string year(text.substr(0, 4));
  if (text.size() > 4 && text[4] == '-' && digits(5, 2)) {
    const std::string month(text.substr(5, 2));
    if (text.size() > 7 && text[7] == '-' && digits(8, 2))
      return parse_date(year + "-" + month + "-" + std::string(text.substr(8, 2)));
    // "2025-26" spans two years: 26 is no month.
    if (const auto date = parse_date(year + "-" + month + "-01")) return date;
  }
  return parse_date(year + "-01-01");
}

const Description& Price::description() {
  static const auto d =
      describe<Price>("price", "What something cost, and when.")
          .text("amount", &Price::amount, "USD or CNY to buy one, USD/h or CNY/h to rent one.")
          .required()
          .text("date", &Price::date, "The year, month, day or span it is of; left out = unknown.")
          .text("note", &Price::note, "On what terms, and what else was quoted.")
          .check([](const Price& price, const std::string& path, Diagnostics& diagnostics) {
            for (const char* symbol : {"USD", "CNY", "USD/h", "CNY/h"})
              if (amount_in(price.amount, unit(symbol))) return;
            diagnostics.error_at(
                join_key(path, "amount"),
                "\"" + price.amount + "\" is no price; write 30000 USD, 200000 CNY, 2.5 USD/h or 18 CNY/h");
          })
          .check([](const Price& price, const std::string& path, Diagnostics& diagnostics) {
            if (price.date.empty() || first_date(price.date)) return;
            diagnostics.error_at(join_key(path, "date"),
                                 "\"" + price.date + "\" begins with no date; write 2025, 2025-06 or 2025-06-01");
          })
          .done();
  return d;
}

const Description& Chip::description() {
  static const auto d = [] {
    auto kind = begin_entry<Chip>("chip", "One accelerator. FLOP rates are dense; unknown values are left out.");
    const Range some{.min = 0};
    kind.text("vendor", &Chip::vendor, "Who sells it.")
        .text("country", &Chip::country, "Where it was designed, two letters.")
        .integer("year", &Chip::year, "Year it came or was announced for.", {.min = 1970, .max = 2100})
        .text("market", &Chip::market,
              "datacentre or consumer: what it is designed and sold for. The export rule asks.")
        .quantity("process", &Chip::process_nm, "nm", "Name of the production node.", some)
        .quantity("die", &Chip::die_mm2, "mm2", "Area of its logic dies. Used by the export rule.", some)
        .quantity("fp64", &Chip::fp64_tflops, "TFLOPS", "64-bit floating point without matrix units.", some)
        .quantity("fp32", &Chip::fp32_tflops, "TFLOPS", "32-bit floating point without matrix units.", some)
        .quantity("tf32", &Chip::tf32_tflops, "TFLOPS", "TF32 or FP32 through the matrix units.", some)
        .quantity("bf16", &Chip::bf16_tflops, "TFLOPS", "16-bit floating point. What PFLOPS in results count.", some)
        .quantity("fp8", &Chip::fp8_tflops, "TFLOPS", "8-bit floating point.", some)
        .quantity("fp4", &Chip::fp4_tflops, "TFLOPS", "4-bit floating point.", some)
        .quantity("int8", &Chip::int8_tops, "TOPS", "8-bit integer.", some)
        .quantity("memory", &Chip::memory_gb, "GB", "Memory of the chip.", some)
        .quantity("memory_bandwidth", &Chip::memory_gbs, "GB/s", "Bandwidth of that memory.", some)
        .text("memory_type", &Chip::memory_type, "Kind of that memory.")
        .text("scale_up_link", &Chip::scale_up_link, "What joins it to its neighbours.")
        .quantity("scale_up_bandwidth", &Chip::scale_up_gbs, "GB/s", "Per chip, both directions together.", some)
        .integer("scale_up_domain", &Chip::scale_up_domain, "Chips such links can join.", {.min = 1})
        .quantity("scale_out", &Chip::scale_out_gbps, "Gbps", "Network per chip, each direction.", some)
        .quantity("tdp", &Chip::tdp_w, "W", "Highest sustained power.", some)
        .quantity("idle", &Chip::idle_w, "W", "Power when powered and doing nothing.", some)
        .text("form_factor", &Chip::form_factor, "Module or card.")
        .text("cooling", &Chip::cooling, "How it is cooled.")
        .list("prices", &Chip::prices, kPricesDoc)
        .check([](const Chip& chip, const std::string& path, Diagnostics& diagnostics) {
          if (chip.market == "datacentre" || chip.market == "consumer") return;
          diagnostics.error_at(join_key(path, "market"), "\"" + chip.market + "\" is neither datacentre nor consumer",
                               did_you_mean(chip.market, {"datacentre", "consumer"}));
        });
    return end_entry(kind);
  }();
  return d;
}

const Description& Assembly::description() {
  static const auto d =
      describe<Assembly>("assembly", "What is sold or published as one: a server, a rack, a pod or a supernode.")
          .text("level", &Assembly::level, "server, rack, pod, supernode ...")
          .integer("chips", &Assembly::chips, "Chips in all.", {.min = 0})
          .integer("compute_racks", &Assembly::compute_racks, "Racks of servers.", {.min = 0})
          .integer("switch_racks", &Assembly::switch_racks, "Racks of switches.", {.min = 0})
          .quantity("power", &Assembly::power_w, "kW", "Power of all of it.", {.min = 0})
          .quantity("bf16", &Assembly::bf16_pflops, "PFLOPS", "Dense 16-bit rate of all of it, as published.",
                    {.min = 0})
          .quantity("memory", &Assembly::memory_tb, "TB", "Memory of all its chips, as published.", {.min = 0})
          .done();
  return d;
}

const Description& ScaleUpWiring::description() {
  static const auto d =
      describe<ScaleUpWiring>("scale_up_wiring", "Links of one chip to the switches of its scale-up domain, by cable.")
          .integer("links", &ScaleUpWiring::links, "Of one chip.", {.min = 1, .max = 1e6})
          .required()
          .quantity("rate", &ScaleUpWiring::rate_gbps, "Gbps", "Of one of them, each direction.", {.min = 1e-3})
          .required()
          .text("medium", &ScaleUpWiring::medium, "Catalogue name of what carries them.")
          .required()
          .done();
  return d;
}

const Description& Server::description() {
  static const auto d = [] {
    auto kind = begin_entry<Server>("server", "A server, or the tray a rack is filled with, of equal chips.");
    const Range some{.min = 0};
    kind.text("vendor", &Server::vendor, "Who sells it.")
        .integer("year", &Server::year, "Year it came or was announced for.", {.min = 1970, .max = 2100})
        .text("chip", &Server::chip, "Catalogue name of its chips.")
        .integer("chips", &Server::chips, "Chips in it; 0 for a server of processors alone.", {.min = 0, .max = 100000})
        .integer("per_rack", &Server::per_rack, "How many fill a rack.", {.min = 1, .max = 100000})
        .integer("scale_up_domain", &Server::scale_up_domain, "Chips that share the scale-up fabric.", {.min = 1})
        .text("scale_up_topology", &Server::scale_up_topology, "How that fabric is built.")
        .object("scale_up_wiring", &Server::scale_up_wiring, "Its cables, where it is not on a board.")
        .text("scale_out_topology", &Server::scale_out_topology, "The network it is designed for.")
        .quantity("power", &Server::power_w, "W", "What is provided for one, all of it: its nameplate.", some)
        .quantity("rack_power", &Server::rack_power_w, "W", "Power of a rack filled with per_rack of them.", some)
        .integer("cpu_cores", &Server::cpu_cores, "Cores of the host processors. Jobs may ask for them.", {.min = 0})
        .quantity("host_memory", &Server::host_memory_gib, "GiB", "Memory of the host. Jobs may ask for it.", some)
        .choice(
            "host_memory_type", &Server::host_memory_type,
            [] {
              return std::vector<std::string>{"DDR4", "DDR5", "LPDDR5X"};
            },
            "Memory of the host; it decides what a GB of it draws.")
        .text("host_cpu", &Server::host_cpu, "Host processors.")
        .integer("nics", &Server::nics, "Network adapters of the scale-out network.", {.min = 0})
        .quantity("nic_rate", &Server::nic_gbps, "Gbps", "Rate of one of them, each direction.", some)
        .text("cooling", &Server::cooling, "How it is cooled.")
        .object("assembly", &Server::assembly, "The unit it is sold or published in.")
        .list("prices", &Server::prices, "What one (of its assembly, where that is larger) cost, and when.")
        .check([](const Server& server, const std::string& path, Diagnostics& diagnostics) {
          if (server.chip.empty() && server.chips > 0)
            diagnostics.error_at(path, "a server with chips needs `chip`, the catalogue name of its chips");
        });
    return end_entry(kind);
  }();
  return d;
}

const std::vector<std::string>& link_classes() {
  static const std::vector<std::string> names = {"passive copper", "ACC",     "AEC", "AOC",
                                                 "backplane",      "optical", "LPO", "CPO"};
  return names;
}

const Description& Link::description() {
  static const auto priced = [] { return std::vector<std::string>{"cable", "module", "metre", "set"}; };
  static const auto d = [] {
    auto kind = begin_entry<Link>("link", "A cable, an optical link or an on-board link.");
    const Range some{.min = 0};
    kind.text("medium", &Link::medium, "What it is made of.")
        .text("variant", &Link::variant, "Connector, lanes or place.")
        .choice("class", &Link::link_class, link_classes,
                "What a tier's `medium` may ask for. Without one it is taken only where it is named.")
        .quantity("rate", &Link::rate_gbps, "Gbps", "Each direction.", some)
        .quantity("lane_rate", &Link::lane_rate_gbps, "Gbps",
                  "Of one wire pair, one way, where a link is made of several. Else one cable is one link.",
                  {.min = 0, .above_min = true})
        .quantity("reach", &Link::reach_m, "m", "Longest it can be.", some)
        .quantity("propagation", &Link::propagation_ns_m, "ns/m", "Delay of the medium.", some)
        .quantity("end_latency", &Link::end_latency_ns, "ns", "Delay added at each end.", some)
        .quantity("fec_latency", &Link::fec_latency_ns, "ns", "Delay of forward error correction, once per hop.", some)
        .quantity("power", &Link::power_w, "W", "Power of one end.", some)
        .quantity("failures", &Link::failures_per_year, "/year", "Failure rate of one end.", some)
        .quantity("mtbf", &Link::mtbf_h, "h", "Mean time between failures of one end.", some)
        .choice("price_per", &Link::price_per, priced,
                "What a price buys: a cable, a module (a link needs two), a metre of it, or a set of set_cables.")
        .integer("set_cables", &Link::set_cables, "Cables of a set.", {.min = 1})
        .list("prices", &Link::prices, kPricesDoc)
        .check([](const Link& link, const std::string& path, Diagnostics& diagnostics) {
          if (!link.prices.empty() && link.price_per.empty())
            diagnostics.error_at(join_key(path, "prices"), "needs `price_per`: cable, module, metre or set");
          if ((link.price_per == "set") != link.set_cables.has_value())
            diagnostics.error_at(join_key(path, "set_cables"), "goes with `price_per: set`, and only with it");
        });
    return end_entry(kind);
  }();
  return d;
}

namespace {

/// Switches and adapters have the same figures.
template <class S>
void add_ports(Describe<S>& kind) {
  const Range some{.min = 0};
  kind.integer("year", &S::year, "Year it came or was announced for.", {.min = 1970, .max = 2100})
      .integer("ports", &S::ports, "Ports.", {.min = 1})
      .quantity("rate", &S::rate_gbps, "Gbps", "Of one port, each direction.", some)
      .quantity("throughput", &S::throughput_tbps, "Tbps", "Of all ports, each direction.", some)
      .quantity("latency", &S::latency_ns, "ns", "Through it once.", some)
      .quantity("power", &S::power_w, "W", "Typical power, without optics.", some)
      .quantity("max_power", &S::max_power_w, "W", "Highest power.", some)
      .list("prices", &S::prices, kPricesDoc);
}

}  // namespace

const Description& Switch::description() {
  static const auto d = [] {
    auto kind = begin_entry<Switch>("switch", "A switch or switch chip, electrical or optical.");
    kind.text("vendor", &Switch::vendor, "Who sells it.")
        .text("type", &Switch::type, "What it switches.")
        .text("process", &Switch::process, "Production node.");
    add_ports(kind);
    return end_entry(kind);
  }();
  return d;
}

const Description& Nic::description() {
  static const auto d = [] {
    auto kind = begin_entry<Nic>("nic", "A network adapter.");
    kind.text("vendor", &Nic::vendor, "Who sells it.")
        .text("type", &Nic::type, "NIC or DPU.")
        .text("bus", &Nic::bus, "What joins it to the host.");
    add_ports(kind);
    return end_entry(kind);
  }();
  return d;
}

const std::vector<std::string>& heat_paths() {
  static const std::vector<std::string> paths = {"chilled air", "chilled air with economiser", "outside air",
                                                 "rear door", "liquid"};
  return paths;
}

const Description& CoolingTechnology::description() {
  static const auto d = [] {
    using T = CoolingTechnology;
    auto kind = begin_entry<T>("cooling", "A way to cool. Lists are low, typical, high.");
    kind.text("description", &T::summary, "What it is.")
        .list("pue", &T::pue, "Power of the facility over power of IT.")
        .list("density", &T::density_kw_rack, "Highest power of a rack.", "kW/rack")
        .list("capex", &T::capex_usd_kw, "Cost of the cooling plant per kW of IT load.", "USD/kW")
        .list("power_share", &T::power_share, "Pumps and fans over IT power.")
        .list("supply", &T::supply_c, "Temperature of the air or water supplied.", "C")
        .choice("heat_path", &T::heat_path, heat_paths, "How heat leaves the hall.")
        .list("liquid_share", &T::liquid_share,
              "Share of the heat of servers the liquid takes; the rest warms the air.", "", {.min = 0, .max = 1})
        .list("thermal_resistance", &T::thermal_resistance, "From chip to the air or liquid supplied, at full flow.",
              "K/W", {.min = 0})
        .list("warming", &T::warming_k_min, "How fast the supply warms at full load once its cooling is lost.", "K/min",
              {.min = 0})
        .list("throttle_after", &T::throttle_after_s, "How long chips at full load run on once cooling is lost.", "s",
              {.min = 0})
        .list("leaks", &T::leaks_per_year, "Leaks of one rack that take it down.", "/year", {.min = 0})
        .list("prices", &T::prices, kPricesDoc)
        .check([](const T& t, const std::string& path, Diagnostics& diagnostics) {
          const std::array<std::pair<const char*, const std::vector<double>*>, 10> lists = {
              {{"pue", &t.pue},
               {"density", &t.density_kw_rack},
               {"capex", &t.capex_usd_kw},
               {"power_share", &t.power_share},
               {"supply", &t.supply_c},
               {"liquid_share", &t.liquid_share},
               {"thermal_resistance", &t.thermal_resistance},
               {"warming", &t.warming_k_min},
               {"throttle_after", &t.throttle_after_s},
               {"leaks", &t.leaks_per_year}}};
          for (const auto& [key, values] : lists) {
            if (values->empty() ||
                (values->size() == 3 && (*values)[0] <= (*values)[1] && (*values)[1] <= (*values)[2]))
              continue;
            diagnostics.error_at(join_key(path, key), "needs three values, low, typical, high, in rising order");
          }
        });
    return end_entry(kind);
  }();
  return d;
}

const Description& Fact::description() {
  static const auto d = [] {
    auto kind = begin_entry<Fact>("fact", "A dated number with its range and region.");
    kind.text("category", &Fact::category, "What it is a number of: electricity, rent, reliability ...")
        .text("region", &Fact::region, "Where it holds.")
        .text("date", &Fact::date, "The year, month, day or span it is of; left out = unknown.")
        .text("low", &Fact::low, "Low end, with its unit.")
        .text("typical", &Fact::typical, "Typical or only value, with its unit.")
        .text("high", &Fact::high, "High end, with its unit.")
        .check([](const Fact& fact, const std::string& path, Diagnostics& diagnostics) {
          if (fact.low.empty() && fact.typical.empty() && fact.high.empty())
            diagnostics.error_at(path, "needs at least one of low, typical, high");
          for (const auto& [key, text] :
               {std::pair{"low", &fact.low}, {"typical", &fact.typical}, {"high", &fact.high}})
            if (!text->empty() && !parse_amount(*text))
              diagnostics.error_at(join_key(path, key), "\"" + *text + "\" does not begin with a number");
        });
    return end_entry(kind);
  }();
  return d;
}

}  // namespace alight
