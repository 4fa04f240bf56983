// Services: their models, requests and replicas. Each replica that can ever be asked for is a job of the workload,
// which the scheduler knows like any other.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "models/describe/units.hpp"
#include "platforms/engine.hpp"
#include "sim/runtime/storage_rate.hpp"
#include "sim/runtime/training_ground.hpp"
#include "sim/scenario/resolve.hpp"
#include "sim/serving/saturation.hpp"
#include "sim/serving/service.hpp"

namespace alight {
namespace {

class Resolver {
 public:
  Resolver(Prepared& prepared, Diagnostics& d)
      : prepared_(prepared), d_(d), grounds_(pool_grounds(prepared.site, prepared.catalogue)) {
    for (const Pool& pool : prepared.site.pools) pools_.push_back(pool.name);
  }

  std::unique_ptr<const Service> service(const ServiceSpec& spec, const std::string& key) {
    auto service = std::make_unique<Service>();
    service->name = spec.name;
    const ModelEntry* entry = prepared_.zoo.find(spec.model);
    if (!entry || entry->generic()) {
      d_.error_at(join_key(key, "model"),
                  entry ? fmt::format("{} is no language model", spec.model)
                        : fmt::format("no model named \"{}\" in the zoo", spec.model),
                  entry ? "" : did_you_mean(spec.model, prepared_.zoo.all_names()));
      return nullptr;
    }
    Architecture model = entry->architecture();
    model.mtp_layers = 0;  // they draft: `speculation` says what of it is kept
    FleetConfig& fleet = service->fleet;
    fleet.name = spec.name;
    fleet.router = {.routing = spec.router, .seed = static_cast<std::uint64_t>(prepared_.scenario.seed)};
    fleet.queue_limit = spec.queue_limit;
    fleet.timeout_s = spec.timeout_s.value_or(0);
    fleet.retries = static_cast<int>(spec.retries);
    fleet.keep_outcomes = spec.record;
    if (spec.slo)
      fleet.targets = {.ttft_s = spec.slo->ttft_s.value_or(0),
                       .tpot_s = spec.slo->tpot_s.value_or(0),
                       .end_to_end_s = spec.slo->end_to_end_s.value_or(0)};
    for (std::size_t i = 0; i < spec.replicas.size(); ++i)
      replicas(spec, spec.replicas[i], model, fmt::format("{}.replicas[{}]", key, i), *service);
    if (!d_.ok()) return nullptr;
    auto requests = requests_of(*spec.requests, spec.name, static_cast<std::uint64_t>(prepared_.scenario.seed),
                                prepared_.settings.horizon_s, join_key(key, "requests"), d_);
    if (!requests) return nullptr;
    service->trace = std::move(requests->trace);
    weigh(*service);
    for (std::string& input : requests->inputs) prepared_.inputs.emplace_back(std::move(input));
    return service;
  }

