// One row of a table of serving cases: what is read, before it means anything. serving_setup.hpp turns it into models,
// layouts and a benchmark.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/predict/table.hpp"

namespace alight {

/// How the chips of one replica are said to be used; 0 is not said.
struct StatedLayout {
  std::int64_t workers = 0, batch = 0, tensor = 0, pipeline = 0, data = 0, expert_tensor = 0, expert = 0;
};

/// A row. Texts are views into the table and live until its next row; empty is not given.
struct ServingCase {
  std::string_view id, model, system, engine, version, source, precision, product_precision, expert_precision;
  bool split = false;  ///< prompts and decoding on workers of their own
  std::int64_t input = 0, output = 0;
  StatedLayout whole, prefill, decode;
  std::int64_t concurrency = 0;
  std::optional<double> shortest, acceptance, cached, expert_imbalance;
  std::optional<std::int64_t> drafted, rounds;
  std::optional<bool> two_batches;
};

/// The columns of such a table, in any order: those of the measured runs of ai-dynamo/aiconfigurator. `id`,
/// `model_path`, `system`, `backend`, `isl` and `osl` must be there; so must `tp_size` or both `prefill_tp_size` and
/// `decode_tp_size`. Columns of alight's own, if there: concurrency, shortest_share, rounds, draft_tokens, acceptance,
/// two_batches, cached_share, expert_imbalance.
class ServingColumns {
 public:
  explicit ServingColumns(CaseTable& table);
  /// The current row. Cells that are no numbers are problems.
  ServingCase read(CaseTable& table) const;

 private:
  using Count = CaseColumn<std::int64_t>;
  using Text = CaseColumn<std::string_view>;
  struct LayoutColumns {
    Count workers, batch, tensor, pipeline, data, expert_tensor, expert;
    LayoutColumns(CaseTable& table, const std::string& prefix);
    StatedLayout read(CaseTable& table) const;
  };
  Text id_, model_, system_, engine_, version_, source_, precision_, product_precision_, expert_precision_;
  CaseColumn<std::size_t> mode_;
  Count input_, output_, concurrency_;
  LayoutColumns whole_, prefill_, decode_;
  CaseColumn<std::optional<double>> shortest_, acceptance_, cached_, expert_imbalance_;
  CaseColumn<std::optional<std::int64_t>> drafted_, rounds_;
  CaseColumn<std::optional<bool>> two_batches_;
};

}  // namespace alight
