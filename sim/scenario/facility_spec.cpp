#include "sim/scenario/facility_spec.hpp"

#include "models/power/conversion.hpp"
#include "platforms/catalogue/power_profile_kind.hpp"
#include "sim/config/include.hpp"

namespace alight {

namespace {

constexpr Range kCapTime{.min = 0, .max = 1e10};
constexpr Range kCapLimit{.min = 0, .max = 1e12, .above_min = true};
constexpr Range kCapShare{.min = 0, .max = 10, .above_min = true};

template <class Spec>
void one_limit(const Spec& spec, const std::string& path, Diagnostics& out) {
  if (spec.limit_w.has_value() == spec.share.has_value()) out.error_at(path, "needs either a `limit` or a `share`");
}

void check_cap(const CapSpec& c, const std::string& path, Diagnostics& out) {
  const bool written = c.limit_w || c.share || !c.dated.empty() || !c.hours.empty();
  if (c.limit_w && c.share) out.error_at(join_key(path, "share"), "either a `limit` or a `share`");
  if (c.file && written) out.error_at(join_key(path, "file"), "has all limits in it; give it alone");
  if (!c.file && !written) out.error_at(path, "limits nothing: it needs `limit`, `share`, `dated`, `hours` or `file`");
  if (c.file && c.unit.empty()) out.error_at(join_key(path, "unit"), "is missing: W, kW or MW");
  if (!c.file && !(c.column.empty() && c.unit.empty()))
    out.error_at(path, "`column` and `unit` are of a `file`, and there is none");
  if (!c.where.empty() && (c.level == CapLevel::site || c.level == CapLevel::utility))
    out.error_at(join_key(path, "where"), "there is one site; `where` is of racks, rows and halls");
}

}  // namespace

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

const Description& CapFromSpec::description() {
  static const auto d =
      describe<CapFromSpec>("dated limit", "A power limit from a moment on, until the next one.")
          .date("from", &CapFromSpec::from, "The day; needs `start` of the scenario.")
          .quantity("after", &CapFromSpec::after_s, "s", "Or so long after the start of the run.", kCapTime)
          .quantity("limit", &CapFromSpec::limit_w, "W", "As of the cap.", kCapLimit)
          .number("share", &CapFromSpec::share, "As of the cap.", kCapShare)
          .check([](const CapFromSpec& f, const std::string& path, Diagnostics& out) {
            if (f.from.has_value() == f.after_s.has_value())
              out.error_at(path, "needs either `from` (a date) or `after` (a time)");
            one_limit(f, path, out);
          })
          .done();
  return d;
}

const Description& CapHoursSpec::description() {
  static const auto d =
      describe<CapHoursSpec>("limit by hours", "A power limit for some hours of every day.")
          .integer("from", &CapHoursSpec::from, "The hour of the day it begins with, by the calendar of `start`.",
                   {.min = 0, .max = 23})
          .required()
          .integer("to", &CapHoursSpec::to, "The hour it ends before; below `from` it goes on past midnight.",
                   {.min = 0, .max = 24})
          .required()
          .quantity("limit", &CapHoursSpec::limit_w, "W", "As of the cap.", kCapLimit)
          .number("share", &CapHoursSpec::share, "As of the cap.", kCapShare)
          .check([](const CapHoursSpec& h, const std::string& path, Diagnostics& out) {
            if (h.from == h.to) out.error_at(join_key(path, "to"), "is the hour it begins with: no time lies between");
            one_limit(h, path, out);
          })
          .done();
  return d;
}

const Description& CapSpec::description() {
  static const auto d =
      describe<CapSpec>("cap", "A limit on what a part of the site may draw, and what becomes of those who pass it.")
          .choice("level", &CapSpec::level,
                  {{"rack", CapLevel::rack},
                   {"row", CapLevel::row},
                   {"hall", CapLevel::hall},
                   {"site", CapLevel::site},
                   {"utility", CapLevel::utility}},
                  "Each rack, each row, each hall by itself; site: servers and network together; utility: what the "
                  "meter reads, with conversion and cooling.")
          .required()
          .text("where", &CapSpec::where, "Only racks of the pool, rows, or halls of that name. Default: all.")
          .choice("policy", &CapSpec::policy,
                  {{"uniform", AtCap::uniform},
                   {"by_priority", AtCap::by_priority},
                   {"switch_off", AtCap::switch_off},
                   {"refuse", AtCap::refuse}},
                  "uniform: all jobs at one lower clock; by_priority: the lowest priority first; switch_off: servers "
                  "nobody uses go off, then those of jobs of the lowest priority, and nothing starts that would pass "
                  "it; refuse: only that.")
          .quantity("limit", &CapSpec::limit_w, "W", "What may be drawn.", kCapLimit)
          .number("share", &CapSpec::share,
                  "Or what share of what its servers (and at level site the network) are provided with by their "
                  "nameplates. Not at "
                  "level utility.",
                  kCapShare)
          .list("dated", &CapSpec::dated, "Other limits from moments on.")
          .list("hours", &CapSpec::hours, "Other limits for hours of the day; they go before `dated`.")
          .text("file", &CapSpec::file, "A CSV file with a limit for each hour of a year, instead of all of these.")
          .text("column", &CapSpec::column, "Of the file. Default: the one whose name is known.")
          .text("unit", &CapSpec::unit, "Of that column: W, kW, MW.")
          .number("utc_offset", &CapSpec::utc_offset_h, "Hours that stamps without a zone are ahead of UTC.",
                  {.min = -14, .max = 14})
          .check(check_cap)
          .done();
  return d;
}

const Description& OpaquePowerSpec::description() {
  static const auto d =
      describe<OpaquePowerSpec>("opaque power",
                                "What chips draw whose job is known only by its duration, of the span from idle to the "
                                "limit: all the same, or each job its own share of a distribution.")
          .number("share", &OpaquePowerSpec::share, "All the same. Default: 0.5.", {.min = 0, .max = 1})
          .text("profile", &OpaquePowerSpec::profile,
                "A distribution of `alight catalog list power_profiles`; each job draws its share from it, by chance.")
          .list("quantiles", &OpaquePowerSpec::quantiles,
                "Or a distribution of your own: shares at even steps, from the least to the greatest.", "",
                {.min = 0, .max = 1})
          .shorthand("share")
          .check([](const OpaquePowerSpec& o, const std::string& path, Diagnostics& out) {
            if (o.share.has_value() + o.profile.has_value() + !o.quantiles.empty() > 1)
              out.error_at(path, "says it in several ways", "keep one of share, profile, quantiles");
            check_quantiles(o.quantiles, join_key(path, "quantiles"), out);
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
          .object("opaque_power", &FacilitySpec::opaque_power,
                  "Of the span from idle to the limit, what chips draw whose job is known only by its duration: a "
                  "share, or a distribution of which each job has its own. Default: 0.5; chips with work of Acme's "
                  "Seren drew 0.45 on average, of Kalos 0.57.")
          .list("caps", &FacilitySpec::caps, "Limits on what parts of the site may draw. Default: none.")
          .quantity("control_interval", &FacilitySpec::control_interval_s, "s",
                    "Within it a cap is kept again after something changed. The default is that of Facebook's "
                    "controllers of racks and rows (Q. Wu et al., Dynamo, ISCA 2016, as remembered).",
                    {.min = 0, .max = 3600, .above_min = true})
          .choice("dense_racks", &FacilitySpec::dense_racks,
                  {{"unpowered", DenseRacks::unpowered}, {"carried", DenseRacks::carried}},
                  "Servers of a rack that by their nameplates are beyond what its cooling carries: unpowered from the "
                  "start, or carried "
                  "nevertheless.")
          .object("heat", &FacilitySpec::heat,
                  "What warmth does to chips, jobs and servers. Default: nothing; supplies are held whatever comes.")
          .done();
  return d;
}

void make_absolute(FacilitySpec& spec, const std::string& key, const Diagnostics& diagnostics) {
  if (spec.weather) make_absolute(spec.weather->file, join_key(key, "weather.file"), diagnostics);
  if (spec.electricity) make_absolute(spec.electricity->file, join_key(key, "electricity.file"), diagnostics);
  if (spec.carbon) make_absolute(spec.carbon->file, join_key(key, "carbon.file"), diagnostics);
  for (std::size_t c = 0; c < spec.caps.size(); ++c)
    make_absolute(spec.caps[c].file, join_key(key, "caps[" + std::to_string(c) + "].file"), diagnostics);
}

}  // namespace alight
