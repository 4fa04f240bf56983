// `alight predict --site`: cases on the site of a scenario find the network that a job of a run finds there; without it
// their own columns make a site that comes to the same.
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "sim/runtime/training.hpp"
#include "sim/scenario/load.hpp"
#include "tests/support/predictions.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string scenario(const std::string& network) {
  return R"(site:
  pools:
    - {name: h, server: HGX H100, count: 16}
    - {name: a, server: HGX A100, count: 4}
  network: )" +
         network + R"(
workload:
  jobs:
    - {id: j, type: training, model: Llama-2-13B, chips: 128, steps: 9, global_batch: 512, sequence: 2048,
       layout: "tp2 pp2 mb1 zero1 full"}
)";
}

const std::string kThin =
    "{leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 4:1}, spine: {rate: 400 Gbps, down_ports: 64}}";
constexpr const char* kTraining =
    "id,model,chip,chips,seq_len,tp,pp,vpp,micro_batch,global_batch,sharding,recompute\n"
    "a,Llama-2-13B,H100,128,2048,2,2,1,1,512,zero1,full\n";

std::map<std::string, CsvRow> predict(const Folder& folder, const char* what, const std::string& cases,
                                      const std::vector<std::string>& more) {
  const Outcome o = Predict{what}(folder, cases, "out.csv", more);
  INFO(o.text());
  REQUIRE(o.code == 0);
  return predictions(folder);
}

double in_a_run(const std::string& text) {
  Diagnostics diagnostics;
  const auto prepared = prepare_text(text, "s.yaml", {}, diagnostics);
  REQUIRE(prepared);
  TrainingRates rates(prepared->site, prepared->workload, prepared->training_ground());
  const TrainingRate& rate = rates.best(rates.kind_of(prepared->workload.jobs[0]), 0);
  REQUIRE(rate.unfit.empty());
  return rate.step.seconds;
}

}  // namespace

TEST_CASE("a case on a site takes the step that a job of a run takes there") {
  const Folder folder;
  double even = 0;
  for (const std::string routing : {"even", "rails", "adaptive", "ecmp"}) {
    CAPTURE(routing);
    const std::string text = scenario(kThin.substr(0, kThin.size() - 1) + ", routing: " + routing + "}");
    write_file(folder / "s.yaml", text);
    const auto rows = predict(folder, "training", kTraining, {"--site", "s.yaml"});
    CHECK(rows.at("a").at("status") == "ok");
    const double step_s = std::stod(rows.at("a").at("step_s"));
    CHECK(step_s == Approx(in_a_run(text)).epsilon(1e-6));
    if (routing == "even") even = step_s;
    CHECK(step_s >= even);
  }
  CHECK(std::stod(predict(folder, "training", kTraining, {"--site", "s.yaml"}).at("a").at("step_s")) > even);
  // The key of a scenario may be set from the command line.
  const auto set = predict(folder, "training", kTraining, {"--site", "s.yaml", "--set", "site.network.routing=even"});
  CHECK(std::stod(set.at("a").at("step_s")) == Approx(even));
}

TEST_CASE("columns of a network come to what a site that has it comes to") {
  const Folder folder;
  write_file(folder / "s.yaml", scenario(kThin));
  const auto on_site = predict(folder, "training", kTraining, {"--site", "s.yaml"});
  const auto by_columns = predict(folder, "training",
                                  "id,model,chip,chips,seq_len,tp,pp,vpp,micro_batch,global_batch,sharding,recompute,"
                                  "chips_per_node,scale_out_gbps_per_chip,chips_per_leaf,oversubscription\n"
                                  "a,Llama-2-13B,H100,128,2048,2,2,1,1,512,zero1,full,8,400,32,4\n"
                                  "wide,Llama-2-13B,H100,128,2048,2,2,1,1,512,zero1,full,8,400,,\n"
                                  "parts,Llama-2-13B,H100,128,2048,2,2,1,1,512,zero1,full,8,400,12,4\n",
                                  {});
  CHECK(by_columns.at("a").at("step_s") == on_site.at("a").at("step_s"));
  CHECK(std::stod(by_columns.at("wide").at("step_s")) < std::stod(on_site.at("a").at("step_s")));
  CHECK(by_columns.at("parts").at("status") == "unsupported: 12 chips below a leaf are no whole nodes of 8");

  const std::string cases =
      "id,op,chip,ranks,ranks_per_node,bytes,ranks_per_leaf,oversubscription,routing,flows_per_nic\n"
      "a,alltoall,H100,128,8,1e9,32,4,ecmp,4\n"
      "half,alltoall,H100,64,4,1e9,16,4,even,\n"
      "full,alltoall,H100,64,4,1e9,16,1,even,\n";
  const auto columns = predict(folder, "collective", cases, {});
  const auto site =
      predict(folder, "collective", cases,
              {"--site", "s.yaml", "--set", "site.network.routing=ecmp", "--set", "site.network.flows_per_nic=4"});
  CHECK(columns.at("a").at("time_us") == site.at("a").at("time_us"));
  CHECK(std::stod(columns.at("half").at("time_us")) > 2 * std::stod(columns.at("full").at("time_us")));
}

TEST_CASE("what a site has no room for says so") {
  const Folder folder;
  write_file(folder / "s.yaml", scenario(kThin));
  const auto rows = predict(folder, "collective",
                            "id,op,chip,ranks,ranks_per_node,bytes\n"
                            "fits,all_reduce,H100,128,8,1e9\n"
                            "second,all_reduce,A100,32,8,1e9\n"
                            "many,all_reduce,H100,136,8,1e9\n"
                            "none,all_reduce,B200,8,8,1e9\n"
                            "wide,all_reduce,H100,32,16,1e9\n",
                            {"--site", "s.yaml"});
  CHECK(rows.at("fits").at("status") == "ok");
  CHECK(rows.at("second").at("status") == "ok");
  CHECK(rows.at("many").at("status") == "unsupported: takes 17 servers; the pool h has 16");
  CHECK(rows.at("none").at("status").find("unsupported: no pool of the site has chips named \"B200") == 0);
  CHECK(rows.at("wide").at("status") == "unsupported: the servers of the pool h have 8 chips, not 16");
  const auto other =
      predict(folder, "collective", "id,op,chip,ranks,ranks_per_node,bytes\nfits,all_reduce,H100,128,8,1e9\n",
              {"--site", "s.yaml", "--pool", "a"});
  CHECK(other.at("fits").at("status").find("unsupported: the chips of the pool a are A100") == 0);
}

TEST_CASE("mistakes about the site end with code 2") {
  const Folder folder;
  write_file(folder / "s.yaml", scenario(kThin));
  const std::string cases = "id,op,chip,ranks,ranks_per_node,bytes\na,all_reduce,H100,8,8,1e9\n";
  const auto refused = [&](const std::vector<std::string>& more, const std::string& why) {
    const Outcome o = Predict{"collective"}(folder, cases, "out.csv", more);
    INFO(o.text());
    CHECK(o.code == 2);
    CHECK(o.err.find(why) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "out.csv"));
  };
  refused({"--site", "s.yaml", "--pool", "hh"}, "no pool is named \"hh\"");
  refused({"--pool", "h"}, "--pool: is of a site");
  refused({"--set", "site.network.routing=ecmp"}, "--set: is of a scenario");
  refused({"--site", "no.yaml"}, "no.yaml");
  refused({"--site", "s.yaml", "--set", "site.network.routing=hash"}, "site.network.routing");
  refused({"--site", "s.yaml", "--with", "s.yaml"}, "--with");
}
