// From what a scenario says of a service's requests to the requests.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/scenario/requests_spec.hpp"
#include "workloads/requests/formats.hpp"

namespace alight {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// Problems of a file as a whole are told where the file is named; those of a row, where the row stands.
std::optional<RequestImport> read(const std::string& file, const std::string& format, const RequestReadOptions& options,
                                  const std::string& key, Diagnostics& d) {
  Diagnostics of_file;
  auto import = read_requests(std::vector<std::filesystem::path>{file}, format, options, of_file);
  for (const Problem& p : of_file.problems()) {
    if (p.where.line > 0)
      d.error(p.where, p.key, p.message, p.hint);
    else
      d.error_at(key, p.message + " (" + file + ")", p.hint);
  }
  return import;
}

bool read_file(const RequestsSpec& spec, const std::string& key, ServiceRequests& out, Diagnostics& d) {
  RequestReadOptions options;
  for (const auto& [ours, theirs] : spec.columns)
    add_column(options.columns, ours + "=" + theirs, request_column_names());
  options.time_pattern = spec.time_pattern;
  if (spec.block_tokens) options.block_tokens = static_cast<int>(*spec.block_tokens);
  options.skip_bad = spec.skip_bad_rows;
  auto import = read(*spec.file, spec.format, options, join_key(key, "file"), d);
  if (!import) return false;
  out.trace = std::move(import->trace);
  out.report = std::move(import->report);
  out.inputs.push_back(*spec.file);
  return true;
}

bool generate(const RequestsSpec& spec, const std::string& name, std::uint64_t seed, double horizon_s,
              const std::string& key, ServiceRequests& out, Diagnostics& d) {
  RequestGeneratorSpec generator = *spec.generate;
  const std::string at = join_key(key, "generate");
  if (spec.requests && (!generator.requests || *spec.requests < *generator.requests))
    generator.requests = spec.requests;
  if (!generator.horizon_s && std::isfinite(horizon_s)) generator.horizon_s = horizon_s - spec.start_s;
  if (!generator.rate_per_s && !generator.horizon_s) {
    d.error_at(at, "states neither a `rate` nor a `horizon` over which its `requests` come");
    return false;
  }
  const double expected = expected_requests(generator);
  if (!(expected <= kMostRequests)) {
    d.error_at(at, std::isfinite(expected)
                       ? fmt::format("asks for {:.3g} requests; at most {:.0e} are made", expected, kMostRequests)
                       : "has no end: give `requests` or a `horizon`, or the run a horizon");
    return false;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  if (generator.lengths_from) {
    const auto import = read(*generator.lengths_from, "auto", {}, join_key(at, "lengths_from"), d);
    if (!import) return false;
    for (const Request& r : import->trace.requests) pairs.emplace_back(r.prompt_tokens, r.output_tokens);
    out.inputs.push_back(*generator.lengths_from);
  }
  out.trace = generate_requests(generator, "requests." + name, seed, pairs);
  return true;
}

bool keep_kinds_of(const RequestsSpec& spec, const std::string& key, RequestTrace& trace, Diagnostics& d) {
  if (spec.kinds.empty()) return true;
  bool good = true;
  for (std::size_t i = 0; i < spec.kinds.size(); ++i) {
    if (std::find(trace.kinds.begin(), trace.kinds.end(), spec.kinds[i]) != trace.kinds.end()) continue;
    d.error_at(fmt::format("{}[{}]", join_key(key, "kinds"), i),
               fmt::format("no request is of the kind \"{}\"", spec.kinds[i]),
               did_you_mean(spec.kinds[i], trace.kinds));
    good = false;
  }
  if (good) keep_kinds(trace, spec.kinds);
  return good;
}

/// Window, rate and repetition of what a file holds; false after a mistake.
bool reshape(const RequestsSpec& spec, double until_s, const std::string& key, RequestTrace& trace, Diagnostics& d) {
  const auto at = [&](const char* name) { return join_key(key, name); };
  if (spec.window) {
    cut_window(trace, spec.window->from_s, spec.window->to_s.value_or(std::numeric_limits<double>::infinity()));
    if (trace.requests.empty()) {
      d.error_at(at("window"), "holds no request of the trace");
      return false;
    }
  }
  if ((spec.rate_per_s || spec.repeat) && !mean_rate_per_s(trace)) {
    d.error_at(at(spec.rate_per_s ? "rate" : "repeat"), "needs requests that come at two times at least");
    return false;
  }
  if (spec.rate_per_s) {
    const double made = static_cast<double>(trace.requests.size()) * *spec.rate_per_s / *mean_rate_per_s(trace);
    if (spec.rescale == RequestsSpec::Rescale::stretch) {
      stretch_to_rate(trace, *spec.rate_per_s);
    } else if (made > kMostRequests) {
      d.error_at(at("rate"), fmt::format("comes to {:.3g} requests; at most {:.0e} are made", made, kMostRequests));
      return false;
    } else {
      refill_to_rate(trace, *spec.rate_per_s, spec.copies);
    }
  }
  const std::uint64_t most = spec.requests ? static_cast<std::uint64_t>(*spec.requests) : kNoLimit;
  if (!spec.repeat) {
    cut(trace, most, until_s);
    return true;
  }
  // A window is repeated whole, with the quiet at its ends.
  const double period_s = spec.window && spec.window->to_s && !spec.rate_per_s
                              ? *spec.window->to_s - spec.window->from_s
                              : period_of(trace);
  const double made =
      std::min(static_cast<double>(most), until_s / period_s * static_cast<double>(trace.requests.size()));
  if (!(made <= kMostRequests)) {
    d.error_at(at("repeat"), std::isfinite(until_s) || spec.requests
                                 ? fmt::format("comes to {:.3g} requests; at most {:.0e} are made", made, kMostRequests)
                                 : "has no end: give `requests`, or the run a horizon");
    return false;
  }
  const double copies = std::ceil(made / static_cast<double>(trace.requests.size())) + 1;
  if (copies * trace.distinct_blocks > std::numeric_limits<BlockHash>::max()) {
    d.error_at(at("repeat"), "comes to more than 2^32 blocks", "`copies: same` shares them");
    return false;
  }
  repeat(trace, period_s, most, until_s, spec.copies);
  return true;
}

}  // namespace

std::optional<ServiceRequests> requests_of(const RequestsSpec& spec, const std::string& name, std::uint64_t seed,
                                           double horizon_s, const std::string& key, Diagnostics& diagnostics) {
  const double until_s = horizon_s - spec.start_s;
  if (!(until_s > 0)) {
    diagnostics.error_at(join_key(key, "start"), "is not before the end of the run");
    return std::nullopt;
  }
  ServiceRequests out;
  const bool made =
      spec.file ? read_file(spec, key, out, diagnostics) : generate(spec, name, seed, horizon_s, key, out, diagnostics);
  if (!made || !keep_kinds_of(spec, key, out.trace, diagnostics) ||
      !reshape(spec, until_s, key, out.trace, diagnostics))
    return std::nullopt;
  if (out.trace.requests.empty()) {
    diagnostics.error_at(key, "no request comes before the end of the run");
    return std::nullopt;
  }
  for (Request& r : out.trace.requests) {
    r.arrival_s += spec.start_s;
    if (spec.priority) r.priority = static_cast<std::uint8_t>(*spec.priority);
  }
  return out;
}

}  // namespace alight
