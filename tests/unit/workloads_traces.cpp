// Each trace format on a sample small enough to check by eye.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "workloads/traces/formats.hpp"

using namespace alight;

namespace {

using Texts = std::vector<Input>;

Workload must_read(const char* format, const Texts& files, const ReadOptions& options = {}) {
  auto read = find_format(format)->read(files, options);
  if (!read) FAIL(read.problem().message);
  return std::move(*read);
}

Problem must_fail(const char* format, const Texts& files, const ReadOptions& options = {}) {
  auto read = find_format(format)->read(files, options);
  REQUIRE(!read);
  return read.problem();
}

std::int64_t rows(const Workload& workload, const std::string& why) {
  for (const auto& reason : workload.report.reasons)
    if (reason.why == why) return reason.rows;
  return 0;
}

std::string place(const Workload& workload, const std::string& why) {
  for (const auto& reason : workload.report.reasons)
    if (reason.why == why) return reason.first_place;
  return {};
}

bool has_note(const Workload& workload, const std::string& part) {
  const auto& notes = workload.report.notes;
  return std::any_of(notes.begin(), notes.end(),
                     [&](const std::string& n) { return n.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("alight: every column, defaults, and bad rows by place") {
  const auto w = must_read("alight", {{"jobs.csv",
                                       "job_id,submit_s,chips,duration_s,estimate_s,kill_at_estimate,chip_milli,kinds,"
                                       "user,priority,status,cpu_milli,host_memory_mib,min_chip_memory_gb,shape,x_own\n"
                                       "b,10.5,1,60,90,1,500,A|B,ann,3,failed,4000,1024,80,one_server,hello\n"
                                       "a,10.5,8,60,,,,,,,,,,,,\n"
                                       "c,-1,8,60,,,,,,,,,,,,\n"
                                       "d,1,x,60,,,,,,,,,,,,\n"
                                       "e,1,0,60,,,,,,,,,,,,\n"
                                       "f,1,1\n"
                                       "g,1,2,5,,,500,,,,,,,,,\n"}});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.report.taken == 2);
  CHECK(w.report.skipped == 5);
  CHECK(place(w, "negative submit time") == "jobs.csv:4");
  CHECK(rows(w, "chips is not a whole number") == 1);
  CHECK(rows(w, "asks for no chip and no processor") == 1);
  CHECK(rows(w, "fewer cells than the header has columns") == 1);
  CHECK(rows(w, "a share of a chip, but not of exactly one chip") == 1);
  const Job& a = w.jobs[0];
  CHECK(a.id == "a");
  CHECK(a.estimate_s == 60);
  CHECK_FALSE(a.kill_at_estimate);
  CHECK(a.chip_milli == 1000);
  const Job& b = w.jobs[1];
  CHECK(b.submit_s == 10.5);
  CHECK(b.estimate_s == 90);
  CHECK(b.kill_at_estimate);
  CHECK(b.chip_milli == 500);
  CHECK(w.names[b.kinds] == "A|B");
  CHECK(w.names[b.user] == "ann");
  CHECK(b.priority == 3);
  CHECK(b.status == TraceStatus::failed);
  CHECK(b.cpu_milli == 4000);
  CHECK(b.host_memory_mib == 1024);
  CHECK(b.min_chip_memory_gb == 80);
  CHECK(b.shape == Shape::one_server);
}

TEST_CASE("alight: a column we do not know is an error with the nearest name") {
  const auto p = must_fail("alight", {{"jobs.csv", "job_id,submit_s,chips,duration_s,priorty\n1,0,1,1,1\n"}});
  CHECK(p.where.text() == "jobs.csv:1");
  CHECK(p.key == "priorty");
  CHECK(p.hint.find("priority") != std::string::npos);
  const auto missing = must_fail("alight", {{"jobs.csv", "job_id,submit_s,chip,x_a\n1,0,1,1\n"}});
  CHECK(missing.message.find("chips, duration_s") != std::string::npos);
}

TEST_CASE("alight: the epoch in a comment, and jobs without names") {
  const auto w =
      must_read("alight", {{"jobs.csv", "# epoch: 2025-06-01\nsubmit_s,chips,duration_s\n5,2,7\n5,1,7\n,1,7\n"}});
  REQUIRE(w.epoch);
  CHECK(format_date(*w.epoch) == "2025-06-01");
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[0].id == "1");
  CHECK(w.jobs[0].chips == 1);
  CHECK(place(w, "submit_s is empty") == "jobs.csv:5");
}

TEST_CASE("an id stated twice keeps the earliest submission") {
  const auto w =
      must_read("alight", {{"jobs.csv", "job_id,submit_s,chips,duration_s\n7,20,1,1\n8,5,1,1\n7,10,1,1\n7,30,1,1\n"}});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[1].submit_s == 10);
  CHECK(rows(w, "job id stated before (the earliest submission is kept)") == 2);
  CHECK(place(w, "job id stated before (the earliest submission is kept)") == "jobs.csv:2");
  CHECK(w.report.taken == 2);
}

TEST_CASE("philly: stamps, ids by order, epoch") {
  const auto w = must_read("philly", {{"philly.csv",
                                       "timestamp,duration,num_gpus,gpu_time,cluster\n"
                                       "2017-10-09 07:01:55,66.0,1,66.0,11cb48\n"
                                       "2017-10-09 06:13:03,2951.0,2,5902.0,6214e9\n"
                                       "soon,1,1,1,x\n\n"}});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[0].id == "1");
  CHECK(w.jobs[0].submit_s == 0);
  CHECK(w.jobs[1].submit_s == 2932);
  CHECK(w.names[w.jobs[0].vc] == "6214e9");
  CHECK(format_date(*w.epoch) == "2017-10-09 06:13:03");
  CHECK(place(w, "timestamp is no date and time") == "philly.csv:4");
}

