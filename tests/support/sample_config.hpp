// A small described structure with a field of every kind, for tests of the configuration.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"

namespace alight::test {

enum class Side { left, right };

struct SampleRack {
  std::int64_t servers = 4;
  std::optional<double> power_kw;
  static const Description& description() {
    static const auto d = describe<SampleRack>("rack", "One rack.")
                              .integer("servers", &SampleRack::servers, "Servers in it.", {.min = 1, .max = 64})
                              .quantity("power", &SampleRack::power_kw, "kW/rack", "Its limit.", {.min = 0})
                              .shorthand("servers")
                              .done();
    return d;
  }
};

struct SamplePool {
  std::string name;
  double link_gbps = 400;
  double oversubscription = 1;
  SampleRack rack;
  std::optional<Date> from;
  static const Description& description() {
    static const auto d = describe<SamplePool>("pool", "Equal servers.")
                              .text("name", &SamplePool::name, "What it is called.")
                              .required()
                              .quantity("link", &SamplePool::link_gbps, "Gbps", "Rate of one port. Each direction.",
                                        {.min = 0, .max = 10000, .above_min = true})
                              .quantity("oversubscription", &SamplePool::oversubscription, "1",
                                        "Capacity in over capacity out.", {.min = 1})
                              .object("rack", &SamplePool::rack, "How racks are filled.")
                              .date("from", &SamplePool::from, "When it is there.")
                              .done();
    return d;
  }
};

struct SampleCooling {
  double supply_c = 24;
  double limit_c = 35;
  static const Description& description() {
    static const auto d = describe<SampleCooling>("cooling", "How heat leaves.")
                              .quantity("supply", &SampleCooling::supply_c, "C", "Supply temperature.")
                              .quantity("limit", &SampleCooling::limit_c, "C", "Highest inlet temperature.")
                              .check([](const SampleCooling& c, const std::string& path, Diagnostics& problems) {
                                if (c.limit_c < c.supply_c)
                                  problems.error_at(join_key(path, "limit"), "is below the supply temperature");
                              })
                              .done();
    return d;
  }
};

struct Sample {
  std::string title = "untitled";
  std::int64_t seed = 1;
  double horizon_s = 86400;
  double scale = 1;
  bool kill = false;
  Side side = Side::left;
  std::string policy = "fifo";
  Date start{1748736000};
  std::vector<SamplePool> pools;
  std::vector<std::string> mix;
  std::vector<double> sizes_gb;
  std::map<std::string, double> quotas;
  SampleCooling cooling;
  std::optional<SampleCooling> spare;

  /// The names `policy` may take; tests add to it.
  static std::vector<std::string>& policies() {
    static std::vector<std::string> names{"fifo", "easy", "conservative"};
    return names;
  }

  static const Description& description() {
    static const auto d =
        describe<Sample>("sample", "A scenario in small.")
            .text("title", &Sample::title, "What it is called.")
            .integer("seed", &Sample::seed, "Where random streams start.", {.min = 0})
            .quantity("horizon", &Sample::horizon_s, "s", "How long it runs.", {.min = 0})
            .number("scale", &Sample::scale, "Load over the trace's load.", {.min = 0, .max = 100})
            .flag("kill", &Sample::kill, "Whether overdue jobs end.")
            .choice("side", &Sample::side, {{"left", Side::left}, {"right", Side::right}}, "Which side.")
            .choice(
                "policy", &Sample::policy, [] { return policies(); }, "Which job next.")
            .date("start", &Sample::start, "The calendar date of second 0.")
            .list("pools", &Sample::pools, "What is installed.")
            .list("mix", &Sample::mix, "Pools that a job may span.")
            .list("sizes", &Sample::sizes_gb, "Sizes of checkpoints.", "GB", {.min = 0})
            .table("quotas", &Sample::quotas, "Share of each virtual cluster.", "1", {.min = 0, .max = 1})
            .object("cooling", &Sample::cooling, "How heat leaves.")
            .object("spare", &Sample::spare, "A second one.")
            .done();
    return d;
  }
};

}  // namespace alight::test
