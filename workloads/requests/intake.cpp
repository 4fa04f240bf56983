#include "workloads/requests/intake.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "models/describe/diagnostics.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

// No trace counts from its own start for twenty years, so a number this large is Unix time (1990-01-01).
constexpr double kFirstUnixSecond = 631152000;
constexpr std::uint64_t kSmallHash = std::uint64_t{1} << 26;
constexpr std::size_t kMostKinds = 255;
constexpr std::int64_t kMostPriority = 255;
constexpr std::int64_t kMostAnswerBlocks = std::numeric_limits<std::uint16_t>::max();

/// A calendar stamp as whole Unix seconds and the rest: together a double holds them to a quarter of a microsecond
/// only, and traces write tenths of one.
struct Moment {
  double whole_s = 0, fraction_s = 0;
};

std::optional<Moment> moment_of(std::string_view stamp) {
  const auto dot = stamp.find('.');
  if (dot == std::string_view::npos) {
    const auto whole = to_unix_s(stamp);
    return whole ? std::optional<Moment>({*whole, 0}) : std::nullopt;
  }
  const auto end = std::min(stamp.find_first_not_of("0123456789", dot + 1), stamp.size());
  const auto fraction = to_number(stamp.substr(dot, end - dot));
  const auto whole = end == stamp.size()
                         ? to_unix_s(stamp.substr(0, dot))
                         : to_unix_s(std::string(stamp.substr(0, dot)) + std::string(stamp.substr(end)));
  if (!whole || !fraction) return std::nullopt;
  return Moment{*whole, *fraction};
}

RowFault bad(RequestColumn column, const std::string& expected, std::string_view found) {
  return {column, "expected " + expected + ", found " + (trimmed(found).empty() ? "nothing" : in_quotes(found))};
}

/// Numbers apart by blanks, commas, semicolons or bars, in brackets or not.
bool read_numbers(std::string_view text, std::vector<std::uint64_t>& numbers) {
  text = trimmed(text);
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return false;
    text = trimmed(text.substr(1, text.size() - 2));
  }
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::uint64_t number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) return false;
    numbers.push_back(number);
    at = after;
    int marks = 0;
    const char* const gap = at;
    for (; at != end && (*at == ' ' || *at == ',' || *at == ';' || *at == '|'); ++at)
      if (*at != ' ') ++marks;
    if (marks > 1 || (at == gap && at != end) || (at == end && marks > 0)) return false;
  }
  return true;
}

/// Reads a count of tokens; a 0 is no request.
std::optional<RowFault> read_tokens(RequestColumn column, std::string_view cell, const char* if_none,
                                    std::uint32_t& tokens) {
  const auto number = to_whole(cell);
  if (!number || *number < 0 || *number > RequestIntake::kMostTokens)
    return bad(column, "a whole number of tokens up to " + std::to_string(RequestIntake::kMostTokens), cell);
  if (*number == 0) return RowFault{column, if_none, false};
  tokens = static_cast<std::uint32_t>(*number);
  return std::nullopt;
}

}  // namespace

RequestIntake::RequestIntake(int block_tokens, std::string time_pattern) : time_pattern_(std::move(time_pattern)) {
  trace_.block_tokens = block_tokens;
}

std::optional<double> RequestIntake::arrival(std::string_view cell) {
  const auto from_first = [&](const Moment& m) {
    if (clock_ == Clock::unknown) first_s_ = std::floor(m.whole_s);
    clock_ = Clock::stamps;
    return m.whole_s - first_s_ + m.fraction_s;
  };
  if (!time_pattern_.empty()) {
    const auto stamp = to_unix_s(cell, time_pattern_);
    return stamp ? std::optional(from_first({*stamp, 0})) : std::nullopt;
  }
  const auto number = clock_ == Clock::stamps ? std::nullopt : to_number(cell);
  if (number) {
    const double time_s = *number * time_scale_;
    if (std::abs(time_s) > Intake::kLongestSeconds) return std::nullopt;
    if (clock_ == Clock::unknown) {
      clock_ = time_s >= kFirstUnixSecond ? Clock::unix_time : Clock::relative;
      if (clock_ == Clock::unix_time) first_s_ = std::floor(time_s);
    }
    return clock_ == Clock::unix_time ? time_s - first_s_ : time_s;
  }
  if (clock_ != Clock::unknown && clock_ != Clock::stamps) return std::nullopt;
  const auto moment = moment_of(trimmed(cell));
  return moment ? std::optional(from_first(*moment)) : std::nullopt;
}

BlockHash RequestIntake::number_of(std::uint64_t hash) {
  if (hash < kSmallHash) {
    const auto at = static_cast<std::size_t>(hash);
    if (at >= small_.size()) small_.resize(std::max(at + 1, small_.size() * 2));
    if (small_[at] == 0) small_[at] = ++trace_.distinct_blocks;
    return small_[at] - 1;
  }
  const auto [it, fresh] = large_.try_emplace(hash, trace_.distinct_blocks);
  if (fresh) ++trace_.distinct_blocks;
  return it->second;
}

