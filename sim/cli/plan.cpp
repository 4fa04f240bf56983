#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

#include "models/training/layout_text.hpp"
#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/plan/plan_text.hpp"
#include "sim/scenario/load.hpp"

namespace alight::cli {
namespace {

std::atomic<bool> stopped{false};

void stop(int) {
  stopped = true;
}

/// A line on a terminal that says how far the search is.
class Progress {
 public:
  void operator()(double share) {
    using Clock = std::chrono::steady_clock;
    if (!terminal_ || Clock::now() - last_ < std::chrono::milliseconds(200)) return;
    last_ = Clock::now();
    shown_ = true;
    std::cerr << fmt::format("\r  searching {:3.0f} %", 100 * share) << std::flush;
  }
  ~Progress() {
    if (shown_) std::cerr << "\r\033[K";
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0, shown_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct Read {
  Catalogue catalogue;
  Zoo zoo;
  Architecture model;
  Layout common;
  PlanPool pool;
  InterKind inter;
};

std::vector<std::string> precision_names() {
  return {"fp16", "bf16", "fp8", "mxfp8", "nvfp4", "int8"};
}

void check_numbers(const PlanArguments& a, Read& read, Diagnostics& d) {
  const auto whole = [&](const char* key, std::int64_t value, std::int64_t most) {
    if (value < 1 || value > most)
      d.error({}, key, fmt::format("{} is out of range; expected a whole number from 1 to {}", value, most));
  };
  whole("--global-batch", a.global_batch, 10'000'000);
  if (a.sequence) whole("--sequence", *a.sequence, 100'000'000);
  whole("--top", a.top, 1'000'000);
  whole("--threads", a.threads, 256);
  if (const auto precision = parse_precision(a.precision)) {
    read.common.precision = *precision;
  } else {
    d.error({}, "--precision", "no precision named " + in_quotes(a.precision),
            did_you_mean(a.precision, precision_names()));
  }
}

void find_model(const PlanArguments& a, Read& read, Diagnostics& d) {
  const ModelEntry* entry = read.zoo.find(a.model);
  if (!entry) {
    d.error({}, "MODEL", "no model named " + in_quotes(a.model) + " in the zoo (alight model list)",
            did_you_mean(a.model, read.zoo.all_names()));
  } else if (entry->generic()) {
    d.error({}, "MODEL", entry->name + " is no transformer; there is nothing to lay out but batches");
  } else {
    read.model = entry->architecture();
    read.model.name = entry->name;
    read.common.sequence = a.sequence.value_or(std::min<std::int64_t>(4096, entry->max_context.value_or(4096)));
    read.common.global_batch = a.global_batch;
    read.common.sharding = Sharding::zero1;
  }
}

std::optional<Read> read_arguments(const PlanArguments& a, Diagnostics& d) {
  Read read;
  std::optional<Node> own, models;
  if (a.own_catalogue)
    if (const auto loaded = load_config(*a.own_catalogue, d)) own = loaded->root;
  if (a.own_models)
    if (const auto loaded = load_config(*a.own_models, d)) {
      if (const Node* found = loaded->root.find("models")) models = *found;
      if (!models) d.error(loaded->root.where, "models", "is missing; the models of your own go under it");
    }
  read.catalogue = load_catalogue(own ? &*own : nullptr, d);
  read.zoo = load_zoo(models ? &*models : nullptr, d);
  if (!d.ok()) return std::nullopt;
  check_numbers(a, read, d);
  find_model(a, read, d);
  read.pool = read_pool(a.chips, read.catalogue, read.common.precision, d);
  if (!a.inter.empty()) read.inter = read_inter(a.inter, d);
  if (d.ok() && read.pool.kinds.size() > 4)
    d.error({}, "--chips", "more than 4 kinds of chip in one job are not planned");
  if (!d.ok()) return std::nullopt;
  return read;
}

int plan_equal(const PlanArguments& a, const Read& read, Diagnostics& d) {
  const ChipKind& kind = read.pool.kinds.front().kind;
  SearchRequest request;
  request.chips = kind.chips;
  request.common = read.common;
  request.common.precision = kind.precision.value_or(read.common.precision);
  if (kind.recompute) request.recompute = {*kind.recompute};
  request.overlap_choices = a.out.has_value();
  request.keep = a.out ? 0 : static_cast<std::size_t>(a.top);
  request.threads = static_cast<int>(a.threads);
  const PlanSubject subject{read.model, read.pool, request.common};
  SearchResult result;
  {
    Progress progress;
    result = search_layouts(read.model, request, kind.chip, kind.fabric, std::ref(progress), &stopped);
  }
  std::cout << search_text(subject, result, static_cast<std::size_t>(a.top));
  if (a.out) write_search(subject, result, *a.out, d);
  return result.complete ? kDone : kInterrupted;
}

int plan_pool(const PlanArguments& a, const Read& read, Diagnostics& d) {
  const std::vector<ChipKind> kinds = read.pool.chip_kinds();
  const MixedRequest request{.common = read.common, .inter = read.inter};
  const PlanSubject subject{read.model, read.pool, read.common};
  const MixedPlans plans = plan_mixed(read.model, request, kinds);
  BucketEffect effect = bucket_effect(read.model, request, kinds, plans, static_cast<int>(a.threads));
  bool complete = true;
  {
    Progress progress;
    complete = find_staves(read.model, request, kinds, plans, effect, std::ref(progress), &stopped);
  }
  std::cout << mixed_text(subject, plans, effect, read.inter);
  if (!complete) std::cout << "  interrupted: not every stave was lifted\n";
  if (a.out) write_mixed(subject, plans, effect, complete, *a.out, d);
  return complete ? kDone : kInterrupted;
}

}  // namespace

int plan(const PlanArguments& a) {
  Diagnostics d;
  const auto read = read_arguments(a, d);
  int code = kBadInput;
  if (read) {
    std::signal(SIGINT, stop);
    std::signal(SIGTERM, stop);
    code = read->pool.kinds.size() == 1 ? plan_equal(a, *read, d) : plan_pool(a, *read, d);
  }
  if (d.ok()) return code;
  d.print(std::cerr);
  return kBadInput;
}

}  // namespace alight::cli
