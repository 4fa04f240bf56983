// Requests to a language model: when each came, how many tokens it brought and asked for, and which blocks of its
// prompt other requests share.
//
// A trace may hold tens of millions of requests, so a request is a plain value of 40 bytes. The blocks of all prompts
// lie in one flat pool; a request owns a stretch of it, and stretches may overlap: the turns of one session share
// theirs, each turn's being a longer beginning of the same list.
//
// What a block is: `RequestTrace::block_tokens` consecutive tokens of a prompt, named by everything from the start of
// the prompt to its own end. Two requests that hold the same name at the same position can therefore share the keys and
// values of all tokens up to it. The last block of a prompt may be shorter than the others. Tokens behind the last
// block are shared with nobody: a trace without blocks says that of all of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace alight {

/// The name of a block, a number below RequestTrace::distinct_blocks: the names of a trace are 0, 1, 2 ... without
/// gaps, so that a table of all blocks is an array.
using BlockHash = std::uint32_t;

struct Request {
  double arrival_s = 0;             ///< since the start of the trace
  std::uint64_t first_block = 0;    ///< index in RequestTrace::blocks
  std::uint32_t prompt_tokens = 0;  ///< at least 1
  std::uint32_t output_tokens = 0;  ///< at least 1: the first answer token ends the prefill
  std::uint32_t blocks = 0;         ///< of the prompt; 0 where the trace says nothing of them
  std::uint32_t session = 0;        ///< of which conversation, counted from 1; 0 = of none
  /// Blocks that follow those of the prompt in the pool and are whole once the answer is written: what a cache holds of
  /// the request after its end. 0 where the trace says nothing of answers.
  std::uint16_t answer_blocks = 0;
  std::uint8_t priority = 0;  ///< higher goes first
  std::uint8_t kind = 0;      ///< index in RequestTrace::kinds
};
static_assert(sizeof(Request) == 40);

struct RequestTrace {
  std::vector<Request> requests;  ///< by arrival_s; equal times keep the order of the source
  std::vector<BlockHash> blocks;  ///< the pool
  std::uint32_t distinct_blocks = 0;
  int block_tokens = 0;                ///< 0 where no request has blocks
  std::vector<std::string> kinds{{}};  ///< the model or use a request names; the first is "" = none
  double start_s = 0;                  ///< Unix time of arrival_s = 0; 0 where the source states none
};

/// The blocks of the request's prompt, from its start.
inline std::span<const BlockHash> blocks_of(const RequestTrace& trace, const Request& request) {
  return {trace.blocks.data() + request.first_block, request.blocks};
}

/// The blocks of prompt and answer: what a prefix cache can hold once the request has ended.
inline std::span<const BlockHash> blocks_after(const RequestTrace& trace, const Request& request) {
  return {trace.blocks.data() + request.first_block, std::size_t{request.blocks} + request.answer_blocks};
}

}  // namespace alight
