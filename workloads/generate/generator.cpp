#include "workloads/generate/generator.hpp"

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <stdexcept>
#include <unordered_map>

#include "workloads/generate/law.hpp"
#include "workloads/generate/presets.hpp"
#include "workloads/generate/statuses.hpp"

namespace alight {
namespace {

constexpr double kResolution = 1;  // of the traces' clocks

template <class T>
void prefer(std::optional<T>& kept, const std::optional<T>& given) {
  if (given) kept = given;
}

int densities(const GeneratorSpec& s) {
  return s.jobs.has_value() + s.horizon_s.has_value() + s.rate_per_s.has_value() + s.load.has_value();
}

/// Fills in, from the preset, how many jobs and how dense.
void resolve_density(GeneratorSpec& out, const GeneratorSpec& spec, const GeneratorSpec& base) {
  out.jobs = spec.jobs;
  out.horizon_s = spec.horizon_s;
  out.rate_per_s = spec.rate_per_s;
  out.load = spec.load;
  const int given = densities(spec);
  if (given >= 2 || !spec.like) return;
  if (given == 0) {
    out.jobs = base.jobs;
    out.horizon_s = base.horizon_s;
    out.load = base.load;
  } else if (spec.rate_per_s || spec.load) {
    out.jobs = base.jobs;
  } else if (base.load) {
    out.load = base.load;
  } else {
    const double rate = static_cast<double>(*base.jobs) / *base.horizon_s;
    if (spec.jobs)
      out.horizon_s = static_cast<double>(*spec.jobs) / rate;
    else
      out.rate_per_s = rate;
  }
}

void check_density(const GeneratorSpec& s, const std::string& path, Diagnostics& diagnostics) {
  const int given = densities(s);
  if (s.rate_per_s && s.load)
    diagnostics.error_at(join_key(path, "load"), "rate and load both say how dense jobs come; give one");
  else if (given > 2)
    diagnostics.error_at(path, "jobs, horizon and rate (or load) say the same thing twice; give two of them");
  else if (!s.like && given < 2)
    diagnostics.error_at(path, "needs two of jobs, horizon and rate (or load)");
  else if (const double n = s.rate_per_s && s.horizon_s ? *s.rate_per_s * *s.horizon_s : 0; n > kMostJobs)
    diagnostics.error_at(join_key(path, "rate"), "would make more than 100,000,000 jobs");
}

void check_coverage(const GeneratorSpec& s, const std::string& path, Diagnostics& diagnostics) {
  const GeneratorSpec resolved = resolve(s);
  const auto table = resolved.sizes->table();
  if (table.empty()) {
    diagnostics.error_at(join_key(path, "max_chips"), "leaves no size in the table");
    return;
  }
  for (const auto& [status, share] : resolved.statuses)
    for (const auto& [chips, weight] : table) {
      const auto& components = resolved.durations->components;
      if (!(share > 0) || std::any_of(components.begin(), components.end(), [&, c = chips, st = status](const auto& d) {
            return DurationLaw::applies(d, st, c);
          }))
        continue;
      diagnostics.error_at(join_key(join_key(path, "durations"), "components"),
                           "no component applies to " + status + " jobs of " + std::to_string(chips) + " chips");
      return;
    }
}

void check(const GeneratorSpec& s, const std::string& path, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.problems().size();
  check_density(s, path, diagnostics);
  if (!s.like && !s.sizes) diagnostics.error_at(join_key(path, "sizes"), "is missing, and there is no like");
  if (!s.like && !s.durations) diagnostics.error_at(join_key(path, "durations"), "is missing, and there is no like");
  double shares = 0;
  for (const auto& [status, share] : s.statuses) {
    const std::string key = join_key(join_key(path, "statuses"), status);
    if (!status_called(status))
      diagnostics.error_at(key, "no status \"" + status + "\"", did_you_mean(status, status_names()));
    if (!(share >= 0)) diagnostics.error_at(key, "a share must be 0 or more");
    shares += share;
  }
  if (!s.statuses.empty() && !(shares > 0))
    diagnostics.error_at(join_key(path, "statuses"), "at least one share must be above 0");
  if (diagnostics.problems().size() == before) check_coverage(s, path, diagnostics);
}

/// A weighted pick by one uniform deviate.
class Picker {
 public:
  explicit Picker(const std::vector<std::pair<std::string, double>>& members) {
    double sum = 0;
    for (const auto& [name, weight] : members) up_to_.push_back(sum += weight);
  }
  bool empty() const { return up_to_.empty(); }
  std::size_t operator()(double uniform) const {
    const auto at = std::upper_bound(up_to_.begin(), up_to_.end(), uniform * up_to_.back());
    return std::min<std::size_t>(static_cast<std::size_t>(at - up_to_.begin()), up_to_.size() - 1);
  }

