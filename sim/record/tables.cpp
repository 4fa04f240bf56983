#include "sim/record/tables.hpp"

#include <iterator>

namespace alight {

double pflops_per_chip(const Pool& pool) { return pool.chip.bf16_tflops.value_or(0) * 1e-3; }

JobsTable::JobsTable(const std::filesystem::path& file, const Site& site, const Names& names)
    : file_(file), names_(names) {
  for (const Pool& pool : site.pools) {
    chip_columns_[&pool] = csv_field(pool.chip.name);
    pool_columns_[&pool] = csv_field(pool.name);
  }
  file_.add(
      "job_id,submit_s,start_s,finish_s,wait_s,chips,chip,status,reason,pool,vc,user,run_s,bounded_slowdown,servers,"
      "leaves\n");
}

void JobsTable::job_ended(const JobRecord& r) {
  auto out = std::back_inserter(file_.buffer());
  const Job& job = r.job;
  fmt::format_to(out, "{},{}", csv_field(job.id), job.submit_s);
  if (r.pool) {
    fmt::format_to(out, ",{},{},{}", r.start_s, r.finish_s, r.start_s - job.submit_s);
  } else {
    fmt::format_to(out, ",,,");
  }
  if (job.chip_milli == 1000)
    fmt::format_to(out, ",{}", job.chips);
  else
    fmt::format_to(out, ",{}", static_cast<double>(job.chips * job.chip_milli) * 1e-3);
  fmt::format_to(out, ",{},{},{},{},{},{}", r.pool ? std::string_view(chip_columns_.at(r.pool)) : "", name_of(r.status),
                 r.reason, r.pool ? std::string_view(pool_columns_.at(r.pool)) : "", csv_field(names_[job.vc]),
                 csv_field(names_[job.user]));
  if (r.pool) {
    const double run_s = r.finish_s - r.start_s;
    fmt::format_to(out, ",{},{},{},{}\n", run_s, bounded_slowdown(r.start_s - job.submit_s, run_s), r.allocation->size(),
                   r.leaves);
  } else {
    fmt::format_to(out, ",,,,\n");
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

EventsTable::EventsTable(const std::filesystem::path& file) : file_(file) { file_.add("t_s,event,subject,detail\n"); }

void EventsTable::job_started(const JobRecord& r) {
  file_.print("{},start,{},{}\n", r.start_s, csv_field(r.job.id),
              csv_field(fmt::format("{} servers of {}", r.allocation->size(), r.pool->name)));
}

void EventsTable::site_event(const SiteEvent& e) {
  file_.print("{},{},{},{}\n", e.time_s, e.kind, csv_field(e.subject), csv_field(e.detail));
}

}  // namespace alight
