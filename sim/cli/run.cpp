#include "sim/run/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iostream>
#include <system_error>

#include "sim/cli/commands.hpp"
#include "sim/cli/scenario_argument.hpp"
#include "sim/record/cabling.hpp"
#include "sim/record/fill_curve.hpp"
#include "sim/record/links.hpp"
#include "sim/record/summary.hpp"
#include "sim/record/tables.hpp"
#include "sim/run/elastic_jobs.hpp"

namespace alight::cli {
namespace {

std::atomic<bool> interrupted{false};

void interrupt(int) {
  interrupted = true;
}

/// One line on a terminal that says how far the run is; silent anywhere else.
class Progress {
 public:
  explicit Progress(std::size_t jobs) : jobs_(jobs), terminal_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() { clear(); }
  void operator()(double now_s, std::size_t ended) {
    if (!terminal_) return;
    const auto t = std::chrono::steady_clock::now();
    if (t - last_ < std::chrono::milliseconds(200)) return;
    last_ = t;
    std::string text = fmt::format("\r  day {:.2f}", now_s / 86400);
    if (jobs_ > 0) text += fmt::format("   {} of {} jobs", ended, jobs_);
    std::cerr << text << "\033[K" << std::flush;
    shown_ = true;
  }
  void clear() {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
    shown_ = false;
  }

 private:
  std::size_t jobs_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

void write_text(const std::filesystem::path& file, const std::string& text) {
  TextFile out(file);
  out.add(text);
  out.close();
}

// The default folder's name follows from what is run, so that other runs are not overwritten and the same one is.
std::filesystem::path default_folder(const Prepared& prepared) {
  Sha256 hash;
  hash.add(resolved_yaml(prepared));
  std::string name = prepared.scenario.name;
  for (char& c : name)
    if (c == '/' || c == '\\') c = '_';
  return std::filesystem::path("runs") / (name + "-" + hash.hex().substr(0, 8));
}

int play(const Prepared& prepared, const std::filesystem::path& folder, double cpu_start) {
  std::filesystem::create_directories(folder);
  // Until it is replaced at the end, the manifest says that this run did not come to its end.
  write_text(folder / "manifest.json", manifest_json(prepared, "running", {}));
  write_text(folder / "resolved.yaml", resolved_yaml(prepared));

  JobsTable jobs(folder / "jobs.csv", prepared.site, prepared.workload.names,
                 {.preemption = prepared.settings.preemption != JobPreemption::none,
                  .failures = prepared.settings.breakdowns != nullptr,
                  .slow_chips = prepared.settings.slow_chips(),
                  .elastic = prepared.settings.breakdowns && any_elastic(prepared.workload),
                  .energy = prepared.settings.building != nullptr});
  LedgerTable ledger(folder / "ledger.csv", prepared.site);
  EventsTable events(folder / "events.csv", prepared.site);
  LinksTable links(folder / "links.csv", prepared.settings.ledger_bin_s);
  Statistics statistics;
  FaultRecord faults;
  BreakdownRecord breakdowns;
  StorageRecord storage;
  ServicesRecord services(folder);
  PowerRecord power(folder / "power.csv", prepared.settings.building.get(), prepared.site);
  MoneyRecord money(prepared.money != nullptr, prepared.site, power);
  FillCurve fill(prepared.site);
  std::vector<Recorder*> recorders = {&jobs,       &ledger,  &events,   &links, &statistics, &faults,
                                      &breakdowns, &storage, &services, &power, &money};
  if (!prepared.settings.jobs_end) recorders.push_back(&fill);

  RunEnd end;
  {
    const auto& jobs_there = prepared.workload.jobs;
    Progress progress(static_cast<std::size_t>(std::count_if(
        jobs_there.begin(), jobs_there.end(), [](const Job& job) { return job.type != JobType::service; })));
    Run run(prepared.site, prepared.workload, prepared.settings, prepared.same_kind(), recorders,
            prepared.training_ground());
    // Only now: SimGrid's engine, which the run makes, sets a handler of its own that ends the process.
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);
    end = run.play(interrupted, std::ref(progress));
  }

