#include "models/training/search.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <thread>

namespace alight {
namespace {

// The smallest part of a sequence a context rank still gets: below, ring attention has nothing to hide under.
constexpr std::int64_t kTokensOfContextRank = 512;
constexpr std::array kShardings = {Sharding::none,  Sharding::zero1, Sharding::zero1_node,
                                   Sharding::zero2, Sharding::fsdp,  Sharding::hsdp};
constexpr std::array kRecompute = {Recompute::none, Recompute::selective, Recompute::full};

// What is looked at together: layouts that share the price of a micro-batch.
struct Unit {
  std::int64_t tensor, context, expert, micro_batch;
};

// A layout in few bytes: millions are kept where all are wanted.
struct Packed {
  double seconds;
  float memory_gb;
  std::uint32_t unit;
  std::uint32_t pipeline, shard_ranks;
  std::uint16_t virtual_stages, pipeline_slots;
  std::uint8_t sharding, recompute, switches;
  bool fits;
};
enum Switches : std::uint8_t { kSequence = 1, kGradients = 2, kTensor = 4, kGpipe = 8, kUneven = 16 };

struct UnitResult {
  std::vector<Packed> found;
  std::int64_t considered = 0, fitting = 0;
  double least_memory = std::numeric_limits<double>::infinity();
  std::map<std::string, std::int64_t> reasons;
  bool done = false;
};

// How a pipeline of a length can hold the layers.
struct Stages {
  std::int64_t virtual_stages, slots;
  bool uneven;
};
std::vector<Stages> stage_choices(const Architecture& model, std::int64_t pipeline, std::int64_t micro_batches) {
  std::vector<Stages> choices;
  if (model.layers % pipeline == 0) {
    choices.push_back({1, 0, false});
    if (pipeline > 1 && micro_batches % pipeline == 0)
      for (const std::int64_t v : divisors(model.layers / pipeline))
        if (v > 1) choices.push_back({v, 0, false});
  } else {
    choices.push_back({1, 0, true});
  }
  if (pipeline > 1 && (model.layers + 2) % pipeline == 0) choices.push_back({1, model.layers + 2, false});
  return choices;
}

class Search {
 public:
  Search(const Architecture& model, const SearchRequest& request, const Accelerator& chip, const Fabric& fabric)
      : model_(model), request_(request), chip_(chip), fabric_(fabric) {
    make_units();
    results_.resize(units_.size());
  }

  void run(const std::function<void(double)>& progress, const std::atomic<bool>* stop) {
    std::atomic<std::size_t> next{0};
    const auto stopped = [&] { return stop && stop->load(std::memory_order_relaxed); };
    const auto work = [&](bool reports) {
      for (std::size_t i; !stopped() && (i = next.fetch_add(1)) < units_.size();) {
        look_at(i, stop);
        if (reports && progress) progress(static_cast<double>(i + 1) / static_cast<double>(units_.size()));
      }
    };
    std::vector<std::thread> helpers;
    for (int t = 1; t < request_.threads; ++t) helpers.emplace_back(work, false);
    work(true);
    for (std::thread& helper : helpers) helper.join();
  }

  SearchResult result() const {
    SearchResult result;
    result.reasons = reasons_;
    result.least_memory_bytes = std::numeric_limits<double>::infinity();
    std::vector<Packed> all;
    for (const UnitResult& unit : results_) {
      all.insert(all.end(), unit.found.begin(), unit.found.end());
      result.considered += unit.considered;
      result.fitting += unit.fitting;
      result.least_memory_bytes = std::min(result.least_memory_bytes, unit.least_memory);
      result.complete = result.complete && unit.done;
      for (const auto& [why, count] : unit.reasons) result.reasons[why] += count;
    }
    std::stable_sort(all.begin(), all.end(), faster);
    if (request_.keep > 0 && all.size() > request_.keep) all.resize(request_.keep);
    result.found.reserve(all.size());
    for (const Packed& packed : all)
      result.found.push_back({.layout = unpack(packed),
                              .seconds = packed.seconds,
                              .memory_bytes = static_cast<double>(packed.memory_gb) * 1e9,
                              .fits = packed.fits});
    return result;
  }

 private:
  static bool faster(const Packed& a, const Packed& b) {
    if (a.fits != b.fits) return a.fits;
    return a.fits ? a.seconds < b.seconds : a.memory_gb < b.memory_gb;
  }

