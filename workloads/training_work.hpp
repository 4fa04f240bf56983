// What a training job does with its chips, apart from its model and how long: batch, sequence, precision, and how the
// step is laid out over the chips. Jobs of one template share it; it is kept as a text among the workload's names, so
// that a million jobs cost no more than rigid ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/training/layout.hpp"
#include "workloads/elastic_work.hpp"
#include "workloads/job.hpp"
#include "workloads/storage_work.hpp"

namespace alight {

struct TrainingWork {
  /// Defaults of what a job leaves out: Llama 2 was trained on sequences of 4,096 tokens, 4 million to a step (Touvron
  /// et al., arXiv 2307.09288, section 2.2).
  static constexpr std::int64_t kSequence = 4096;
  static constexpr std::int64_t kGlobalBatch = 1024;

  /// Batches, sequence and precision always count; ranks and the rest only where `planned` is not set. Data ranks 0:
  /// as many as the job's chips give.
  Layout layout = {.data = 0, .global_batch = kGlobalBatch, .sequence = kSequence};
  bool planned = true;   ///< the layout is looked for when the chips are known
  double startup_s = 0;  ///< from the start to the first step: image, compilation; what is loaded comes on top
  StorageWork storage;
  ElasticWork elastic;

  double tokens_per_step() const { return static_cast<double>(layout.global_batch * layout.sequence); }
};

/// One text for equal works: "start60 plan gb1024 seq4096 bf16", "tp8 pp4 dp8 gb1024 seq4096 zero1 full",
/// "load:weights ckpt:1800_s_asynchronous data:4_B plan ...", "elastic:48_grow_1800_s ckpt:1800_s tp8 ...".
std::string text_of(const TrainingWork& work);
/// Reads such a text; words as in layout_text.hpp, and besides `plan`, `startS` with S seconds, and what
/// storage_work.hpp reads behind `load:`, `ckpt:` and `data:`, and elastic_work.hpp behind `elastic:`, with _ for
/// blanks. Returns what is wrong, or empty.
std::string read_training_work(std::string_view text, TrainingWork& work);

/// The work of a job, from its text; what a job is that says nothing of it where the id is 0.
TrainingWork training_work(const Names& names, Names::Id id);

/// Where the cells of one table row that describe training come together: the text they make is interned once the row
/// is whole.
class TrainingCells {
 public:
  enum class Part : std::uint8_t {
    layout,
    global_batch,
    sequence,
    precision,
    startup,
    load,
    checkpoint,
    token_bytes,
    elastic
  };
  static constexpr std::size_t kParts = 9;

  void clear();
  void set(Part part, std::string_view cell);
  struct Row {
    Names::Id id = 0;  ///< of the work's text; 0 where no cell was set since clear()
    double tokens_per_step = TrainingWork{}.tokens_per_step();
  };
  /// Interns the row's work. Returns the part that cannot be read, or nothing. `names` is the same at every call.
  std::optional<Part> intern(Names& names, Row& row);

  /// The cell of `part`; empty where the part has its default.
  static std::string cell(Part part, const TrainingWork& work);

 private:
  std::optional<Part> read(TrainingWork& work) const;
  std::array<std::string, kParts> cells_;
  bool stated_ = false;
  // Cells met lately and what they came to: templates repeat, and parsing costs more than a row else does.
  struct Known {
    std::array<std::string, kParts> cells;
    Row row;
  };
  std::array<Known, 64> known_;
};

}  // namespace alight
