// The built-in catalogue: complete, sourced, extensible, and what the command line prints of it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/cli/catalog.hpp"
#include "sim/config/yaml.hpp"
#include "tests/support/built_in_catalogue.hpp"

using namespace alight;
using test::built_in_catalogue;

namespace {

template <class T>
void check_provenance(const CatalogueTable<T>& table) {
  for (const T& entry : table.entries()) {
    INFO(entry.name);
    CHECK_FALSE(entry.provenance.source.empty());
    CHECK_FALSE(entry.provenance.confidence.empty());
    CHECK_FALSE(entry.provenance.basis.empty());
    for (const std::string& key : entry.provenance.estimates) {
      INFO(key);
      const auto low = low_confidence(entry);
      CHECK(std::find(low.begin(), low.end(), key) != low.end());
    }
    if constexpr (requires { entry.prices; })
      for (const Price& price : entry.prices) CHECK((price.date.empty() || first_date(price.date)));
  }
}

std::string printed(std::string_view kind, CatalogFormat format) {
  std::ostringstream out, err;
  REQUIRE(catalog_list(built_in_catalogue(), kind, format, out, err) == 0);
  REQUIRE(err.str().empty());
  return out.str();
}

}  // namespace

TEST_CASE("every built-in entry says where it is from and how sure it is") {
  const Catalogue& c = built_in_catalogue();
  check_provenance(c.chips());
  check_provenance(c.servers());
  check_provenance(c.links());
  check_provenance(c.switches());
  check_provenance(c.nics());
  check_provenance(c.cooling());
  check_provenance(c.prices());
  check_provenance(c.facts());
  CHECK(c.chips().entries().size() >= 100);
}

TEST_CASE("no value of the catalogue is a zero that stands for unknown") {
  for (const Chip& chip : built_in_catalogue().chips().entries()) {
    INFO(chip.name);
    for (const auto& value : {chip.bf16_tflops, chip.fp8_tflops, chip.int8_tops, chip.memory_gb, chip.memory_gbs,
                              chip.die_mm2, chip.tdp_w, chip.idle_w, chip.scale_up_gbs, chip.scale_out_gbps})
      CHECK((!value || *value > 0));
  }
}

TEST_CASE("names that traces and people use are found") {
  const Catalogue& c = built_in_catalogue();
  for (const char* name : {"H100",
                           "H100 SXM5 80GB",
                           "V100",
                           "V100M16",
                           "V100M32",
                           "P100",
                           "T4",
                           "A10",
                           "G2",
                           "G3",
                           "MISC",
                           "910B3",
                           "910B",
                           "P800",
                           "H20",
                           "A100",
                           "Titan RTX",
                           "RTX 2080",
                           "RTX 2080 Ti",
                           "RTX 3090",
                           "GH200",
                           "Processor core",
                           "Abstract chip",
                           "TPU v7",
                           "Rubin",
                           "K100_AI",
                           "PPU"}) {
    INFO(name);
    CHECK(c.find_chip(name));
  }
  for (const char* name : {"HGX H20", "Atlas 800T A2", "Kunlun P800 8-way", "DGX H100", "GB200 NVL72", "CloudMatrix384",
                           "Flat host", "CPU node", "Philly 8-GPU", "Philly 2-GPU", "Helios Venus node",
                           "Acme Seren node", "openb 2x T4, 104 cores, 512 GiB", "openb no GPU, 32 cores, 256 GiB"}) {
    INFO(name);
    CHECK(c.find_server(name));
  }
  CHECK(c.find_link("optical DR4"));
  CHECK(c.find_chip("V100M16")->memory_gb == Approx(16));
  CHECK(c.find_chip("V100M32")->memory_gb == Approx(32));
}

TEST_CASE("the openb servers hold the 1,523 nodes and 6,212 GPUs of their notes") {
  std::int64_t nodes = 0, gpus = 0;
  for (const Server& server : built_in_catalogue().servers().entries()) {
    if (!server.name.starts_with("openb ")) continue;
    const auto count = std::stoll(server.provenance.note);
    nodes += count;
    gpus += count * server.chips;
  }
  CHECK(nodes == 1523);
  CHECK(gpus == 6212);
}

TEST_CASE("a user adds a chip in a few lines") {
  Catalogue catalogue = built_in_catalogue();
  Diagnostics diagnostics;
  const auto tree = parse_yaml("chips:\n  My H100:\n    like: H100\n    memory: 96 GB\n", "mine.yaml", diagnostics);
  REQUIRE(tree);
  catalogue.add(*tree, diagnostics);
  catalogue.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(catalogue.find_chip("my h100")->memory_gb == Approx(96));
  CHECK(catalogue.find_chip("my h100")->bf16_tflops == Approx(989.5));
  CHECK(built_in_catalogue().find_chip("My H100") == nullptr);
}

TEST_CASE("lists have a row per entry in every format") {
  for (const std::string& kind : Catalogue::kinds()) {
    INFO(kind);
    const auto names = built_in_catalogue().names(kind);
    const std::string table = printed(kind, CatalogFormat::table);
    const auto json = nlohmann::json::parse(printed(kind, CatalogFormat::json));
    const std::string csv = printed(kind, CatalogFormat::csv);
    CHECK(json.size() == names.size());
    CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == names.size() + 1);
    for (std::size_t i = 0; i < names.size(); ++i) {
      CHECK(json[i]["name"] == names[i]);
      CHECK(table.find(names[i]) != std::string::npos);
    }
  }
  std::ostringstream out, err;
  CHECK(catalog_list(built_in_catalogue(), "chip", CatalogFormat::table, out, err) == 2);
  CHECK(err.str().find("did you mean \"chips\"?") != std::string::npos);
}

TEST_CASE("show prints every value with its unit, source and export status") {
  std::ostringstream out, err;
  REQUIRE(catalog_show(built_in_catalogue(), "h100", CatalogFormat::table, out, err) == 0);
  const std::string text = out.str();
  CHECK(text.find("989.5 TFLOPS") != std::string::npos);
  CHECK(text.find("30000 USD (2023-24") != std::string::npos);
  CHECK(text.find("controlled by 3A090.a: TPP 15832 >= 4800") != std::string::npos);
  CHECK(text.find("stas00/ml-engineering") != std::string::npos);
  std::ostringstream as_json;
  REQUIRE(catalog_show(built_in_catalogue(), "h100", CatalogFormat::json, as_json, err) == 0);
  const auto json = nlohmann::json::parse(as_json.str());
  CHECK(json["memory (GB)"] == 80);
  CHECK(json["export"][0]["status"] == "controlled");
  std::ostringstream nothing;
  CHECK(catalog_show(built_in_catalogue(), "H1000", CatalogFormat::table, nothing, err) == 2);
  CHECK(err.str().find("did you mean") != std::string::npos);
}
