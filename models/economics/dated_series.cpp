#include "models/economics/dated_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace alight {

namespace {

double seconds_from(Date from, Date to) {
  return static_cast<double>(to.unix_s - from.unix_s);
}

bool earlier(const DatedValue& a, const DatedValue& b) {
  return a.date < b.date;
}

}  // namespace

DatedSeries::DatedSeries(std::string name, std::vector<DatedValue> values, Between between)
    : name_(std::move(name)), values_(std::move(values)), between_(between) {
  std::sort(values_.begin(), values_.end(), earlier);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (i > 0 && values_[i].date == values_[i - 1].date)
      throw std::logic_error(name_ + " has two values of " + format_date(values_[i].date));
    if (between_ == Between::geometric && !(values_[i].value > 0))
      throw std::logic_error(name_ + " grows by shares and has a value that is not above 0");
  }
}

DatedSeries DatedSeries::always(std::string name, double value) {
  DatedSeries series(std::move(name), {{{}, value}}, Between::hold);
  series.always_ = true;
  return series;
}

bool DatedSeries::known(Date date) const {
  if (always_) return true;
  if (values_.empty() || date < values_.front().date) return false;
  return between_ == Between::hold || date <= values_.back().date;
}

Looked DatedSeries::unknown(Date date) const {
  const std::string asked = " (asked for " + format_date(date) + ")";
  if (values_.empty()) return {std::nullopt, name_ + " is not known at any date" + asked};
  if (date < values_.front().date)
    return {std::nullopt, name_ + " is not known before " + format_date(values_.front().date) + asked};
  return {std::nullopt, name_ + " is not known after " + format_date(values_.back().date) + asked};
}

double DatedSeries::value_at(Date date) const {
  const auto after = std::upper_bound(values_.begin(), values_.end(), DatedValue{date, 0}, earlier);
  if (after == values_.begin()) return values_.front().value;  // always
  const DatedValue& a = *(after - 1);
  if (between_ == Between::hold || after == values_.end()) return a.value;
  const double part = seconds_from(a.date, date) / seconds_from(a.date, after->date);
  return between_ == Between::linear ? a.value + part * (after->value - a.value)
                                     : a.value * std::pow(after->value / a.value, part);
}

Looked DatedSeries::at(Date date) const {
  if (!known(date)) return unknown(date);
  return {value_at(date), {}};
}

std::optional<Date> DatedSeries::next_change(Date date) const {
  if (always_) return std::nullopt;
  const auto after = std::upper_bound(values_.begin(), values_.end(), DatedValue{date, 0}, earlier);
  if (after == values_.end()) return std::nullopt;
  return after->date;
}

double DatedSeries::integral(Date from, Date to) const {
  const double s = seconds_from(from, to);
  const double a = value_at(from);
  if (between_ == Between::hold) return a * s;
  const double b = value_at(to);
  if (between_ == Between::linear) return (a + b) / 2 * s;
  // Of a e^(k t): (b - a) / k with k = ln(b / a) / s; for k near 0 the mean is a's and b's own.
  const double growth = std::log(b / a);
  return std::abs(growth) < 1e-8 ? (a + b) / 2 * s : (b - a) / growth * s;
}

Looked DatedSeries::mean(Date from, Date to) const {
  if (to <= from) return at(from);
  if (!known(from)) return unknown(from);
  if (!known(to)) return unknown(to);
  double sum = 0;
  for (Date t = from; t < to;) {
    const Date next = std::min(to, next_change(t).value_or(to));
    sum += integral(t, next);
    t = next;
  }
  return {sum / seconds_from(from, to), {}};
}

}  // namespace alight
