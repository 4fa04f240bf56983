// `alight goodput`: a service of a scenario at one rate of requests after the other, and the highest at which it keeps
// what it promises.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <map>

#include "sim/cli/commands.hpp"
#include "sim/cli/scenario_argument.hpp"
#include "sim/record/services.hpp"
#include "sim/serving/rate_search.hpp"

namespace alight::cli {
namespace {

/// What one run says of the service. Plain numbers: they come from another process.
struct PlayedRate {
  std::int64_t arrived = 0, finished = 0, good = 0;
  double span_s = 0;  ///< from the first request to the last
  double good_tokens = 0, end_s = 0;
  double ttft_s[3] = {}, tpot_s[3] = {}, end_to_end_s[3] = {};  // at kQuantiles
  bool broken = false;

  double rate() const { return span_s > 0 ? static_cast<double>(arrived) / span_s : 0; }
  double share() const { return arrived > 0 ? static_cast<double>(good) / static_cast<double>(arrived) : 0; }
};
constexpr double kQuantiles[3] = {0.5, 0.9, 0.99};

/// Hears how the service ended.
class Listener : public Recorder {
 public:
  explicit Listener(std::string service) : service_(std::move(service)) {}
  void service_ended(const ServiceEnd& end) override {
    if (end.service.name != service_) return;
    const ServiceResults& r = end.results;
    played.arrived = r.arrived;
    played.finished = r.ended[static_cast<std::size_t>(RequestEnd::finished)];
    played.good = r.good;
    played.good_tokens = static_cast<double>(r.good_output_tokens);
    played.end_s = r.end_s;
    const auto& requests = end.service.trace.requests;
    if (!requests.empty()) played.span_s = requests.back().arrival_s - requests.front().arrival_s;
    for (std::size_t q = 0; q < 3; ++q) {
      played.ttft_s[q] = r.ttft_s.quantile(kQuantiles[q]);
      played.tpot_s[q] = r.tpot_s.quantile(kQuantiles[q]);
      played.end_to_end_s[q] = r.end_to_end_s.quantile(kQuantiles[q]);
    }
  }
  PlayedRate played;

