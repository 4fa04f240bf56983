// Training jobs as text: layouts in words, the columns of a job table.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "models/training/layout_text.hpp"
#include "workloads/traces/formats.hpp"
#include "workloads/traces/write_csv.hpp"
#include "workloads/training_mix.hpp"
#include "workloads/training_work.hpp"

using namespace alight;

namespace {

Workload table(const std::string& text) {
  const Input file{"jobs.csv", text};
  auto read = find_format("alight")->read(Inputs(&file, 1), {});
  if (!read) FAIL(read.problem().message);
  return std::move(*read);
}

std::int64_t skipped(const Workload& w, const std::string& why) {
  for (const auto& reason : w.report.reasons)
    if (reason.why == why) return reason.rows;
  return 0;
}

std::string written(const Workload& w) {
  std::ostringstream out;
  write_csv(out, w);
  return out.str();
}

}  // namespace

TEST_CASE("a layout in words reads back as it was written") {
  Layout layout;
  CHECK(read_layout("dp8 tp4 pp2 vpp3 mb2 zero1_node shard8 full sp gb512 seq8192 fp8 gpipe nooverlap", layout) == "");
  CHECK(layout.chips() == 64);
  CHECK(layout.sequence_parallel);
  CHECK(layout.virtual_stages == 3);
  CHECK(layout.micro_batches() == 32);
  CHECK(layout.sharding == Sharding::zero1_node);
  CHECK(layout.shard_ranks == 8);
  CHECK(layout.precision == Precision::fp8);
  CHECK_FALSE(layout.overlap_gradients);
  CHECK(text_of(layout) == "tp4 pp2 dp8 sp vpp3 mb2 gb512 seq8192 fp8 zero1_node shard8 full gpipe nooverlap");
  Layout again;
  CHECK(read_layout(text_of(layout), again) == "");
  CHECK(text_of(again) == text_of(layout));
}

TEST_CASE("words that are none, or contradict each other, are named") {
  Layout layout;
  CHECK(read_layout("tp8 qp4", layout) == "no such word of a layout: \"qp4\"");
  CHECK(read_layout("tp0", layout) == "no such word of a layout: \"tp0\"");
  CHECK(read_layout("tp8x", layout) == "no such word of a layout: \"tp8x\"");
  CHECK(read_layout("tp99999999999999999999", layout) != "");
  CHECK(read_layout("tp8 pp2 tp4", layout) == "tp4 after tp8");
  CHECK(read_layout("zero1 fsdp", layout) == "fsdp after zero1");
}

TEST_CASE("data ranks left out are what the chips give") {
  Layout layout;
  CHECK(read_layout("tp8 pp2", layout) == "");
  CHECK(fill_data_ranks(layout, 64) == "");
  CHECK(layout.data == 4);
  CHECK(fill_data_ranks(layout, 128) == "the layout takes 64 chips, the job has 128");
  layout.data = 0;
  CHECK(fill_data_ranks(layout, 40) == "40 chips over 16 tensor x pipeline x context ranks");
}

