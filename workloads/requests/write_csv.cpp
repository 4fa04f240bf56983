#include "workloads/requests/write_csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>
#include <string>

#include "models/describe/date.hpp"

namespace alight {

namespace {

template <class T>
void append(std::string& out, T value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  out.append(text, end);
}

/// In quotes where it holds what would end the cell.
void append_text(std::string& out, const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

}  // namespace

void write_request_csv(std::ostream& out, const RequestTrace& trace) {
  const auto any = [&](auto has) { return std::any_of(trace.requests.begin(), trace.requests.end(), has); };
  const bool sessions = any([](const Request& r) { return r.session != 0; });
  const bool priorities = any([](const Request& r) { return r.priority != 0; });
  const bool kinds = any([](const Request& r) { return r.kind != 0; });
  const bool blocks = any([](const Request& r) { return r.blocks != 0; });
  const bool answers = any([](const Request& r) { return r.answer_blocks != 0; });
  std::string text;
  if (trace.start_s != 0)
    text += "# epoch: " + format_date(Date{static_cast<std::int64_t>(std::floor(trace.start_s))}) + '\n';
  if (blocks || answers) text += "# block_tokens: " + std::to_string(trace.block_tokens) + '\n';
  text += "arrival_s,prompt_tokens,output_tokens";
  if (sessions) text += ",session";
  if (priorities) text += ",priority";
  if (kinds) text += ",kind";
  if (blocks || answers) text += ",hash_ids";
  if (answers) text += ",answer_blocks";
  text += '\n';
  constexpr std::size_t kChunk = 1 << 18;
  for (const Request& r : trace.requests) {
    append(text, r.arrival_s);
    append(text += ',', r.prompt_tokens);
    append(text += ',', r.output_tokens);
    if (sessions) text += ',';
    if (r.session != 0) append(text, r.session);
    if (priorities) append(text += ',', static_cast<unsigned>(r.priority));
    if (kinds) append_text(text += ',', trace.kinds[r.kind]);
    if (blocks || answers) text += ',';
    bool first = true;
    for (const BlockHash block : blocks_after(trace, r)) {
      if (!first) text += ' ';
      append(text, block);
      first = false;
    }
    if (answers) append(text += ',', static_cast<unsigned>(r.answer_blocks));
    text += '\n';
    if (text.size() < kChunk) continue;
    out << text;
    text.clear();
  }
  out << text;
}

}  // namespace alight
