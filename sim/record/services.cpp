#include "sim/record/services.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/record/summary.hpp"

namespace alight {
namespace {

constexpr std::array<std::string_view, kRequestEnds> kEnds = {"finished", "rejected", "timed_out", "lost"};

std::string_view role_name(ReplicaRole role) {
  return role == ReplicaRole::aggregated ? "aggregated" : role == ReplicaRole::prefill ? "prefill" : "decode";
}

double share(double part, double of) {
  return of > 0 ? part / of : 0;
}

std::string time_text(double s) {
  return s < 1 ? fmt::format("{:.3g} ms", s * 1e3) : fmt::format("{:.3g} s", s);
}

std::string percentiles(const LogHistogram& of) {
  return fmt::format("p50 {}, p90 {}, p99 {}", time_text(of.quantile(0.5)), time_text(of.quantile(0.9)),
                     time_text(of.quantile(0.99)));
}

nlohmann::ordered_json json_of(const LogHistogram& of) {
  return {{"mean", of.mean()},        {"p50", of.quantile(0.5)},  {"p90", of.quantile(0.9)},
          {"p95", of.quantile(0.95)}, {"p99", of.quantile(0.99)}, {"max", of.max()}};
}

}  // namespace

void ServicesRecord::service_bin(const ServiceState& state) {
  if (state.t_end_s <= state.t_start_s) return;
  if (!bins_) {
    bins_.emplace(folder_ / "services.csv");
    bins_->add(
        "t_start_s,t_end_s,service,arrived,finished,rejected,timed_out,lost,good,in_flight,prompt_tokens,output_tokens,"
        "ttft_p50_s,ttft_p99_s,tpot_p50_s,tpot_p99_s,replicas,starting\n");
  }
  const ServiceResults& now = state.results;
  ServiceResults& before = before_[state.service.name];
  const LogHistogram ttft = now.ttft_s.since(before.ttft_s), tpot = now.tpot_s.since(before.tpot_s);
  bins_->print("{},{},{},{}", state.t_start_s, state.t_end_s, state.service.name, now.arrived - before.arrived);
  for (std::size_t e = 0; e < kRequestEnds; ++e) bins_->print(",{}", now.ended[e] - before.ended[e]);
  bins_->print(",{},{},{},{}", now.good - before.good, state.waiting, now.prompt_tokens - before.prompt_tokens,
               now.output_tokens - before.output_tokens);
  for (const LogHistogram* each : {&ttft, &tpot}) {
    if (each->count() > 0)
      bins_->print(",{:.6g},{:.6g}", each->quantile(0.5), each->quantile(0.99));
    else
      bins_->add(",,");
  }
  bins_->print(",{},{}\n", state.serving, state.starting);
  before = now;
  before.outcomes.clear();
}

void ServicesRecord::service_ended(const ServiceEnd& end) {
  ServiceTotals t;
  t.name = end.service.name;
  t.targets = end.service.fleet.targets;
  t.results = end.results;
  t.in_flight = end.in_flight;
  t.to_come = end.to_come;
  std::vector<PoolDone> done;
  for (std::size_t p = 0; p < end.service.replicas.size(); ++p) {
    t.kinds.push_back({.name = end.service.fleet.pools[p].name});
    done.push_back({.chips = static_cast<double>(end.service.replicas[p].model->chips())});
  }
  for (std::size_t n = 0; n < end.hours.size(); ++n) {
    const ReplicaHours& hours = end.hours[n];
    PoolDone& of_pool = done[end.replicas[n]];
    const double chips = of_pool.chips;
    const double busy_s = seconds(hours.totals.busy), serving_s = seconds(hours.serving);
    t.busy_chip_s += busy_s * chips;
    t.idle_chip_s += (serving_s - busy_s) * chips;
    t.starting_chip_s += seconds(hours.starting) * chips;
    t.asked_prompt_tokens += hours.totals.asked_tokens;
    t.hit_prompt_tokens += hours.totals.hit_tokens;
    t.preemptions += hours.totals.preemptions;
    ServiceTotals::Kind& kind = t.kinds[end.replicas[n]];
    kind.busy_s += busy_s;
    kind.serving_s += serving_s;
    ++kind.replicas;
    of_pool.serving_s += serving_s;
    of_pool.totals += hours.totals;
  }
  t.buckets = bucket_effects(end.service.fleet, done, end.results);
  totals_.push_back(std::move(t));
  if (end.service.fleet.keep_outcomes) add_requests(end);
}

void ServicesRecord::job_ended(const JobRecord& r) {
  if (r.job.type != JobType::service) return;
  const std::string_view service = std::string_view(r.job.id).substr(0, r.job.id.rfind('.'));
  const auto at = joules_.find(service);
  (at == joules_.end() ? joules_[std::string(service)] : at->second) += r.joules;
}

std::vector<ServiceTotals> ServicesRecord::totals() const {
  std::vector<ServiceTotals> totals = totals_;
  for (ServiceTotals& t : totals)
    if (const auto at = joules_.find(t.name); at != joules_.end()) t.joules = at->second;
  return totals;
}

double ServiceTotals::kwh_per_mtoken() const {
  return results.output_tokens > 0 ? joules / 3.6e6 / (static_cast<double>(results.output_tokens) * 1e-6) : 0;
}

void ServicesRecord::add_requests(const ServiceEnd& end) {
  if (!requests_) {
    requests_.emplace(folder_ / "requests.csv");
    requests_->add("service,request,arrival_s,prompt_tokens,output_tokens,first_token_s,end_s,end,replica,retries\n");
  }
  const auto& requests = end.service.trace.requests;
  const auto known = requests.size() - static_cast<std::size_t>(end.to_come);
  for (std::size_t i = 0; i < known; ++i) {
    const RequestOutcome& o = end.results.outcomes[i];
    requests_->print("{},{},{},{},{},", end.service.name, i, requests[i].arrival_s, requests[i].prompt_tokens,
                     requests[i].output_tokens);
    if (o.first_token_s >= 0) requests_->print("{:.9g}", o.first_token_s);
    if (o.end_s < 0) {
      requests_->add(",,in_flight,,\n");
      continue;
    }
    requests_->print(",{:.9g},{},", o.end_s, kEnds[static_cast<std::size_t>(o.end)]);
    if (o.replica >= 0) requests_->print("{}.{}", end.service.name, o.replica);
    requests_->print(",{}\n", o.retries);
  }
}

std::vector<std::pair<std::string, std::string>> ServicesRecord::close() {
  std::vector<std::pair<std::string, std::string>> files;
  if (bins_) files.emplace_back("services.csv", bins_->close());
  if (requests_) files.emplace_back("requests.csv", requests_->close());
  return files;
}

std::vector<std::pair<std::string, std::string>> service_lines(const std::vector<ServiceTotals>& totals, double run_s) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const ServiceTotals& t : totals) {
    const ServiceResults& r = t.results;
    std::string ends = fmt::format("{} requests", with_commas(r.arrived));
    for (std::size_t e = 0; e < kRequestEnds; ++e)
      if (r.ended[e] > 0) ends += fmt::format("   {} {}", with_commas(r.ended[e]), e == 2 ? "timed out" : kEnds[e]);
    if (t.in_flight > 0) ends += fmt::format("   {} in flight", with_commas(t.in_flight));
    if (t.to_come > 0) ends += fmt::format("   {} after the end of the run", with_commas(t.to_come));
    lines.emplace_back(t.name, ends);
    if (r.ttft_s.count() > 0)
      lines.emplace_back(
          "", fmt::format("first token {}   between tokens {}", percentiles(r.ttft_s), percentiles(r.tpot_s)));
    std::string targets;
    for (const auto& [what, s] : {std::pair{"first token", t.targets.ttft_s},
                                  {"between tokens", t.targets.tpot_s},
                                  {"end to end", t.targets.end_to_end_s}})
      if (s > 0) targets += fmt::format("{}{} {}", targets.empty() ? "" : ", ", what, time_text(s));
    if (!targets.empty())
      lines.emplace_back("", fmt::format("{:.2f} % of requests good ({})", r.good_share() * 100, targets));
    const double held = t.busy_chip_s + t.idle_chip_s + t.starting_chip_s;
    lines.emplace_back("", fmt::format("{:.4g} tokens/s out, {:.4g} in   {:.4g} chips held on average, busy {:.1f} %",
                                       share(static_cast<double>(r.output_tokens), run_s),
                                       share(static_cast<double>(r.prompt_tokens), run_s), share(held, run_s),
                                       100 * share(t.busy_chip_s, held)));
    if (t.hit_prompt_tokens > 0)
      lines.emplace_back("", fmt::format("{:.1f} % of prompt tokens from prefix caches",
                                         100 * share(static_cast<double>(t.hit_prompt_tokens),
                                                     static_cast<double>(t.asked_prompt_tokens))));
    if (t.joules > 0)
      lines.emplace_back("", fmt::format("{:.4g} kWh of its servers, {:.4g} for a million answer tokens",
                                         t.joules / 3.6e6, t.kwh_per_mtoken()));
    for (const FleetBucket& b : t.buckets)
      lines.emplace_back("",
                         fmt::format("bucket effect{}   eta_bucket {:.3f}   eta_mix {:.3f}   recovery {:.0f} %",
                                     b.role == ReplicaRole::aggregated ? "" : fmt::format(" of {}", role_name(b.role)),
                                     b.eta_bucket, b.eta_mix, 100 * b.recovery));
  }
  return lines;
}