TEST_CASE("training jobs of a table: defaults, steps as tokens, bad rows by reason") {
  const Workload w = table(
      "job_id,submit_s,chips,duration_s,type,model,tokens,steps,global_batch,sequence,precision,layout,startup_s\n"
      "a,0,64,,training,M,1e9,,,,,,\n"
      "b,1,64,,training,M,,10,512,2048,fp8,tp8 pp2 zero1,90.5\n"
      "c,2,8,60,rigid,,,,,,,,\n"
      "d,3,64,,training,M,1e9,10,,,,,\n"
      "e,4,64,,training,M,,,,,,,\n"
      "f,5,64,,training,,1e9,,,,,,\n"
      "g,6,64,,training,M,1e9,,0,,,,\n"
      "h,7,64,,training,M,1e9,,,,tp8,,\n"
      "i,8,64,,training,M,1e9,,,,,tp8 tp4,\n"
      "j,9,64,,rigid,,,,,,,,\n"
      "k,10,8,60,,,,,512,,,,\n"
      "l,11,64,,pretraining,M,1e9,,,,,,\n"
      "m,12,64,,training,M,1e9,,,,,,-1\n");
  REQUIRE(w.jobs.size() == 3);
  const Job& a = w.jobs[0];
  CHECK(a.type == JobType::training);
  CHECK(a.tokens == 1e9);
  CHECK(a.estimate_s == 0);
  const TrainingWork plain = training_work(w.names, a.training);
  CHECK(plain.planned);
  CHECK(plain.layout.global_batch == 1024);
  CHECK(plain.layout.sequence == 4096);
  const TrainingWork b = training_work(w.names, w.jobs[1].training);
  CHECK(w.jobs[1].tokens == 10 * 512 * 2048);
  CHECK_FALSE(b.planned);
  CHECK(b.startup_s == 90.5);
  CHECK(b.layout.tensor == 8);
  CHECK(b.layout.data == 0);
  CHECK(b.layout.precision == Precision::fp8);
  CHECK(w.jobs[2].type == JobType::rigid);
  CHECK(skipped(w, "both tokens and steps") == 1);
  CHECK(skipped(w, "training without tokens or steps, or over 1e18 tokens") == 1);
  CHECK(skipped(w, "training without a model") == 1);
  CHECK(skipped(w, "global_batch is no whole number from 1 to 1e7") == 1);
  CHECK(skipped(w, "precision is none of fp16, bf16, fp8, mxfp8, nvfp4, int8") == 1);
  CHECK(skipped(w, "layout cannot be read") == 1);
  CHECK(skipped(w, "duration_s is empty") == 1);
  CHECK(skipped(w, "columns of a training job, but type is not training") == 1);
  CHECK(skipped(w, "type is none of rigid, training, parallel") == 1);
  CHECK(skipped(w, "startup_s is no number of seconds from 0 to 1e7") == 1);
}

TEST_CASE("training jobs read back as they were written") {
  std::string text =
      "job_id,submit_s,chips,duration_s,type,model,tokens,steps,global_batch,sequence,precision,layout,startup_s\n";
  const char* layouts[] = {"", "plan", "tp1", "tp8 pp2 dp4 mb1 zero1", "fsdp", "gb64 seq1024 fp16"};
  for (int i = 0; i < 600; ++i)
    text += "j" + std::to_string(i) + ",0.5,64," + (i % 7 == 0 ? "12.5,,,,,,,,," : ",training,M,") +
            (i % 7 == 0   ? ""
             : i % 2 == 0 ? "123456789.25,,"
                          : ",1e3,") +
            (i % 7 == 0 ? "" : (i % 3 == 0 ? "1,2048,bf16," : ",,fp8,") + std::string(layouts[i % 6]) + ",") +
            (i % 7 == 0   ? ""
             : i % 5 == 0 ? "0.1"
                          : "") +
            "\n";
  const Workload once = table(text);
  REQUIRE(once.report.skipped == 0);
  const Workload twice = table(written(once));
  REQUIRE(twice.jobs.size() == once.jobs.size());
  for (std::size_t i = 0; i < once.jobs.size(); ++i) {
    REQUIRE(twice.jobs[i].tokens == once.jobs[i].tokens);
    REQUIRE(twice.names[twice.jobs[i].training] == once.names[once.jobs[i].training]);
    REQUIRE(twice.jobs[i].type == once.jobs[i].type);
  }
  CHECK(written(twice) == written(once));
}

TEST_CASE("a mix reads back as it was written, whatever its pools are called") {
  for (const TrainingMix& mix :
       {TrainingMix{{{"h20", 128}, {"a910b", 64}}, ""}, TrainingMix{{{"a", 1}}, "25 GB/s staged"},
        TrainingMix{{{"128 path", 1}, {"", 2}, {" + = |", 3}}, "direct"}, TrainingMix{}})
    CHECK(training_mix(text_of(mix)) == mix);
  CHECK(TrainingMix{{{"h20", 128}, {"a910b", 64}}, ""}.chips() == 192);
  for (const char* wrong : {"h20 128", "128", "0 h20", "-1 h20", "8 h20\n9"}) {
    INFO(wrong);
    CHECK(training_mix(wrong).parts.empty());
  }
}

