// The catalogue against the collected figures it was written from, value by value, and the export rule against the
// flags collected with them.
#include <algorithm>
#include <map>

#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using test::built_in_catalogue;
using test::csv_rows;

namespace {

/// An empty cell must be absent here, a filled one equal; `scale` brings the cell to our unit.
void same(const std::string& key, const std::string& cell, const std::optional<double>& value, double scale = 1) {
  INFO(key << ": \"" << cell << "\"");
  if (cell.empty()) {
    CHECK_FALSE(value);
  } else {
    REQUIRE(value);
    CHECK(*value == Approx(std::stod(cell) * scale).epsilon(1e-12));
  }
}
void same(const std::string& key, const std::string& cell, const std::optional<std::int64_t>& value) {
  same(key, cell, value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt);
}

std::string confidence(const std::string& letter) {
  return letter == "H" ? "high" : letter == "L" ? "low" : "medium";
}

/// The amount of the price in that unit, if the entry has one.
std::optional<double> price_in(const std::vector<Price>& prices, const char* symbol) {
  for (const Price& price : prices)
    if (const auto amount = amount_in(price.amount, unit(symbol))) return amount;
  return std::nullopt;
}

/// Names with a second name in brackets are catalogued under one of the two; all others under their own.
const Chip* chip_of(const std::string& name) {
  return built_in_catalogue().find_chip(name.substr(0, name.find(" (seed")));
}

}  // namespace

TEST_CASE("chips equal the collected ones") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/chips.csv");
  const auto rows = csv_rows(file);
  REQUIRE(rows.size() == 90);
  for (const auto& row : rows) {
    INFO(row.at("name"));
    const Chip* chip = chip_of(row.at("name"));
    REQUIRE(chip);
    CHECK(chip->vendor == row.at("vendor"));
    CHECK(chip->country == row.at("country"));
    same("year", row.at("year"), chip->year);
    same("process_nm", row.at("process_nm"), chip->process_nm);
    same("die_mm2", row.at("die_mm2"), chip->die_mm2);
    same("fp64", row.at("fp64_tflops"), chip->fp64_tflops);
    same("fp32", row.at("fp32_tflops"), chip->fp32_tflops);
    same("tf32", row.at("tf32_dense_tflops"), chip->tf32_tflops);
    same("bf16", row.at("bf16_dense_tflops"), chip->bf16_tflops);
    same("fp8", row.at("fp8_dense_tflops"), chip->fp8_tflops);
    same("fp4", row.at("fp4_dense_tflops"), chip->fp4_tflops);
    same("int8", row.at("int8_dense_tops"), chip->int8_tops);
    same("mem_gb", row.at("mem_gb"), chip->memory_gb);
    same("mem_bw_gbs", row.at("mem_bw_gbs"), chip->memory_gbs);
    same("scale-up", row.at("scaleup_gbs_bidir_per_chip"), chip->scale_up_gbs);
    same("domain", row.at("scaleup_domain"), chip->scale_up_domain);
    same("scale-out", row.at("scaleout_nic_gbps"), chip->scale_out_gbps);
    same("tdp", row.at("tdp_w"), chip->tdp_w);
    // Collected as 55 W; what Acme's A100 draw without work was measured (AcmeTrace).
    const bool measured = row.at("name") == "A100 SXM4 80GB";
    if (measured) CHECK(chip->idle_w == 64);
    same("idle", row.at("idle_w"), measured ? std::optional(55.0) : chip->idle_w);
    CHECK(chip->scale_up_link == row.at("scaleup_link"));
    CHECK(chip->form_factor == row.at("form_factor"));
    CHECK(chip->cooling == row.at("cooling"));
    same("price_usd", row.at("price_usd"), price_in(chip->prices, "USD"));
    same("price_cny", row.at("price_cny"), price_in(chip->prices, "CNY"));
    same("rent", row.at("rent_usd_h"), price_in(chip->prices, "USD/h"));
    CHECK(chip->provenance.confidence == confidence(row.at("confidence")));
  }
}

