// A number that changes with the date: a price, a rate of exchange, the carbon intensity of a grid.
//
// What lies between two dates is a rule the series states, what lies outside is said and not guessed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/describe/date.hpp"

namespace alight {

/// A value, or why there is none.
struct Looked {
  std::optional<double> value;
  std::string problem;  ///< "rent, H100 is not known before 2023-01-01 (asked for 2022-06-01)"
};

struct DatedValue {
  Date date;
  double value = 0;
};

class DatedSeries {
 public:
  enum class Between {
    hold,       ///< a value holds from its date to the next one, the last for good: a price list, a tariff
    linear,     ///< along a straight line from one date to the next; not known after the last
    geometric,  ///< by the same share each day; not known after the last. Values are above 0
  };

  /// Of nothing: nothing is known.
  DatedSeries() = default;
  /// `name` is for problems. Values in any order; of one date twice, or not above 0 where geometric, is our own bug.
  DatedSeries(std::string name, std::vector<DatedValue> values, Between between);
  /// The same at all times.
  static DatedSeries always(std::string name, double value);

  Looked at(Date date) const;
  /// Mean over [from, to), exact for each rule; at `from` where the two are one.
  Looked mean(Date from, Date to) const;
  /// The next date after `date` at which a rule or a value changes; nothing where none does.
  std::optional<Date> next_change(Date date) const;

  const std::string& name() const { return name_; }

 private:
  Looked unknown(Date date) const;
  bool known(Date date) const;
  double value_at(Date date) const;
  double integral(Date from, Date to) const;  ///< value x seconds, both within one piece

  std::string name_;
  std::vector<DatedValue> values_;  ///< ascending
  Between between_ = Between::hold;
  bool always_ = false;
};

}  // namespace alight