TEST_CASE("philly-json: attempts add up, gaps are counted") {
  const auto w = must_read(
      "philly-json",
      {{"log", R"([{"status": "Pass", "vc": "ee9e8c", "jobid": "application_1", "submitted_time": "2017-10-07 01:11:39",
         "user": "u1", "attempts": [
           {"start_time": "2017-10-07 01:12:09", "end_time": "2017-10-07 01:13:23",
            "detail": [{"ip": "m47", "gpus": ["gpu0", "gpu1"]}, {"ip": "m48", "gpus": ["gpu0", "gpu1"]}]},
           {"start_time": "2017-10-07 01:13:30", "end_time": "2017-10-07 01:13:40",
            "detail": [{"ip": "m412", "gpus": ["gpu0", "gpu1", "gpu2", "gpu3"]}]}]},
        {"status": "Killed", "vc": "a", "jobid": "application_2", "submitted_time": "2017-10-07 02:00:00", "user": "u2",
         "attempts": []},
        {"status": "Killed", "vc": "a", "jobid": "application_3", "submitted_time": "2017-10-07 02:00:00", "user": "u2",
         "attempts": [{"start_time": "2017-10-07 02:00:00", "end_time": null, "detail": []}]},
        17])"}});
  REQUIRE(w.jobs.size() == 1);
  CHECK(w.jobs[0].duration_s == 84);
  CHECK(w.jobs[0].chips == 4);
  CHECK(w.jobs[0].status == TraceStatus::completed);
  CHECK(place(w, "no scheduling attempt recorded") == "log: job 2");
  CHECK(place(w, "not an object") == "log: job 4");
  CHECK(w.report.skipped == 3);
  CHECK(must_fail("philly-json", {{"log", "[{\"a\": 1},\n {\"b\""}}).where.line == 2);
  CHECK(must_fail("philly-json", {{"log", "{\"a\": 1}"}}).message == "is no list of jobs");
}

TEST_CASE("helios and acme: end - start is the run time, processors counted") {
  const auto h = must_read("helios", {{"cluster_log.csv",
                                       "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,"
                                       "duration,queue\n"
                                       "1425512,uVMrF,vchbv,4,16,1,FAILED,2020-06-09 18:41:27,2020-06-09 18:41:27,"
                                       "2020-06-09 18:45:36,249,0\n"
                                       "1425513,uVMrF,vchbv,0,4,1,CANCELLED,2020-06-09 18:41:28,,,0,0\n"}});
  REQUIRE(h.jobs.size() == 1);
  CHECK(h.jobs[0].duration_s == 249);
  CHECK(h.jobs[0].cpu_milli == 16000);
  CHECK(h.names[h.jobs[0].vc] == "vchbv");
  CHECK(rows(h, "never started") == 1);

  const auto a =
      must_read("acme", {{"trace_kalos.csv",
                          "job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,shared_mem_per_pod,type,state,"
                          "submit_time,start_time,end_time,fail_time,stop_time,duration,queue,gpu_time\n"
                          "dlc1,uf794,8,64,960,1000,100.0,Other,FAILED,2023-05-17 11:00:58+00:00,"
                          "2023-05-17 11:01:08+00:00,2023-05-17 11:01:16+00:00,2023-05-17 11:01:16+00:00,,18,"
                          "10.0,1152.0\n"}});
  REQUIRE(a.jobs.size() == 1);
  CHECK(a.jobs[0].duration_s == 8);
  CHECK(a.jobs[0].host_memory_mib == 7629395);  // 8 pods of 1e12 B
  CHECK(a.names[a.jobs[0].vc] == "Other");
  CHECK(has_note(a, "1 rows state a duration other than end - start"));
}