TEST_CASE("the export rule gives the collected TPP, density and flag of every chip") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/chips.csv");
  for (const auto& row : csv_rows(file)) {
    INFO(row.at("name"));
    const Chip* chip = chip_of(row.at("name"));
    REQUIRE(chip);
    const ExportFinding finding = apply(export_rules().back(), export_figures(*chip));
    REQUIRE(finding.tpp.has_value() == !row.at("tpp").empty());
    if (finding.tpp) CHECK(*finding.tpp == Approx(std::stod(row.at("tpp"))).margin(0.5));  // given as whole numbers
    REQUIRE(finding.density.has_value() == !row.at("perf_density").empty());
    if (finding.density) CHECK(*finding.density == Approx(std::stod(row.at("perf_density"))).margin(0.0051));
    const std::string flag = finding.status == ExportStatus::controlled       ? "y"
                             : finding.status == ExportStatus::not_controlled ? "n"
                                                                              : "?";
    CHECK(flag == row.at("export_controlled_oct2023"));
    CHECK((finding.paragraph == "3A090.a") == (row.at("rule_bucket").find("3A090.a") == 0));
  }
}

TEST_CASE("links equal the collected ones") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/links.csv");
  const auto& entries = built_in_catalogue().links().entries();
  const auto rows = csv_rows(file);
  REQUIRE(rows.size() == entries.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const Link& link = entries[i];
    INFO(row.at("medium") << " " << row.at("variant") << " as " << link.name);
    CHECK(link.medium == row.at("medium"));
    // A zero stands for "does not apply" in the rows of forward error correction and fibre.
    const auto unless_zero = [](const std::string& cell) { return cell == "0" ? std::string() : cell; };
    same("rate", unless_zero(row.at("rate_gbps_per_direction")), link.rate_gbps);
    same("reach", unless_zero(row.at("reach_m")), link.reach_m);
    same("propagation", unless_zero(row.at("medium_ns_per_m")), link.propagation_ns_m);
    same("end", row.at("end_latency_ns_each"), link.end_latency_ns);
    same("fec", row.at("fec_latency_ns"), link.fec_latency_ns);
    same("power", row.at("power_w_per_end"), link.power_w);
    same("failures", row.at("afr_per_year_per_end"), link.failures_per_year);
    same("mtbf", row.at("mtbf_hours"), link.mtbf_h);
    same("price", row.at("price_usd"), price_in(link.prices, "USD"));
    CHECK(link.provenance.confidence == confidence(row.at("confidence")));
  }
}

TEST_CASE("switches and NICs equal the collected ones") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/switches_nics.csv");
  const auto check = [](const test::CsvRow& row, const auto& entry) {
    same("ports", row.at("ports"), entry.ports);
    same("rate", row.at("port_gbps"), entry.rate_gbps);
    same("throughput", row.at("total_tbps_oneway"), entry.throughput_tbps);
    same("latency", row.at("latency_ns"), entry.latency_ns);
    same("power", row.at("power_typ_w"), entry.power_w);
    same("max power", row.at("power_max_w"), entry.max_power_w);
    same("year", row.at("year"), entry.year);
    // The adapter that is part of its chip has a price of 0 there: it is not sold.
    same("price", row.at("price_usd") == "0" ? "" : row.at("price_usd"), price_in(entry.prices, "USD"));
    CHECK(entry.vendor == row.at("vendor"));
    CHECK(entry.type == row.at("kind"));
    CHECK(entry.provenance.confidence == confidence(row.at("confidence")));
  };
  const auto rows = csv_rows(file);
  REQUIRE(rows.size() ==
          built_in_catalogue().switches().entries().size() + built_in_catalogue().nics().entries().size());
  for (const auto& row : rows) {
    INFO(row.at("name"));
    const Switch* found = built_in_catalogue().find_switch(row.at("name"));
    const Nic* nic = built_in_catalogue().find_nic(row.at("name"));
    REQUIRE((found || nic));
    if (found)
      check(row, *found);
    else
      check(row, *nic);
  }
}

