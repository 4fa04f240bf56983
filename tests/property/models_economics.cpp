// Money as it must be whatever the numbers: parts sum to wholes, cuts change nothing, more is more.
#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "models/economics/calendar.hpp"
#include "models/economics/capital.hpp"
#include "models/economics/cash.hpp"
#include "models/economics/elasticity.hpp"
#include "models/economics/revenue.hpp"
#include "models/economics/running_cost.hpp"
#include "models/economics/tariff.hpp"
#include "models/economics/unit_costs.hpp"
#include "models/random/streams.hpp"

using namespace alight;

namespace {

double uniform(Stream& s, double from, double to) {
  return boost::random::uniform_real_distribution<double>(from, to)(s);
}
std::int64_t whole_number(Stream& s, std::int64_t from, std::int64_t to) {
  return boost::random::uniform_int_distribution<std::int64_t>(from, to)(s);
}
Date date(Stream& s) {
  return {whole_number(s, 1704067200, 1767225600)};  // 2024 and 2025
}

DatedSeries random_series(Stream& s, DatedSeries::Between between) {
  std::vector<DatedValue> values = {{{1704067200}, uniform(s, 0.1, 9)}, {{1767225600}, uniform(s, 0.1, 9)}};
  for (std::int64_t i = whole_number(s, 0, 20); i-- > 0;) {
    const Date at{1704067200 + whole_number(s, 1, 700) * 86400 + i};
    values.push_back({at, uniform(s, 0.1, 9)});
  }
  return {"random", values, between};
}

Tariff random_tariff(Stream& s) {
  if (whole_number(s, 0, 1)) return Tariff(random_series(s, DatedSeries::Between::hold));
  std::vector<TariffWindow> windows;
  for (std::int64_t i = whole_number(s, 0, 4); i-- > 0;)
    windows.push_back({uniform(s, 0, 24), uniform(s, 0, 24), uniform(s, 0.1, 2)});
  return {windows, uniform(s, 0.1, 2), whole_number(s, -12, 14) * 3600};
}

std::vector<Load> random_loads(Stream& s, Date& to) {
  std::vector<Load> loads;
  Date t = date(s);
  for (std::int64_t i = whole_number(s, 1, 30); i-- > 0;) {
    loads.push_back({t, uniform(s, 0, 500)});
    t.unix_s += whole_number(s, 1, 5 * 86400);
  }
  to = std::min(t, Date{1767225600});
  loads.erase(std::remove_if(loads.begin(), loads.end(), [&](const Load& l) { return l.from >= to; }), loads.end());
  return loads;
}

}  // namespace

TEST_CASE("money by state sums to what was paid, to 1e-9") {
  Stream s = stream(1, "states");
  const std::vector<std::string> names = {"useful", "idle", "failed", "lost", "unpowered", "throttled"};
  for (int game = 0; game < 300; ++game) {
    std::vector<PoolUse> pools;
    double paid = 0;
    for (std::int64_t p = whole_number(s, 0, 8); p-- > 0;) {
      PoolUse& pool = pools.emplace_back();
      pool.cost = std::exp(uniform(s, 0, 25));
      paid += pool.cost;
      for (std::int64_t u = whole_number(s, 0, 6); u-- > 0;)
        pool.states.push_back({names[static_cast<std::size_t>(whole_number(s, 0, 5))],
                               whole_number(s, 0, 3) ? uniform(s, 0, 1e8) : 0,
                               whole_number(s, 0, 3) ? uniform(s, 0, 1e8) : 0});
    }
    const double bill = std::exp(uniform(s, 0, 25));
    double sum = 0;
    for (const StateCost& cost : cost_by_state(pools, bill)) {
      CHECK(cost.having >= 0);
      CHECK(cost.energy >= 0);
      sum += cost.total();
    }
    CHECK(std::abs(sum - paid - bill) <= 1e-12 * (paid + bill));
  }
}

