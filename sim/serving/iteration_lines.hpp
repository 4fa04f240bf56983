// Iteration times as a serving engine uses them: in ticks, with those of pure decode kept per number of sequences.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "models/inference/iteration.hpp"
#include "sim/serving/ticks.hpp"

namespace alight {

/// Where iteration times come from.
class IterationTimes {
 public:
  virtual ~IterationTimes() = default;
  virtual IterationTime iteration_time(const IterationWork& work) const = 0;
};

/// Anything with an iteration_time, such as a ReplicaModel, which outlives it.
template <class Model>
class TimesOf : public IterationTimes {
 public:
  explicit TimesOf(const Model& model) : model_(&model) {}
  IterationTime iteration_time(const IterationWork& work) const override { return model_->iteration_time(work); }

 private:
  const Model* model_;
};

/// An IterationTime in ticks: rest + max(floor, base + per_token context).
struct IterationLine {
  Ticks rest = 0, floor = 0, base = 0, per_token = 0;
  /// The largest context at which the floor still holds; -1: none.
  std::int64_t floor_context = -1;

  IterationLine() = default;
  explicit IterationLine(const IterationTime& time);
  Ticks at(std::int64_t context) const {
    return rest + (context <= floor_context ? floor : base + per_token * context);
  }
};

/// Shared by all replicas of a kind; grows with the largest batch seen. Not thread-safe.
class IterationLines {
 public:
  /// `times` outlives it.
  explicit IterationLines(const IterationTimes& times) : times_(&times) {}

  /// The line of an iteration of `decodes` sequences that decode and nothing else, on chips of a speed.
  IterationLine decode(std::int64_t decodes, double speed = 1);
  IterationLine mixed(const IterationWork& work, double speed = 1) const {
    return line(times_->iteration_time(work), speed);
  }

 private:
  static IterationLine line(const IterationTime& time, double speed) {
    return IterationLine(speed == 1 ? time : time.at_speed(speed));
  }
  struct Decode {
    IterationTime time;
    IterationLine line;  ///< at speed 1
  };
  const IterationTimes* times_;
  std::deque<std::optional<Decode>> decodes_;  ///< [sequences]
};

}  // namespace alight
