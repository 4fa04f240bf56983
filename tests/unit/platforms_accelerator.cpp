// From the catalogue to the training model: whose constants stand for a chip, and what becomes of them. Entries are
// made up here: what the built-in ones hold is data.
#include <catch2/catch.hpp>
#include <cmath>
#include <stdexcept>

#include "platforms/accelerator.hpp"

using namespace alight;

namespace {

Node list(const char* value) {
  Node node = Node::sequence();
  node.items.push_back(Node::scalar(value));
  return node;
}

Node mapping(const std::vector<std::pair<const char*, const char*>>& members) {
  Node node = Node::mapping();
  for (const auto& [key, value] : members) node.add(key, Node::scalar(value));
  return node;
}

Node kernels(const char* uncertainty) {
  return mapping({{"gemm_16bit", "0.8"},
                  {"gemm_fp8", "0.7"},
                  {"attention_forward", "0.6"},
                  {"attention_backward", "0.5"},
                  {"memory", "0.9"},
                  {"score_memory", "0.4"},
                  {"kernel_gap", "3 us"},
                  {"software", "plain"},
                  {"software_sharded", "shards"},
                  {"host", "0.5"},
                  {"uncertainty", uncertainty}});
}

Node chip(const char* vendor) {
  return mapping({{"vendor", vendor},
                  {"bf16", "100 TFLOPS"},
                  {"fp8", "200 TFLOPS"},
                  {"memory", "80 GB"},
                  {"memory_bandwidth", "2000 GB/s"}});
}

Node file_of(Node chips, Node kinds) {
  Node software = Node::mapping();
  software.add("plain", mapping({{"issue", "20 us"}}));
  software.add("shards", mapping({{"issue", "30 us"}}));
  Node file = Node::mapping();
  file.add("chips", std::move(chips));
  file.add("kernels", std::move(kinds));
  file.add("software", std::move(software));
  return file;
}

std::string problems_of(const Node& file, Catalogue& out) {
  Diagnostics d;
  out.add(file, d);
  out.resolve(d);
  std::string all;
  for (const Problem& problem : d.problems()) all += problem.key + ": " + problem.message + "\n";
  return all;
}

const Catalogue& catalogue() {
  static const Catalogue made = [] {
    Node chips = Node::mapping();
    chips.add("Measured", chip("A"));
    chips.add("Sibling", chip("A"));
    chips.add("Cousin", chip("A"));
    chips.add("Stranger", chip("B"));
    chips.add("Dim", mapping({{"vendor", "B"}, {"bf16", "100 TFLOPS"}}));
    Node measured = kernels("0.12");
    measured.add("chips", list("Measured"));
    measured.add("family", list("Sibling"));
    measured.add("vendors", list("A"));
    Node kinds = Node::mapping();
    kinds.add("One", std::move(measured));
    kinds.add("Unmeasured chip", kernels("0.3"));
    Catalogue c;
    const std::string problems = problems_of(file_of(std::move(chips), std::move(kinds)), c);
    if (!problems.empty()) throw std::runtime_error(problems);
    return c;
  }();
  return made;
}

const Chip& chip_named(const char* name) {
  const Chip* found = catalogue().find_chip(name);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("an entry stands for the chips it names, then their family, then their vendor") {
  const auto basis = [](const char* name) { return kernels_of(chip_named(name), catalogue()).basis; };
  CHECK(basis("Measured") == KernelBasis::measured);
  CHECK(basis("Sibling") == KernelBasis::family);
  CHECK(basis("Cousin") == KernelBasis::vendor);
  CHECK(basis("Stranger") == KernelBasis::guess);
  CHECK(kernels_of(chip_named("Stranger"), catalogue()).kind->name == "Unmeasured chip");
}

TEST_CASE("what is carried over is less certain") {
  const auto uncertainty = [](const char* name) {
    return accelerator_of(chip_named(name), catalogue()).kernels.uncertainty;
  };
  CHECK(uncertainty("Measured") == Approx(0.12));
  CHECK(uncertainty("Sibling") == Approx(0.13));                   // 5 % more in quadrature: 5, 12, 13
  CHECK(uncertainty("Cousin") == Approx(std::hypot(0.12, 0.15)));  // 15 % more
  CHECK(uncertainty("Stranger") == Approx(0.3));                   // its own
  CHECK(uncertainty("Dim") == Approx(std::hypot(0.3, 0.2)));       // its bandwidth is assumed too
}

TEST_CASE("peaks, memory and shares become an accelerator") {
  const Accelerator a = accelerator_of(chip_named("Measured"), catalogue());
  CHECK(a.peak(Precision::fp16) == Approx(100e12));
  CHECK(a.peak(Precision::mxfp8) == Approx(200e12));
  CHECK(a.peak(Precision::nvfp4) == 0);
  CHECK(a.memory_bytes == Approx(80e9));
  CHECK(a.memory_bytes_s == Approx(2e12));
  CHECK(a.kernels.kernel_gap_s == Approx(3e-6));
  const auto efficiency = [&](Precision p) { return a.kernels.gemm_efficiency[static_cast<std::size_t>(p)]; };
  CHECK(efficiency(Precision::bf16) == 0.8);
  CHECK(efficiency(Precision::fp8) == 0.7);
  CHECK(efficiency(Precision::nvfp4) == 0.7);  // as good as the next wider
  CHECK(efficiency(Precision::int8) == 0.8);
  // 4 bytes for 1,000 FLOP where the bandwidth is unknown.
  CHECK(accelerator_of(chip_named("Dim"), catalogue()).memory_bytes_s == Approx(0.4e12));
}

TEST_CASE("software is the chip's for such a layout, or the one asked for") {
  Layout layout;
  CHECK(default_software(chip_named("Measured"), catalogue(), layout).name == "plain");
  layout.sharding = Sharding::fsdp;
  CHECK(default_software(chip_named("Measured"), catalogue(), layout).name == "shards");
  // 20 us of the software on a host that needs half of that.
  CHECK(accelerator_of(chip_named("Measured"), catalogue()).software.issue_s == Approx(10e-6));
  CHECK(accelerator_of(chip_named("Measured"), catalogue(), "shards").software.issue_s == Approx(15e-6));
  CHECK_THROWS_AS(accelerator_of(chip_named("Measured"), catalogue(), "no such"), std::logic_error);
}

TEST_CASE("kernels of no software, and shares that are missing, are problems") {
  Node kinds = Node::mapping();
  Node bad = kernels("0.1");
  for (Member& member : bad.members)
    if (member.key == "software") member.value = Node::scalar("nobody");
  kinds.add("Bad", std::move(bad));
  kinds.add("Empty", mapping({{"software", "plain"}}));
  Catalogue made;
  const std::string all = problems_of(file_of(Node::mapping(), std::move(kinds)), made);
  INFO(all);
  CHECK(all.find("kernels.Bad.software: no software named \"nobody\" in the catalogue") != std::string::npos);
  CHECK(all.find("kernels.Empty.gemm_16bit: is missing") != std::string::npos);
}
