// A layout of a training step as people write it in a cell or a scenario: words in any order, each at most once.
//
//   tp8 pp4 cp2 ep4 dp8   ranks: tensor, pipeline, context, expert, data
//   sp                    sequence parallelism over the tensor ranks
//   vpp2                  model chunks a pipeline rank holds
//   mb1 gb1024 seq4096    sequences of a micro-batch and of a step; tokens of a sequence
//   fp16 bf16 fp8 ...     precision
//   zero1 zero1_node zero2 zero3 fsdp hsdp, shard8   who keeps the model's state; ranks that share one copy
//   selective full        recomputation
//   gpipe dualpipe        schedule; 1F1B where neither is said
//   sgd lora noflash nooverlap overlap_tp   optimiser, adapters, and what is switched off or on
//
// Words left out leave Layout's defaults.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/training/layout.hpp"

namespace alight {

/// "bf16"; "mxfp8".
std::string_view name_of(Precision precision);
std::optional<Precision> parse_precision(std::string_view name);

/// Reads one word into the layout. False where it is no word of a layout, or its number is below 1 or above 1e7.
bool read_layout_word(std::string_view word, Layout& layout);

/// Reads a whole text; returns what is wrong with it ("no such word: \"tpp8\"", "tp8 after tp4"), or empty. Where no dp
/// is said, layout.data becomes 0: see fill_data_ranks().
std::string read_layout(std::string_view text, Layout& layout);

/// The words that lead from a default layout to this one, in the order above.
std::string text_of(const Layout& layout);

/// Sets layout.data, where it is 0, so that the layout takes `chips`; returns why it cannot, or empty. A layout that
/// says its data ranks must take as many chips as there are.
std::string fill_data_ranks(Layout& layout, std::int64_t chips);

}  // namespace alight
