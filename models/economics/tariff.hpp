// What electricity costs and what carbon it carries: flat, by the hour of the day, or hour by hour; and what the
// highest draw of a month costs beside it.
#pragma once

#include <cstdint>
#include <vector>

#include "models/economics/dated_series.hpp"
#include "models/economics/money.hpp"

namespace alight {

/// A price for some hours of every day, by the clock of the place. A window may pass midnight: from 22 h to 6 h.
struct TariffWindow {
  double from_h = 0, to_h = 24;
  double price = 0;  ///< per kWh
};

/// Something per kWh at every instant: money of one currency, or gCO2.
class Tariff {
 public:
  /// A dated price; a flat one is DatedSeries::always(), an hourly one a series that holds.
  explicit Tariff(DatedSeries price) : price_(std::move(price)) {}
  /// By time of day: the first window that holds an hour, else `elsewhere`.
  Tariff(std::vector<TariffWindow> windows, double elsewhere, std::int64_t utc_offset_s);

  Looked at(Date date) const;
  /// Of a load of 1 kW over [from, to): price x hours, exact.
  Looked per_kw(Date from, Date to) const;

 private:
  double of_day(std::int64_t second) const;
  double per_kw_of_day(std::int64_t from, std::int64_t to) const;

  DatedSeries price_;
  bool daily_ = false;
  std::vector<TariffWindow> windows_;
  double elsewhere_ = 0;
  std::int64_t utc_offset_s_ = 0;
};

/// A load that holds from a date to the next one.
struct Load {
  Date from;
  double kw = 0;
};

struct ElectricityMonth {
  Date month;
  double kwh = 0;
  double energy = 0;   ///< cost of it
  double peak_kw = 0;  ///< the highest mean of any window of the demand charge
  double demand = 0;   ///< cost of it
};

/// The highest draw of a month is paid for by the kW, as the mean over windows that divide the hour.
struct DemandCharge {
  double per_kw_month = 0;
  std::int64_t window_s = 900;
};

struct ElectricityBill {
  std::vector<ElectricityMonth> months;  ///< of the calendar, in UTC, those with time in them
  std::string problem;                   ///< why there is no bill, or empty
  double kwh() const;
  double total() const;
};

/// Loads in order of their dates, the last until `to`.
ElectricityBill electricity_bill(const std::vector<Load>& loads, Date to, const Tariff& tariff,
                                 const DemandCharge& demand = {});

/// Kilograms of CO2 of those loads, at gCO2 per kWh.
Looked carbon_kg(const std::vector<Load>& loads, Date to, const Tariff& intensity);

}  // namespace alight
