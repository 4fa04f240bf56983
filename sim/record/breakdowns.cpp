#include "sim/record/breakdowns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/record/summary.hpp"

namespace alight {
namespace {

double chips_of(const JobRecord& r) {
  return static_cast<double>(r.held_milli) * 1e-3;
}

}  // namespace

std::int64_t BreakdownTotals::interruptions() const {
  std::int64_t sum = 0;
  for (const auto& [chips, jobs] : by_chips) sum += jobs.interruptions;
  return sum;
}

BreakdownTotals::JobClass& BreakdownRecord::class_of(const Job& job) {
  return totals_.by_chips[static_cast<std::int64_t>(
      std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(1, job.chips))))];
}

void BreakdownRecord::held(const JobRecord& r) {
  if (r.job.type == JobType::service) return;
  BreakdownTotals::JobClass& jobs = class_of(r.job);
  jobs.job_s += r.finish_s - r.start_s;
  jobs.chip_s += chips_of(r) * (r.finish_s - r.start_s);
  totals_.hung_chip_s += chips_of(r) * r.hung_s;
  totals_.redone_chip_s += chips_of(r) * r.redone_s;
  totals_.reduced_job_s += r.reduced_s;
  totals_.reduced_chip_s += chips_of(r) * r.reduced_s;
}

void BreakdownRecord::job_grew(const JobRecord& r) {
  held(r);
  ++totals_.growths;
}

void BreakdownRecord::job_interrupted(const JobRecord& r) {
  held(r);
  ++class_of(r.job).interruptions;
}

void BreakdownRecord::job_ended(const JobRecord& r) {
  if (!r.pool || r.job.type == JobType::service) return;
  held(r);
  // Of an elastic job, by the most chips it held.
  const double chips = static_cast<double>(std::max(r.held_milli, r.before.most_milli)) * 1e-3;
  totals_.kept_chip_s += chips * r.kept_s();
  totals_.started_chip_s += chips * (r.finish_s - r.first_start_s());
}

void BreakdownRecord::broke(const Breakdown& b) {
  BreakdownTotals::Cause& cause = totals_.causes[std::string(b.name)];
  if (b.what == Breakdown::What::found) {
    cause.jobs += b.jobs;
    if (!b.slow) return;
  }
  totals_.down_server_s += static_cast<double>(down_.size()) * (b.time_s - counted_s_);
  counted_s_ = b.time_s;
  for (std::int64_t s = b.first_server; s < b.first_server + b.servers; ++s) {
    if (b.what != Breakdown::What::back)
      ++down_[s];
    else if (--down_[s] == 0)
      down_.erase(s);
  }
  if (const auto now = static_cast<std::int64_t>(down_.size()); now > totals_.down_most) {
    totals_.down_most = now;
    totals_.down_most_at_s = b.time_s;
  }
  if (b.what != Breakdown::What::broken) return;
  ++cause.broken;
  cause.maintenance = b.maintenance;
}

BreakdownTotals BreakdownRecord::totals(double end_s) const {
  BreakdownTotals totals = totals_;
  totals.down_server_s += static_cast<double>(down_.size()) * std::max(0.0, end_s - counted_s_);
  return totals;
}

std::vector<std::pair<std::string, std::string>> breakdown_lines(const BreakdownTotals& t, double end_s) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::int64_t broken = 0;
  for (const auto& [name, cause] : t.causes) broken += cause.broken;
  lines.emplace_back("failures", fmt::format("{}   servers down: mean {:.4g}, at most {}   jobs interrupted {} times",
                                             with_commas(broken), end_s > 0 ? t.down_server_s / end_s : 0,
                                             with_commas(t.down_most), with_commas(t.interruptions())));
  if (t.started_chip_s > 0)
    lines.emplace_back("", fmt::format("ETTR {:.2f} %   {} chip-hours hung, {} done again", 100 * t.ettr(),
                                       with_commas(std::llround(t.hung_chip_s / 3600)),
                                       with_commas(std::llround(t.redone_chip_s / 3600))));
  if (t.reduced_job_s > 0)
    lines.emplace_back("", fmt::format("elastic jobs: {} chip-hours on fewer chips than asked for, grown back {} times",
                                       with_commas(std::llround(t.reduced_chip_s / 3600)), with_commas(t.growths)));
  std::vector<std::pair<std::string, BreakdownTotals::Cause>> causes(t.causes.begin(), t.causes.end());
  std::stable_sort(causes.begin(), causes.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.second.jobs, a.second.broken) > std::make_pair(b.second.jobs, b.second.broken);
  });
  constexpr std::size_t kNamedCauses = 5;
  for (std::size_t i = 0; i < std::min(causes.size(), kNamedCauses); ++i)
    lines.emplace_back("", fmt::format("{}: {} times, {} jobs stopped", causes[i].first,
                                       with_commas(causes[i].second.broken), with_commas(causes[i].second.jobs)));
  return lines;
}

nlohmann::ordered_json breakdown_json(const BreakdownTotals& t, double end_s) {
  nlohmann::ordered_json causes = nlohmann::ordered_json::array(), sizes = nlohmann::ordered_json::array();
  for (const auto& [name, cause] : t.causes)
    causes.push_back(
        {{"cause", name}, {"times", cause.broken}, {"jobs_stopped", cause.jobs}, {"maintenance", cause.maintenance}});
  for (const auto& [chips, jobs] : t.by_chips) {
    nlohmann::ordered_json row = {{"chips_from", chips},
                                  {"job_hours", jobs.job_s / 3600},
                                  {"chip_hours", jobs.chip_s / 3600},
                                  {"interruptions", jobs.interruptions}};
    if (jobs.interruptions > 0) row["mttf_h"] = jobs.job_s / 3600 / static_cast<double>(jobs.interruptions);
    sizes.push_back(std::move(row));
  }
  nlohmann::ordered_json out = {
      {"interruptions", t.interruptions()}, {"servers_down_mean", end_s > 0 ? t.down_server_s / end_s : 0},
      {"servers_down_most", t.down_most},   {"servers_down_most_at_s", t.down_most_at_s},
      {"hung_chip_s", t.hung_chip_s},       {"redone_chip_s", t.redone_chip_s}};
  if (t.started_chip_s > 0) out["ettr"] = t.ettr();
  if (t.reduced_job_s > 0)
    out["elastic"] = {{"growths", t.growths}, {"reduced_job_s", t.reduced_job_s}, {"reduced_chip_s", t.reduced_chip_s}};
  out["causes"] = causes;
  out["jobs_by_chips"] = sizes;
  return out;
}

}  // namespace alight
