// Elastic jobs as they cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kPools = "  network:\n    leaf:";

/// The base scenario with a storage, and a job of these keys.
std::string elastic(const std::string& job, const std::string& of = "type: training, model: Qwen2.5-7B, tokens: 1e9") {
  const std::string text = with(kPools, "  storage: {read: 40 GB/s, write: 20 GB/s}\n" + kPools);
  return with("    - {id: b,", "    - {id: t, " + of + ", chips: 16, " + job + "}\n    - {id: b,", text);
}

}  // namespace

TEST_CASE("elastic jobs are accepted") {
  for (const char* job : {"layout: tp2 zero1 full, checkpoint: 30 min, elastic: 4",
                          "layout: tp2 zero1 full, checkpoint: 30 min, elastic: {replicas: 8, grow: 10 min}"}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", elastic(job));
    judge.counted(job, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("elastic jobs that cannot be are refused") {
  Judge judge;
  const std::string layout = "layout: tp2 zero1 full, checkpoint: 30 min, ";
  judge.refused_text("more than all", elastic(layout + "elastic: 9"), ".elastic.replicas");
  judge.refused_text("none", elastic(layout + "elastic: 0"), ".elastic");
  judge.refused_text("in part", elastic(layout + "elastic: 1.5"), ".elastic");
  judge.refused_text("no number", elastic(layout + "elastic: {grow: 1 h}"), ".elastic.replicas");
  judge.refused_text("unknown key", elastic(layout + "elastic: {replicas: 4, shrink: 1 h}"), ".elastic.shrink");
  judge.refused_text("grows without a unit", elastic(layout + "elastic: {replicas: 4, grow: 5}"), ".elastic.grow");
  judge.refused_text("grows at every instant", elastic(layout + "elastic: {replicas: 4, grow: 0 s}"), ".elastic.grow");
  judge.refused_text("without a checkpoint", elastic("layout: tp2 zero1 full, elastic: 4"), ".checkpoint");
  judge.refused_text("planned", elastic("checkpoint: 30 min, elastic: 4"), ".layout");
  judge.refused_text("not training", elastic("elastic: 4", "duration: 1 h"), ".elastic");
  judge.refused_text("a mix", with("chips: 16, ", "mix: {h: 8, n: 8}, ", elastic("checkpoint: 30 min, elastic: 4")),
                     ".elastic");
}