TEST_CASE("openb: shares, kinds, pods without a GPU; the nodes") {
  const std::string header =
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n";
  const auto w =
      must_read("openb", {{"pods.csv", header + "p1,6000,12288,1,460,V100M16|V100M32,LS,Succeeded,10,100,40\n"
                                                "p2,8000,1024,0,0,,LS,Running,20,100,20\n"
                                                "p3,8000,1024,2,1000,,LS,Pending,30,100,\n"
                                                "p4,8000,1024,2,500,,LS,Running,30,100,30\n"}});
  REQUIRE(w.jobs.size() == 3);
  CHECK(w.jobs[0].chip_milli == 460);
  CHECK(w.jobs[0].duration_s == 60);
  CHECK(w.names[w.jobs[0].kinds] == "V100M16|V100M32");
  CHECK(w.jobs[0].shape == Shape::one_server);
  CHECK(w.jobs[1].chips == 0);
  CHECK(w.jobs[1].cpu_milli == 8000);
  CHECK(w.jobs[2].duration_s == 70);
  CHECK(w.report.skipped == 1);

  const auto nodes = read_openb_nodes(
      {"nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn0,32000,262144,0,\nn1,64000,262144,2,P100\nn2,x,1,1,T4\n"});
  REQUIRE(nodes);
  REQUIRE(nodes->machines.size() == 2);
  CHECK(nodes->machines[1].chip == "P100");
  CHECK(nodes->machines[1].chips == 2);
  CHECK(nodes->report.skipped == 1);
}

TEST_CASE("pai2020: a job is the gang of its tasks' instances") {
  const Input jobs{"pai_job_table.csv",
                   "4b3f04b66a525d2df903eb16,i1,u1,Terminated,100.0,300.0\n"
                   "4b3f04b66a525d2df903eb17,i2,u1,Failed,110.0,300.0\n"
                   "4b3f04b66a525d2df903eb18,i3,u2,Waiting,120.0,\n"
                   "4b3f04b66a525d2df903eb19,i4,u2,Running,120.0,\n"};
  const Input tasks{"pai_task_table.csv",
                    "4b3f04b66a525d2df903eb16,ps,1.0,Terminated,110.0,300.0,600.0,10.0,,CPU\n"
                    "4b3f04b66a525d2df903eb16,worker,2.0,Terminated,120.0,310.0,400.0,29.296875,50.0,T4\n"
                    "4b3f04b66a525d2df903eb17,tensorflow,1.0,Failed,120.0,300.0,600.0,10.0,25.0,MISC\n"
                    "4b3f04b66a525d2df903eb19,worker,1.0,Running,120.0,,600.0,10.0,100.0,T4\n"};
  const auto w = must_read("pai2020", {jobs, tasks});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[0].duration_s == 200);
  CHECK(w.jobs[0].chips == 1);  // two halves
  CHECK(w.jobs[0].chip_milli == 1000);
  CHECK(w.jobs[0].cpu_milli == 14000);
  CHECK(w.names[w.jobs[0].kinds] == "T4");
  CHECK(w.jobs[1].chip_milli == 250);
  CHECK(rows(w, "a job without tasks in the task table") == 1);
  CHECK(w.report.skipped == 2);
  CHECK(must_fail("pai2020", {jobs}).message.find("two files") != std::string::npos);
}

