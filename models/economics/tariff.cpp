#include "models/economics/tariff.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/economics/calendar.hpp"

namespace alight {

namespace {

/// Hours of a day that lie in a window, as at most two spans of seconds.
std::vector<std::pair<std::int64_t, std::int64_t>> spans_of(const TariffWindow& w) {
  const auto second = [](double hour) { return static_cast<std::int64_t>(std::llround(hour * 3600)); };
  const std::int64_t from = second(w.from_h), to = second(w.to_h);
  if (from <= to) return {{from, to}};
  return {{from, kCalendarDay}, {0, to}};
}

}  // namespace

Tariff::Tariff(std::vector<TariffWindow> windows, double elsewhere, std::int64_t utc_offset_s)
    : daily_(true), windows_(std::move(windows)), elsewhere_(elsewhere), utc_offset_s_(utc_offset_s) {}

double Tariff::of_day(std::int64_t second) const {
  for (const TariffWindow& w : windows_)
    for (const auto& [from, to] : spans_of(w))
      if (second >= from && second < to) return w.price;
  return elsewhere_;
}

double Tariff::per_kw_of_day(std::int64_t from, std::int64_t to) const {
  std::vector<std::int64_t> cuts = {from, to};
  for (const TariffWindow& w : windows_)
    for (const auto& [begin, end] : spans_of(w)) {
      cuts.push_back(std::clamp(begin, from, to));
      cuts.push_back(std::clamp(end, from, to));
    }
  std::sort(cuts.begin(), cuts.end());
  double sum = 0;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    if (cuts[i + 1] > cuts[i]) sum += of_day(cuts[i]) * static_cast<double>(cuts[i + 1] - cuts[i]) / 3600;
  return sum;
}

Looked Tariff::at(Date date) const {
  if (daily_) return {of_day(second_of_day(date, utc_offset_s_)), {}};
  return price_.at(date);
}

Looked Tariff::per_kw(Date from, Date to) const {
  if (to <= from) return {0.0, {}};
  if (!daily_) {
    Looked mean = price_.mean(from, to);
    if (mean.value) *mean.value *= hours_between(from, to);
    return mean;
  }
  const std::int64_t begin = second_of_day(from, utc_offset_s_);
  const std::int64_t length = to.unix_s - from.unix_s;
  const std::int64_t first = std::min(length, kCalendarDay - begin);
  const std::int64_t days = (length - first) / kCalendarDay;
  double sum = per_kw_of_day(begin, begin + first);
  if (days > 0) sum += static_cast<double>(days) * per_kw_of_day(0, kCalendarDay);
  return {sum + per_kw_of_day(0, length - first - days * kCalendarDay), {}};
}

double ElectricityBill::kwh() const {
  double sum = 0;
  for (const ElectricityMonth& m : months) sum += m.kwh;
  return sum;
}

double ElectricityBill::total() const {
  double sum = 0;
  for (const ElectricityMonth& m : months) sum += m.energy + m.demand;
  return sum;
}

ElectricityBill electricity_bill(const std::vector<Load>& loads, Date to, const Tariff& tariff,
                                 const DemandCharge& demand) {
  ElectricityBill bill;
  std::int64_t window = 0;  // number of the one that is being filled
  double window_kwh = 0;
  const auto close_window = [&] {
    if (bill.months.empty()) return;
    const double kw = window_kwh / (static_cast<double>(demand.window_s) / 3600);
    bill.months.back().peak_kw = std::max(bill.months.back().peak_kw, kw);
    window_kwh = 0;
  };
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const Date end = i + 1 < loads.size() ? std::min(to, loads[i + 1].from) : to;
    for (Date t = loads[i].from; t < end;) {
      const Date month = month_of(t);
      if (bill.months.empty() || bill.months.back().month != month) {
        close_window();
        bill.months.push_back({.month = month});
      }
      const Date next = std::min(end, month_after(t));
      ElectricityMonth& m = bill.months.back();
      const double kw = loads[i].kw;
      m.kwh += kw * hours_between(t, next);
      const Looked cost = tariff.per_kw(t, next);
      if (!cost.value) return {{}, cost.problem};
      m.energy += kw * *cost.value;
      // Windows that a load fills whole have its own mean; those it begins or ends in are shared.
      const std::int64_t w = demand.window_s;
      for (Date s = t; s < next;) {
        const std::int64_t number = s.unix_s / w;
        if (number != window) close_window();
        window = number;
        const Date window_end{std::min(next.unix_s, (number + 1) * w)};
        window_kwh += kw * hours_between(s, window_end);
        s = window_end;
        const std::int64_t whole = (next.unix_s - s.unix_s) / w;
        if (s.unix_s % w == 0 && whole > 1) {
          close_window();
          m.peak_kw = std::max(m.peak_kw, kw);
          s.unix_s += whole * w;
        }
      }
      t = next;
    }
  }
  close_window();
  for (ElectricityMonth& m : bill.months) m.demand = m.peak_kw * demand.per_kw_month;
  return bill;
}

Looked carbon_kg(const std::vector<Load>& loads, Date to, const Tariff& intensity) {
  double grams = 0;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const Date end = i + 1 < loads.size() ? std::min(to, loads[i + 1].from) : to;
    const Looked per_kw = intensity.per_kw(loads[i].from, end);
    if (!per_kw.value) return per_kw;
    grams += loads[i].kw * *per_kw.value;
  }
  return {grams / 1000, {}};
}

}  // namespace alight
