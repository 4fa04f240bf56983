// Parallel work as text, in job tables, and in Batsim's profiles.
#include <catch2/catch.hpp>
#include <sstream>

#include "workloads/parallel_work.hpp"
#include "workloads/traces/formats.hpp"
#include "workloads/traces/write_csv.hpp"

using namespace alight;

namespace {

Workload read(const std::string& format, const std::string& text) {
  const std::vector<Input> files = {{format == "batsim" ? "w.json" : "w.csv", text}};
  auto result = find_format(format)->read(files, {});
  REQUIRE(result);
  return std::move(*result);
}

std::int64_t skipped(const Workload& w, const std::string& why) {
  for (const auto& reason : w.report.reasons)
    if (reason.why == why) return reason.rows;
  return 0;
}

std::string batsim(const std::string& jobs, const std::string& profiles) {
  return R"({"nb_res":8,"jobs":[)" + jobs + R"(],"profiles":{)" + profiles + "}}";
}

}  // namespace

TEST_CASE("parallel work reads back from its text") {
  ParallelWork work;
  work.stages = {{.task = {.flops_each = 1e9, .bytes_each = 0.1}},
                 {.task = {}, .delay_s = 2.5, .is_delay = true},
                 {.task = {.flops = {1, 1e18}, .bytes = {0, 1.0 / 3, 7, 0}}}};
  work.repeat = 12;
  ParallelWork again;
  CHECK(read_parallel_work(text_of(work), again).empty());
  CHECK(again == work);
  CHECK(text_of(work).starts_with("each 1e+09 0.1 then delay 2.5 then ranks 2 flops 1 1e+18 bytes 0 "));
  CHECK(why_unfit(work, 2).empty());
  CHECK(why_unfit(work, 3) == "its task has 2 ranks, the job 3 chips");
  // 1e9 operations at 1 GFLOP/s 1 s, the wait 2.5 s, the longer rank 1e18 operations 1e9 s; 12 times.
  CHECK(least_seconds(work, 1e9) == Approx(12 * (3.5 + 1e9)));
}

TEST_CASE("parallel work that cannot be read says where") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "is empty"},
      {"every 1 2", "\"every\" begins no stage"},
      {"each 1", "ends where amount from 0 to 1e27 should follow"},
      {"each 1 -2", "\"-2\" is no amount"},
      {"each 1 nan", "\"nan\" is no amount"},
      {"each 1e28 0", "\"1e28\" is no amount"},
      {"each 1 2 3", "\"3\" where the text should end"},
      {"each 1 2 then", "\"\" begins no stage"},
      {"delay soon", "\"soon\" is no time"},
      {"ranks 0 flops bytes", "\"0\" is no number of ranks"},
      {"ranks 1.5 flops", "\"1.5\" is no number of ranks"},
      {"ranks 2 flops 1 bytes 0 0 0 0", "\"bytes\" is no amount"},
      {"ranks 2 flops 1 1 0 0 0 0", "\"bytes\" should follow"},
      {"ranks 2 flops 1 1 bytes 0 0 0", "ends where amount"},
      {"ranks 2 flops 1 1 bytes 0 0 0 0 0", "\"0\" where the text should end"},
      {"each 1 2 times 0", "\"0\" is no whole number"},
      {"each 1 2 times 3 then each 1 2", "\"then\" where the text should end"},
  };
  for (const auto& [text, wanted] : cases) {
    ParallelWork work;
    INFO(text);
    CHECK(read_parallel_work(text, work).find(wanted) != std::string::npos);
  }
}

TEST_CASE("Batsim's profiles of tasks") {
  const Workload w =
      read("batsim",
           batsim(R"({"id":1,"subtime":0,"res":2,"profile":"m","walltime":9},{"id":2,"subtime":1,"res":4,"profile":"h"},
                          {"id":3,"subtime":2,"res":4,"profile":"t"},{"id":4,"subtime":3,"res":2,"profile":"s"},
                          {"id":5,"subtime":4,"res":2,"profile":"n"},{"id":6,"subtime":5,"res":2,"profile":"p"})",
                  R"("m":{"type":"parallel","cpu":[5e6,0],"com":[0,3,2e6,0]},
                          "p":{"type":"ptask","com":[0,3,2e6,0],"cpu":[5e6,0]},
                          "h":{"type":"parallel_homogeneous","cpu":1e6,"com":7},
                          "t":{"type":"parallel_homogeneous_total","cpu":1e6,"com":8},
                          "d":{"type":"delay","delay":2.5},
                          "s":{"type":"composed","repeat":3,"seq":["h","d","m"]},
                          "n":{"type":"sequential_composition","seq":["d","s"]})"));
  CHECK(w.report.skipped == 0);
  REQUIRE(w.jobs.size() == 6);
  const auto text = [&](std::size_t j) { return w.names[w.jobs[j].task]; };
  CHECK(w.jobs[0].type == JobType::parallel);
  CHECK(w.jobs[0].duration_s == 0);
  CHECK(w.jobs[0].estimate_s == 9);
  CHECK(w.jobs[0].kill_at_estimate);
  CHECK_FALSE(w.jobs[1].kill_at_estimate);
  CHECK(text(0) == "ranks 2 flops 5e+06 0 bytes 0 3 2e+06 0");
  CHECK(w.jobs[5].task == w.jobs[0].task);
  CHECK(text(1) == "each 1e+06 7");
  CHECK(text(2) == "each 250000 2");
  CHECK(text(3) == "each 1e+06 7 then delay 2.5 then " + text(0) + " times 3");
  const std::string once = "each 1e+06 7 then delay 2.5 then " + text(0);
  CHECK(text(4) == "delay 2.5 then " + once + " then " + once + " then " + once);
}