 private:
  void replicas(const ServiceSpec& spec, const ReplicasSpec& r, const Architecture& model, const std::string& key,
                Service& service) {
    const auto at = std::find(pools_.begin(), pools_.end(), r.pool);
    if (at == pools_.end()) {
      d_.error_at(join_key(key, "pool"), fmt::format("no pool is named \"{}\"", r.pool), did_you_mean(r.pool, pools_));
      return;
    }
    ServiceReplicas out;
    out.pool = static_cast<std::size_t>(at - pools_.begin());
    const Pool& pool = prepared_.site.pools[out.pool];
    const auto& ground = grounds_[out.pool];
    if (!ground.missing.empty()) return d_.error_at(join_key(key, "pool"), ground.missing);

    ServingLayout layout;
    read_serving_layout(r.layout, layout);
    layout.weights = layout.attention = r.precision;
    layout.kv_bytes = r.kv_bits.value_or(r.precision == Precision::bf16 ? 16 : 8) / 8;
    if (const std::int64_t chips = layout.chips(); chips > pool.chips())
      return d_.error_at(join_key(key, "layout"),
                         fmt::format("is of {} chips; {} has {}", chips, pool.name, pool.chips()));

    const EngineChoice choice = engine_kind_of(r.engine, "", pool.chip, prepared_.catalogue);
    if (!choice.known)
      return d_.error_at(join_key(key, "engine"), fmt::format("no engine named \"{}\" in the catalogue", r.engine),
                         did_you_mean(r.engine, prepared_.catalogue.engines().all_names()));
    EngineProfile engine = engine_profile(*choice.kind, pool.chip, prepared_.catalogue);
    if (r.batched_tokens)
      engine.batched_tokens = static_cast<double>(*r.batched_tokens) / static_cast<double>(layout.data);
    if (r.memory_share) engine.memory_share = *r.memory_share;
    Speculation speculation;
    if (r.speculation) speculation = {.drafted = r.speculation->drafted, .acceptance = r.speculation->acceptance};
    const Accelerator chip = serving_chip(pool.chip, prepared_.catalogue);
    const char* unknown = !(chip.memory_bytes > 0)     ? "memory"
                          : !(chip.memory_bytes_s > 0) ? "memory bandwidth"
                                                       : nullptr;
    if (unknown)
      return d_.error_at(join_key(key, "pool"), fmt::format("the {} of {} is not known", unknown, pool.chip.name),
                         "state it under `catalogue`");
    const Fabric fabric = fabric_at(ground, least_lie(ground, layout.chips(), Shape::gang));
    out.model = std::make_unique<ReplicaModel>(model, layout, chip, fabric, engine, speculation);
    const ReplicaModel& replica = *out.model;
    if (replica.kv_tokens() <= 0)
      return d_.error_at(
          key,
          fmt::format("{} needs {:.1f} GB a chip for its weights; {} leaves nothing of its {:.0f} GB for "
                      "keys and values",
                      model.name, replica.weight_bytes_per_chip() / 1e9, pool.chip.name,
                      pool.chip.memory_gb.value_or(0)),
          "more chips (`layout`), a narrower `precision`, or another pool");
    out.times = std::make_unique<TimesOf<ReplicaModel>>(replica);
    out.count = r.count;
    out.most = r.autoscale ? std::max(r.count, r.autoscale->max) : r.count;
    out.startup_s = r.startup_s;
    add_ways(layout, out);

    ServingPool serving;
    serving.name = fmt::format("{} on {}", r.layout, pool.name);
    serving.times = out.times.get();
    serving.replica = config(r, replica);
    serving.replicas = 0;
    if (r.autoscale) serving.scale = scale(*r.autoscale, r);
    serving.kv_bytes_per_token = replica.kv_bytes_per_token();
    serving.kv_bytes_per_sequence = replica.kv_bytes_per_sequence();
    service.fleet.pools.push_back(std::move(serving));
    add_jobs(spec, layout, pool, service, out.most);
    service.replicas.push_back(std::move(out));
  }

  // Replicas of different kinds share requests by what each serves when it always has enough to do.
  static void weigh(Service& service) {
    if (service.trace.requests.empty()) return;
    const MeanRequest mean = mean_request(service.trace);
    for (ServingPool& pool : service.fleet.pools)
      if (const double rate = saturated_requests_s(*pool.times, pool.replica, mean); rate > 0) pool.weight = rate;
  }

  static ReplicaConfig config(const ReplicasSpec& r, const ReplicaModel& model) {
    ReplicaConfig config;
    const EngineProfile& engine = model.engine();
    const ServingLayout& layout = model.layout();
    config.role = r.role;
    config.max_batch = r.max_batch;
    config.max_batched_tokens = std::llround(engine.batched_tokens * static_cast<double>(layout.data));
    if (r.chunk) config.max_chunk_tokens = *r.chunk;
    config.mixed = engine.batching == Batching::mixed;
    config.block_tokens = r.block_tokens;
    config.blocks = model.kv_tokens() / r.block_tokens;
    const double block_bytes = model.kv_bytes_per_token() * static_cast<double>(r.block_tokens);
    if (model.kv_bytes_per_sequence() > 0 && block_bytes > 0)
      config.blocks_per_sequence = static_cast<std::int64_t>(std::ceil(model.kv_bytes_per_sequence() / block_bytes));
    config.preemption = r.preemption;
    config.swap_bytes_s = r.swap_gbs * 1e9 * static_cast<double>(layout.chips());
    config.block_bytes = block_bytes;
    config.prefix_caching = r.prefix_cache;
    config.tokens_per_iteration = model.tokens_per_iteration();
    if (r.speculation) config.decode_tokens = 1 + r.speculation->drafted;
    return config;
  }

