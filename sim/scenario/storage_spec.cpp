#include "sim/scenario/storage_spec.hpp"

#include "sim/scenario/scenario.hpp"

namespace alight {
namespace {

constexpr Range kStorageRate{.min = 0, .above_min = true};

}  // namespace

const Description& StorageSpec::description() {
  static const auto d =
      describe<StorageSpec>(
          "storage", "The storage system that training jobs load from and write checkpoints to (docs/storage.md).")
          .text("name", &StorageSpec::name, "What it is called in outputs.")
          .quantity("read", &StorageSpec::read_gbs, "GB/s", "What all servers together read at most.", kStorageRate)
          .required()
          .quantity("write", &StorageSpec::write_gbs, "GB/s", "What all servers together write at most.", kStorageRate)
          .required()
          .quantity("latency", &StorageSpec::latency_s, "s", "Before the first byte of a transfer.",
                    {.min = 0, .max = 60})
          .choice(
              "fabric", &StorageSpec::fabric, {{"shared", Fabric::shared}, {"own", Fabric::own}},
              "shared: its traffic crosses the network between the servers, from their NICs up to where the storage "
              "hangs. own: a storage network of its own, as wide as `server`, `link` and the storage itself.")
          .quantity("link", &StorageSpec::link_gbps, "Gbps",
                    "Of its connection, each direction, where that is narrower than the storage itself.", kStorageRate)
          .quantity("server", &StorageSpec::server_gbps, "Gbps",
                    "Of the storage NICs of one server, each direction. With `fabric: shared` default: its NICs.",
                    kStorageRate)
          .text(
              "place", &StorageSpec::place,
              "Where it hangs on a shared fabric: a place of `network` or `networks`, above the top tier there, on the "
              "backbone where there is one. Default: the only place.")
          .check([](const StorageSpec& s, const std::string& path, Diagnostics& out) {
            if (s.fabric == Fabric::own && !s.server_gbps)
              out.error_at(join_key(path, "server"),
                           "is missing; with `fabric: own` it is how fast one server reaches "
                           "the storage, e.g. 200 Gbps");
            if (s.fabric == Fabric::own && s.place)
              out.error_at(join_key(path, "place"), "belongs to `fabric: shared`; a network of its own has none");
            if (s.name.empty()) out.error_at(join_key(path, "name"), "is empty");
          })
          .done();
  return d;
}

const Description& CheckpointSpec::description() {
  static const auto d =
      describe<CheckpointSpec>("checkpoint", "How often a training job writes its state to the storage.")
          .text("every", &CheckpointSpec::every,
                "A time of training, or steps: 30 min, 500 steps. Or young, daly: the best time by what a checkpoint "
                "takes "
                "and how often what `faults.servers` says interrupts the job (docs/failures.md).")
          .required()
          .choice(
              "mode", &CheckpointSpec::asynchronous, {{"blocking", false}, {"asynchronous", true}},
              "blocking: the job stands still while it is written. asynchronous: it is written beside the steps that "
              "follow, and holds the job up only where it takes longer than the time to the next one.")
          .quantity("size", &CheckpointSpec::size_bytes, "B",
                    "Default: weights and optimiser states of the model, each byte once.", kStorageRate)
          .shorthand("every")
          .check([](const CheckpointSpec& c, const std::string& path, Diagnostics& out) {
            StorageWork work;
            if (const std::string problem = read_every(c.every, work); !problem.empty())
              out.error_at(join_key(path, "every"), problem);
          })
          .done();
  return d;
}

std::string read_storage_work(const std::string& load, const std::optional<CheckpointSpec>& checkpoint,
                              double token_bytes, StorageWork& work) {
  work = {};
  std::string problem = read_load(load, work);
  if (problem.empty() && checkpoint) {
    problem = read_every(checkpoint->every, work);
    work.asynchronous = checkpoint->asynchronous && work.checkpoints();
    work.checkpoint_bytes = work.checkpoints() ? checkpoint->size_bytes.value_or(0) : 0;
  }
  work.token_bytes = token_bytes;
  return problem;
}

void check_storage(const JobSpec& job, const std::string& path, Diagnostics& out) {
  StorageWork work;
  const std::string problem = read_storage_work(job.load, job.checkpoint, job.dataset_bytes, work);
  if (!problem.empty()) return out.error_at(join_key(path, "load"), problem);
  for (const auto& [name, stated] : {std::pair{"load", work.load != StorageWork::Load::none},
                                     {"checkpoint", work.checkpoints()},
                                     {"dataset", work.token_bytes > 0}}) {
    if (stated && job.type != JobType::training)
      out.error_at(join_key(path, name), "only a job of `type: training` has it");
    else if (stated && !job.mix.empty())
      out.error_at(join_key(path, name), "a job with a `mix` has no traffic with the storage yet");
  }
}

}  // namespace alight