TEST_CASE("Batsim's profiles that cannot be: each is a reason") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"parallel","cpu":[1,2],"com":[0,0,0]})",
       "a parallel profile whose com is not as long as its cpu squared"},
      {R"({"type":"parallel","cpu":[1],"com":[0]})", "res is not the number of hosts of its parallel profile"},
      {R"({"type":"parallel","cpu":[1,-2],"com":[0,0,0,0]})",
       "a parallel profile with an amount below 0 or above 1e27 as cpu"},
      {R"({"type":"parallel","cpu":[1,2],"com":[0,"x",0,0]})",
       "a parallel profile with something that is no number as com"},
      {R"({"type":"parallel","cpu":[1,2],"com":[[0,1],[1,0]]})",
       "a parallel profile with something that is no number as com"},
      {R"({"type":"parallel","cpu":7,"com":[0,0,0,0]})", "a parallel profile with no list of numbers as cpu"},
      {R"({"type":"parallel","cpu":[1,2]})", "a parallel profile with no list of numbers as com"},
      {R"({"type":"parallel_homogeneous","cpu":[1,2],"com":3})",
       "a homogeneous parallel profile with no number as cpu"},
      {R"({"type":"parallel_homogeneous","cpu":null,"com":3})",
       "a homogeneous parallel profile with something that is no number as cpu"},
      {R"({"type":"parallel_homogeneous","cpu":1,"com":1e30})",
       "a homogeneous parallel profile with an amount below 0 or above 1e27 as com"},
      {R"({"type":"ptask_homogeneous","cpu":1,"com":1,"generation_strategy":"defined_amount_spread_uniformly"})",
       "profile with generation_strategy defined_amount_spread_uniformly"},
      {R"({"type":"composed","seq":["nobody"]})", "a composed profile of one that is not in the file"},
      {R"({"type":"composed","seq":["p"]})", "profiles composed of each other more than 16 deep"},
      {R"({"type":"composed"})", "a composed profile without a list seq of names"},
      {R"({"type":"composed","repeat":0.5,"seq":["d"]})",
       "a composed profile whose repeat is no whole number from 1 to 1e6"},
      {R"({"type":"composed","seq":["bad"]})", "a delay that is no number of seconds from 0 to 1e10"},
      {R"({"type":"smpi","trace":"x"})", "profile of type smpi: its run time depends on what is not modelled"},
      {R"({"type":"dance"})", "profile of type unknown to Batsim: its run time depends on what is not modelled"},
  };
  for (const auto& [profile, why] : cases) {
    INFO(profile);
    const Workload w =
        read("batsim",
             batsim(R"({"id":1,"subtime":0,"res":2,"profile":"p"})",
                    R"("d":{"type":"delay","delay":1},"bad":{"type":"delay","delay":-1},"p":)" + std::string(profile)));
    CHECK(w.jobs.empty());
    CHECK(skipped(w, why) == 1);
  }
}

TEST_CASE("parallel jobs in a table: read, written, and bad rows by reason") {
  const Workload w = read("alight",
                          "job_id,submit_s,chips,duration_s,estimate_s,type,task\n"
                          "a,0,64,,100,parallel,each 1e12 5e6\n"
                          "b,1,2,77,,parallel,\"ranks 2 flops 1 2 bytes 0 3 4 0 times 5\"\n"
                          "c,2,3,,,parallel,ranks 2 flops 1 2 bytes 0 3 4 0\n"
                          "d,3,3,,,parallel,every 5\n"
                          "e,4,3,,,parallel,\n"
                          "f,5,3,7,,rigid,each 1 2\n"
                          "g,6,0,,,parallel,each 1 2\n");
  CHECK(skipped(w, "task has not as many ranks as the job has chips") == 1);
  CHECK(skipped(w, "task cannot be read") == 1);
  CHECK(skipped(w, "parallel without a task") == 1);
  CHECK(skipped(w, "a task, but type is not parallel") == 1);
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[1].duration_s == 0);
  std::ostringstream out;
  write_csv(out, w);
  const Workload again = read("alight", out.str());
  REQUIRE(again.jobs.size() == 2);
  for (std::size_t j = 0; j < 2; ++j) {
    CHECK(again.jobs[j].type == JobType::parallel);
    CHECK(again.jobs[j].estimate_s == w.jobs[j].estimate_s);
    CHECK(again.names[again.jobs[j].task] == w.names[w.jobs[j].task]);
  }
}
