#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/facility/building.hpp"
#include "sim/record/cabling.hpp"
#include "sim/record/caps.hpp"
#include "sim/record/heat.hpp"
#include "sim/record/slow_chips.hpp"
#include "sim/record/summary.hpp"

namespace alight {

std::string with_commas(std::int64_t n) {
  std::string digits = std::to_string(n);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

namespace {

std::string duration(double s) {
  if (s < 120) return fmt::format("{:.3g} s", s);
  if (s < 7200) return fmt::format("{:.3g} min", s / 60);
  if (s < 172800) return fmt::format("{:.3g} h", s / 3600);
  return fmt::format("{:.4g} days", s / 86400);
}

std::string peak(double pflops) {
  if (pflops >= 1000) return fmt::format("{:.3g} EFLOPS", pflops / 1000);
  return pflops >= 0.1 ? fmt::format("{:.3g} PFLOPS", pflops) : fmt::format("{:.3g} TFLOPS", pflops * 1000);
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f}", *share * 100) : "?";
}

class Text {
 public:
  explicit Text(const TextStyle& style) : style_(style) {}
  void line(std::string_view label, const std::string& what) {
    const std::string padded = fmt::format("{:<15}", label);
    out_ += fmt::format("  {} {}\n", style_.colour ? "\033[2m" + padded + "\033[0m" : padded, what);
  }
  void gap() { out_ += "\n"; }
  void head(const std::string& text) { out_ += (style_.colour ? "\033[1m" + text + "\033[0m" : text) + "\n\n"; }
  std::string take() { return std::move(out_); }

 private:
  const TextStyle& style_;
  std::string out_;
};

// The states of one half of the tree that held anything, largest first, with why they are so.
std::vector<std::string> shares(const Summary& s, bool lit) {
  struct Entry {
    std::size_t state;
    double share;
  };
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < kChipStates; ++i)
    if (is_lit(static_cast<ChipState>(i)) == lit && s.headline.chip_s[i] > 0)
      entries.push_back({i, s.headline.chip_s[i] / s.headline.installed_chip_s});
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.share > b.share; });
  static constexpr std::array<std::string_view, kChipStates> why = {
      "built later",
      "no power or cooling left",
      "in repair",
      "drained",
      "work is queued, none of it can run on these chips",
      "work is queued that could run here; gang size, quota or a reservation keeps it out",
      "nothing is queued",
      "loading, compiling, warming up",
      "waiting for checkpoints, thrown away at failures",
      "waiting for slower chips of the same job",
      "waiting for the network",
      "pipeline fill and drain",
      "clocked down",
      "waiting for requests",
      "computing below peak",
      "model FLOPs at peak",
      "known by its traced duration only"};
  std::vector<std::string> lines;
  for (const Entry& e : entries)
    lines.push_back(fmt::format("{:<13}{:5.1f} %   {}", kChipStateNames[e.state], e.share * 100, why[e.state]));
  return lines;
}

std::string jobs_line(const Summary& s) {
  std::string text;
  for (std::size_t i = 0; i < kJobStatuses; ++i)
    if (s.jobs_by_status[i] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : "   ", with_commas(s.jobs_by_status[i]),
                          name_of(static_cast<JobStatus>(i)));
  return text;
}

}  // namespace