TEST_CASE("a dated price's means put together, and lie between its least and most") {
  Stream s = stream(2, "series");
  for (int game = 0; game < 300; ++game) {
    const auto between = static_cast<DatedSeries::Between>(game % 3);
    const DatedSeries series = random_series(s, between);
    Date cuts[] = {date(s), date(s), date(s)};
    std::sort(std::begin(cuts), std::end(cuts));
    const auto integral = [&](Date a, Date b) { return *series.mean(a, b).value * hours_between(a, b); };
    CHECK(integral(cuts[0], cuts[1]) + integral(cuts[1], cuts[2]) == Approx(integral(cuts[0], cuts[2])).epsilon(1e-10));
    const double mean = *series.mean(cuts[0], cuts[2]).value;
    CHECK(mean >= 0.1 * (1 - 1e-12));
    CHECK(mean <= 9 * (1 + 1e-12));
    // By many points, as by the closed form.
    double points = 0;
    constexpr int kPoints = 2000;
    const double span = static_cast<double>(cuts[2].unix_s - cuts[0].unix_s);
    for (int i = 0; i < kPoints; ++i)
      points += *series.at({cuts[0].unix_s + static_cast<std::int64_t>(span * (i + 0.5) / kPoints)}).value / kPoints;
    CHECK(points == Approx(mean).epsilon(0.02));
  }
}

TEST_CASE("a bill is the same however its loads are cut, and months sum to it") {
  Stream s = stream(3, "bills");
  for (int game = 0; game < 200; ++game) {
    Date to;
    const std::vector<Load> loads = random_loads(s, to);
    if (loads.empty()) continue;
    const Tariff tariff = random_tariff(s);
    const DemandCharge demand{.per_kw_month = 5};
    const ElectricityBill whole = electricity_bill(loads, to, tariff, demand);
    REQUIRE(whole.problem.empty());
    std::vector<Load> cut = loads;
    for (int i = 0; i < 10; ++i) {
      const auto k = static_cast<std::size_t>(whole_number(s, 0, static_cast<std::int64_t>(cut.size()) - 1));
      const Date end = k + 1 < cut.size() ? cut[k + 1].from : to;
      if (end.unix_s - cut[k].from.unix_s < 2) continue;
      const Date at{whole_number(s, cut[k].from.unix_s + 1, end.unix_s - 1)};
      cut.insert(cut.begin() + static_cast<std::ptrdiff_t>(k) + 1, {at, cut[k].kw});
    }
    const ElectricityBill pieces = electricity_bill(cut, to, tariff, demand);
    CHECK(pieces.total() == Approx(whole.total()).epsilon(1e-9));
    CHECK(pieces.kwh() == Approx(whole.kwh()).epsilon(1e-9));
    REQUIRE(pieces.months.size() == whole.months.size());
    double highest = 0, kwh = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) {
      highest = std::max(highest, loads[i].kw);
      kwh += loads[i].kw * hours_between(loads[i].from, i + 1 < loads.size() ? std::min(to, loads[i + 1].from) : to);
    }
    CHECK(whole.kwh() == Approx(kwh).epsilon(1e-9));
    for (std::size_t m = 0; m < whole.months.size(); ++m) {
      CHECK(whole.months[m].peak_kw <= highest * (1 + 1e-9));
      CHECK(whole.months[m].peak_kw == Approx(pieces.months[m].peak_kw).epsilon(1e-9));
    }
  }
}

TEST_CASE("what is written off in parts is what is written off in all, and no value rises") {
  Stream s = stream(4, "books");
  for (int game = 0; game < 300; ++game) {
    Depreciation rule;
    rule.rule = game % 2 ? Depreciation::Rule::declining : Depreciation::Rule::straight_line;
    rule.life_years = uniform(s, 1, 20);
    rule.residual_share = uniform(s, 0.01, 0.5);
    if (game % 3 == 0) rule.yearly_share = uniform(s, 0.01, 0.9);
    double off = 0, before = 1;
    for (double age = 0; age < 25; age += 0.5) {
      off += written_off(rule, age, age + 0.5);
      CHECK(book_share(rule, age) <= before + 1e-12);
      CHECK(book_share(rule, age) >= rule.residual_share - 1e-12);
      before = book_share(rule, age);
    }
    CHECK(off == Approx(1 - book_share(rule, 25)).epsilon(1e-12));
  }
}