 private:
  std::vector<double> up_to_;
};

/// The row a uniform deviate falls into; `up_to` ascends to 1.
template <class Row>
const Row& pick(const std::vector<Row>& rows, double uniform) {
  return *std::upper_bound(rows.begin(), rows.end() - 1, uniform,
                           [](double u, const Row& row) { return u < row.up_to; });
}

/// Draws jobs one after the other; all but when they come.
class JobDraws {
 public:
  JobDraws(const GeneratorSpec& spec, std::uint64_t seed, Names& names)
      : spec_(spec),
        law_(spec),
        names_(names),
        vcs_(spec.vcs ? spec.vcs->members("vc") : Members{}),
        pick_vc_(vcs_),
        users_(spec.users ? spec.users->members("u") : Members{}),
        pick_user_(users_),
        status_(attribute(seed, "status")),
        size_(attribute(seed, "sizes")),
        component_(attribute(seed, "durations.component")),
        duration_(attribute(seed, "durations")),
        vc_(attribute(seed, "vcs")),
        user_(attribute(seed, "users")),
        estimate_(attribute(seed, "estimates")) {
    same_.kinds = names.intern(spec.kinds);
    same_.stack = names.intern(spec.stack);
    same_.traced_chip = names.intern(spec.traced_chip);
    same_.kill_at_estimate = spec.estimates->kill;
    same_.preemptible = spec.preemptible;
    for (const auto& [name, weight] : vcs_) vc_ids_.push_back(names.intern(name));
  }

  Stream attribute(std::uint64_t seed, const char* what) const {
    return stream(seed, "generate." + spec_.name + "." + what);
  }

  Job next() {
    Job job = same_;
    const auto& status = pick(law_.statuses, uniform_(status_));
    const auto& cell = pick(status.sizes, uniform_(size_));
    job.status = status.status;
    job.chips = cell.chips;
    const double component = uniform_(component_);
    job.duration_s = whole(cell.duration.draw(component, normal_(duration_)));
    job.estimate_s = whole(spec_.estimates->estimate(job.duration_s, uniform_(estimate_)), true);
    const std::size_t vc = pick_vc_.empty() ? 0 : pick_vc_(uniform_(vc_));
    if (!pick_vc_.empty()) job.vc = vc_ids_[vc];
    if (!pick_user_.empty()) job.user = user_id(vc, pick_user_(uniform_(user_)));
    return job;
  }

 private:
  using Members = std::vector<std::pair<std::string, double>>;

  double whole(double t_s, bool up = false) const {
    const double steps = t_s / *spec_.resolution_s;
    const double whole_steps = up ? std::ceil(steps - 1e-12 * steps) : std::round(steps);
    return std::max(1.0, whole_steps) * *spec_.resolution_s;
  }

  Names::Id user_id(std::size_t vc, std::size_t user) {
    Names::Id& id = user_ids_[vc * users_.size() + user];
    if (id == 0) id = names_.intern(vcs_.empty() ? users_[user].first : vcs_[vc].first + "-" + users_[user].first);
    return id;
  }