TEST_CASE("servers, racks and pods equal the collected ones") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/servers_racks.csv");
  const std::map<std::string, std::string> named = {{"DGX H100 / HGX H100", "HGX H100"},
                                                    {"HGX/DGX H200", "HGX H200"},
                                                    {"DGX/HGX B200", "HGX B200"},
                                                    {"DGX/HGX B300", "HGX B300"},
                                                    {"TPU v5e / v6e pod", "TPU v6e pod"},
                                                    {"Atlas 800T A3 / 900 A3 node", "Atlas 800T A3"},
                                                    {"MI300X / MI325X 8-way", "MI300X 8-way"},
                                                    {"Kunlun Tianchi-256 / 512", "Tianchi-256"}};
  for (const auto& row : csv_rows(file)) {
    INFO(row.at("name"));
    const auto other = named.find(row.at("name"));
    const Server* server = built_in_catalogue().find_server(other == named.end() ? row.at("name") : other->second);
    REQUIRE(server);
    REQUIRE(server->assembly);
    CHECK(server->vendor == row.at("vendor"));
    // One row of chips is a mixture, one a chip without figures, one a pair: their notes say what stands in.
    if (const Chip* chip = chip_of(row.at("chip"))) CHECK(server->chip == chip->name);
    if (row.at("chips_per_server").empty())
      CHECK(server->chips == 1);
    else
      same("chips", row.at("chips_per_server"), std::optional<std::int64_t>(server->chips));
    same("per rack", row.at("servers_per_rack"), server->per_rack);
    same("rack power", row.at("power_kw_per_rack"), server->rack_power_w, 1000);
    const bool is_server = row.at("level").starts_with("server");
    if (is_server)
      same("power", row.at("power_kw_total"), server->power_w, 1000);
    else
      same("power", row.at("power_kw_total"), server->assembly->power_w);
    same("chips in all", row.at("chips_total"), server->assembly->chips);
    same("compute racks", row.at("compute_racks"), server->assembly->compute_racks);
    same("switch racks", row.at("switch_racks"), server->assembly->switch_racks);
    same("bf16", row.at("peak_bf16_pflops_dense"), server->assembly->bf16_pflops);
    same("memory", row.at("memory_tb"), server->assembly->memory_tb);
    same("price_usd", row.at("price_usd"), price_in(server->prices, "USD"));
    same("price_cny", row.at("price_cny"), price_in(server->prices, "CNY"));
    const std::string domain = row.at("scaleup_domain").substr(0, row.at("scaleup_domain").find('/'));
    same("domain", domain == " " ? "" : domain, server->scale_up_domain);
    CHECK(server->provenance.confidence == confidence(row.at("confidence")));
  }
}

TEST_CASE("cooling technologies equal the collected ones") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/cooling.csv");
  int compared = 0;
  for (const auto& row : csv_rows(file)) {
    if (row.at("section") != "technology") continue;
    const std::string& id = row.at("id");
    const std::size_t cut = id.rfind('_');
    const CoolingTechnology* cooling = built_in_catalogue().find_cooling(id.substr(0, cut));
    if (!cooling) continue;
    const std::string what = id.substr(cut + 1);
    const std::vector<double>* values = what == "pue"     ? &cooling->pue
                                        : what == "kw"    ? &cooling->density_kw_rack
                                        : what == "capex" ? &cooling->capex_usd_kw
                                        : what == "par"   ? &cooling->power_share
                                        : what == "sup"   ? &cooling->supply_c
                                                          : nullptr;
    if (!values) continue;
    INFO(id);
    REQUIRE(values->size() == 3);
    CHECK((*values)[0] == Approx(std::stod(row.at("min"))));
    CHECK((*values)[1] == Approx(std::stod(row.at("typical"))));
    CHECK((*values)[2] == Approx(std::stod(row.at("max"))));
    ++compared;
  }
  CHECK(compared == 35);
}

TEST_CASE("every collected economic value is among prices and facts") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/economics.csv");
  std::vector<Fact> facts = built_in_catalogue().prices().entries();
  const auto& more = built_in_catalogue().facts().entries();
  facts.insert(facts.end(), more.begin(), more.end());
  const auto equal = [](const std::string& cell, const std::string& text) {
    if (cell.empty() || text.empty()) return cell.empty() && text.empty();
    return parse_amount(text)->value == Approx(std::stod(cell));
  };
  for (const auto& row : csv_rows(file)) {
    if (row.at("min").empty() && row.at("value").empty() && row.at("max").empty()) continue;  // a sentence, no value
    // The export thresholds restated per 16-bit rate are in the note of 3A090.a; three counts that are no range are
    // in the note of the count they add up to.
    if (row.at("item") == "Seed thresholds" || row.at("item").starts_with("Q1-2025 projects")) continue;
    INFO(row.at("item") << ", " << row.at("region"));
    CHECK(std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) {
      return equal(row.at("min"), fact.low) && equal(row.at("value"), fact.typical) &&
             equal(row.at("max"), fact.high) && fact.region == row.at("region") &&
             fact.provenance.confidence == confidence(row.at("confidence"));
    }));
  }
}
