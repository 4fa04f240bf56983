#include "sim/record/money.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "models/economics/calendar.hpp"

namespace alight {
namespace {

constexpr double kMonthOfMoneyS = kBilledHoursPerMonth * 3600;

std::string_view service_of(const Job& job) {
  return std::string_view(job.id).substr(0, job.id.rfind('.'));
}

}  // namespace

std::vector<PoolChipSeconds> MoneyRecord::held(const JobRecord& r) const {
  std::vector<PoolChipSeconds> parts;
  const double seconds = r.finish_s - r.start_s;
  const auto add = [&](std::size_t pool, std::int64_t milli) {
    parts.push_back({static_cast<std::uint32_t>(pool), static_cast<double>(milli) * 1e-3 * seconds});
  };
  for (const PoolPart& part : r.parts) add(part.pool, part.held_milli);
  if (r.parts.empty()) add(static_cast<std::size_t>(r.pool - site_.pools.data()), r.held_milli);
  return parts;
}

void MoneyRecord::job_preempted(const JobRecord& r) {
  if (!counted_) return;
  std::vector<PoolChipSeconds>& before = before_[&r.job];
  const std::vector<PoolChipSeconds> now = held(r);
  before.insert(before.end(), now.begin(), now.end());
}

void MoneyRecord::job_ended(const JobRecord& r) {
  if (!counted_) return;
  std::vector<PoolChipSeconds>& parts = holdings_.parts;
  const std::size_t first = parts.size();
  if (const auto before = before_.find(&r.job); before != before_.end()) {
    parts.insert(parts.end(), before->second.begin(), before->second.end());
    before_.erase(before);
  }
  if (r.pool) {
    const std::vector<PoolChipSeconds> now = held(r);
    parts.insert(parts.end(), now.begin(), now.end());
  }
  holdings_.jobs.push_back({parts.size(), r.joules});
  if (r.job.type != JobType::service) return;
  const std::string_view name = service_of(r.job);
  auto use = std::find_if(services_.begin(), services_.end(), [&](const ServiceUse& s) { return s.name == name; });
  if (use == services_.end())
    use = services_.insert(services_.end(),
                           {.name = std::string(name), .chip_s = std::vector<double>(site_.pools.size())});
  use->joules += r.joules;
  for (std::size_t i = first; i < parts.size(); ++i) use->chip_s[parts[i].pool] += parts[i].chip_s;
}

void MoneyRecord::bin_closed(const LedgerBin& bin) {
  if (!counted_ || bin.t_end_s <= bin.t_start_s) return;
  if (months_.empty() ||
      std::floor(bin.t_start_s / kMonthOfMoneyS) > std::floor(months_.back().from_s / kMonthOfMoneyS))
    months_.push_back({.from_s = bin.t_start_s, .chip_s = std::vector<StateTimes>(bin.chip_s.size())});
  MoneyMonth& month = months_.back();
  month.to_s = bin.t_end_s;
  for (std::size_t p = 0; p < bin.chip_s.size(); ++p)
    for (std::size_t s = 0; s < kChipStates; ++s) month.chip_s[p][s] += bin.chip_s[p][s];
  if (!power_.totals().counted) return;
  month.electricity += power_.last().cost;
  month.peak_kw = std::max(month.peak_kw, power_.last().site_j() / power_.last().seconds * 1e-3);
}

MoneyTotals MoneyRecord::totals(const RunEnd& end, const std::vector<ServiceTotals>& services) const {
  const BuildingUse& use = power_.totals().use;
  MoneyTotals totals{.seconds = end.end_s,
                     .chip_s = end.chip_s,
                     .joules = end.joules,
                     .months = months_,
                     .electricity = use.cost,
                     .water_m3 = use.water_kg * 1e-3,
                     .carbon_kg = use.carbon_kg,
                     .services = {}};
  for (const ServiceTotals& service : services) {
    const auto held =
        std::find_if(services_.begin(), services_.end(), [&](const ServiceUse& s) { return s.name == service.name; });
    ServiceUse& out = totals.services.emplace_back(
        held != services_.end() ? *held
                                : ServiceUse{.name = service.name, .chip_s = std::vector<double>(site_.pools.size())});
    // Prefix caches are counted over prompts that were admitted, tokens over requests that finished.
    const double hit = service.asked_prompt_tokens > 0 ? static_cast<double>(service.hit_prompt_tokens) /
                                                             static_cast<double>(service.asked_prompt_tokens)
                                                       : 0;
    const auto prompt = static_cast<double>(service.results.prompt_tokens);
    out.input_tokens = prompt * (1 - hit);
    out.cached_input_tokens = prompt * hit;
    out.output_tokens = static_cast<double>(service.results.output_tokens);
  }
  return totals;
}

std::string add_column(const std::filesystem::path& csv, const std::string& name, const std::vector<double>& values) {
  const std::filesystem::path wider = csv.string() + ".tmp";
  std::string hash;
  {
    std::ifstream in(csv, std::ios::binary);
    TextFile out(wider);
    std::vector<char> buffer(1 << 16);
    bool quoted = false;
    std::size_t row = 0;
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
      const std::string_view read(buffer.data(), static_cast<std::size_t>(in.gcount()));
      std::size_t done = 0;
      for (std::size_t i = 0; i < read.size(); ++i) {
        if (read[i] == '"') quoted = !quoted;
        if (read[i] != '\n' || quoted) continue;
        out.add(read.substr(done, i - done));
        if (row == 0)
          out.print(",{}\n", name);
        else
          out.print(",{}\n", values.at(row - 1));
        ++row;
        done = i + 1;
      }
      out.add(read.substr(done));
    }
    if (row != values.size() + 1)
      throw std::logic_error(fmt::format("{} has {} rows for {} values", csv.string(), row, values.size()));
    hash = out.close();
  }
  std::filesystem::rename(wider, csv);
  return hash;
}