std::string summary_text(const Summary& s, const TextStyle& style, double cpu_s) {
  const Prepared& p = s.prepared;
  const Headline& h = s.headline;
  Text text(style);
  std::string head =
      fmt::format("{}   {} chips in {} racks{}   {}   seed {}", p.scenario.name, with_commas(p.site.chips),
                  with_commas(p.site.racks), h.pflops > 0 ? ", " + peak(h.pflops) + " dense FP16" : "",
                  duration(s.end.end_s), p.scenario.seed);
  if (cpu_s >= 0) head += fmt::format("   {:.2g} CPU-s", cpu_s);
  text.head(head);
  if (state_of(s.end) != "complete") text.line("INCOMPLETE", std::string(state_of(s.end)) + ": " + s.end.violation);
  text.line("lit rate",
            fmt::format("{} % of cards    {}", percent(h.lit_rate),
                        h.lit_rate_pflops ? percent(h.lit_rate_pflops) + " % of PFLOPS" : "PFLOPS unknown"));
  std::string chain;
  for (const ChainLink& link : h.chain)
    chain += fmt::format("{}{} {}", chain.empty() ? "" : "  >  ",
                         link.name == "ettr"  ? "ETTR"
                         : link.name == "mfu" ? "MFU"
                                              : link.name,
                         percent(link.share));
  text.line("chain (%)", chain);
  text.gap();
  bool first = true;
  for (const auto& line : shares(s, false)) {
    text.line(first ? "why dark" : "", line);
    first = false;
  }
  first = true;
  for (const auto& line : shares(s, true)) {
    text.line(first ? "lit" : "", line);
    first = false;
  }
  text.gap();
  text.line("jobs", jobs_line(s));
  for (const auto& [why, count] : s.rejections) text.line("", fmt::format("{} rejected: {}", with_commas(count), why));
  if (const PreemptionTotals& lost = s.preemptions; lost.preemptions > 0)
    text.line("preempted", fmt::format("{} {}, {} times   {} chip-hours done again", with_commas(lost.jobs),
                                       lost.jobs == 1 ? "job" : "jobs", with_commas(lost.preemptions),
                                       with_commas(std::llround(lost.redone_chip_s / 3600))));
  if (s.training.started > 0)
    text.line("training", fmt::format("{} started   {:.4g} tokens trained   MFU {} %", with_commas(s.training.started),
                                      s.training.tokens, percent(h.mfu)));
  if (const auto& mixed = s.training.mixed) {
    text.line("mixed",
              fmt::format("{} started over several pools   eta_bucket {:.3f}   eta_mix {:.3f}   recovery {:.0f} %",
                          with_commas(mixed->started), mixed->eta_bucket, mixed->eta_mix, mixed->recovery * 100));
    if (!mixed->shortest.pool.empty())
      text.line("", fmt::format("shortest stave: {} of {}, +{:.1f} % when lifted to the best there is",
                                mixed->shortest.stave, mixed->shortest.pool, mixed->shortest.gain_pct));
  }
  for (const auto& [label, line] : service_lines(s.services, s.end.end_s)) text.line(label, line);
  if (const auto& building = s.prepared.settings.building)
    for (const auto& [label, line] : power_lines(s.power, *building, s.prepared.site, s.end)) text.line(label, line);
  if (s.money)
    for (const auto& [label, line] : money_lines(*p.money, *s.money)) text.line(label, line);
  if (!s.end.caps.empty())
    for (const auto& [label, line] : cap_lines(s.prepared.settings.building->caps, s.end.caps, s.end.end_s))
      text.line(label, line);
  for (const auto& [label, line] : heat_lines(s.prepared.site, s.end.heat, s.end.end_s)) text.line(label, line);
  const auto storage = storage_lines(s.storage, s.links);
  for (std::size_t i = 0; i < storage.size(); ++i) text.line(i == 0 ? "storage" : "", storage[i]);
  for (std::size_t i = 0; i < s.links.hottest.size(); ++i) {
    const LinkTotals::Link& link = s.links.hottest[i];
    text.line(i == 0 ? "hottest links" : "",
              fmt::format("{}   {:.1f} % of {:g} Gbps   saturated {:.1f} % of the time", link.name,
                          link.utilisation * 100, link.gbps, link.saturated * 100));
  }
  for (std::size_t i = 0; i < s.links.losers.size(); ++i) {
    const LinkTotals::Job& job = s.links.losers[i];
    text.line(
        i == 0 ? "lost to others" : "",
        (i == 0 ? fmt::format("{} chip-hours by {} {}, most by ", with_commas(std::llround(s.links.lost_chip_s / 3600)),
                              with_commas(s.links.jobs), s.links.jobs == 1 ? "job" : "jobs")
                : std::string()) +
            fmt::format("{}: {}{}", job.id, duration(job.lost_s),
                        job.worst_link.empty() ? "" : " on " + job.worst_link));
  }
  if (s.prepared.settings.faults) {
    text.line("faults",
              fmt::format("{} in the network, {} repaired   {:.4g} cable-hours   {} chip-hours lost   jobs: {} "
                          "stalled, {} failed",
                          with_commas(s.faults.faults), with_commas(s.faults.repairs), s.faults.cable_hours,
                          with_commas(std::llround(s.faults.lost_chip_s / 3600)), with_commas(s.faults.stalled),
                          with_commas(s.faults.failed)));
    for (const FaultTotals::Job& job : s.faults.named)
      text.line("", fmt::format("{}: {} by {}, {:.4g} chip-hours {}", job.id, job.failed ? "failed" : "stalled", job.by,
                                job.chip_s / 3600, job.failed ? "until then" : "lost"));
  }
  if (s.prepared.settings.breakdowns)
    for (const auto& [label, line] : breakdown_lines(s.breakdowns, s.end.end_s)) text.line(label, line);
  for (const auto& [label, line] : slow_chip_lines(p.site, s.end.slow_chips, s.end.end_s)) text.line(label, line);
  if (s.waits_s.count > 0)
    text.line("wait", fmt::format("mean {}   p50 {}   p90 {}   p99 {}{}", duration(s.waits_s.mean),
                                  duration(s.waits_s.p50), duration(s.waits_s.p90), duration(s.waits_s.p99),
                                  s.jobs_by_status[static_cast<std::size_t>(JobStatus::waiting)] > 0
                                      ? "   (of jobs that started)"
                                      : ""));
  if (s.slowdowns.count > 0)
    text.line("slowdown", fmt::format("bounded, mean {:.4g}   p50 {:.3g}   p90 {:.3g}   p99 {:.4g}", s.slowdowns.mean,
                                      s.slowdowns.p50, s.slowdowns.p90, s.slowdowns.p99));
  for (std::size_t k = 0; k < s.fill.size(); ++k)
    if (s.fill[k] && (k == 100 || k + 1 == s.fill.size()))
      text.line("filled", fmt::format("{:.2f} % of chips allocated when {} % have been asked for", *s.fill[k], k));
  const auto cables = bill_lines(p.bill, p.site);
  for (std::size_t i = 0; i < cables.size(); ++i) text.line(i == 0 ? "cables" : "", cables[i]);
  const ImportReport& report = p.workload.report;
  for (const auto& reason : report.reasons)
    text.line("skipped",
              fmt::format("{} rows: {} (first {})", with_commas(reason.rows), reason.why, reason.first_place));
  for (const auto& note : report.notes) text.line("note", note);
  for (std::size_t i = 0; i < s.rests_on.size(); ++i) text.line(i == 0 ? "rests on" : "", s.rests_on[i]);
  return text.take();
}

}  // namespace alight