std::optional<RowFault> RequestIntake::read_blocks(const RequestCells& cells, Request& request) {
  const std::string_view hashes = cells[RequestColumn::hash_ids];
  const std::string_view answer = cells[RequestColumn::answer_blocks];
  row_blocks_.clear();
  if (!trimmed(hashes).empty() && !read_numbers(hashes, row_blocks_))
    return bad(RequestColumn::hash_ids, "block hashes (whole numbers from 0)", hashes);
  std::int64_t of_answer = 0;
  if (!is_missing(answer)) {
    const auto number = to_whole(answer);
    if (!number || *number < 0 || *number > kMostAnswerBlocks ||
        *number > static_cast<std::int64_t>(row_blocks_.size()))
      return bad(RequestColumn::answer_blocks, "how many of the row's blocks are the answer's", answer);
    of_answer = *number;
  }
  const auto size = static_cast<std::size_t>(trace_.block_tokens);
  const std::size_t of_prompt = row_blocks_.size() - static_cast<std::size_t>(of_answer);
  const auto most = [&](std::uint64_t tokens) { return (tokens + size - 1) / size; };
  if (of_prompt > most(request.prompt_tokens) ||
      row_blocks_.size() > most(std::uint64_t{request.prompt_tokens} + request.output_tokens))
    return RowFault{RequestColumn::hash_ids, std::to_string(row_blocks_.size()) + " blocks of " + std::to_string(size) +
                                                 " tokens are more than the tokens of the row"};
  request.first_block = trace_.blocks.size();
  request.blocks = static_cast<std::uint32_t>(of_prompt);
  request.answer_blocks = static_cast<std::uint16_t>(of_answer);
  return std::nullopt;
}

std::optional<RowFault> RequestIntake::take(const RequestCells& cells) {
  using Column = RequestColumn;
  Request request;
  const auto time = arrival(cells[Column::arrival_s]);
  if (!time)
    return bad(Column::arrival_s, clock_ == Clock::stamps ? "a time stamp" : "a time within 1e10 s of the start",
               cells[Column::arrival_s]);
  if (clock_ == Clock::relative && *time < 0)
    return bad(Column::arrival_s, "a time of 0 or more", cells[Column::arrival_s]);
  request.arrival_s = *time;
  // Both counts are looked at before a 0 ends the row: a bad cell behind a 0 is bad all the same.
  const auto prompt =
      read_tokens(Column::prompt_tokens, cells[Column::prompt_tokens], "no prompt tokens", request.prompt_tokens);
  const auto output =
      read_tokens(Column::output_tokens, cells[Column::output_tokens], "no output tokens", request.output_tokens);
  if (prompt && (prompt->bad || !output || !output->bad)) return prompt;
  if (output) return output;
  if (const auto cell = cells[Column::priority]; !is_missing(cell)) {
    const auto number = to_whole(cell);
    if (!number || *number < 0 || *number > kMostPriority)
      return bad(Column::priority, "a whole number from 0 to " + std::to_string(kMostPriority), cell);
    request.priority = static_cast<std::uint8_t>(*number);
  }
  const std::string_view kind = trimmed(cells[Column::kind]);
  const auto known = std::find(trace_.kinds.begin(), trace_.kinds.end(), kind);
  if (known == trace_.kinds.end() && trace_.kinds.size() > kMostKinds)
    return RowFault{Column::kind, "more than " + std::to_string(kMostKinds) + " kinds of request"};
  if (auto fault = read_blocks(cells, request)) return fault;

  request.kind = static_cast<std::uint8_t>(known - trace_.kinds.begin());
  if (known == trace_.kinds.end()) trace_.kinds.emplace_back(kind);
  const auto session = cells[Column::session];
  if (!is_missing(session)) request.session = sessions_.intern(trimmed(session));
  for (const std::uint64_t hash : row_blocks_) trace_.blocks.push_back(number_of(hash));
  trace_.requests.push_back(request);
  return std::nullopt;
}

void put_in_order(RequestTrace& trace) {
  auto& requests = trace.requests;
  const auto earlier = [](const Request& a, const Request& b) { return a.arrival_s < b.arrival_s; };
  if (!std::is_sorted(requests.begin(), requests.end(), earlier))
    std::stable_sort(requests.begin(), requests.end(), earlier);
  std::uint32_t most = 0;
  for (const Request& r : requests) most = std::max(most, r.session);
  if (most == 0) return;
  std::vector<std::uint32_t> number(std::size_t{most} + 1);
  std::uint32_t sessions = 0;
  for (Request& r : requests) {
    if (r.session == 0) continue;
    if (number[r.session] == 0) number[r.session] = ++sessions;
    r.session = number[r.session];
  }
}

RequestTrace RequestIntake::finish() && {
  put_in_order(trace_);
  auto& requests = trace_.requests;
  if (clock_ != Clock::relative && !requests.empty()) {
    const double start_s = std::floor(requests.front().arrival_s);
    for (Request& r : requests) r.arrival_s -= start_s;
    trace_.start_s = first_s_ + start_s;
  }
  if (trace_.blocks.empty()) trace_.block_tokens = 0;
  return std::move(trace_);
}

}  // namespace alight
