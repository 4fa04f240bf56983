// Services as they cannot be: every mistake is one line that names its key, and nothing is run.
#include "tests/support/bad_input.hpp"

using namespace alight::test;

namespace {

const std::string kRequests = "requests: {generate: {rate: 1 /s, prompt: 100, output: 10}, requests: 20}";
const std::string kReplicas = "replicas: [{pool: h, layout: tp1}]";

std::string serving(const std::string& service) {
  return with("  jobs:", "  services:\n    - {" + service + "}\n  jobs:");
}
/// A service that is right but for `more`.
std::string chat(const std::string& more) {
  return serving("name: chat, model: Qwen2.5-7B, " + kRequests + ", " + kReplicas + ", " + more);
}
/// A service that is right but for `more` of its replicas.
std::string replicas(const std::string& more) {
  return serving("name: chat, model: Qwen2.5-7B, " + kRequests + ", replicas: [{pool: h, " + more + "}]");
}
std::string requests(const std::string& what) {
  return serving("name: chat, model: Qwen2.5-7B, requests: {" + what + "}, " + kReplicas);
}

}  // namespace

TEST_CASE("services are accepted") {
  for (const std::string& text :
       {chat("slo: {ttft: 1 s}, router: session, timeout: 30 s, queue_limit: 9, retries: 0, record: true"),
        replicas("layout: tp2 dp2, count: 2, autoscale: {max: 3, by: utilisation, target: 0.5}, precision: fp8"),
        replicas("speculation: {acceptance: 0.7}, prefix_cache: unbounded, preemption: swap, swap: 20 GB/s")}) {
    Judge judge;
    write_file(judge.folder / "s.yaml", text);
    judge.counted(text, {"run", "s.yaml", "--out", "out"}, 0, 0);
  }
}

TEST_CASE("services that cannot be are refused") {
  Judge judge;
  const std::string key = "workload.services[0]";
  judge.refused_text("no name", serving("model: Qwen2.5-7B, " + kRequests + ", " + kReplicas), key + ".name");
  judge.refused_text("no model", serving("name: chat, " + kRequests + ", " + kReplicas), key + ".model");
  judge.refused_text("a model nobody knows", serving("name: chat, model: Qwen2.5-7, " + kRequests + ", " + kReplicas),
                     "did you mean");
  judge.refused_text("no requests", serving("name: chat, model: Qwen2.5-7B, " + kReplicas), key);
  judge.refused_text("no replicas", serving("name: chat, model: Qwen2.5-7B, " + kRequests), key);
  judge.refused_text("a router nobody knows", chat("router: round_robbin"), "did you mean \"round_robin\"");
  judge.refused_text("a promise without a unit", chat("slo: {ttft: 2}"), key + ".slo.ttft");
  judge.refused_text("a promise nobody knows", chat("slo: {tpt: 2 s}"), key + ".slo.tpt");
  judge.refused_text("no time at all", chat("timeout: 0 s"), key + ".timeout");
  judge.refused_text("fewer than no retries", chat("retries: -1"), key + ".retries");
  judge.refused_text("a queue of less than nobody", chat("queue_limit: -1"), key + ".queue_limit");
  judge.refused_text("a key nobody knows", chat("replica: 3"), "did you mean \"replicas\"");
  judge.refused_text("a priority beyond all", chat("priority: 1e9"), key + ".priority");
  judge.refused_text("beside jobs that never end",
                     with("workload:", "workload:\n  jobs_end: false", chat("retries: 1")), "workload.jobs_end");
  judge.refused_text(
      "two services of one name",
      with("  jobs:", "  services:\n    - {name: chat, model: Qwen2.5-7B, " + kRequests + ", " + kReplicas +
                          "}\n    - {name: chat, model: Qwen2.5-7B, " + kRequests + ", " + kReplicas + "}\n  jobs:"),
      "workload.services[1].name");
}

TEST_CASE("replicas that cannot be are refused") {
  Judge judge;
  const std::string key = "workload.services[0].replicas[0]";
  judge.refused_text("no pool", serving("name: chat, model: Qwen2.5-7B, " + kRequests + ", replicas: [{layout: tp1}]"),
                     key + ".pool");
  judge.refused_text("a pool nobody knows",
                     serving("name: chat, model: Qwen2.5-7B, " + kRequests + ", replicas: [{pool: hh, layout: tp1}]"),
                     key + ".pool");
  judge.refused_text("a layout of nothing", replicas("layout: tp0"), key + ".layout");
  judge.refused_text("a layout nobody knows", replicas("layout: tb8"), key + ".layout");
  judge.refused_text("a layout given twice", replicas("layout: tp2 tp4"), key + ".layout");
  judge.refused_text("experts over other chips", replicas("layout: tp2 ep3"), key + ".layout");
  judge.refused_text("more chips than there are", replicas("layout: tp8 dp4096"), key + ".layout");
  judge.refused_text("a role nobody knows", replicas("role: decoder"), "did you mean \"decode\"");
  judge.refused_text("prefill without decode", replicas("role: prefill"), "workload.services[0].replicas");
  judge.refused_text("decode without prefill", replicas("role: decode"), "workload.services[0].replicas");
  judge.refused_text("an engine nobody knows", replicas("engine: vLMM"), "did you mean");
  judge.refused_text("a precision nobody knows", replicas("precision: fp7"), key + ".precision");
  judge.refused_text("a batch of nobody", replicas("max_batch: 0"), key + ".max_batch");
  judge.refused_text("a chunk beyond the iteration", replicas("chunk: 4096, batched_tokens: 1024"), key + ".chunk");
  judge.refused_text("more memory than there is", replicas("memory_share: 1.2"), key + ".memory_share");
  judge.refused_text("no memory for keys and values", replicas("memory_share: 0.02"), key);
  judge.refused_text("blocks of nothing", replicas("block_tokens: 0"), key + ".block_tokens");
  judge.refused_text("fewer than no replicas", replicas("count: -1"), key + ".count");
  judge.refused_text("no greatest number", replicas("autoscale: {by: queue}"), key + ".autoscale.max");
  judge.refused_text("least above greatest", replicas("autoscale: {min: 3, max: 2}"), key + ".autoscale.min");
  judge.refused_text("a target of nothing", replicas("autoscale: {max: 2, target: 0}"), key + ".autoscale.target");
  judge.refused_text("scaled by what nobody knows", replicas("autoscale: {max: 2, by: load}"), key + ".autoscale.by");
  judge.refused_text("more kept than guessed", replicas("speculation: {acceptance: 1.5}"),
                     key + ".speculation.acceptance");
  judge.refused_text("guesses without an acceptance", replicas("speculation: {drafted: 2}"),
                     key + ".speculation.acceptance");
  judge.refused_text("a start before the chips", replicas("startup: -1 s"), key + ".startup");
  judge.refused_text("scaled by promises nobody made", replicas("autoscale: {max: 2, by: slo}"), key + ".autoscale.by");
}

TEST_CASE("requests of a service that cannot be are refused") {
  Judge judge;
  const std::string key = "workload.services[0].requests";
  judge.refused_text("neither trace nor generator", requests("requests: 3"), key);
  judge.refused_text("a trace that is not there", requests("file: nowhere.csv"), key + ".file");
  judge.refused_text("a rate without a unit", requests("generate: {rate: 3, prompt: 1, output: 1}, requests: 2"),
                     key + ".generate.rate");
  judge.refused_text("prompts of nothing", requests("generate: {rate: 3 /s, prompt: 0, output: 1}, requests: 2"),
                     key + ".generate.prompt");
}