nlohmann::ordered_json services_json(const std::vector<ServiceTotals>& totals, double run_s) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const ServiceTotals& t : totals) {
    const ServiceResults& r = t.results;
    nlohmann::ordered_json requests = {{"arrived", r.arrived}};
    for (std::size_t e = 0; e < kRequestEnds; ++e) requests[kEnds[e]] = r.ended[e];
    requests["in_flight"] = t.in_flight;
    requests["to_come"] = t.to_come;
    requests["retried"] = r.retried;
    requests["good"] = r.good;
    nlohmann::ordered_json kinds = nlohmann::ordered_json::array();
    for (const ServiceTotals::Kind& kind : t.kinds)
      kinds.push_back(
          {{"replicas", kind.name}, {"number", kind.replicas}, {"serving_s", kind.serving_s}, {"busy_s", kind.busy_s}});
    nlohmann::ordered_json buckets = nlohmann::ordered_json::array();
    for (const FleetBucket& b : t.buckets)
      buckets.push_back({{"role", role_name(b.role)},
                         {"eta_bucket", b.eta_bucket},
                         {"eta_mix", b.eta_mix},
                         {"recovery", b.recovery}});
    out.push_back({{"name", t.name},
                   {"requests", requests},
                   {"prompt_tokens", r.prompt_tokens},
                   {"output_tokens", r.output_tokens},
                   {"good_output_tokens", r.good_output_tokens},
                   {"wasted_tokens", r.wasted_tokens},
                   {"output_tokens_per_s", share(static_cast<double>(r.output_tokens), run_s)},
                   {"ttft_s", json_of(r.ttft_s)},
                   {"tpot_s", json_of(r.tpot_s)},
                   {"end_to_end_s", json_of(r.end_to_end_s)},
                   {"asked_prompt_tokens", t.asked_prompt_tokens},
                   {"hit_prompt_tokens", t.hit_prompt_tokens},
                   {"preemptions", t.preemptions},
                   {"transferred_bytes", r.transferred_bytes},
                   {"busy_chip_s", t.busy_chip_s},
                   {"idle_chip_s", t.idle_chip_s},
                   {"starting_chip_s", t.starting_chip_s},
                   {"servers_kwh", t.joules / 3.6e6},
                   {"kwh_per_million_output_tokens", t.kwh_per_mtoken()},
                   {"kinds", kinds},
                   {"bucket_effect", buckets}});
  }
  return out;
}

}  // namespace alight
