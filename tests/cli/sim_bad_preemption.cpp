// Preemption as it cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kPolicy = "  policy: easy\n", kJob = "{id: b, duration: 2 h,";

std::string requeuing(const std::string& policy = "easy", const std::string& text = kScenario) {
  return with(kPolicy, "  policy: " + policy + "\n  preemption: requeue\n", text);
}

}  // namespace

TEST_CASE("jobs that give way are accepted, written, generated and from a table") {
  const auto accepted = [](const std::string& text) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    write_file(judge.folder / "t.csv", "submit_s,chips,duration_s,preemptible\n0,1,10,1\n0,1,10,0\n0,1,10,\n");
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  };
  const std::string gives_way = with(kJob, "{id: b, preemptible: true, duration: 2 h,");
  accepted(gives_way);
  for (const char* policy : {"easy", "fcfs", "sjf", "conservative", "easy_bf_fast"})
    accepted(requeuing(policy, gives_way));
  accepted(requeuing(
      "easy",
      with("  jobs:\n", "  generate: [{like: classic, jobs: 20, max_chips: 8, preemptible: true}]\n  jobs:\n")));
  accepted(requeuing("easy", with("  jobs:\n", "  file: t.csv\n  jobs:\n")));
}

TEST_CASE("preemption that cannot be is refused") {
  Judge judge;
  judge.refused_text("a mode nobody knows", with(kPolicy, "  policy: easy\n  preemption: requeu\n"), "did you mean");
  judge.refused_text("a flag", with(kPolicy, "  policy: easy\n  preemption: true\n"), "scheduler.preemption");
  judge.refused_text("a policy that lets nobody wait again", requeuing("once"), "scheduler.preemption");
  judge.refused_text("neither true nor false", with(kJob, "{id: b, preemptible: 2, duration: 2 h,"),
                     "workload.jobs[1].preemptible");
  judge.refused_text("a key nobody knows", with(kJob, "{id: b, preemptable: true, duration: 2 h,"),
                     "did you mean \"preemptible\"");
  judge.refused_text(
      "a parallel job",
      with(kJob, "{id: b, type: parallel, task: each 1e12 0, preemptible: true,", with(" estimate: 3 h,", "")),
      "workload.jobs[1].preemptible");
}

TEST_CASE("rows whose preemptible cannot be read are skipped, each with its reason") {
  Judge judge;
  const std::string text = with("  jobs:\n", "  file: t.csv\n  jobs:\n");
  write_file(judge.folder / "s.yaml", text);
  write_file(judge.folder / "t.csv",
             "submit_s,chips,duration_s,preemptible,type,task\n0,1,10,yes,,\n0,1,10,1,,\n0,8,,1,parallel,each 1e9 0\n");
  judge.counted("a table", {"run", "s.yaml", "--out", "out"}, 2, 0);
  const std::string summary = text_of(judge.folder / "out/summary.json");
  CHECK(summary.find("preemptible is neither 0 nor 1") != std::string::npos);
  CHECK(summary.find("a parallel job cannot be preemptible") != std::string::npos);
}
