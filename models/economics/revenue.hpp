// What a centre earns: chips rented by the hour, compute rented by the P and month, tokens sold; and vouchers with
// which somebody else pays a part of it.
#pragma once

#include <vector>

#include "models/economics/dated_series.hpp"

namespace alight {

/// A rent along a path of dates.
struct Rent {
  enum class Per {
    chip_hour,
    pflops_month,  ///< of nominal dense 16-bit PFLOPS, a month of 730 h ("P" in contracts)
  };
  DatedSeries price;
  Per per = Per::chip_hour;
  /// Per::pflops_month: how many times as many P sellers count as there are (sparse or fp8 figures; the catalogue's
  /// "overstated PFLOPS"). They earn that many times the price for what they have.
  double overstated = 1;
};
/// Chips that are let from one date to another.
struct Let {
  Date from, to;
  double chips = 0;
  double pflops_per_chip = 0;  ///< nominal, dense 16-bit
};
/// What they bring: price x chips x hours, the price as it runs.
Looked rent_revenue(const Rent& rent, const std::vector<Let>& lets);
/// One price as the other: per chip-hour of a chip with that many PFLOPS.
double per_chip_hour(double per_pflops_month, double pflops_per_chip, double overstated = 1);

/// Prices of a model's tokens, per million.
struct TokenPrice {
  double input = 0, cached_input = 0, output = 0;
};
struct Tokens {
  double input = 0, cached_input = 0, output = 0;  ///< `input` without those cached
};
double token_revenue(const TokenPrice& price, const Tokens& tokens);

/// Compute vouchers: of each bill a share is paid by somebody else until their budget is spent.
struct Voucher {
  double share = 0;
  double budget = 0;
};
struct PaidBy {
  double customers = 0, vouchers = 0;
};
/// Bills in order of time, all within the voucher's term. What both pay is what was billed.
std::vector<PaidBy> paid_with(const Voucher& voucher, const std::vector<double>& bills);

}  // namespace alight