TEST_CASE("what a job reads from storage and writes to it, in a table and as words") {
  const std::string head = "job_id,submit_s,chips,duration_s,type,model,tokens,load,checkpoint,dataset\n";
  const Workload w = table(head +
                           "a,0,8,,training,m,1e9,weights,30 min,4 B\n"
                           "b,0,8,,training,m,1e9,120 GB,500 steps 2.5 TB asynchronous,\n"
                           "c,0,8,,training,m,1e9,none,,\n"
                           "d,0,8,,training,m,1e9,checkpoint,1 h blocking,0 B\n"
                           "e,0,8,,training,m,1e9,weight,,\n"
                           "f,0,8,,training,m,1e9,,30 GB,\n"
                           "g,0,8,,training,m,1e9,,30 min 3 s,\n"
                           "h,0,8,,training,m,1e9,,,4 s\n");
  REQUIRE(w.jobs.size() == 4);
  const auto of = [&](std::size_t j) { return training_work(w.names, w.jobs[j].training).storage; };
  CHECK(of(0).load == StorageWork::Load::weights);
  CHECK(of(0).every_s == 1800);
  CHECK_FALSE(of(0).asynchronous);
  CHECK(of(0).token_bytes == 4);
  CHECK(of(1).load_bytes == 120e9);
  CHECK(of(1).every_steps == 500);
  CHECK(of(1).checkpoint_bytes == 2.5e12);
  CHECK(of(1).asynchronous);
  CHECK_FALSE(of(2).any());
  CHECK(of(3) == [] {
    StorageWork work;
    work.load = StorageWork::Load::checkpoint;
    work.every_s = 3600;
    return work;
  }());
  CHECK(skipped(w, "load is none of none, weights, checkpoint, bytes with a unit") == 1);
  CHECK(skipped(w, "checkpoint cannot be read") == 2);
  CHECK(skipped(w, "dataset is no number of bytes with a unit") == 1);
  // Written and read again, the same.
  const Workload again = table(written(w));
  REQUIRE(again.jobs.size() == 4);
  for (std::size_t j = 0; j < 4; ++j) CHECK(training_work(again.names, again.jobs[j].training).storage == of(j));
  TrainingWork work;
  CHECK(read_training_work("load:weigh plan", work) != "");
  CHECK(read_training_work("ckpt:30_min_asynchronous data:4_B plan gb64", work) == "");
  CHECK(text_of(work) == "ckpt:1800_s_asynchronous data:4_B plan gb64");
  for (const char* text : {"ckpt:young plan gb64", "ckpt:daly_2.5e+12_B_asynchronous plan gb64"}) {
    CHECK(read_training_work(text, work) == "");
    CHECK(text_of(work) == text);
  }
  CHECK(read_training_work("ckpt:daly_3_s plan", work) != "");
}

TEST_CASE("whether a job may go on with fewer chips, in a table and as words") {
  const std::string head = "job_id,submit_s,chips,duration_s,type,model,tokens,layout,checkpoint,elastic\n";
  const Workload w = table(head +
                           "a,0,64,,training,m,1e9,tp8,30 min,4\n"
                           "b,0,64,,training,m,1e9,tp8,500 steps,2 grow 10 min\n"
                           "c,0,64,,training,m,1e9,tp8,30 min,none\n"
                           "d,0,64,,training,m,1e9,,30 min,4\n"
                           "e,0,64,,training,m,1e9,tp8,,4\n"
                           "f,0,64,,training,m,1e9,tp8,30 min,4.5\n"
                           "g,0,64,,training,m,1e9,tp8,30 min,4 grow 10\n"
                           "h,0,64,,training,m,1e9,tp8,30 min,4 grow 0 s\n");
  REQUIRE(w.jobs.size() == 3);
  const auto of = [&](std::size_t j) { return training_work(w.names, w.jobs[j].training).elastic; };
  CHECK(of(0) == ElasticWork{.least_replicas = 4});
  CHECK(of(1) == ElasticWork{.least_replicas = 2, .grow_s = 600});
  CHECK(of(2) == ElasticWork{});
  CHECK(skipped(w, "elastic is no number of replicas, or the row states no layout or no checkpoint") == 5);
  const Workload again = table(written(w));
  REQUIRE(again.jobs.size() == 3);
  for (std::size_t j = 0; j < 3; ++j) CHECK(training_work(again.names, again.jobs[j].training).elastic == of(j));
  TrainingWork work;
  CHECK(read_training_work("elastic:2_grow_600_s ckpt:500_steps tp8", work) == "");
  CHECK(text_of(work) == "elastic:2_grow_600_s ckpt:500_steps tp8");
  for (const char* wrong : {"elastic:x tp8", "elastic:2_shrink_3_s tp8", "elastic:2_grow_x tp8"}) {
    INFO(wrong);
    CHECK(read_training_work(wrong, work) != "");
  }
}
