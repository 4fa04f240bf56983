// Which cable or optics of the catalogue a link is made of, and what one link of it amounts to.
//
// A medium is asked for as
//   a link of the catalogue ("DAC 400G")             that one
//   a class ("passive copper" or "DAC", "ACC", "AEC", "AOC", "optical" (pluggable modules), "LPO", "CPO", "backplane")
//   "copper"                                         passive copper, ACC or AEC; within a rack built as one, backplane
//   "auto"                                           those and AOC and pluggable optics
// and the cheapest that reaches is taken, cable by cable; of equal price the one of less power, then the first of the
// catalogue. LPO, CPO and (but within a rack) backplanes need switches made for them, so `auto` leaves them to those
// who ask. Over an optical circuit switch only modules can send (pluggable ones, LPO, CPO; or what is named and of no
// class): there `auto` is pluggable modules. Of each class the entries of the lowest rate that carries the port's rate
// are looked at: a 400 Gbps port takes a 400G cable, and an 800G one only where the class has none at 400.
//
// What has no price in USD counts as dearer than what has, without any price as dearest: nothing is converted here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/catalogue.hpp"

namespace alight {

class Media {
 public:
  /// `catalogue` outlives this.
  explicit Media(const Catalogue& catalogue) : catalogue_(catalogue) {}

  /// Why `asked` can be no medium, with a suggestion as the second; both empty where it can.
  std::pair<std::string, std::string> problem_of(std::string_view asked) const;
  /// What `asked` allows at that rate, cheapest first at `length_m`, whatever it reaches.
  std::vector<const Link*> candidates(std::string_view asked, double rate_gbps, double length_m, bool built_in,
                                      bool fibre = false) const;
  /// The first of those that reaches; null where none does.
  const Link* choose(std::string_view asked, double rate_gbps, double length_m, bool built_in,
                     bool fibre = false) const;

 private:
  const Catalogue& catalogue_;
};

/// One link over `length_m`: both ends, and all its cables where a link is several. Unknown is absent.
struct LinkFigures {
  std::int64_t cables = 1;
  bool modules = false;                        ///< its ends are modules, sold one by one
  std::optional<double> price_usd, price_cny;  ///< at most one of them
  std::string price_date;
  std::optional<double> power_w;  ///< 2 x one end
  std::optional<double>
      failures_per_year;  ///< 2 x one end, of every cable; 8,760 h over the MTBF where only that is known
  /// length x propagation + 2 x end + FEC once
  std::optional<double> latency_s;
};

/// Wire pairs of one lane and way each: 2 ceil(rate / lane rate), where the entry has a lane rate; else 1.
/// Price: a cable's; two modules'; the length's; or a cable's share of a set.
LinkFigures figures_of(const Link& link, double rate_gbps, double length_m);

}  // namespace alight