  static Autoscale scale(const AutoscaleSpec& a, const ReplicasSpec& r) {
    const double whole = a.by == ScaleBy::queue ? 0.8 * static_cast<double>(r.max_batch)
                         : a.by == ScaleBy::slo ? 0.95
                                                : 0.8;
    return {.by = a.by,
            .min = a.min,
            .max = a.max,
            .target = a.target.value_or(whole),
            .every_s = a.every_s,
            .tolerance = a.tolerance,
            .hold_s = a.hold_s};
  }

  // What a replica exchanges with the world: its weights, once read from the storage by every data rank; its links.
  void add_ways(const ServingLayout& layout, ServiceReplicas& out) {
    const Pool& pool = prepared_.site.pools[out.pool];
    const std::int64_t chips = layout.chips();
    const double part = static_cast<double>(chips) / static_cast<double>(layout.data);
    const auto or_no_limit = [](double bytes_s) {
      return bytes_s > 0 ? bytes_s : std::numeric_limits<double>::infinity();
    };
    const double nics = static_cast<double>(pool.nics_per_server) / static_cast<double>(pool.server.chips);
    out.data_parts = layout.data;
    out.nic_bytes_s = or_no_limit(nics * part * pool.nic_gbps * kBytesPerGbit);
    out.scale_up_bytes_s = or_no_limit(part * pool.chip.scale_up_gbs.value_or(0) * 1e9 / 2);
    if (!prepared_.site.storage) return;
    if (!routes_) routes_ = routes_of(prepared_.site);
    out.load.layout.data = chips;
    out.load.startup_s = out.startup_s;
    add_load(out.model->weight_bytes_per_chip() * static_cast<double>(chips),
             storage_way(prepared_.site, out.pool, *routes_), least_lie(grounds_[out.pool], chips, Shape::gang),
             out.load);
  }

  void add_jobs(const ServiceSpec& spec, const ServingLayout& layout, const Pool& pool, const Service& service,
                std::int64_t most) {
    Names& names = prepared_.workload.names;
    Job job;
    job.type = JobType::service;
    job.chips = layout.chips();
    job.priority = static_cast<std::int32_t>(spec.priority);
    job.kinds = names.intern("pool:" + pool.name);
    job.model = names.intern(spec.model);
    job.vc = names.intern(spec.vc);
    std::size_t first = 0;
    for (const ServiceReplicas& before : service.replicas) first += static_cast<std::size_t>(before.most);
    for (std::int64_t n = 0; n < most; ++n) {
      job.id = Service::job_id(spec.name, first + static_cast<std::size_t>(n));
      prepared_.workload.jobs.push_back(job);
    }
  }

  Prepared& prepared_;
  Diagnostics& d_;
  std::vector<std::string> pools_;
  std::vector<TrainingGround::PoolGround> grounds_;
  std::unique_ptr<const Routes> routes_;
};

}  // namespace

void resolve_services(Prepared& prepared, Diagnostics& d) {
  const auto& specs = prepared.scenario.workload.services;
  if (specs.empty()) return;
  if (!prepared.scenario.workload.jobs_end)
    d.error_at("workload.jobs_end", "is false; services need jobs that end, to start with what they give back");
  prepared.need_zoo(d);
  if (!d.ok()) return;
  Resolver resolver(prepared, d);
  auto services = std::make_shared<Services>();
  std::set<std::string> names;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string key = fmt::format("workload.services[{}]", i);
    if (!names.insert(specs[i].name).second)
      d.error_at(join_key(key, "name"), fmt::format("two services are called \"{}\"", specs[i].name));
    services->push_back(resolver.service(specs[i], key));
  }
  if (d.ok()) prepared.settings.services = std::move(services);
}

}  // namespace alight