TEST_CASE("swf: unknowns, fractions, limits, header") {
  const auto w = must_read("swf", {{"log.swf",
                                    "; UnixStartTime: 1027839845\n; MaxProcs: 240\n"
                                    "1 0.5 3 100.25 4 -1 -1 4 120 -1 1 7 1 -1 2 -1 -1 -1\n"
                                    "2 1 3 -1 4 900 -1 4 120 -1 1 7 1 -1 2 -1 -1 -1\n"
                                    "3 2 3 10 -1 -1 -1 8 -1 -1 0 -1 1 -1 -1 -1 -1 -1\n"
                                    "4 3 3 10 -1 -1 -1 -1 -1 -1 1 -1 1 -1 -1 -1 -1 -1\n"
                                    "5 3 3 10 4 -1 -1 -1 -1 -1 3 -1 1 -1 -1 -1 -1 -1\n"
                                    "6 3 3 10 4\n"}});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[0].submit_s == 0.5);
  CHECK(w.jobs[0].duration_s == 100.25);
  CHECK(w.jobs[0].estimate_s == 120);
  CHECK(w.jobs[0].kill_at_estimate);
  CHECK(w.names[w.jobs[0].vc] == "2");
  CHECK(w.jobs[1].chips == 8);
  CHECK_FALSE(w.jobs[1].kill_at_estimate);
  CHECK(w.jobs[1].status == TraceStatus::failed);
  CHECK(w.epoch->unix_s == 1027839845);
  CHECK(has_note(w, "MaxProcs: 240"));
  CHECK(place(w, "run time unknown (-1)") == "log.swf:4");
  CHECK(w.report.skipped == 4);
}

TEST_CASE("swf: the 21 columns of wagap, in Unix time") {
  const auto w =
      must_read("swf", {{"wagap.swf",
                         "0 1356996147 0 56011 64 1 1024 64 86400 68719476736 1 62 1 1 -1 1 1 1 {1241,1241} "
                         "q_1d 1:ppn=64\n"
                         "1 1356996695 71 100 12 1 1024 12 200 1 1 101 1 1 -1 1 1 1 {1129} q_2w 1:ppn=12\n"}});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[1].submit_s == 548);
  CHECK(w.names[w.jobs[1].vc] == "q_2w");
  CHECK(w.epoch->unix_s == 1356996147);
}

TEST_CASE("sacct: jobs, not steps; TRES and limits") {
  const auto w = must_read(
      "sacct", {{"sacct.txt",
                 "JobID|User|Partition|Submit|Start|End|Elapsed|Timelimit|State|AllocTRES\n"
                 "12|ann|gpu|2023-05-17T11:00:00|2023-05-17T11:00:10|2023-05-17T12:00:10|01:00:00|1-00:00:00|COMPLETED|"
                 "billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,mem=64G,node=1\n"
                 "12.batch|||2023-05-17T11:00:10|2023-05-17T11:00:10|2023-05-17T12:00:10|01:00:00||COMPLETED|cpu=8\n"
                 "13|bob|cpu|2023-05-17T11:00:01|Unknown|Unknown|00:00:00|UNLIMITED|PENDING|cpu=8\n"
                 "14|bob|cpu|2023-05-17T11:00:02|2023-05-17T11:01:00|2023-05-17T11:02:00|00:01:00|UNLIMITED|"
                 "CANCELLED by 17|cpu=8,mem=500M\n"}});
  REQUIRE(w.jobs.size() == 2);
  CHECK(w.jobs[0].chips == 4);
  CHECK(w.names[w.jobs[0].kinds] == "a100");
  CHECK(w.jobs[0].host_memory_mib == 65536);
  CHECK(w.jobs[0].estimate_s == 86400);
  CHECK(w.jobs[1].chips == 0);
  CHECK(w.jobs[1].cpu_milli == 8000);
  CHECK(w.jobs[1].estimate_s == 60);
  CHECK(w.jobs[1].status == TraceStatus::cancelled);
  CHECK(rows(w, "a step of a job, not a job") == 1);
  CHECK(rows(w, "never started") == 1);
}

TEST_CASE("batsim: delays and tasks are jobs, the rest is counted") {
  const auto w = must_read("batsim", {{"w.json", R"({"nb_res": 4, "jobs": [
      {"id": "a", "subtime": 10.5, "walltime": 100, "res": 4, "profile": "d"},
      {"id": 7, "subtime": 11, "res": 1, "walltime": -1, "profile": "d"},
      {"id": 8, "subtime": 11, "res": 1, "profile": "p"},
      {"id": 10, "subtime": 11, "res": 1, "profile": "s"},
      {"id": 9, "subtime": 11, "res": 1, "profile": "gone"}, 3, [1]],
      "profiles": {"d": {"type": "delay", "delay": 120.25}, "p": {"type": "parallel_homogeneous", "cpu": 1, "com": 0},
                   "s": {"type": "smpi", "trace": "x"}}})"}});
  REQUIRE(w.jobs.size() == 3);
  CHECK(w.jobs[0].duration_s == 120.25);
  CHECK(w.jobs[0].estimate_s == 100);
  CHECK(w.jobs[0].kill_at_estimate);
  CHECK(w.jobs[1].id == "7");
  CHECK_FALSE(w.jobs[1].kill_at_estimate);
  CHECK(w.jobs[2].type == JobType::parallel);
  CHECK(rows(w, "profile of type smpi: its run time depends on what is not modelled") == 1);
  CHECK(rows(w, "not an object") == 2);
  const auto cut = must_fail("batsim", {{"w.json", "{\"nb_res\": 4,\n\"jobs\": [{\"id\""}});
  CHECK(cut.where.line == 2);
}

