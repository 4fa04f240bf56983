// `alight model` and the `models:` key of a scenario, through the binary.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/binary.hpp"

using namespace alight::test;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string kScenario =
    "site: {pools: [{name: h, server: HGX H20, count: 1}]}\nworkload: {jobs: [{duration: 1 h}]}\nmodels:\n";

/// Must be refused with exit code 2 and a message that names `place`.
void refused(Folder& folder, const std::string& models, const std::string& place) {
  write_file(folder / "s.yaml", kScenario + models);
  const Outcome o = run_binary(ALIGHT_BINARY, {"check", "s.yaml"}, folder.path());
  INFO(models << '\n' << o.text());
  CHECK(o.code == 2);
  CHECK(holds(o.err, "s.yaml:"));
  CHECK(holds(o.err, place));
}

}  // namespace

TEST_CASE("model list and show") {
  Folder folder;
  const Outcome all = run_binary(ALIGHT_BINARY, {"model", "list"}, folder.path());
  CHECK(all.code == 0);
  CHECK(holds(all.out, "Llama-3.1-405B"));
  CHECK(holds(all.out, "ResNet-50"));
  const Outcome some = run_binary(ALIGHT_BINARY, {"model", "list", "zhipu AIR"}, folder.path());
  CHECK(some.code == 0);
  CHECK(holds(some.out, "GLM-4.5-Air"));
  CHECK_FALSE(holds(some.out, "ChatGLM"));
  const Outcome one = run_binary(ALIGHT_BINARY, {"model", "show", "meta-llama/Llama-3.1-8B-Instruct"}, folder.path());
  CHECK(one.code == 0);
  CHECK(holds(one.out, "8.03 B"));
  CHECK(holds(one.out, "source"));
}

TEST_CASE("what is not in the zoo is refused with the nearest name") {
  Folder folder;
  const Outcome show = run_binary(ALIGHT_BINARY, {"model", "show", "Lama-3.1-8B"}, folder.path());
  CHECK(show.code == 2);
  CHECK(holds(show.err, "did you mean \"Llama-3.1-8B\"?"));
  const Outcome list = run_binary(ALIGHT_BINARY, {"model", "list", "no such model"}, folder.path());
  CHECK(list.code == 2);
  CHECK(list.out.empty());
  for (const char* name : {"", "/", "-", "\xff\xfe", "models: {"}) {
    const Outcome odd = run_binary(ALIGHT_BINARY, {"model", "show", name}, folder.path());
    INFO(odd.text());
    CHECK(odd.code == 2);
  }
}

TEST_CASE("models of a user's own") {
  Folder folder;
  write_file(folder / "mine.yaml", "models:\n  mine: {like: Llama-3.1-8B, layers: 40}\n");
  const Outcome show = run_binary(ALIGHT_BINARY, {"model", "show", "mine", "--with", "mine.yaml"}, folder.path());
  INFO(show.text());
  CHECK(show.code == 0);
  // 8 layers of 218,112,000 more than 8,030,261,248.
  CHECK(holds(show.out, "9.775 B"));
  CHECK(holds(show.out, "like Llama-3.1-8B"));
  write_file(folder / "s.yaml", kScenario + "  mine: {like: Llama-3.1-8B, layers: 40}\n");
  CHECK(run_binary(ALIGHT_BINARY, {"check", "s.yaml"}, folder.path()).code == 0);
}

TEST_CASE("mistakes in models of a user's own") {
  Folder folder;
  refused(folder, "  mine: {like: Lama-3.1-8B}\n", "did you mean \"Llama-3.1-8B\"?");
  refused(folder, "  mine: {like: Llama-3.1-8B, layer: 40}\n", "did you mean \"layers\"?");
  refused(folder, "  mine: {like: Llama-3.1-8B, layers: many}\n", "models.mine.layers");
  refused(folder, "  mine: {like: Llama-3.1-8B, layers: -1}\n", "models.mine.layers");
  refused(folder, "  mine: {like: Llama-3.1-8B, layers: 1e300}\n", "models.mine.layers");
  refused(folder, "  mine: {like: Llama-3.1-8B, heads: 7}\n", "models.mine.kv_heads");
  refused(folder, "  mine: {like: Llama-3.1-8B, experts: {count: 4}}\n", "models.mine.experts");
  refused(folder, "  mine: {like: Mixtral-8x7B, experts: {active: 9}}\n", "models.mine.experts.active");
  refused(folder, "  mine: {like: Llama-3.1-8B, experts: 4}\n", "models.mine.experts");
  refused(folder, "  mine: {layers: 2}\n", "models.mine.hidden");
  refused(folder, "  mine: {kind: generic}\n", "models.mine.flops");
  refused(folder, "  mine: {kind: generic, parameters: 1e6, flops: 3}\n", "models.mine.flops");
  refused(folder, "  mine: {kind: generic, parameters: 1e6, flops: 3 GFLOP, layers: 2}\n", "models.mine");
  refused(folder, "  Llama-3.1-8B: {layers: 2}\n", "override: true");
  refused(folder, "  mine: {like: mine}\n", "circle");
  refused(folder, "  mine: {like: Llama-3.1-8B, aliases: [ResNet-50]}\n", "already names \"ResNet-50\"");
  refused(folder, "  llama 3.1 8b: {like: Llama-3.1-8B}\n", "reads like a name of \"Llama-3.1-8B\"");
  refused(folder, "  nobody: {override: true, layers: 2}\n", "overrides an entry that is not there");
  refused(folder, "  - mine\n", "models");
  write_file(folder / "none.yaml", "other: 1\n");
  const Outcome none = run_binary(ALIGHT_BINARY, {"model", "list", "--with", "none.yaml"}, folder.path());
  CHECK(none.code == 2);
  const Outcome gone = run_binary(ALIGHT_BINARY, {"model", "list", "--with", "gone.yaml"}, folder.path());
  CHECK(gone.code == 2);
}