 private:
  std::string service_;
};

int play_here(const ScenarioArguments& arguments, const std::string& service, int pipe) {
  const auto prepared = prepare_or_print(arguments, true);
  if (!prepared) return kBadInput;
  Listener listener(service);
  const std::atomic<bool> never{false};
  Run run(prepared->site, prepared->workload, prepared->settings, prepared->same_kind(), {&listener},
          prepared->training_ground());
  const RunEnd end = run.play(never);
  if (!end.violation.empty()) {
    std::cerr << "alight: " << end.violation << '\n';
    return kBroken;
  }
  const auto wrote = ::write(pipe, &listener.played, sizeof listener.played);
  return wrote == static_cast<ssize_t>(sizeof listener.played) ? kDone : kBug;
}

/// In a process of its own, since SimGrid has one engine a process.
int play_apart(const ScenarioArguments& arguments, const std::string& service, PlayedRate& out) {
  int ends[2];
  if (::pipe(ends) != 0) return kBug;
  std::cout.flush();
  const pid_t child = fork();
  if (child < 0) return kBug;
  if (child == 0) {
    close(ends[0]);
    int code = kBug;
    try {
      code = play_here(arguments, service, ends[1]);
    } catch (const std::exception& e) {
      std::cerr << "alight: " << e.what() << '\n';
    }
    std::cerr.flush();
    _exit(code);
  }
  close(ends[1]);
  auto* at = reinterpret_cast<char*>(&out);
  std::size_t got = 0;
  while (got < sizeof out) {
    const ssize_t n = ::read(ends[0], at + got, sizeof out - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) return WEXITSTATUS(status);
  return WIFEXITED(status) && got == sizeof out ? kDone : kBug;
}

std::string time_of(double s) {
  return s < 1 ? fmt::format("{:.3g} ms", s * 1e3) : fmt::format("{:.3g} s", s);
}

std::string promises(const ServiceSpec& service) {
  std::vector<std::string> parts;
  const SloSpec slo = service.slo.value_or(SloSpec{});
  if (slo.ttft_s) parts.push_back("first token within " + time_of(*slo.ttft_s));
  if (slo.tpot_s) parts.push_back("tokens " + time_of(*slo.tpot_s) + " apart");
  if (slo.end_to_end_s) parts.push_back("all within " + time_of(*slo.end_to_end_s));
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

void print_table(const std::map<double, PlayedRate>& played, double least) {
  std::cout << fmt::format("{:>10}{:>10}{:>9}{:>10}   {:^29}   {:^29}\n", "requests", "good", "good", "tokens",
                           "first token", "between tokens");
  std::cout << fmt::format("{:>10}{:>10}{:>9}{:>10}   {:>9}{:>10}{:>10}   {:>9}{:>10}{:>10}\n", "/s", "/s", "%", "/s",
                           "p50", "p90", "p99", "p50", "p90", "p99");
  for (const auto& [rate, p] : played) {
    std::cout << fmt::format("{:>10.4g}{:>10.4g}{:>9.2f}{:>10.4g}   ", p.rate(), p.rate() * p.share(), 100 * p.share(),
                             p.span_s > 0 ? p.good_tokens / p.span_s : 0);
    for (const double s : p.ttft_s) std::cout << fmt::format("{:>9} ", time_of(s));
    std::cout << "  ";
    for (const double s : p.tpot_s) std::cout << fmt::format("{:>9} ", time_of(s));
    std::cout << (p.share() >= least ? "\n" : " -\n");
  }
}

bool write_points(const std::filesystem::path& out, const std::string& service,
                  const std::map<double, PlayedRate>& played) {
  std::ofstream file(out, std::ios::binary);
  file << "service,rate_per_s,arrived_per_s,arrived,finished,good,good_share,goodput_per_s,good_tokens_per_s";
  for (const char* time : {"ttft", "tpot", "end_to_end"})
    for (const char* q : {"p50", "p90", "p99"}) file << fmt::format(",{}_{}_s", time, q);
  file << '\n';
  for (const auto& [rate, p] : played) {
    file << fmt::format("{},{:.6g},{:.6g},{},{},{},{:.6g},{:.6g},{:.6g}", service, rate, p.rate(), p.arrived,
                        p.finished, p.good, p.share(), p.rate() * p.share(),
                        p.span_s > 0 ? p.good_tokens / p.span_s : 0);
    for (const auto* times : {&p.ttft_s, &p.tpot_s, &p.end_to_end_s})
      for (const double s : *times) file << fmt::format(",{:.6g}", s);
    file << '\n';
  }
  file.close();
  if (!file) std::cerr << "alight: cannot write " << out.string() << '\n';
  return file.good();
}

/// The service asked for, the first where none is named; npos, with a message, where there is none such.
std::size_t service_of(const std::vector<ServiceSpec>& services, const std::optional<std::string>& name) {
  if (services.empty()) {
    std::cerr << "goodput: the scenario has no services (workload.services)\n";
    return std::string::npos;
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (!name || services[i].name == *name) return i;
    names.push_back(services[i].name);
  }
  const std::string hint = did_you_mean(*name, names);
  std::cerr << fmt::format("--service: the scenario has no service \"{}\"{}{}\n", *name, hint.empty() ? "" : ", ",
                           hint);
  return std::string::npos;
}

bool sound(const GoodputArguments& a) {
  bool ok = true;
  const auto need = [&](bool is, const char* what) {
    if (!is) std::cerr << what << '\n';
    ok = ok && is;
  };
  need(a.least > 0 && a.least <= 1, "--least: expected a share, more than 0 and at most 1");
  need(a.within > 0 && a.within <= 1, "--within: expected a share, more than 0 and at most 1");
  for (const double rate : a.rates) need(rate > 0 && rate < 1e9, "--rates: expected requests a second, more than 0");
  return ok;
}

}  // namespace

int goodput(const GoodputArguments& a) {
  if (!sound(a)) return kBadInput;
  const auto prepared = prepare_or_print(a.scenario, false);
  if (!prepared) return kBadInput;
  const auto& services = prepared->scenario.workload.services;
  const std::size_t index = service_of(services, a.service);
  if (index == std::string::npos) return kBadInput;
  const ServiceSpec& service = services[index];
  const std::string target = promises(service);
  if (target.empty() || !service.requests) {
    std::cerr << fmt::format("goodput: {} promises nothing (workload.services[{}].slo), so every request is good\n",
                             service.name, index);
    return kBadInput;
  }
  const RequestsSpec& requests = *service.requests;
  const std::string key =
      fmt::format("workload.services[{}].requests.{}rate=", index, requests.generate ? "generate." : "");

  std::vector<double> rates = a.rates;
  if (rates.empty()) {
    const std::optional<double> stated = requests.generate ? requests.generate->rate_per_s : requests.rate_per_s;
    const double middle = stated.value_or(1);
    for (const double times : {0.5, 1.0, 2.0}) rates.push_back(times * middle);
  }
  int code = kDone;
  std::map<double, PlayedRate> played;
  const auto play = [&](double rate) -> std::optional<RatePoint> {
    ScenarioArguments arguments = a.scenario;
    arguments.overrides.push_back(key + fmt::format("{:.17g} /s", rate));
    PlayedRate one;
    code = play_apart(arguments, service.name, one);
    if (code != kDone) return std::nullopt;
    if (isatty(STDERR_FILENO)) std::cerr << fmt::format("  {:.4g} /s: {:.2f} % good\n", rate, 100 * one.share());
    played[rate] = one;
    return RatePoint{.rate_per_s = rate, .good_share = one.share()};
  };
  std::sort(rates.begin(), rates.end());
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  const std::vector<RatePoint> points = search_rates(rates, {.least = a.least, .within = a.within}, play);
  if (code != kDone) return code;
  std::cout << fmt::format("{} of {}; good: {}\n", service.name, prepared->scenario.name, target);
  print_table(played, a.least);
  const RateLimits limits = limits_of(points, a.least);
  const double least = 100 * a.least;
  if (!limits.kept)
    std::cout << fmt::format("{:.4g} % are good at no rate looked at\n", least);
  else if (!limits.failed)
    std::cout << fmt::format("{:.4g} % are good at every rate looked at\n", least);
  else
    std::cout << fmt::format("{:.4g} % are good up to {:.4g} requests/s, no more at {:.4g}\n", least,
                             played.at(*limits.kept).rate(), played.at(*limits.failed).rate());
  if (a.out && !write_points(*a.out, service.name, played)) return kBadInput;
  return kDone;
}

}  // namespace alight::cli
