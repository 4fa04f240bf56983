// How long generated things are, in whole steps: the tokens of a prompt or an answer, the turns of a conversation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/describe/description.hpp"
#include "models/random/streams.hpp"

namespace alight {

/// One of value, median, mean or weights says the law; none of them means uniform, and then min and max are given.
struct LengthSpec {
  std::optional<std::int64_t> value;      ///< always this
  std::optional<double> median;           ///< lognormal with this median and `sigma`, rounded
  std::optional<double> sigma;            ///< standard deviation of the logarithm
  std::optional<double> mean;             ///< geometric with this mean, from 1 on
  std::map<std::string, double> weights;  ///< each of these lengths as likely as its weight
  std::optional<std::int64_t> min, max;   ///< draws beyond are held there; the ends of a uniform law
  static const Description& description();

  static LengthSpec fixed(std::int64_t value) {
    LengthSpec spec;
    spec.value = value;
    return spec;
  }
};

/// A spec that has passed its checks, ready to draw from.
class LengthLaw {
 public:
  explicit LengthLaw(const LengthSpec& spec);
  std::uint32_t draw(Stream& stream) const;
  /// Exact, rounding and bounds included: the sum of P(X > k) over k from 0 on.
  double mean() const;

 private:
  enum class Kind { fixed, uniform, lognormal, geometric, weights };
  static Kind kind_of(const LengthSpec& spec);
  std::uint32_t held(double length) const;

  Kind kind_;
  double a_ = 0, b_ = 0;  ///< value; median and sigma; mean
  double min_, max_;
  std::vector<std::pair<std::uint32_t, double>> up_to_;  ///< lengths with cumulative weights, 1 for the last
};

}  // namespace alight
