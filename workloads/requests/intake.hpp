// The one way a row of a trace becomes a request.
//
// A row is taken, or it is none (a call that failed and got no answer), or it is bad (no number where one belongs).
// When all rows are in, finish() puts them in order of arrival and numbers the sessions in that order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workloads/job.hpp"
#include "workloads/requests/columns.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

/// Why a row was not taken.
struct RowFault {
  RequestColumn column{};
  std::string message;
  bool bad = true;  ///< false: well written, but nothing to serve; counted under `message`
};

class RequestIntake {
 public:
  /// More tokens than this are a slip: the longest context on offer is of ten million (Llama 4 Scout).
  static constexpr std::int64_t kMostTokens = 10'000'000;

  /// `block_tokens`: of a block of hash_ids. `time_pattern`: of strptime, how times are written; empty: numbers or ISO
  /// stamps, told apart by the first row.
  RequestIntake(int block_tokens, std::string time_pattern);

  /// Seconds of one unit of a time written as a number.
  void set_time_scale(double scale) { time_scale_ = scale; }
  void expect(std::size_t rows) { trace_.requests.reserve(trace_.requests.size() + rows); }
  /// What arrival_s = 0 is in Unix time, where a table says so itself.
  void set_start(double start_s) { trace_.start_s = start_s; }

  std::optional<RowFault> take(const RequestCells& cells);
  std::size_t size() const { return trace_.requests.size(); }

  /// Times stated by the calendar are counted from the whole second of the first; others stay as they are.
  RequestTrace finish() &&;

 private:
  enum class Clock { unknown, relative, unix_time, stamps };
  std::optional<double> arrival(std::string_view cell);
  std::optional<RowFault> read_blocks(const RequestCells& cells, Request& request);
  BlockHash number_of(std::uint64_t hash);

  double time_scale_ = 1;
  std::string time_pattern_;
  Clock clock_ = Clock::unknown;
  double first_s_ = 0;  ///< whole Unix second of the first row, by the calendar
  RequestTrace trace_;
  Names sessions_;
  std::vector<std::uint64_t> row_blocks_;
  // Published traces number their blocks from 0, so most are found by index.
  std::vector<BlockHash> small_;  ///< by hash: its number + 1, 0 = not met
  std::unordered_map<std::uint64_t, BlockHash> large_;
};

/// Puts requests in order of arrival, equal times as they stand, and numbers the sessions from 1 in that order.
void put_in_order(RequestTrace& trace);

}  // namespace alight
