// A value, or the one problem that kept it from being made. Readers of users' files return it instead of throwing.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "models/describe/diagnostics.hpp"

namespace alight {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}
  Result(Problem problem) : held_(std::move(problem)) {}

  explicit operator bool() const { return held_.index() == 0; }
  T& operator*() { return std::get<0>(held_); }
  const T& operator*() const { return std::get<0>(held_); }
  T* operator->() { return &std::get<0>(held_); }
  const T* operator->() const { return &std::get<0>(held_); }
  /// Only where there is no value.
  const Problem& problem() const { return std::get<1>(held_); }

 private:
  std::variant<T, Problem> held_;
};

/// A problem with a file of the user's: `line` and `column` are 1-based, 0 = the file as a whole.
inline Problem file_problem(const std::string& file, std::string message, int line = 0, int column = 0,
                            std::string key = {}, std::string hint = {}) {
  return {
      {std::make_shared<const std::string>(file), line, column}, std::move(key), std::move(message), std::move(hint)};
}

}  // namespace alight
