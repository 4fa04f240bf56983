#include "sim/record/tables.hpp"

#include <fmt/compile.h>

#include <iterator>

#include "sim/runtime/training.hpp"

namespace alight {

double pflops_per_chip(const Pool& pool) {
  return pool.chip.bf16_tflops.value_or(0) * 1e-3;
}

namespace {

std::vector<std::string> pool_fields(const Site& site) {
  std::vector<std::string> fields;
  for (const Pool& pool : site.pools) fields.push_back(csv_field(pool.name));
  return fields;
}

bool needs_quotes(std::string_view text) {
  return text.find_first_of(",\"\r\n") != std::string_view::npos;
}

// The pools of a job that lies in several, or their chips: "h20+a910b". Empty for others.
template <class NameOf>
std::string joined(const JobRecord& r, const NameOf& name_of_pool) {
  std::string text;
  for (const PoolPart& part : r.parts) text += (text.empty() ? "" : "+") + name_of_pool(part.pool);
  return text.empty() ? text : csv_field(text);
}

}  // namespace

JobsTable::JobsTable(const std::filesystem::path& file, const Site& site, const Names& names, With with)
    : file_(file), site_(site), with_(with), pools_(pool_fields(site)) {
  for (Names::Id i = 0; i < names.size(); ++i) names_.push_back(csv_field(names[i]));
  for (const Pool& pool : site.pools) chips_.push_back(csv_field(pool.chip.name));
  file_.add(
      "job_id,submit_s,start_s,finish_s,wait_s,chips,chip,status,reason,pool,vc,user,run_s,bounded_slowdown,servers,"
      "leaves,model,layout,step_s,tokens,mfu,network_lost_s,startup_s,checkpoint_s");
  if (with.preemption) file_.add(",preemptions");
  if (with.failures) file_.add(",failures,hung_s");
  if (with.preemption || with.failures) file_.add(",redone_s");
  if (with.failures) file_.add(",checkpoint_every_s,ettr");
  if (with.slow_chips) file_.add(",slowed_s");
  if (with.elastic) file_.add(",growths,reduced_s");
  file_.add(with.energy ? ",energy_kwh\n" : "\n");
}

void JobsTable::end_row(const JobRecord& r, std::string_view last_fields) {
  file_.add(last_fields);
  auto out = std::back_inserter(file_.buffer());
  if (with_.preemption) fmt::format_to(out, FMT_COMPILE(",{}"), r.before.preemptions());
  if (with_.failures) fmt::format_to(out, FMT_COMPILE(",{},{}"), r.before.failures, r.before.hung_s + r.hung_s);
  if (with_.preemption || with_.failures) fmt::format_to(out, FMT_COMPILE(",{}"), r.before.redone_s + r.redone_s);
  if (with_.failures) {
    file_.add(",");
    if (r.training && r.training->storage.checkpoint)
      fmt::format_to(out, FMT_COMPILE("{}"), r.training->storage.checkpoint_every_s(r.training->step.seconds));
    file_.add(",");
    if (r.pool && r.finish_s > r.first_start_s())
      fmt::format_to(out, FMT_COMPILE("{}"), r.kept_s() / (r.finish_s - r.first_start_s()));
  }
  if (with_.slow_chips) fmt::format_to(out, FMT_COMPILE(",{}"), r.before.slowed_s + r.slowed_s);
  if (with_.elastic) fmt::format_to(out, FMT_COMPILE(",{},{}"), r.before.growths, r.before.reduced_s + r.reduced_s);
  if (with_.energy) fmt::format_to(std::back_inserter(file_.buffer()), FMT_COMPILE(",{}"), r.joules / 3.6e6);
  file_.add("\n");
}

const JobsTable::RateFields& JobsTable::fields_of(const JobRecord& r) {
  const auto [it, fresh] = rates_.try_emplace(r.training);
  if (fresh)
    it->second = {fmt::format(",{},{},", csv_field(r.training->layout_text), r.training->step.seconds),
                  fmt::format(",{},", r.training->mfu)};
  return it->second;
}

void JobsTable::job_ended(const JobRecord& r) {
  const Job& job = r.job;
  const std::string quoted = needs_quotes(job.id) ? csv_field(job.id) : std::string();
  const std::string_view id = quoted.empty() ? std::string_view(job.id) : quoted;
  const std::string quoted_reason = needs_quotes(r.reason) ? csv_field(r.reason) : std::string();
  const std::string_view reason = quoted_reason.empty() ? r.reason : std::string_view(quoted_reason);
  const double chips = static_cast<double>(job.chips * job.chip_milli) * 1e-3;
  auto out = std::back_inserter(file_.buffer());
  if (!r.pool) {
    fmt::format_to(out, FMT_COMPILE("{},{},,,,{},,{},{},,{},{},,,,,{}"), id, r.submit_s, chips, name_of(r.status),
                   reason, names_[job.vc], names_[job.user], names_[job.model]);
    end_row(r, ",,,,,,,");
  } else {
    const std::string pools = joined(r, [&](std::size_t p) { return site_.pools[p].name; });
    const std::string kinds = joined(r, [&](std::size_t p) { return site_.pools[p].chip.name; });
    const std::size_t p = static_cast<std::size_t>(r.pool - site_.pools.data());
    const std::string_view pool = r.mixed ? pools : pools_[p], chip = r.mixed ? kinds : chips_[p];
    const double wait_s = r.wait_s(), run_s = r.run_s();
    fmt::format_to(out, FMT_COMPILE("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}"), id, r.submit_s,
                   r.first_start_s(), r.finish_s, wait_s, chips, chip, name_of(r.status), reason, pool, names_[job.vc],
                   names_[job.user], run_s, bounded_slowdown(wait_s, run_s), r.servers, r.leaves, names_[job.model]);
    if (r.training && r.training->unfit.empty()) {
      const RateFields& fields = fields_of(r);
      fmt::format_to(out, FMT_COMPILE("{}{}{}{},{},{}"), fields.before_tokens, r.tokens, fields.after_tokens,
                     r.before.network_lost_s + r.network_lost_s, r.before.startup_s + r.startup_s,
                     r.before.checkpoint_s + r.checkpoint_s);
      end_row(r, "");
    } else {
      end_row(r, ",,,,,,,");
    }
  }
  file_.row_done();
}

LedgerTable::LedgerTable(const std::filesystem::path& file, const Site& site) : file_(file), site_(site) {
  file_.add("t_start_s,t_end_s,pool,chip,state,chip_s,pflop_s\n");
}

void LedgerTable::bin_closed(const LedgerBin& bin) {
  for (std::size_t p = 0; p < site_.pools.size(); ++p) {
    const Pool& pool = site_.pools[p];
    for (std::size_t s = 0; s < kChipStates; ++s)
      if (bin.chip_s[p][s] != 0)
        file_.print("{},{},{},{},{},{},{}\n", bin.t_start_s, bin.t_end_s, csv_field(pool.name),
                    csv_field(pool.chip.name), kChipStateNames[s], bin.chip_s[p][s],
                    bin.chip_s[p][s] * pflops_per_chip(pool));
  }
}

EventsTable::EventsTable(const std::filesystem::path& file, const Site& site)
    : file_(file), site_(site), pools_(pool_fields(site)) {
  file_.add("t_s,event,subject,pool,servers\n");
}

void EventsTable::job_started(const JobRecord& r) {
  add(r.start_s, "start", r);
}

void EventsTable::job_preempted(const JobRecord& r) {
  add(r.finish_s, "preempted", r);
}

void EventsTable::job_interrupted(const JobRecord& r) {
  add(r.finish_s, csv_field("interrupted by " + std::string(r.reason)), r);
}

void EventsTable::broke(const Breakdown& b) {
  if (b.what == Breakdown::What::found && !b.slow) return;
  const std::string_view event = b.what == Breakdown::What::back    ? "back in service"
                                 : b.what == Breakdown::What::found ? "found slow"
                                 : b.slow                           ? "slow"
                                 : b.maintenance                    ? "taken for maintenance"
                                                                    : "broken";
  const std::string where = fmt::format("{} (server {})", b.name, b.first_server);
  file_.print("{},{},{},{},{}\n", b.time_s, event, csv_field(where), pools_[b.pool], b.servers);
}

void EventsTable::add(double time_s, std::string_view event, const JobRecord& r) {
  const std::string quoted = needs_quotes(r.job.id) ? csv_field(r.job.id) : std::string();
  const std::string pools = joined(r, [&](std::size_t p) { return site_.pools[p].name; });
  const std::string_view pool = r.mixed ? pools : pools_[static_cast<std::size_t>(r.pool - site_.pools.data())];
  fmt::format_to(std::back_inserter(file_.buffer()), FMT_COMPILE("{},{},{},{},{}\n"), time_s, event,
                 quoted.empty() ? std::string_view(r.job.id) : quoted, pool, r.servers);
  file_.row_done();
}

void EventsTable::site_event(const SiteEvent& e) {
  if (e.pool == SiteEvent::kNoPool)
    file_.print("{},{},{},,\n", e.time_s, e.kind, csv_field(e.subject));
  else
    file_.print("{},{},{},{},{}\n", e.time_s, e.kind, csv_field(e.subject), pools_[e.pool], e.servers);
}

void EventsTable::job_cut(const JobCut& cut) {
  const std::string by(cut.by);
  const std::string event = cut.how == JobCut::How::stalled  ? "stalled by " + by
                            : cut.how == JobCut::How::failed ? "failed by " + by
                                                             : "goes on";
  file_.print("{},{},{},,\n", cut.time_s, csv_field(event), csv_field(cut.job.id));
}

}  // namespace alight