  void make_units() {
    const std::int64_t chips = request_.chips, batch = request_.common.global_batch;
    if (chip_.peak(request_.common.precision) <= 0) {
      ++reasons_["precision"];
      return;
    }
    for (const std::int64_t tensor : divisors(chips)) {
      if (model_.heads % tensor != 0 || model_.hidden % tensor != 0) {
        ++reasons_["heads over tensor ranks"];
        continue;
      }
      for (std::int64_t context = 1; chips / tensor % context == 0; context *= 2) {
        if (context > 1 && request_.common.sequence % (2 * context) != 0) break;
        if (context > 1 && request_.common.sequence / context < kTokensOfContextRank) break;
        for (const std::int64_t expert :
             model_.experts.count > 0 ? divisors(model_.experts.count) : std::vector<std::int64_t>{1}) {
          if (expert > chips / context) break;
          for (const std::int64_t micro_batch : divisors(batch))
            units_.push_back({tensor, context, expert, micro_batch});
        }
      }
    }
  }

  Layout of_unit(const Unit& unit) const {
    Layout layout = request_.common;
    layout.tensor = unit.tensor;
    layout.context = unit.context;
    layout.expert = unit.expert;
    layout.micro_batch = unit.micro_batch;
    return layout;
  }

  Layout unpack(const Packed& packed) const {
    Layout layout = of_unit(units_[packed.unit]);
    layout.pipeline = packed.pipeline;
    layout.data = request_.chips / (layout.tensor * layout.context * layout.pipeline);
    layout.virtual_stages = packed.virtual_stages;
    layout.pipeline_slots = packed.pipeline_slots;
    layout.uneven_stages = packed.switches & kUneven;
    layout.sharding = static_cast<Sharding>(packed.sharding);
    layout.shard_ranks = packed.shard_ranks;
    layout.recompute = static_cast<Recompute>(packed.recompute);
    layout.sequence_parallel = packed.switches & kSequence;
    layout.overlap_gradients = packed.switches & kGradients;
    layout.overlap_tensor = packed.switches & kTensor;
    layout.schedule = packed.switches & kGpipe ? Schedule::gpipe : request_.common.schedule;
    return layout;
  }

  static Packed pack(const Layout& layout, std::size_t unit) {
    const int switches = (layout.sequence_parallel ? kSequence : 0) | (layout.overlap_gradients ? kGradients : 0) |
                         (layout.overlap_tensor ? kTensor : 0) | (layout.schedule == Schedule::gpipe ? kGpipe : 0) |
                         (layout.uneven_stages ? kUneven : 0);
    return {.seconds = 0,
            .memory_gb = 0,
            .unit = static_cast<std::uint32_t>(unit),
            .pipeline = static_cast<std::uint32_t>(layout.pipeline),
            .shard_ranks = static_cast<std::uint32_t>(layout.shard_ranks),
            .virtual_stages = static_cast<std::uint16_t>(layout.virtual_stages),
            .pipeline_slots = static_cast<std::uint16_t>(layout.pipeline_slots),
            .sharding = static_cast<std::uint8_t>(layout.sharding),
            .recompute = static_cast<std::uint8_t>(layout.recompute),
            .switches = static_cast<std::uint8_t>(switches),
            .fits = true};
  }

  // The micro-batch's price, once without and once with accumulation over several of them.
  using Parts = std::array<std::optional<MicroBatchCost>, 2>;

  void look_at(std::size_t index, const std::atomic<bool>* stop) {
    UnitResult& result = results_[index];
    Layout layout = of_unit(units_[index]);
    for (const Recompute recompute : kRecompute) {
      if (!wanted(request_.recompute, recompute)) continue;
      layout.recompute = recompute;
      for (const bool sequence : {false, true}) {
        if (sequence && layout.tensor == 1) continue;
        layout.sequence_parallel = sequence;
        for (const bool overlap : {false, true}) {
          if (overlap && (layout.tensor == 1 || chip_.software.tensor_hidden <= 0)) continue;
          layout.overlap_tensor = overlap;
          Parts parts;
          pipelines(layout, index, parts, result);
          if (stop && stop->load(std::memory_order_relaxed)) return;
        }
      }
    }
    if (request_.keep > 0) shorten(result.found);
    result.done = true;
  }

  template <class T>
  static bool wanted(const std::vector<T>& choices, T choice) {
    return choices.empty() || std::find(choices.begin(), choices.end(), choice) != choices.end();
  }

  void shorten(std::vector<Packed>& found) const {
    std::stable_sort(found.begin(), found.end(), faster);
    if (found.size() > request_.keep) found.resize(request_.keep);
  }

