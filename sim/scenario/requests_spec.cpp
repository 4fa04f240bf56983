#include "sim/scenario/requests_spec.hpp"

#include "sim/config/include.hpp"
#include "workloads/requests/formats.hpp"

namespace alight {
namespace {

constexpr Range kRequestTime{.min = 0, .max = 1e10};

std::vector<std::string> auto_or_request_formats() {
  auto names = request_format_names();
  names.insert(names.begin(), "auto");
  return names;
}

void check(const RequestsSpec& s, const std::string& path, Diagnostics& out) {
  if (!s.file && !s.generate)
    out.error_at(path, "states no requests", "give a trace (`file`) or a generator (`generate`)");
  if (s.file && s.generate)
    out.error_at(join_key(path, "generate"), "stands beside `file`; requests come from one of them");
  if (!s.file) {
    const std::pair<const char*, bool> of_file[] = {{"format", s.format != "auto"},
                                                    {"columns", !s.columns.empty()},
                                                    {"time_pattern", !s.time_pattern.empty()},
                                                    {"block_tokens", s.block_tokens.has_value()},
                                                    {"skip_bad_rows", s.skip_bad_rows}};
    for (const auto& [key, given] : of_file)
      if (given) out.error_at(join_key(path, key), "says how a file is read, and there is none");
  }
  for (const auto& [ours, theirs] : s.columns) {
    ColumnMap map;
    const std::string problem = add_column(map, ours + "=" + theirs, request_column_names());
    if (!problem.empty()) out.error_at(join_key(join_key(path, "columns"), ours), problem);
  }
  if (s.rescale != RequestsSpec::Rescale::stretch && !s.rate_per_s)
    out.error_at(join_key(path, "rescale"), "says how to come to a `rate`, and none is given");
  if (s.generate && s.rate_per_s)
    out.error_at(join_key(path, "rate"), "belongs to a trace; a generator has a `rate` of its own");
}

}  // namespace

const Description& RequestWindowSpec::description() {
  static const auto d =
      describe<RequestWindowSpec>("request window", "A stretch of a trace, in its own time.")
          .quantity("from", &RequestWindowSpec::from_s, "s", "Its beginning, which becomes 0.", kRequestTime)
          .quantity("to", &RequestWindowSpec::to_s, "s", "Its end; none: all that follows.", kRequestTime)
          .check([](const RequestWindowSpec& w, const std::string& path, Diagnostics& out) {
            if (w.to_s && *w.to_s <= w.from_s) out.error_at(join_key(path, "to"), "is not after `from`");
          })
          .done();
  return d;
}

const Description& RequestsSpec::description() {
  static const auto d =
      describe<RequestsSpec>("requests", "What a service is asked: a trace of requests, or a generator of them.")
          .text("file", &RequestsSpec::file, "A trace of requests, plain or compressed (.gz, .xz, .zst).")
          .choice("format", &RequestsSpec::format, auto_or_request_formats,
                  "Format of the trace (docs/requests.md); auto tells it by its columns.")
          .table("columns", &RequestsSpec::columns,
                 "Our column = theirs, with a unit or factor behind a colon (arrival_s: \"sent:ms\").")
          .text("time_pattern", &RequestsSpec::time_pattern,
                "How times are written (strptime). Default: numbers or ISO stamps.")
          .integer("block_tokens", &RequestsSpec::block_tokens,
                   "Tokens of a block of the trace's prompts. Default: as the file says, else 512.",
                   {.min = 1, .max = 1048576})
          .flag("skip_bad_rows", &RequestsSpec::skip_bad_rows,
                "Counts rows that cannot be read and leaves them out; false: they are mistakes.")
          .object("generate", &RequestsSpec::generate, "A generator of requests, in place of a file.")
          .list("kinds", &RequestsSpec::kinds, "Only requests of these kinds. Default: all.")
          .object("window", &RequestsSpec::window, "Only this stretch of the trace.")
          .quantity("rate", &RequestsSpec::rate_per_s, "/s",
                    "Brings the trace to this mean rate and keeps its bursts (docs/requests.md).",
                    {.min = 0, .max = 1e6, .above_min = true})
          .choice("rescale", &RequestsSpec::rescale,
                  {{"stretch", RequestsSpec::Rescale::stretch}, {"refill", RequestsSpec::Rescale::refill}},
                  "How: stretch makes the whole trace shorter or longer, its days too; refill keeps its hours and goes "
                  "through the trace more often, or less far.")
          .flag("repeat", &RequestsSpec::repeat,
                "Goes through the trace again and again, until `requests` or the end of the run.")
          .choice("copies", &RequestsSpec::copies, {{"fresh", CopiedBlocks::fresh}, {"same", CopiedBlocks::same}},
                  "Whether prompts gone through again are new ones (fresh) or word for word the same.")
          .integer("requests", &RequestsSpec::requests, "At most so many requests.", {.min = 1, .max = kMostRequests})
          .quantity("start", &RequestsSpec::start_s, "s", "When, in the run, the trace begins.", kRequestTime)
          .integer("priority", &RequestsSpec::priority, "Of all requests, in place of their own; higher goes first.",
                   {.min = 0, .max = 255})
          .check(check)
          .done();
  return d;
}

void make_absolute(RequestsSpec& spec, const std::string& key, const Diagnostics& diagnostics) {
  make_absolute(spec.file, join_key(key, "file"), diagnostics);
  if (spec.generate)
    make_absolute(spec.generate->lengths_from, join_key(join_key(key, "generate"), "lengths_from"), diagnostics);
}

}  // namespace alight
