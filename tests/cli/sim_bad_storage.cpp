// A storage system, and jobs that use it, as they cannot be: every mistake is one line that names its key, and nothing
// is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kPools = "  network:\n    leaf:";

/// The base scenario with a storage as given, and a training job of these keys.
std::string stored(const std::string& storage, const std::string& job = "") {
  std::string text = with(kPools, "  storage: {" + storage + "}\n" + kPools);
  if (!job.empty())
    text = with("    - {id: b,",
                "    - {id: t, type: training, model: Qwen2.5-7B, tokens: 1e9, chips: 16, layout: tp2 zero1 full, " +
                    job + "}\n    - {id: b,",
                text);
  return text;
}

const std::string kGood = "read: 40 GB/s, write: 20 GB/s";

}  // namespace

TEST_CASE("a storage system and jobs that use it are accepted") {
  const auto accepted = [](const std::string& text) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  };
  accepted(stored(kGood, "load: weights, checkpoint: 30 min, dataset: 4 B"));
  accepted(stored(kGood + ", fabric: own, server: 200 Gbps, link: 100 Gbps, latency: 1 ms, name: lustre",
                  "load: 120 GB, checkpoint: {every: 50 steps, mode: asynchronous, size: 1 TB}"));
  accepted(stored(kGood + ", place: main", "load: none"));
}

TEST_CASE("storage systems that cannot be are refused") {
  Judge judge;
  judge.refused_text("no rate of reading", stored("write: 20 GB/s"), "site.storage.read");
  judge.refused_text("no rate of writing", stored("read: 20 GB/s"), "site.storage.write");
  judge.refused_text("a rate without a unit", stored("read: 20, write: 20 GB/s"), "site.storage.read");
  judge.refused_text("a rate in bytes", stored("read: 20 GB, write: 20 GB/s"), "site.storage.read");
  judge.refused_text("a rate of nothing", stored("read: 20 GB/s, write: 0 GB/s"), "site.storage.write");
  judge.refused_text("a latency before its time", stored(kGood + ", latency: -1 ms"), "site.storage.latency");
  judge.refused_text("a fabric nobody knows", stored(kGood + ", fabric: owned"), "did you mean");
  judge.refused_text("a network of its own without the servers' NICs", stored(kGood + ", fabric: own"),
                     "site.storage.server");
  judge.refused_text("a place on a network of its own", stored(kGood + ", fabric: own, server: 100 Gbps, place: main"),
                     "site.storage.place");
  judge.refused_text("a place where nothing stands", stored(kGood + ", place: mian"), "did you mean \"main\"");
  judge.refused_text("a key nobody knows", stored(kGood + ", reads: 1"), "site.storage.reads");
  judge.refused_text("an empty name", stored(kGood + ", name: \"\""), "site.storage.name");
  judge.refused_text("a link of nothing", stored(kGood + ", link: 0 Gbps"), "site.storage.link");
}

TEST_CASE("jobs whose words for the storage make no sense are refused") {
  Judge judge;
  const std::string key = "workload.jobs[1]";
  const auto job = [](const std::string& keys) { return stored(kGood, keys); };
  judge.refused_text("a load of no bytes", job("load: 0 GB"), key + ".load");
  judge.refused_text("a load in seconds", job("load: 3 s"), key + ".load");
  judge.refused_text("a load nobody knows", job("load: weight"), key + ".load");
  judge.refused_text("no interval", job("checkpoint: {mode: blocking}"), key + ".checkpoint.every");
  judge.refused_text("an interval in bytes", job("checkpoint: 3 GB"), key + ".checkpoint.every");
  judge.refused_text("an interval of no steps", job("checkpoint: 0 steps"), key + ".checkpoint.every");
  judge.refused_text("an interval of no time", job("checkpoint: 0 s"), key + ".checkpoint.every");
  judge.refused_text("an interval by nobody's rule", job("checkpoint: yung"), key + ".checkpoint.every");
  judge.refused_text("an interval by a rule where nothing fails", job("checkpoint: daly"), "faults.servers.failures");
  judge.refused_text("a mode nobody knows", job("checkpoint: {every: 1 h, mode: async}"), key + ".checkpoint.mode");
  judge.refused_text("a size in seconds", job("checkpoint: {every: 1 h, size: 3 s}"), key + ".checkpoint.size");
  judge.refused_text("data of less than nothing", job("dataset: -1 B"), key + ".dataset");
  judge.refused_text("a load without a storage", with("  storage: {" + kGood + "}\n", "", job("load: weights")),
                     key + ".load");
  judge.refused_text("checkpoints without a storage",
                     with("  storage: {" + kGood + "}\n", "", job("checkpoint: 30 min")), key + ".checkpoint");
  judge.refused_text("a rigid job that loads",
                     with("{id: b, duration: 2 h,", "{id: b, duration: 2 h, load: weights,", stored(kGood)),
                     "workload.jobs[1].load");
  judge.refused_text(
      "a job over several pools",
      with("    - {id: b,",
           "    - {id: t, type: training, model: Qwen2.5-7B, tokens: 1e9, mix: {h: 8, n: 8}, checkpoint: 1 "
           "h}\n    - {id: b,",
           stored(kGood)),
      key + ".checkpoint");
}
