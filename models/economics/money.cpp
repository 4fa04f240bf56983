#include "models/economics/money.hpp"

namespace alight {

std::string_view name_of(Currency currency) {
  return currency == Currency::usd ? "USD" : "CNY";
}

Looked ExchangeRate::convert(Money money, Currency to, Date at) const {
  if (money.currency == to || money.amount == 0) return {money.amount, {}};
  const Looked rate = cny_per_usd_.at(at);
  if (!rate.value) return rate;
  return {to == Currency::cny ? money.amount * *rate.value : money.amount / *rate.value, {}};
}

Looked ExchangeRate::convert(const Purse& purse, Currency to, Date at) const {
  const Looked usd = convert(Money{purse.usd, Currency::usd}, to, at);
  const Looked cny = convert(Money{purse.cny, Currency::cny}, to, at);
  if (!usd.value) return usd;
  if (!cny.value) return cny;
  return {*usd.value + *cny.value, {}};
}

}  // namespace alight