TEST_CASE("a loan is paid back, and its payments are worth what was lent") {
  Stream s = stream(5, "loans");
  for (int game = 0; game < 200; ++game) {
    const Loan loan{uniform(s, 1, 1e9), uniform(s, 0, 0.3), static_cast<int>(whole_number(s, 1, 360))};
    double repaid = 0, worth = 0, month = 0;
    for (const LoanMonth& m : loan_months(loan)) {
      repaid += m.repaid;
      worth += (m.interest + m.repaid) * std::pow(1 + loan.yearly_rate / 12, -++month);
      CHECK(m.owed >= 0);
      CHECK(m.interest + m.repaid == Approx(monthly_payment(loan)).epsilon(1e-6));
    }
    CHECK(repaid == Approx(loan.principal).epsilon(1e-12));
    CHECK(worth == Approx(loan.principal).epsilon(1e-8));
  }
}

TEST_CASE("at its rate of return a project is worth nothing, above it less") {
  Stream s = stream(6, "projects");
  for (int game = 0; game < 200; ++game) {
    std::vector<double> cash = {-uniform(s, 10, 1000)};
    for (std::int64_t m = whole_number(s, 1, 120); m-- > 0;) cash.push_back(uniform(s, 0, 40));
    // Of what returns next to nothing there is no rate worth the name.
    if (std::accumulate(cash.begin() + 1, cash.end(), 0.0) < -0.3 * cash[0]) continue;
    const auto rate = internal_rate_of_return(cash);
    REQUIRE(rate);
    CHECK(net_present_value(cash, *rate) == Approx(0).margin(1e-6 * -cash[0]));
    CHECK(net_present_value(cash, *rate + 0.01) < net_present_value(cash, *rate));
    // Paid back, if ever, exactly where returns are not negative.
    CHECK(payback_months(cash).has_value() == (*rate >= 0));
  }
}

TEST_CASE("at the break-even lit rate a centre earns what it costs") {
  Stream s = stream(7, "lit");
  for (int game = 0; game < 300; ++game) {
    LitRateInputs in{uniform(s, 0, 3), uniform(s, 0, 0.1), uniform(s, 0, 0.3), uniform(s, 0, 8)};
    in.energy_lit += in.energy_dark;
    const auto lit = break_even_lit_rate(in);
    if (!lit) {
      CHECK(in.rent <= in.energy_lit - in.energy_dark);
      continue;
    }
    const double cost = in.having + *lit * in.energy_lit + (1 - *lit) * in.energy_dark;
    CHECK(*lit * in.rent == Approx(cost));
    LitRateInputs dearer = in;
    dearer.having *= 1.1;
    CHECK(*break_even_lit_rate(dearer) >= *lit);
    if (*lit > 0) CHECK(break_even_rent(in, *lit) == Approx(in.rent));
  }
}

TEST_CASE("vouchers and customers together pay every bill, and no budget is overdrawn") {
  Stream s = stream(8, "vouchers");
  for (int game = 0; game < 200; ++game) {
    const Voucher voucher{uniform(s, 0, 1), uniform(s, 0, 1000)};
    std::vector<double> bills;
    for (std::int64_t i = whole_number(s, 0, 30); i-- > 0;) bills.push_back(uniform(s, 0, 200));
    double helped = 0;
    const auto paid = paid_with(voucher, bills);
    for (std::size_t i = 0; i < bills.size(); ++i) {
      CHECK(paid[i].customers + paid[i].vouchers == Approx(bills[i]));
      helped += paid[i].vouchers;
    }
    CHECK(helped <= voucher.budget * (1 + 1e-12));
  }
}

TEST_CASE("elasticities of a product of powers are its powers, in order of size") {
  Stream s = stream(9, "elasticities");
  for (int game = 0; game < 100; ++game) {
    std::vector<NamedInput> inputs;
    std::vector<double> powers;
    for (int i = 0; i < 6; ++i) {
      inputs.push_back({std::string(1, static_cast<char>('a' + i)), uniform(s, 0.5, 20)});
      powers.push_back(uniform(s, -3, 3));
    }
    const auto found = elasticities(inputs, [&](const std::vector<NamedInput>& in) {
      double product = 1;
      for (std::size_t i = 0; i < in.size(); ++i) product *= std::pow(in[i].value, powers[i]);
      return product;
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double power = powers[static_cast<std::size_t>(found[i].name[0] - 'a')];
      CHECK(found[i].elasticity == Approx((std::pow(1.01, power) - 1) / 0.01).epsilon(1e-9));
      if (i > 0) CHECK(std::abs(found[i].elasticity) <= std::abs(found[i - 1].elasticity) + 1e-12);
    }
  }
}
