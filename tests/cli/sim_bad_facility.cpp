// A building as it cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kPools = "  network:\n    leaf:";

std::string housed(const std::string& facility) {
  return with(kPools, "  facility: " + facility + "\n" + kPools);
}
std::string cooled(const std::string& more) {
  return housed("{cooling: air, " + more + "}");
}

}  // namespace

TEST_CASE("a building is accepted") {
  for (const std::string& text :
       {housed("{cooling: cold plate}"), cooled("electricity: 0.08 USD/kWh, carbon: 400 g/kWh"),
        cooled("electricity: {value: 500 CNY/MWh}, weather: {dry_bulb: -5 C, humidity: 0.9}"),
        cooled("ups: 0.97, distribution: 0.02, opaque_power: 0.7"), cooled("opaque_power: {profile: Seren}"),
        cooled("opaque_power: {quantiles: [0, 0.2, 1]}")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("buildings that cannot be are refused") {
  Judge judge;
  judge.refused_text("no cooling", housed("{ups: 0.9}"), "site.facility.cooling");
  judge.refused_text("unknown cooling", housed("{cooling: cold plates}"), "site.facility.cooling");
  judge.refused_text("empty cooling", housed("{cooling: \"\"}"), "site.facility.cooling");
  judge.refused_text("unknown key", cooled("pue: 1.2"), "site.facility.pue");
  judge.refused_text("not a mapping", housed("air"), "site.facility");
  judge.refused_text("price without a unit", cooled("electricity: 0.08"), "site.facility.electricity.value");
  judge.refused_text("price in another unit", cooled("electricity: 0.08 EUR/kWh"), "site.facility.electricity.value");
  judge.refused_text("price in words", cooled("electricity: cheap"), "site.facility.electricity.value");
  judge.refused_text("neither value nor file", cooled("electricity: {column: price}"), "site.facility.electricity");
  judge.refused_text("value and file", cooled("electricity: {value: 1 USD/kWh, file: x.csv, unit: USD/kWh}"),
                     "site.facility.electricity");
  judge.refused_text("file without a unit", cooled("electricity: {file: x.csv}"), "site.facility.electricity.unit");
  judge.refused_text("file with another unit", cooled("electricity: {file: x.csv, unit: g/kWh}"),
                     "site.facility.electricity.unit");
  judge.refused_text("file that is not there", cooled("electricity: {file: x.csv, unit: USD/kWh}"),
                     "site.facility.electricity.file");
  judge.refused_text("column of a value", cooled("carbon: {value: 400 g/kWh, column: c}"),
                     "site.facility.carbon.value");
  judge.refused_text("carbon in money", cooled("carbon: 400 USD/kWh"), "site.facility.carbon.value");
  judge.refused_text("carbon below nothing", cooled("carbon: -5 g/kWh"), "site.facility.carbon.value");
  judge.refused_text("weather that is not there", cooled("weather: x.epw"), "site.facility.weather.file");
  judge.refused_text("weather twice", cooled("weather: {file: x.epw, dry_bulb: 20 C}"), "site.facility.weather.file");
  judge.refused_text("too cold", cooled("weather: {dry_bulb: -90 C}"), "site.facility.weather.dry_bulb");
  judge.refused_text("too moist", cooled("weather: {humidity: 2}"), "site.facility.weather.humidity");
  judge.refused_text("a UPS that gains", cooled("ups: 1.1"), "site.facility.ups");
  judge.refused_text("losses of more than there is", cooled("distribution: 2"), "site.facility.distribution");
  judge.refused_text("more than the limit", cooled("opaque_power: 1.5"), "site.facility.opaque_power");
  judge.refused_text("unknown profile", cooled("opaque_power: {profile: Acme Serene}"),
                     "site.facility.opaque_power.profile");
  judge.refused_text("a profile for a share", cooled("opaque_power: Seren"), "site.facility.opaque_power");
  judge.refused_text("share and profile", cooled("opaque_power: {share: 0.5, profile: Seren}"),
                     "site.facility.opaque_power");
  judge.refused_text("profile and quantiles", cooled("opaque_power: {profile: Seren, quantiles: [0, 1]}"),
                     "site.facility.opaque_power");
  judge.refused_text("one quantile", cooled("opaque_power: {quantiles: [0.5]}"),
                     "site.facility.opaque_power.quantiles");
  judge.refused_text("quantiles that fall", cooled("opaque_power: {quantiles: [0.5, 0.4]}"),
                     "site.facility.opaque_power.quantiles");
  judge.refused_text("a quantile beyond the limit", cooled("opaque_power: {quantiles: [0.5, 1.4]}"),
                     "site.facility.opaque_power.quantiles[1]");
  judge.refused_text("weather of an hour", cooled("weather: 20 C"), "site.facility.weather.file");
  std::string hours = "Datetime (UTC),Price (USD/MWh)\n";
  for (int h = 0; h < 24; ++h) hours += "2023-01-01 " + std::string(h < 10 ? "0" : "") + std::to_string(h) + ":00,40\n";
  write_file(judge.folder / "day.csv", hours);
  judge.refused_text("prices of a day", cooled("electricity: {file: day.csv, unit: USD/MWh}"),
                     "site.facility.electricity.file");
}
