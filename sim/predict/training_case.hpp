// One row of a table of training cases: what is read, before it means anything. training_setup.hpp turns it into a
// model, a layout, a chip and a network.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/predict/case_ground.hpp"
#include "sim/predict/table.hpp"

namespace alight {

/// A row. Texts are views into the table and live until its next row; empty is not given.
struct TrainingCase {
  std::string_view id, model, chip, attention, sharding, precision, recompute, software, flags;
  std::int64_t chips = 0, sequence = 0, global_batch = 0;
  std::optional<std::int64_t> chips_per_node, tensor, pipeline, virtual_stages, context, expert, data, micro_batch;
  std::optional<bool> sequence_parallel;
  CaseServers servers;  ///< what the columns of its network say
  // The shape of the model, where the zoo does not give it or gives another.
  std::optional<std::int64_t> layers, hidden, ffn, heads, kv_heads, head_dim, vocab;
  std::optional<std::int64_t> experts, experts_active, experts_shared, expert_ffn, dense_layers;
  std::optional<std::int64_t> kv_rank, q_rank, rope_dim;
  std::optional<bool> gated, tied, causal;
};

/// The columns of such a table, in any order. `id`, `chip`, `chips`, `seq_len` and `global_batch` must be there; so
/// must `model`, or `layers`, `hidden`, `heads` and `vocab`. What else there is, measurements above all, is not read.
class TrainingColumns {
 public:
  explicit TrainingColumns(CaseTable& table);
  /// The current row. Cells that are no numbers are problems.
  TrainingCase read(CaseTable& table) const;

 private:
  using Count = CaseColumn<std::optional<std::int64_t>>;
  using Number = CaseColumn<std::optional<double>>;
  using Flag = CaseColumn<std::optional<bool>>;
  using Text = CaseColumn<std::string_view>;
  Text id_, model_, chip_, attention_, sharding_, precision_, recompute_, software_, flags_;
  CaseColumn<std::int64_t> chips_, sequence_, global_batch_;
  Count chips_per_node_, tensor_, pipeline_, virtual_stages_, context_, expert_, data_, micro_batch_;
  Flag sequence_parallel_, gated_, tied_, causal_;
  Number scale_up_, scale_out_;
  NetworkColumns network_;
  Count layers_, hidden_, ffn_, heads_, kv_heads_, head_dim_, vocab_;
  Count experts_, experts_active_, experts_shared_, expert_ffn_, dense_layers_, kv_rank_, q_rank_, rope_dim_;
};

/// What the flags of a row say: key=value;key=value;... Every key that is known is a member.
struct TrainingFlags {
  bool flash_attention = true;
  std::optional<bool> overlap_gradients, overlap_tensor;
  std::int64_t pipeline_slots = 0, shard_ranks = 0, expert_domains = 0;
  bool uneven_stages = false;
  std::optional<std::int64_t> sliding_window, full_every, chunk, mtp_layers;
  bool lora = false, hybrid = false, parallel_block = false, token_drop = false;
  std::string_view schedule, optimizer;
  double capacity_factor = 0, expert_imbalance = 0;

  /// Empty, or why the flags cannot be taken: an unknown key with the nearest known one, a value that does not fit.
  std::string read(std::string_view flags);
};

}  // namespace alight
