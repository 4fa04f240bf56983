#include "sim/scenario/facility_spec.hpp"

#include "models/power/conversion.hpp"
#include "sim/config/include.hpp"

namespace alight {

const Description& WeatherSpec::description() {
  static const auto d =
      describe<WeatherSpec>("weather", "The air outside: a file, or the same at all times.")
          .text(
              "file", &WeatherSpec::file,
              "Hourly weather: EnergyPlus' EPW, or JSON of Open-Meteo; plain or compressed. By the calendar it stands "
              "for other years too.")
          .quantity("dry_bulb", &WeatherSpec::dry_bulb_c, "C", "Temperature at all times. Default: 20 C.",
                    {.min = -60, .max = 60})
          .number("humidity", &WeatherSpec::humidity, "Relative humidity at all times. Default: 0.5.",
                  {.min = 0, .max = 1})
          .shorthand("file")
          .check([](const WeatherSpec& w, const std::string& path, Diagnostics& out) {
            if (w.file && (w.dry_bulb_c || w.humidity))
              out.error_at(join_key(path, "file"), "either a file, or `dry_bulb` and `humidity`");
          })
          .done();
  return d;
}

const Description& HourlySpec::description() {
  static const auto d =
      describe<HourlySpec>("hourly", "Something per kWh: the same at all times, or hour by hour from a file.")
          .text("value", &HourlySpec::value, "At all times, with its unit: 0.08 USD/kWh, 0.5 CNY/kWh, 400 g/kWh.")
          .text("file", &HourlySpec::file, "A CSV file with a row for each hour, plain or compressed.")
          .text("column", &HourlySpec::column, "Of the file. Default: the one whose name is known.")
          .text("unit", &HourlySpec::unit, "Of that column: USD/kWh, USD/MWh, CNY/kWh, CNY/MWh; g/kWh.")
          .number("utc_offset", &HourlySpec::utc_offset_h, "Hours that stamps without a zone are ahead of UTC.",
                  {.min = -14, .max = 14})
          .shorthand("value")
          .check([](const HourlySpec& h, const std::string& path, Diagnostics& out) {
            if (h.value.has_value() == h.file.has_value()) out.error_at(path, "needs either a `value` or a `file`");
            if (h.file && h.unit.empty())
              out.error_at(join_key(path, "unit"), "is missing: what the column is counted in, e.g. USD/MWh");
            if (h.value && !(h.column.empty() && h.unit.empty()))
              out.error_at(join_key(path, "value"), "has its unit with it; `column` and `unit` are of a file");
          })
          .done();
  return d;
}

FacilitySpec::FacilitySpec() : ups_efficiency(kUpsEfficiency), distribution_loss(kDistributionLoss) {}

const Description& FacilitySpec::description() {
  static const auto d =
      describe<FacilitySpec>("facility",
                             "The building: with it a run counts energy, cooling, water and what they cost "
                             "(docs/facility.md).")
          .text("cooling", &FacilitySpec::cooling,
                "How servers are cooled: a name of `alight catalog list cooling`. A pool may have its own.")
          .required()
          .object("weather", &FacilitySpec::weather, "The air outside. Default: 20 C, half saturated.")
          .object("electricity", &FacilitySpec::electricity, "What a kWh costs. Default: not counted.")
          .object("carbon", &FacilitySpec::carbon, "What a kWh emits, gCO2. Default: not counted.")
          .number("ups", &FacilitySpec::ups_efficiency,
                  "Efficiency of the uninterruptible power supply at full load. Default: Lei & Masanet's example.",
                  {.min = 0.5, .max = 1})
          .number("distribution", &FacilitySpec::distribution_loss,
                  "Share that distribution loses at full load. Default: likewise.", {.min = 0, .max = 0.5})
          .number("opaque_power", &FacilitySpec::opaque_power,
                  "Of the span from idle to the limit, what chips draw whose job is known only by its duration. The "
                  "default is an assumption.",
                  {.min = 0, .max = 1})
          .done();
  return d;
}

void make_absolute(FacilitySpec& spec, const std::string& key, const Diagnostics& diagnostics) {
  if (spec.weather) make_absolute(spec.weather->file, join_key(key, "weather.file"), diagnostics);
  if (spec.electricity) make_absolute(spec.electricity->file, join_key(key, "electricity.file"), diagnostics);
  if (spec.carbon) make_absolute(spec.carbon->file, join_key(key, "carbon.file"), diagnostics);
}

}  // namespace alight