std::string write_cash(const std::filesystem::path& file, const MoneyPlan& plan, const MoneyResult& money) {
  TextFile out(file);
  const std::string unit = plan.currency == Currency::usd ? "usd" : "cny";
  out.print("month,date");
  for (const char* what :
       {"revenue", "running", "capital", "interest", "repaid", "borrowed", "sold", "net", "cumulative"})
    out.print(",{}_{}", what, unit);
  out.add("\n");
  double sum = 0;
  for (std::size_t m = 0; m < money.project.months.size(); ++m) {
    const CashMonth& c = money.project.months[m];
    sum += c.net();
    const Date date{plan.start.unix_s + static_cast<std::int64_t>(static_cast<double>(m) * kMonthOfMoneyS)};
    out.print("{},{},{},{},{},{},{},{},{},{},{}\n", m, format_date(date).substr(0, 10), c.revenue, c.running, c.capital,
              c.interest, c.repaid, c.borrowed, c.sold, c.net(), sum);
  }
  return out.close();
}

std::string write_state_costs(const std::filesystem::path& file, const MoneyPlan& plan, const MoneyResult& money,
                              const Site& site) {
  TextFile out(file);
  const std::string unit = plan.currency == Currency::usd ? "usd" : "cny";
  out.print("pool,chip,state,lit,chip_hours,kwh,having_{0},energy_{0},cost_{0}\n", unit);
  for (const PoolStateCost& s : money.states)
    out.print("{},{},{},{},{},{},{},{},{}\n", csv_field(site.pools[s.pool].name),
              csv_field(site.pools[s.pool].chip.name), s.state, s.lit ? 1 : 0, s.chip_hours, s.kwh, s.having, s.energy,
              s.total());
  return out.close();
}

std::string cost_column(const MoneyPlan& plan) {
  return plan.currency == Currency::usd ? "cost_usd" : "cost_cny";
}

}  // namespace alight
