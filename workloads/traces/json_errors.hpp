// A JSON parser's error as a problem with line and column. Included by readers of JSON only: it needs nlohmann/json.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "workloads/traces/input.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

inline Problem json_problem_at(const Input& file, std::size_t byte) {
  const std::string_view before = std::string_view(file.text).substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto last_break = before.rfind('\n');
  const auto column = before.size() - (last_break == std::string_view::npos ? 0 : last_break + 1) + 1;
  const bool at_end = byte > file.text.size();
  return file_problem(file.name, at_end ? "JSON ends before it is complete" : "is not valid JSON from here on",
                      static_cast<int>(line), static_cast<int>(column));
}

inline Problem json_problem(const Input& file, const nlohmann::json::exception& error) {
  const auto* parse_error = dynamic_cast<const nlohmann::json::parse_error*>(&error);
  if (!parse_error) return file_problem(file.name, "holds a number no JSON reader can keep", 1);
  return json_problem_at(file, parse_error->byte);
}

}  // namespace alight
