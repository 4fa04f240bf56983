// Entries of the zoo, on trees written here: what is left out, what is taken over, names, and mistakes.
#include <catch2/catch.hpp>

#include "workloads/zoo.hpp"

using namespace alight;

namespace {

Node mapping(std::vector<std::pair<std::string, Node>> members) {
  Node node = Node::mapping();
  for (auto& [key, value] : members) node.add(key, std::move(value));
  return node;
}

Node entry(std::vector<std::pair<std::string, std::string>> texts) {
  Node node = Node::mapping();
  for (auto& [key, value] : texts) node.add(key, Node::scalar(value));
  return node;
}

Node models(std::vector<std::pair<std::string, Node>> entries) {
  return mapping({{"models", mapping(std::move(entries))}});
}

const Node kBase =
    entry({{"layers", "4"}, {"hidden", "64"}, {"ffn", "128"}, {"heads", "8"}, {"vocab", "100"}, {"parameters", "1e6"}});

Node changed(Node node, const std::string& key, Node value) {
  if (Node* old = node.find(key))
    *old = std::move(value);
  else
    node.add(key, std::move(value));
  return node;
}

/// Keys of all problems of a zoo with that one entry (and the base).
std::string problems(Node one) {
  Zoo zoo;
  Diagnostics diagnostics;
  zoo.add(models({{"Base-1", kBase}, {"it", std::move(one)}}), diagnostics);
  zoo.resolve(diagnostics);
  std::string out;
  for (const Problem& problem : diagnostics.problems()) out += problem.key + ": " + problem.message + "\n";
  return out;
}

}  // namespace

TEST_CASE("what an entry leaves out follows from the rest") {
  Zoo zoo;
  Diagnostics diagnostics;
  zoo.add(models({{"Base-1", kBase}}), diagnostics);
  zoo.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  const Architecture a = zoo.find("Base-1")->architecture();
  CHECK(a.name == "Base-1");
  CHECK(a.kv_heads == 8);
  CHECK(a.head_dim == 8);
  CHECK(a.gated);
  CHECK(a.experts.count == 0);
}

TEST_CASE("a model like another takes its shape, not its published totals") {
  Zoo zoo;
  Diagnostics diagnostics;
  zoo.add(models({{"mine", changed(entry({{"like", "base 1"}, {"layers", "6"}}), "experts",
                                   entry({{"count", "4"}, {"active", "2"}, {"ffn", "32"}}))},
                  {"Base-1", changed(kBase, "aliases", Node::sequence({Node::scalar("base 1")}))}}),
          diagnostics);
  zoo.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  const ModelEntry* mine = zoo.find("mine");
  REQUIRE(mine);
  CHECK_FALSE(mine->parameters);
  CHECK(mine->architecture().layers == 6);
  CHECK(mine->architecture().hidden == 64);
  CHECK(mine->architecture().experts.count == 4);
  CHECK(mine->provenance.source.starts_with("like Base-1"));
}

TEST_CASE("names are found as people write them") {
  Zoo zoo;
  Diagnostics diagnostics;
  zoo.add(models({{"Base-1", kBase}, {"Base-1.5", kBase}}), diagnostics);
  zoo.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  for (const char* name : {"base-1", "BASE 1", "base_1", "org/Base-1", "org/Base-1-Instruct", "Base-1-Chat-hf",
                           "Base-1-v0.1", "Base-1-0324", "Base-1-Instruct-2407"}) {
    INFO(name);
    REQUIRE(zoo.find(name));
    CHECK(zoo.find(name)->name == "Base-1");
  }
  CHECK(zoo.find("base1.5")->name == "Base-1.5");
  CHECK_FALSE(zoo.find("base"));
  CHECK_FALSE(zoo.find(""));
  CHECK_FALSE(zoo.find("-chat"));
  CHECK_FALSE(zoo.find("org/"));
}

TEST_CASE("names that read alike are refused") {
  Zoo zoo;
  Diagnostics diagnostics;
  zoo.add(models({{"Base-1", kBase}, {"base 1", kBase}}), diagnostics);
  zoo.resolve(diagnostics);
  REQUIRE(diagnostics.problems().size() == 1);
  CHECK(diagnostics.problems().front().key == "models.base 1");
}

TEST_CASE("generic models") {
  Zoo zoo;
  Diagnostics diagnostics;
  const Node node = entry({{"kind", "generic"}, {"parameters", "25e6"}, {"flops", "24 GFLOP"}, {"bytes", "300 MB"}});
  zoo.add(models({{"net", node}, {"twice", entry({{"like", "net"}, {"sample", "image"}, {"flops", "48 GFLOP"}})}}),
          diagnostics);
  zoo.resolve(diagnostics);
  REQUIRE(diagnostics.ok());
  const GenericModel net = zoo.find("net")->generic_model(), twice = zoo.find("twice")->generic_model();
  CHECK(net.sample == "sample");
  CHECK(net.flops_per_sample == Approx(24e9));
  CHECK(net.bytes_per_sample == Approx(300e6));
  CHECK(net.dense_parameters == 25e6);
  CHECK(twice.sample == "image");
  CHECK(twice.flops_per_sample == Approx(48e9));
  CHECK(twice.parameters == 25e6);
}

TEST_CASE("mistakes are told by their key") {
  const auto wrong = [](const std::string& key, const char* text) {
    return problems(changed(kBase, key, Node::scalar(text)));
  };
  CHECK(wrong("layers", "0").starts_with("models.it.layers"));
  CHECK(wrong("layers", "2.5").starts_with("models.it.layers"));
  CHECK(wrong("hidden", "63").starts_with("models.it.head_dim"));
  CHECK(wrong("kv_heads", "3").starts_with("models.it.kv_heads"));
  CHECK(wrong("full_every", "2").starts_with("models.it.full_every"));
  CHECK(wrong("flops", "1 TFLOP").starts_with("models.it: has figures per sample"));
  CHECK(wrong("kind", "cnn").starts_with("models.it.kind"));
  CHECK(wrong("kind", "generic").find("models.it.flops: is missing") != std::string::npos);
  CHECK(wrong("ffn_layers", "5").starts_with("models.it.ffn_layers"));
  CHECK(wrong("attention_layers", "5").starts_with("models.it.attention_layers"));
  CHECK(wrong("like", "Bass-1").starts_with("models.it.like"));
  CHECK(wrong("layer", "4").starts_with("models.it.layer: unknown key"));
  const auto experts = [](std::vector<std::pair<std::string, std::string>> texts) {
    return problems(changed(kBase, "experts", entry(std::move(texts))));
  };
  CHECK(experts({{"count", "4"}, {"active", "2"}, {"ffn", "8"}}).empty());
  CHECK(experts({{"count", "4"}, {"active", "5"}, {"ffn", "8"}}).starts_with("models.it.experts.active"));
  CHECK(experts({{"active", "2"}, {"ffn", "8"}}).starts_with("models.it.experts.count"));
  CHECK(experts({{"count", "4"}, {"active", "2"}, {"ffn", "8"}, {"dense_layers", "5"}})
            .starts_with("models.it.experts.dense_layers"));
  CHECK(problems(changed(kBase, "latent", entry({{"q_rank", "4"}}))).starts_with("models.it.latent.kv_rank"));
  CHECK(problems(changed(kBase, "latent", entry({{"kv_rank", "4"}, {"rope_dim", "9"}})))
            .starts_with("models.it.latent.rope_dim"));
  CHECK(problems(Node::mapping()).find("models.it.layers: is missing") != std::string::npos);
  CHECK(problems(Node::scalar("7")).starts_with("models.it"));
}