  void pipelines(Layout& layout, std::size_t index, Parts& parts, UnitResult& result) {
    const std::int64_t rest = request_.chips / (layout.tensor * layout.context);
    for (const std::int64_t pipeline : divisors(rest)) {
      const auto out = [&](const char* why) { ++result.reasons[why]; };
      layout.pipeline = pipeline;
      layout.data = rest / pipeline;
      if (pipeline > model_.layers) {
        out("fewer layers than stages");
        continue;
      }
      if (layout.expert > 1 && layout.tensor * layout.context * layout.data % layout.expert != 0) {
        out("expert ranks over tensor and data ranks");
        continue;
      }
      if (layout.global_batch % (layout.data * layout.micro_batch) != 0) {
        out("batch over data ranks and micro-batches");
        continue;
      }
      for (const Stages& stages : stage_choices(model_, pipeline, layout.micro_batches())) {
        layout.virtual_stages = stages.virtual_stages;
        layout.pipeline_slots = stages.slots;
        layout.uneven_stages = stages.uneven;
        const bool gpipe = request_.overlap_choices && pipeline > 1 && stages.virtual_stages == 1;
        for (int schedule = 0; schedule < (gpipe ? 2 : 1); ++schedule) {
          layout.schedule = schedule ? Schedule::gpipe : request_.common.schedule;
          shardings(layout, index, parts, result);
        }
      }
    }
  }

  void shardings(Layout& layout, std::size_t index, Parts& parts, UnitResult& result) {
    const std::int64_t replicas = layout.data * layout.context;
    for (const Sharding sharding : kShardings) {
      if (!wanted(request_.sharding, sharding)) continue;
      if (sharding != Sharding::none && replicas == 1) break;
      // Stages accumulate whole gradients over their micro-batches (DeepSpeed refuses ZeRO-2 with pipelines).
      if (sharding == Sharding::zero2 && layout.pipeline > 1) continue;
      layout.sharding = sharding;
      if (sharding != Sharding::hsdp) {
        layout.shard_ranks = 0;
        overlaps(layout, index, parts, result);
        continue;
      }
      for (std::int64_t ranks = 2; ranks < replicas; ranks *= 2) {
        if (replicas % ranks != 0) break;
        layout.shard_ranks = ranks;
        overlaps(layout, index, parts, result);
      }
      layout.shard_ranks = 0;
    }
  }

  void overlaps(Layout& layout, std::size_t index, Parts& parts, UnitResult& result) {
    const double memory = training_memory(model_, layout).total();
    const bool fits = memory <= chip_.memory_bytes;
    result.least_memory = std::min(result.least_memory, memory);
    const int choices = request_.overlap_choices && layout.data * layout.context > 1 ? 2 : 1;
    result.considered += choices;
    if (!fits) result.reasons["memory"] += choices;
    if (!fits && request_.keep > 0) return;
    std::optional<Groups> groups;
    for (int choice = 0; choice < choices; ++choice) {
      layout.overlap_gradients = choice == 0;
      Packed packed = pack(layout, index);
      packed.memory_gb = static_cast<float>(memory * 1e-9);
      packed.fits = fits;
      if (fits) {
        if (!groups) groups = groups_of(layout, fabric_);
        const Setting setting{model_, layout, chip_, fabric_};
        auto& price = parts[layout.micro_batches() > 1];
        if (!price) price = micro_batch_parts(setting, *groups);
        packed.seconds = predict_step(setting, *groups, *price).seconds;
        ++result.fitting;
      }
      result.found.push_back(packed);
    }
    layout.overlap_gradients = true;
    if (request_.keep > 0 && result.found.size() > 64 * request_.keep) shorten(result.found);
  }

  const Architecture& model_;
  const SearchRequest& request_;
  const Accelerator& chip_;
  const Fabric& fabric_;
  std::vector<Unit> units_;
  std::vector<UnitResult> results_;
  std::map<std::string, std::int64_t> reasons_;
};

}  // namespace

std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> low, high;
  for (std::int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    low.push_back(d);
    if (d * d != n) high.push_back(n / d);
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

SearchResult search_layouts(const Architecture& model, const SearchRequest& request, const Accelerator& chip,
                            const Fabric& fabric, const std::function<void(double)>& progress,
                            const std::atomic<bool>* stop) {
  Search search(model, request, chip, fabric);
  search.run(progress, stop);
  return search.result();
}

}  // namespace alight
