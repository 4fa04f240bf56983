// Training jobs of models that are known by the figures of a sample: image models, recommenders.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/binary.hpp"

using namespace alight::test;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string scenario(const std::string& job) {
  return "# What do image models make of the chips?\n"
         "site:\n"
         "  pools: [{name: a, server: HGX H100, count: 4}]\n"
         "workload:\n"
         "  jobs:\n"
         "    - {type: training, model: ResNet-50, chips: 8, global_batch: 2048, precision: fp16, " +
         job + "}\n";
}

}  // namespace

TEST_CASE("a job of samples runs its steps and its chips' time is divided") {
  const Folder folder;
  write_file(folder / "images.yaml", scenario("steps: 5000"));
  const Outcome o = run_binary(ALIGHT_BINARY, {"run", "images.yaml", "--out", "out"}, folder.path(), 60);
  INFO(o.text());
  REQUIRE(o.code == 0);
  CHECK(holds(o.out, "useful"));
  CHECK(holds(o.out, "below_peak"));
  const std::string jobs = text_of(folder / "out" / "jobs.csv");
  CHECK(holds(jobs, "ResNet-50,dp8 gb2048 seq1 fp16,"));
  CHECK(holds(jobs, ",10240000,"));  // 5,000 steps of 2,048 images
  const Outcome check = run_binary(ALIGHT_BINARY, {"check", "images.yaml"}, folder.path(), 60);
  CHECK(holds(check.out, "samples/s"));
}

TEST_CASE("tokens and layouts of words are not for models of samples") {
  const Folder folder;
  write_file(folder / "images.yaml", scenario("tokens: 1e9, layout: tp2"));
  const Outcome o = run_binary(ALIGHT_BINARY, {"run", "images.yaml", "--out", "out"}, folder.path(), 60);
  INFO(o.text());
  CHECK(o.code == 2);
  CHECK(holds(o.err, "workload.jobs[0].tokens: ResNet-50 is counted by the image"));
  CHECK(holds(o.err, "workload.jobs[0].layout: ResNet-50 is trained with data ranks alone"));
  CHECK(holds(o.err, "2 errors, nothing was run"));
}
