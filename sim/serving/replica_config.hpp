// How a replica's engine is set up, what it is asked, what it tells.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/serving/prefix_cache.hpp"
#include "sim/serving/replica_totals.hpp"
#include "sim/serving/ticks.hpp"

namespace alight {

enum class ReplicaRole : std::uint8_t {
  aggregated,  ///< prefill and decode
  prefill,     ///< hands a sequence over after its first token
  decode,      ///< receives sequences with their keys and values
};

enum class Preemption : std::uint8_t {
  recompute,  ///< drop the blocks; prompt and answer so far are computed again
  swap,       ///< move them to the host's memory, and back when there is room
};

enum class PrefixCaching : std::uint8_t {
  off,
  on,         ///< in the blocks no running sequence needs
  unbounded,  ///< in a store beside the chips that never fills; hits save computing, not blocks
};

struct ReplicaConfig {
  ReplicaRole role = ReplicaRole::aggregated;
  std::int64_t max_batch = 256;            ///< sequences running at once
  std::int64_t max_batched_tokens = 8192;  ///< new tokens an iteration, of prompts and of decoding sequences together
  std::int64_t max_chunk_tokens = std::numeric_limits<std::int32_t>::max();  ///< of one prompt an iteration
  bool chunked = true;  ///< a prompt may be cut; otherwise it waits until it fits whole, or is alone
  bool mixed = true;    ///< prompts and decodes share iterations; otherwise prompts go first, alone

  std::int64_t block_tokens = 16;
  std::int64_t blocks = 0;               ///< of keys and values; KV fraction and memory are behind it
  std::int64_t blocks_per_sequence = 0;  ///< what a sequence takes whatever its length (states of linear attention)
  double watermark = 0.01;               ///< share of the blocks that admission leaves free

  Preemption preemption = Preemption::recompute;
  double swap_bytes_s = 0;  ///< to and from the host, of all chips together; with preemption by swap
  double block_bytes = 0;   ///< of one block on all chips together; with preemption by swap

  PrefixCaching prefix_caching = PrefixCaching::off;
  std::int64_t hash_block_tokens =
      0;  ///< tokens of a block of the trace, a multiple of block_tokens; 0: prompts have none

  double tokens_per_iteration = 1;  ///< of a decoding sequence; above 1 with speculative decoding
  std::int64_t decode_tokens = 1;   ///< a decoding sequence computes an iteration: 1 + drafts

  bool exact = false;  ///< every iteration is played for itself
};

/// Blocks that admission leaves free.
inline std::int64_t watermark_blocks(const ReplicaConfig& c) {
  return static_cast<std::int64_t>(std::ceil(c.watermark * static_cast<double>(c.blocks)));
}

/// The most tokens that fit on a replica alone, and are let in: of prompt and answer, of a prefill replica of the
/// prompt.
inline std::int64_t longest_request(const ReplicaConfig& c) {
  return (c.blocks - watermark_blocks(c) - c.blocks_per_sequence) * c.block_tokens - (c.decode_tokens - 1);
}

/// A request as it reaches a replica.
struct ReplicaRequest {
  std::uint32_t id = 0;         ///< the asker's
  std::uint32_t prompt = 1;     ///< tokens
  std::uint32_t output = 1;     ///< tokens, at least 1
  std::uint32_t generated = 0;  ///< of the output, already; their keys and values come along
  std::uint8_t priority = 0;    ///< higher goes first
  Ticks deadline = kNever;      ///< it is dropped at the first end of an iteration from then on
  PrefixCache::Blocks blocks;   ///< of prompt and answer; empty: none known
};

struct ReplicaEvent {
  enum class Kind : std::uint8_t {
    first_token,
    finished,
    prefilled,  ///< of a prefill replica: the sequence waits to be handed over, then `release`
    preempted,
    timed_out,
  };
  Kind kind = Kind::finished;
  std::uint32_t id = 0;
  std::uint32_t tokens = 0;  ///< generated so far
  Ticks at = 0;
  bool operator==(const ReplicaEvent&) const = default;
};

}  // namespace alight
