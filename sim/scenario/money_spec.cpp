#include "sim/scenario/money_spec.hpp"

namespace alight {
namespace {

constexpr Range kMoneyShare{.min = 0, .max = 1};
constexpr Range kYears{.min = 0, .max = 100, .above_min = true};

const std::vector<std::pair<std::string, DatedSeries::Between>>& betweens() {
  static const std::vector<std::pair<std::string, DatedSeries::Between>> all = {
      {"hold", DatedSeries::Between::hold},
      {"linear", DatedSeries::Between::linear},
      {"geometric", DatedSeries::Between::geometric}};
  return all;
}

constexpr const char* kBetweenDoc =
    "What holds between two dates of the path. hold: a price until the next, the last for good; linear, geometric: "
    "from "
    "one to the next, and nothing is known after the last.";

// A price or a path of prices, never both and never neither.
template <class Spec>
void check_path(const Spec& spec, const std::string& path, Diagnostics& out) {
  if (spec.price.empty() == spec.path.empty()) out.error_at(path, "needs either a `price` or a `path` of prices");
  if (spec.path.empty() && spec.between != DatedSeries::Between::hold)
    out.error_at(join_key(path, "between"), "is of a `path`");
}

}  // namespace

const Description& PriceSpec::description() {
  static const auto d =
      describe<PriceSpec>("price", "An amount with its unit, or the name of one of the catalogue's prices.")
          .text("price", &PriceSpec::price,
                "An amount with its unit, or a name of `alight catalog list prices`, whose typical amount it is.")
          .required()
          .date("date", &PriceSpec::date, "What it is of. Default: an entry's own; else that of the money.")
          .text("source", &PriceSpec::source, "Where it is from. Default: an entry's own; else the scenario.")
          .shorthand("price")
          .done();
  return d;
}

const Description& PricePathSpec::description() {
  static const auto d = describe<PricePathSpec>("price path", "A price, the same at all times or by dates.")
                            .text("price", &PricePathSpec::price, "The same at all times.")
                            .list("path", &PricePathSpec::path, "By dates.")
                            .choice("between", &PricePathSpec::between, betweens(), kBetweenDoc)
                            .shorthand("price")
                            .check(check_path<PricePathSpec>)
                            .done();
  return d;
}

const Description& BillLineSpec::description() {
  static const auto d =
      describe<BillLineSpec>(
          "bill line",
          "A line of the bill of your own. With the name of a line that `alight check` prints it takes "
          "that line's place, and its kind, count and pool where it states none.")
          .text("what", &BillLineSpec::what, "Its name.")
          .required()
          .choice("kind", &BillLineSpec::kind, assets(), "Which capital it is. Default: other.")
          .number("count", &BillLineSpec::count, "How many; it may be a measure: kW, MW, metres. Default: 1.",
                  {.min = 0, .max = 1e12})
          .text("price", &BillLineSpec::price, "Of one: \"320000 USD\", or a name of the catalogue's prices.")
          .required()
          .date("date", &BillLineSpec::date, "Of the price.")
          .text("source", &BillLineSpec::source, "Where the price is from. Default: the scenario.")
          .text("pool", &BillLineSpec::pool, "Pool that bears it. Default: all.")
          .check([](const BillLineSpec& l, const std::string& path, Diagnostics& out) {
            if (l.what.empty()) out.error_at(join_key(path, "what"), "is empty");
          })
          .done();
  return d;
}

const Description& DepreciationSpec::description() {
  static const auto d =
      describe<DepreciationSpec>("depreciation", "How one kind of capital loses its value.")
          .quantity("life", &DepreciationSpec::life_years, "year", "How long it is of use. Default: docs/money.md.",
                    kYears)
          .number("residual", &DepreciationSpec::residual, "Share of its price it brings at the end. Default: 0.",
                  kMoneyShare)
          .choice("rule", &DepreciationSpec::rule,
                  {{"straight line", Depreciation::Rule::straight_line}, {"declining", Depreciation::Rule::declining}},
                  "straight line: the same amount each year; declining: the same share of what is left each year "
                  "(needs a residual above 0). It decides what a sale before the end brings.")
          .shorthand("life")
          .check([](const DepreciationSpec& s, const std::string& path, Diagnostics& out) {
            if (s.rule == Depreciation::Rule::declining && !(s.residual.value_or(0) > 0))
              out.error_at(join_key(path, "residual"), "must be above 0 where the rule is declining");
          })
          .done();
  return d;
}

const Description& FinancingSpec::description() {
  static const auto d =
      describe<FinancingSpec>("financing", "Whose money it is and what that costs. The defaults are assumptions.")
          .number("loan", &FinancingSpec::loan, "Share of every purchase that is borrowed.", kMoneyShare)
          .number("rate", &FinancingSpec::rate, "Interest on the loan, a year.", {.min = 0, .max = 1})
          .integer("months", &FinancingSpec::months, "In which it is paid back, in equal parts.",
                   {.min = 1, .max = 600})
          .number("return", &FinancingSpec::owner_return,
                  "What the owner's money is to bring, a year; cash is discounted at it.", {.min = 0, .max = 1})
          .done();
  return d;
}

const Description& StaffSpec::description() {
  static const auto d =
      describe<StaffSpec>("staff", "People who run the centre.")
          .number("per_mw", &StaffSpec::per_mw,
                  "For each MW of IT load it is built for. Default: the middle of the catalogue's 1 to 2.",
                  {.min = 0, .max = 1000})
          .object("wage", &StaffSpec::wage, "Of one, a year, all costs included: 75100 USD/year.")
          .done();
  return d;
}

const Description& RentSpec::description() {
  static const auto d =
      describe<RentSpec>("rent", "What chips of a pool are let for.")
          .text("price", &RentSpec::price,
                "Of a chip: 2.5 USD/h, CNY/month; or of dense 16-bit PFLOPS: CNY/PFLOPS/month, /year; or a name of the "
                "catalogue's prices.")
          .list("path", &RentSpec::path, "Such prices by dates.")
          .choice("between", &RentSpec::between, betweens(), kBetweenDoc)
          .number("overstated", &RentSpec::overstated,
                  "How many times as many PFLOPS are sold as there are: sparse or fp8 figures.", {.min = 1, .max = 16})
          .choice("of", &RentSpec::of_dark_too, {{"lit", false}, {"all", true}},
                  "lit: chips earn while jobs hold them; all: every chip that is there, as under a lease.")
          .shorthand("price")
          .check(check_path<RentSpec>)
          .done();
  return d;
}

const Description& TokenPriceSpec::description() {
  static const auto d =
      describe<TokenPriceSpec>("token prices",
                               "What a service earns per million tokens of finished requests. Its chips earn no rent.")
          .object("input", &TokenPriceSpec::input, "Of prompts: 0.5 USD/Mtoken.")
          .object("cached_input", &TokenPriceSpec::cached_input,
                  "Of prompt tokens that came from a prefix cache. Default: as input.")
          .object("output", &TokenPriceSpec::output, "Of answers.")
          .check([](const TokenPriceSpec& s, const std::string& path, Diagnostics& out) {
            if (!s.input && !s.cached_input && !s.output) out.error_at(path, "states no price");
          })
          .done();
  return d;
}

const Description& VoucherSpec::description() {
  static const auto d =
      describe<VoucherSpec>("vouchers", "Somebody else pays a share of each month's bill until their budget is spent.")
          .number("share", &VoucherSpec::share, "Of the bill.", kMoneyShare)
          .required()
          .text("budget", &VoucherSpec::budget, "For the whole project: 2000000 CNY.")
          .required()
          .done();
  return d;
}

const Description& ProjectSpec::description() {
  static const auto d =
      describe<ProjectSpec>("project", "The years over which the run's rates are repeated for cash by month.")
          .quantity("years", &ProjectSpec::years, "year",
                    "How long. Nothing is bought anew in that time. Default: 5 years.", {.min = 0.1, .max = 50})
          .flag("sold_at_end", &ProjectSpec::sold_at_end, "All is sold at the end for what the books say.")
          .shorthand("years")
          .done();
  return d;
}

const Description& MoneySpec::description() {
  static const auto d =
      describe<MoneySpec>("money",
                          "What the centre costs and earns: with it a run counts capital, running costs, revenue and "
                          "what each state of the chips costs (docs/money.md).")
          .choice("currency", &MoneySpec::currency, {{"USD", Currency::usd}, {"CNY", Currency::cny}},
                  "Of all results. Prices in the other are converted, by `exchange`.")
          .date("date", &MoneySpec::date,
                "Of the purchases: the newest prices that are not after it count. Default: `start` of the scenario.")
          .object("exchange", &MoneySpec::exchange,
                  "CNY for one USD: 7.2 CNY/USD, or by dates. Default: the catalogue's one assumed value at all times.")
          .number("server_share", &MoneySpec::server_share,
                  "Where the catalogue has no price of a server: what it costs beside its chips, over these. Default: "
                  "not priced.",
                  {.min = 0, .max = 100})
          .object("building", &MoneySpec::building,
                  "Of IT load: 11.7 USD/W, or a name of the catalogue's prices: construction, US. Default: not priced.")
          .number("mechanical_share", &MoneySpec::mechanical_share,
                  "Of that price, what is the cooling plant that is billed by itself. Default: the middle of the "
                  "catalogue's 15 to 20 %.",
                  kMoneyShare)
          .object("floor", &MoneySpec::floor,
                  "Of a square metre of computer room, beside `building`: 3000 USD/m2. A rack takes `rack_pitch` times "
                  "`row_pitch` of `site.floor`, its aisle with it. Default: in the building's price.")
          .list("lines", &MoneySpec::lines, "Lines of the bill of your own, in place of derived ones or beside them.")
          .table("depreciation", &MoneySpec::depreciation,
                 "By kind of capital: chips, servers, network, storage, cooling, power, building, other.")
          .table(
              "maintenance", &MoneySpec::maintenance,
              "Share of the price that maintenance takes a year, by kind of capital. Default: 0.03, the middle of the "
              "catalogue's 2 to 4 %; 0 of building and other.",
              "", {.min = 0, .max = 1})
          .object("financing", &MoneySpec::financing, "Whose money it is and what that costs.")
          .object("staff", &MoneySpec::staff, "People who run the centre.")
          .object("water", &MoneySpec::water, "6.21 CNY/m3, or a name of the catalogue's prices. Default: not priced.")
          .object("demand_charge", &MoneySpec::demand_charge,
                  "Of each month's highest draw, as the mean over a bin of the ledger: 12 USD/kW/month.")
          .table("rent", &MoneySpec::rent, "What chips are let for, by pool.")
          .table("tokens", &MoneySpec::tokens, "What tokens are sold for, by service.")
          .object("vouchers", &MoneySpec::vouchers, "Who else pays for it.")
          .object("project", &MoneySpec::project, "The years over which cash is counted.")
          .done();
  return d;
}

}  // namespace alight
