// Scenarios with services, prepared from text, and what became of them in a run.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/record/services.hpp"
#include "sim/scenario/load.hpp"
#include "tests/support/in_child.hpp"

namespace alight::test {

/// A scenario ready to run; a failed assertion where its text is wrong.
inline Prepared prepared_services(const std::string& text) {
  Diagnostics diagnostics;
  auto prepared = prepare_text(text, "services.yaml", {}, diagnostics);
  for (const Problem& problem : diagnostics.problems()) UNSCOPED_INFO(problem.key << ": " << problem.message);
  REQUIRE(prepared);
  return std::move(*prepared);
}

/// What replicas take whose chips all have a speed.
class SlowTimes : public IterationTimes {
 public:
  SlowTimes(const ReplicaModel& model, double speed) : model_(&model), speed_(speed) {}
  IterationTime iteration_time(const IterationWork& work) const override {
    return model_->iteration_time(work).at_speed(speed_);
  }

 private:
  const ReplicaModel* model_;
  double speed_;
};

/// One service at the end of a run.
struct ServiceFate {
  double arrived = 0, finished = 0, rejected = 0, timed_out = 0, lost = 0, in_flight = 0, to_come = 0, retried = 0;
  double prompt_tokens = 0, output_tokens = 0;
  double busy_chip_s = 0, serving_chip_s = 0, starting_chip_s = 0;
  std::vector<RequestOutcome> outcomes;  ///< where they are recorded
  bool operator==(const ServiceFate&) const = default;

  double ended() const { return finished + rejected + timed_out + lost; }
};

struct ServicesPlayed {
  double end_s = 0;
  std::vector<StateTimes> chip_s;  ///< [pool][state]
  std::vector<ServiceFate> services;
  std::vector<double> holds;  ///< of chips by jobs and replicas: start, finish, status, one after another
  bool operator==(const ServicesPlayed&) const = default;

  double chip_seconds(std::size_t pool, ChipState state) const {
    return chip_s.at(pool)[static_cast<std::size_t>(state)];
  }
};

/// Writes down what services and holders of chips came to.
class ServiceFates : public Recorder {
 public:
  void job_ended(const JobRecord& r) override {
    if (r.pool) holds.insert(holds.end(), {r.start_s, r.finish_s, static_cast<double>(r.status)});
  }
  void service_ended(const ServiceEnd& end) override {
    const ServiceResults& r = end.results;
    const auto number = [](std::int64_t n) { return static_cast<double>(n); };
    double busy = 0, serving = 0, starting = 0;
    for (std::size_t n = 0; n < end.hours.size(); ++n) {
      const double chips = number(end.service.replicas[end.replicas[n]].model->chips());
      busy += seconds(end.hours[n].totals.busy) * chips;
      serving += seconds(end.hours[n].serving) * chips;
      starting += seconds(end.hours[n].starting) * chips;
    }
    numbers.insert(numbers.end(),
                   {number(r.arrived), number(r.ended[0]), number(r.ended[1]), number(r.ended[2]), number(r.ended[3]),
                    number(end.in_flight), number(end.to_come), number(r.retried), number(r.prompt_tokens),
                    number(r.output_tokens), busy, serving, starting, number(std::ssize(r.outcomes))});
    for (const RequestOutcome& o : r.outcomes)
      numbers.insert(numbers.end(), {o.first_token_s, o.end_s, static_cast<double>(o.replica),
                                     static_cast<double>(o.retries), static_cast<double>(o.end)});
  }
  std::vector<double> numbers, holds;
};

/// Plays it in a process of its own; throws where an invariant is broken.
inline ServicesPlayed play_services(const Prepared& prepared) {
  const std::vector<double> numbers = in_child([&] {
    ServiceFates fates;
    Run run(prepared.site, prepared.workload, prepared.settings, prepared.same_kind(), {&fates},
            prepared.training_ground());
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    std::vector<double> out = {end.end_s, static_cast<double>(fates.holds.size()),
                               static_cast<double>(prepared.scenario.workload.services.size())};
    for (const StateTimes& times : end.chip_s) out.insert(out.end(), times.begin(), times.end());
    out.insert(out.end(), fates.holds.begin(), fates.holds.end());
    out.insert(out.end(), fates.numbers.begin(), fates.numbers.end());
    return out;
  });
  auto at = numbers.begin();
  const auto next = [&] {
    if (at == numbers.end()) throw std::logic_error("play_services: too few numbers came back");
    return *at++;
  };
  ServicesPlayed out{.end_s = next()};
  const auto holds = static_cast<std::size_t>(next());
  const auto services = static_cast<std::size_t>(next());
  for (std::size_t p = 0; p < prepared.site.pools.size(); ++p)
    for (double& t : out.chip_s.emplace_back()) t = next();
  for (std::size_t i = 0; i < holds; ++i) out.holds.push_back(next());
  for (std::size_t s = 0; s < services; ++s) {
    ServiceFate& f = out.services.emplace_back();
    for (double* to :
         {&f.arrived, &f.finished, &f.rejected, &f.timed_out, &f.lost, &f.in_flight, &f.to_come, &f.retried,
          &f.prompt_tokens, &f.output_tokens, &f.busy_chip_s, &f.serving_chip_s, &f.starting_chip_s})
      *to = next();
    f.outcomes.resize(static_cast<std::size_t>(next()));
    for (RequestOutcome& o : f.outcomes) {
      o.first_token_s = next();
      o.end_s = next();
      o.replica = static_cast<std::int32_t>(next());
      o.retries = static_cast<std::uint16_t>(next());
      o.end = static_cast<RequestEnd>(static_cast<int>(next()));
    }
  }
  return out;
}

}  // namespace alight::test