  const GeneratorSpec& spec_;
  JobLaw law_;
  Names& names_;
  Job same_;
  Members vcs_;
  Picker pick_vc_;
  Members users_;
  Picker pick_user_;
  std::vector<Names::Id> vc_ids_;
  std::unordered_map<std::size_t, Names::Id> user_ids_;
  Stream status_, size_, component_, duration_, vc_, user_, estimate_;
  boost::random::uniform_01<double> uniform_;
  boost::random::normal_distribution<double> normal_;
};

double chip_seconds(const Job& job) {
  return static_cast<double>(job.chips) * job.duration_s;
}

}  // namespace

const Description& GeneratorSpec::description() {
  static const auto d =
      describe<GeneratorSpec>("generator", "Rigid jobs out of distributions and the seed.")
          .text("name", &GeneratorSpec::name, "Begins the jobs' ids and names the random streams.")
          .choice(
              "like", &GeneratorSpec::like, [] { return preset_names(); },
              "A preset fitted to a published cluster, or classic; parts given beside it replace the preset's.")
          .integer("jobs", &GeneratorSpec::jobs,
                   "How many jobs. Give two of jobs, horizon and rate (or load); beside `like` one or none will do.",
                   {.min = 1, .max = kMostJobs})
          .quantity("horizon", &GeneratorSpec::horizon_s, "s", "Jobs come from 0 up to this time.",
                    {.min = 1e-3, .max = 1e10})
          .quantity("rate", &GeneratorSpec::rate_per_s, "/s", "Mean arrivals per time, over a week.",
                    {.min = 0, .max = 1e9, .above_min = true})
          .quantity("load", &GeneratorSpec::load, "1",
                    "Chip-seconds the jobs ask for over chip-seconds the chips have while they come; exact for the "
                    "jobs drawn.",
                    {.min = 0, .max = 1e6, .above_min = true})
          .integer("chips", &GeneratorSpec::chips, "What load relates to; the site's chips when left out.",
                   {.min = 1, .max = 1e9})
          .integer("max_chips", &GeneratorSpec::max_chips, "Sizes above it are left out: what the site can hold.",
                   {.min = 1})
          .object("arrivals", &GeneratorSpec::arrivals, "When jobs come; the preset's, else Poisson.")
          .table("statuses", &GeneratorSpec::statuses,
                 "Share of the jobs by how they end (completed, failed, cancelled, killed); the preset's, else all "
                 "completed.")
          .object("sizes", &GeneratorSpec::sizes, "Chips per job.")
          .object("durations", &GeneratorSpec::durations, "Run times.")
          .object("vcs", &GeneratorSpec::vcs, "Virtual clusters, named or numbered vc1, vc2 ...")
          .object("users", &GeneratorSpec::users,
                  "Users of each virtual cluster, named or numbered u1, u2 ...; u1 of vc1 is vc1-u1.")
          .object("estimates", &GeneratorSpec::estimates, "Requested times; the run time when left out.")
          .quantity("resolution", &GeneratorSpec::resolution_s, "s",
                    "All times are whole multiples of this; 1 s unless given.", {.min = 1e-9, .max = 86400})
          .text("kinds", &GeneratorSpec::kinds, "Chip kinds the jobs may run on, joined by |; any when left out.")
          .text("stack", &GeneratorSpec::stack, "Software stack the jobs are written for; any when left out.")
          .text("traced_chip", &GeneratorSpec::traced_chip, "Chip the run times are meant for.")
          .flag("preemptible", &GeneratorSpec::preemptible,
                "The jobs may lose their chips to jobs of higher priority (scheduler.preemption).")
          .check(check)
          .done();
  return d;
}

GeneratorSpec resolve(const GeneratorSpec& spec) {
  const GeneratorSpec base = spec.like ? preset(*spec.like) : GeneratorSpec{};
  GeneratorSpec out = spec;
  resolve_density(out, spec, base);
  const auto part = [&](auto member) {
    out.*member = base.*member;
    prefer(out.*member, spec.*member);
  };
  part(&GeneratorSpec::arrivals);
  part(&GeneratorSpec::sizes);
  part(&GeneratorSpec::durations);
  part(&GeneratorSpec::vcs);
  part(&GeneratorSpec::users);
  part(&GeneratorSpec::estimates);
  part(&GeneratorSpec::resolution_s);
  if (spec.statuses.empty()) out.statuses = base.statuses;
  if (out.statuses.empty()) out.statuses = {{"completed", 1}};
  if (!out.arrivals) out.arrivals.emplace();
  if (!out.estimates) out.estimates.emplace();
  if (!out.resolution_s) out.resolution_s = kResolution;
  if (!out.sizes || !out.durations) throw std::logic_error("resolve: generator without sizes or durations");
  if (out.max_chips) {
    auto& weights = out.sizes->weights;
    for (const auto& [chips, weight] : out.sizes->table())
      if (chips > *out.max_chips) weights.erase(std::to_string(chips));
  }
  return out;
}

double expected_jobs(const GeneratorSpec& spec) {
  const GeneratorSpec r = resolve(spec);
  if (r.jobs) return static_cast<double>(*r.jobs);
  if (r.rate_per_s) return *r.rate_per_s * *r.horizon_s;
  if (!r.chips) throw std::logic_error("expected_jobs: a load without chips");
  return *r.load * static_cast<double>(*r.chips) * *r.horizon_s / expectation(r).chip_s;
}

Workload generate(const GeneratorSpec& spec, std::uint64_t seed) {
  const GeneratorSpec r = resolve(spec);
  if (r.load && !r.chips) throw std::logic_error("generate: a load without chips");
  if (expected_jobs(r) > kMostJobs) throw std::logic_error("generate: more than kMostJobs jobs");

  Workload workload;
  JobDraws draws(r, seed, workload.names);
  Stream arrivals = draws.attribute(seed, "arrivals");
  std::vector<double> times;
  if (r.rate_per_s) times = arrivals_at(*r.arrivals, *r.rate_per_s, r.jobs, r.horizon_s, arrivals);

  double asked_chip_s = 0;
  const double wanted_chip_s = r.load && r.horizon_s ? *r.load * static_cast<double>(*r.chips) * *r.horizon_s : 0;
  const std::size_t count = r.rate_per_s ? times.size() : static_cast<std::size_t>(r.jobs.value_or(0));
  const bool by_load = r.load && !r.jobs;
  workload.jobs.reserve(by_load ? static_cast<std::size_t>(expected_jobs(r) * 1.05) : count);
  while (by_load ? asked_chip_s < wanted_chip_s : workload.jobs.size() < count) {
    workload.jobs.push_back(draws.next());
    asked_chip_s += chip_seconds(workload.jobs.back());
  }

  if (!r.rate_per_s) {
    const double span = r.horizon_s ? *r.horizon_s : asked_chip_s / (*r.load * static_cast<double>(*r.chips));
    times = arrivals_over(*r.arrivals, static_cast<std::int64_t>(workload.jobs.size()), span, arrivals);
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    Job& job = workload.jobs[i];
    job.id = r.name + std::to_string(i + 1);
    job.submit_s = std::floor(times[i] / *r.resolution_s) * *r.resolution_s;
  }
  workload.report.taken = static_cast<std::int64_t>(workload.jobs.size());
  return workload;
}

}  // namespace alight