  std::vector<std::pair<std::string, std::string>> hashes = {{"jobs.csv", jobs.close()},
                                                             {"ledger.csv", ledger.close()},
                                                             {"events.csv", events.close()},
                                                             {"links.csv", links.close(end.end_s)}};
  std::string more;
  for (auto& file : services.close()) {
    more += file.first + "  ";
    hashes.push_back(std::move(file));
  }
  if (const auto hash = power.close()) {
    more += "power.csv  ";
    hashes.emplace_back("power.csv", *hash);
    more += "chip-power.csv  ";
    hashes.emplace_back("chip-power.csv", write_chip_power(folder / "chip-power.csv", prepared.site, end.chip_power));
  }
  if (end.violation.empty()) end.violation = unlike(power.totals(), end.joules);
  MoneyTotals money_totals;
  std::optional<MoneyResult> money_result;
  if (prepared.money) {
    money_totals = money.totals(end, services.totals());
    money_result = money_of(*prepared.money, money_totals);
    const std::vector<double> costs = job_costs(money.holdings(), money_result->rates);
    if (end.violation.empty()) end.violation = unlike(*money_result, costs);
    hashes.front().second = add_column(folder / "jobs.csv", cost_column(*prepared.money), costs);
    hashes.emplace_back("money.csv", write_cash(folder / "money.csv", *prepared.money, *money_result));
    hashes.emplace_back("money-states.csv",
                        write_state_costs(folder / "money-states.csv", *prepared.money, *money_result, prepared.site));
    more += "money.csv  money-states.csv  ";
  }
  Sha256 fingerprint;
  for (const auto& [name, hash] : hashes) fingerprint.add(hash);
  const bool cables = !prepared.bill.empty();
  if (cables) hashes.emplace_back("cables.csv", write_cables(folder / "cables.csv", prepared.bill));
  Summary summary{.prepared = prepared,
                  .end = end,
                  .headline = headline(prepared.site, end),
                  .jobs_by_status = statistics.by_status(),
                  .rejections = statistics.rejections(),
                  .waits_s = statistics.waits(),
                  .slowdowns = statistics.slowdowns(),
                  .training = statistics.training(),
                  .links = links.totals(),
                  .faults = faults.totals(end.end_s),
                  .breakdowns = breakdowns.totals(end.end_s),
                  .storage = storage.totals(),
                  .services = services.totals(),
                  .power = power.totals(),
                  .preemptions = statistics.preemptions(),
                  .money_totals = std::move(money_totals),
                  .money = std::move(money_result),
                  .fill = prepared.settings.jobs_end ? std::vector<std::optional<double>>{} : fill.columns(),
                  .rests_on = low_confidence_inputs(prepared),
                  .fingerprint = fingerprint.hex()};
  write_text(folder / "summary.json", summary_json(summary));
  write_text(folder / "summary.txt", summary_text(summary, {}));
  write_text(folder / "manifest.json", manifest_json(prepared, state_of(end), hashes));

  const double cpu_s = static_cast<double>(std::clock()) / CLOCKS_PER_SEC - cpu_start;
  std::cout << '\n' << summary_text(summary, {.colour = isatty(STDOUT_FILENO) != 0}, cpu_s);
  std::cout << "\n  " << folder.string() << "/   summary.json  jobs.csv  ledger.csv  links.csv  events.csv  "
            << (cables ? "cables.csv  " : "") << more << "resolved.yaml\n\n";
  if (!end.violation.empty()) {
    std::cerr << "alight: " << end.violation << '\n';
    return kBroken;
  }
  return end.how == Engine::End::interrupted ? kInterrupted : kDone;
}

}  // namespace

int run(const ScenarioArguments& arguments, const std::optional<std::filesystem::path>& out) {
  const double cpu_start = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  const auto prepared = prepare_or_print(arguments, true);
  if (!prepared) return kBadInput;
  try {
    return play(*prepared, out ? *out : default_folder(*prepared), cpu_start);
  } catch (const std::filesystem::filesystem_error& e) {
    std::cerr << "alight: cannot make " << e.path1().string() << ": " << e.code().message() << '\n';
    return kBadInput;
  } catch (const std::system_error& e) {
    std::cerr << "alight: " << e.what() << '\n';
    return kBadInput;
  }
}

}  // namespace alight::cli
