// `alight requests`: what a trace or a generator of requests is like, and the requests as a table.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <limits>

#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/config/overrides.hpp"
#include "sim/scenario/requests_spec.hpp"
#include "workloads/requests/formats.hpp"
#include "workloads/requests/statistics.hpp"
#include "workloads/requests/write_csv.hpp"

namespace alight::cli {
namespace {

bool is_yaml(const std::filesystem::path& file) {
  return file.extension() == ".yaml" || file.extension() == ".yml";
}

/// The block of keys: of a YAML file, or one that names the trace.
std::optional<Node> block_of(const RequestsArguments& a, Diagnostics& d) {
  Node root = Node::mapping();
  if (is_yaml(a.source)) {
    auto loaded = load_config(a.source, d);
    if (!loaded) return std::nullopt;
    if (loaded->root.kind != Node::Kind::null) root = std::move(loaded->root);
  } else {
    root.add("file", Node::scalar(a.source.string()));
    root.find("file")->quoted = true;
  }
  const auto put = [&](const char* key, const std::optional<std::string>& value) {
    if (!value) return;
    Node node = Node::scalar(*value, {std::make_shared<const std::string>(std::string("--") + key), 0, 0});
    node.quoted = true;
    if (Node* old = root.find(key))
      *old = std::move(node);
    else
      root.add(key, std::move(node));
  };
  put("format", a.format);
  put("time_pattern", a.time_pattern);
  for (const std::string& column : a.columns) {
    ColumnMap map;
    if (const std::string problem = add_column(map, column, request_column_names()); !problem.empty()) {
      d.error({}, "--column " + column, problem);
      continue;
    }
    if (!root.find("columns")) root.add("columns", Node::mapping());
    const auto equals = column.find('=');
    Node theirs = Node::scalar(column.substr(equals + 1));
    theirs.quoted = true;
    root.find("columns")->add(column.substr(0, equals), std::move(theirs));
  }
  apply_overrides(root, a.overrides, d);
  return root;
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

void print_lengths(const char* name, const LengthCounter& lengths) {
  std::cout << fmt::format("{:<16}{:>10.1f}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>15}\n", name, lengths.mean(),
                           lengths.percentile(0), lengths.percentile(0.5), lengths.percentile(0.9),
                           lengths.percentile(0.95), lengths.percentile(0.99), lengths.percentile(1), lengths.tokens());
}

void print_statistics(const RequestTrace& trace) {
  const RequestStatistics s = statistics_of(trace);
  const std::size_t requests = trace.requests.size();
  std::cout << fmt::format("requests        {} from {:.3f} s to {:.3f} s", requests, s.first_s(), s.last_s());
  if (trace.start_s != 0)
    std::cout << " after " << format_date(Date{static_cast<std::int64_t>(trace.start_s)}) << " UTC";
  std::cout << '\n';
  if (s.gaps().mean_s() > 0) {
    std::cout << fmt::format("rate            {:.4g} /s\n", s.rate_per_s());
    std::cout << fmt::format(
        "bursts          gaps: coefficient of variation {:.3f}; counts in windows of 10 and 100 mean "
        "gaps: index of dispersion {:.2f} and {:.2f} (Poisson: 1)\n",
        s.gaps().cv(), dispersion_of_counts(trace.requests, 10 * s.gaps().mean_s()),
        dispersion_of_counts(trace.requests, 100 * s.gaps().mean_s()));
  }
  if (s.sessions() > 0) std::cout << fmt::format("sessions        {}\n", s.sessions());
  std::cout << fmt::format("{:<16}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>15}\n", "tokens", "mean", "least", "p50",
                           "p90", "p95", "p99", "most", "sum");
  print_lengths("prompt", s.prompts());
  print_lengths("output", s.outputs());
  if (trace.block_tokens == 0) return;
  const PrefixShare& p = s.prefix();
  std::cout << fmt::format("prefix          blocks of {} tokens, {} different; an infinite cache finds\n",
                           trace.block_tokens, trace.distinct_blocks);
  std::cout << fmt::format("{:16}{} of the prompt tokens, {} of the prompt blocks,\n", "", percent(p.of_tokens()),
                           percent(p.of_blocks()));
  std::cout << fmt::format("{:16}{} of a prompt in the mean of requests, something for {} of the requests\n", "",
                           percent(p.mean()), percent(p.of_requests()));
}

bool write_table(const RequestTrace& trace, const std::filesystem::path& out) {
  std::ofstream file(out, std::ios::binary);
  if (file) write_request_csv(file, trace);
  file.close();
  if (!file) std::cerr << "alight: cannot write " << out.string() << '\n';
  return file.good();
}

}  // namespace

int requests(const RequestsArguments& a) {
  Diagnostics d;
  RequestsSpec spec;
  if (const auto block = block_of(a, d); block && d.ok()) {
    read(spec, *block, "", d);
    if (d.ok()) make_absolute(spec, "", d);
  }
  std::optional<ServiceRequests> made;
  if (d.ok())
    made = requests_of(spec, "cli", static_cast<std::uint64_t>(a.seed), std::numeric_limits<double>::infinity(), "", d);
  if (!d.ok() || !made) {
    d.print(std::cerr);
    return kBadInput;
  }
  if (a.out && !write_table(made->trace, *a.out)) return kBadInput;
  if (spec.file) {
    const ImportReport& report = made->report;
    std::cout << fmt::format("{}: {} rows, {} skipped\n", a.source.filename().string(), report.taken + report.skipped,
                             report.skipped);
    for (const auto& reason : report.reasons)
      std::cout << fmt::format("  skipped {:>8}  {} (first: {})\n", reason.rows, reason.why, reason.first_place);
    for (const auto& note : report.notes) std::cout << "  note: " << note << '\n';
  }
  print_statistics(made->trace);
  return kDone;
}

}  // namespace alight::cli
