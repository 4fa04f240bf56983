// What the user did wrong: collected, then reported all at once, each with its place and the way out.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/describe/node.hpp"

namespace alight {

struct Problem {
  Location where;
  std::string key;      ///< the path of the key, "site.pools[0].server"; empty when the file itself is wrong
  std::string message;  ///< what is wrong and what was expected
  std::string hint;     ///< "did you mean ...", or empty
};

/// Collects problems while a scenario is read and resolved. Not thread-safe.
class Diagnostics {
 public:
  void error(Location where, std::string key, std::string message, std::string hint = {});

  /// The same for a key whose place was remembered (see remember()); for checks made after reading.
  void error_at(std::string_view key, std::string message, std::string hint = {});

  /// Keeps where `key` stands, so that later checks can point at it.
  void remember(std::string key, Location where);
  /// The place of `key`, or of its nearest known parent ("a.b[2].c", then "a.b[2]", then "a.b" ...).
  Location place_of(std::string_view key) const;

  bool ok() const { return problems_.empty(); }
  const std::vector<Problem>& problems() const { return problems_; }

  /// One "file:line:col: key: message" and, indented, its hint, per problem; in the order of file and line; the last
  /// line is "N errors, nothing was run".
  void print(std::ostream& out) const;

 private:
  std::vector<Problem> problems_;
  std::unordered_map<std::string, Location> places_;
};

/// The candidate nearest to `wrong` (edit distance, case ignored), or empty when none is near.
std::string nearest(std::string_view wrong, const std::vector<std::string>& candidates);
/// `text` in quotes as messages show it: cut where it is long, whole characters only.
std::string in_quotes(std::string_view text);
/// `did you mean "x"?`, or empty.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates);

}  // namespace alight
