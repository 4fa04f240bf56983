// Amounts of money in two currencies. They stay what they are until somebody converts them at a date.
#pragma once

#include <string>
#include <string_view>

#include "models/describe/date.hpp"
#include "models/economics/dated_series.hpp"

namespace alight {

enum class Currency { usd, cny };
std::string_view name_of(Currency currency);  ///< "USD", "CNY"

struct Money {
  double amount = 0;
  Currency currency = Currency::usd;
};
inline Money operator*(Money m, double times) {
  return {m.amount * times, m.currency};
}

/// Sums in both currencies, apart.
struct Purse {
  double usd = 0, cny = 0;

  Purse& operator+=(Money m) {
    (m.currency == Currency::usd ? usd : cny) += m.amount;
    return *this;
  }
  Purse& operator+=(const Purse& o) {
    usd += o.usd;
    cny += o.cny;
    return *this;
  }
};

/// The dated rate between the two, in CNY for one USD.
class ExchangeRate {
 public:
  explicit ExchangeRate(DatedSeries cny_per_usd) : cny_per_usd_(std::move(cny_per_usd)) {}

  /// An amount in another currency at that date's rate; the same currency needs no rate. The problem where the rate of
  /// that date is not known.
  Looked convert(Money money, Currency to, Date at) const;
  Looked convert(const Purse& purse, Currency to, Date at) const;

 private:
  DatedSeries cny_per_usd_;
};

}  // namespace alight