TEST_CASE("gavel: steps over the rate on a V100") {
  const Input rates{"rates.json", R"json({"v100": {"('A3C', 1)": {"null": 2.5, "('A3C', 1)": [1, 1]}}})json"};
  const auto w =
      must_read("gavel", {{"t.trace", "A3C\tcmd\t-n\t1\t100\t30.5\t1\nA3C\tcmd\t-n\t1\t100\t30.5\t8\n"}, rates});
  REQUIRE(w.jobs.size() == 1);
  CHECK(w.jobs[0].duration_s == 40);
  CHECK(w.names[w.jobs[0].traced_chip] == "V100");
  CHECK(w.report.skipped == 1);
}

TEST_CASE("generic: columns, units, stamps and ends") {
  ReadOptions options;
  CHECK(add_column(options, "job_id=name").empty());
  CHECK(add_column(options, "submit_s=created").empty());
  CHECK(add_column(options, "start_s=from").empty());
  CHECK(add_column(options, "end_s=to").empty());
  CHECK(add_column(options, "chips=gpus").empty());
  CHECK(add_column(options, "cpu_milli=cores:cores").empty());
  CHECK(add_column(options, "host_memory_mib=mem:GiB").empty());
  CHECK(add_column(options, "chps=gpus").find("chips") != std::string::npos);
  CHECK_FALSE(add_column(options, "chips").empty());
  CHECK_FALSE(add_column(options, "vc=queue:ms").empty());
  CHECK(add_column(options, "min_chip_memory_gb=hbm:GB").empty());
  CHECK(options.columns["min_chip_memory_gb"].scale == 1);
  options.columns.erase("min_chip_memory_gb");
  options.delimiter = ';';
  const auto w = must_read("generic",
                           {{"t.csv",
                             "name;created;from;to;gpus;cores;mem;other\n"
                             "x;2020-01-01 00:00;2020-01-01 00:10;2020-01-01 01:10;2;1.5;4;?\n"}},
                           options);
  REQUIRE(w.jobs.size() == 1);
  CHECK(w.jobs[0].duration_s == 3600);
  CHECK(w.jobs[0].cpu_milli == 1500);
  CHECK(w.jobs[0].host_memory_mib == 4096);

  ReadOptions milliseconds;
  CHECK(add_column(milliseconds, "submit_s=t:ms").empty());
  CHECK(add_column(milliseconds, "duration_s=d:min").empty());
  CHECK(add_column(milliseconds, "chips=n").empty());
  const auto m = must_read("generic", {{"t.csv", "t,d,n\n1500,2,3\n"}}, milliseconds);
  CHECK(m.jobs[0].submit_s == 1.5);
  CHECK(m.jobs[0].duration_s == 120);
  CHECK(must_fail("generic", {{"t.csv", "t\n1\n"}}).key == "submit_s");
}

TEST_CASE("formats are told apart by content") {
  const auto format_of = [](const char* name, const char* text) {
    const auto found = detect({name, text});
    return found ? (*found)->name : std::string("none");
  };
  CHECK(format_of("a.txt", "1 0 3 100 4 -1 -1 4 120 -1 1 7 1 -1 2 -1 -1 -1\n") == "swf");
  CHECK(format_of("a.swf.gz", "; Version: 2\n") == "swf");
  CHECK(format_of("a.csv", "job_id,submit_s,chips,duration_s\n") == "alight");
  CHECK(format_of("a.csv", "job_id,submit_s,chip\n") == "alight");
  CHECK(format_of("a.csv", "a,b,c\n") == "none");
  CHECK(format_of("a.json", "{\"nb_res\": 3}") == "batsim");
  CHECK(format_of("a.json", "[{\"attempts\": []}]") == "philly-json");
  CHECK(format_of("a", "JobID|Submit|Elapsed\n") == "sacct");
  for (const Format& format : formats()) CHECK(find_format(format.name) == &format);
}
