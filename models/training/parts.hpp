// What the blocks of a layer are put together from: linear layers, streaming kernels, exchanges between tensor ranks,
// norms and residuals, feed-forward parts, recomputation. Each adds its forward and its backward pass to a cost.
#pragma once

#include "models/training/layer.hpp"

namespace alight {

/// Operations a framework issues for one block besides those counted where they arise: norms, residuals, reshapes,
/// casts, bookkeeping of autograd. Judgements; they matter only where a step is bound by the host.
inline constexpr double kForwardOperations = 15, kBackwardOperations = 25;

/// Sizes of one tensor-parallel rank.
struct Widths {
  double tokens;   ///< of a micro-batch on this rank
  double queries;  ///< width of all local query heads
  double keys;     ///< width of the local key heads; values are as wide unless latent
  double values;   ///< what the attention core gives back, all local heads
  double local_heads;
};
Widths widths_of(const Setting& setting);

/// The attention core: scores, softmax, weighted values. Seconds; operations of one direction.
struct Core {
  double forward = 0, backward = 0, operations = 0;
};

/// A linear layer of m tokens, k wide in and n wide out, `count` of them in one launch: one product forward, two
/// backward (input and weight gradients), each casting its operands where the precision is narrower than the 16 bits
/// that activations are kept in; weight gradients are added up over micro-batches.
void add_linear(const Setting& setting, PartCost& cost, double m, double n, double k, double count = 1);

/// Memory-bound kernels, `kernels` of them in each direction.
void add_stream(const Setting& setting, PartCost& cost, double forward_bytes, double backward_bytes, double kernels);

/// One exchange of `bytes` between the tensor ranks: an all-reduce, or an all-gather and a reduce-scatter.
void add_tensor_exchange(const Setting& setting, const Groups& groups, Pass& pass, double bytes);

/// Dispatch or combine of one layer's tokens between expert ranks: one direction, one micro-batch.
struct Routing {
  double local_s = 0;        ///< inside the scale-up domain
  double between_bytes = 0;  ///< that a rank sends to its peers in all domains, its own counted, as an all-to-all
  double between_s = 0;      ///< beside the local one
  Group between;             ///< a rank and its peers of other domains
  double seconds() const { return local_s > between_s ? local_s : between_s; }
};
/// Of experts spread over ranks (layout.expert > 1). Inside a domain every copy of a token travels; to another domain
/// it travels once and is copied on from there (DeepEP and the hybrid dispatchers; DeepSeek-V3, arXiv 2412.19437
/// section 3.2.2), the two legs running beside each other. Of D domains `active` uniform choices reach D (1 - (1 -
/// 1/D)^active), no more than the router's own limit.
Routing routing_of(const Setting& setting, const Groups& groups);

/// Norm, residual and dropout of one block. Returns their forward seconds.
double add_residual(const Setting& setting, PartCost& cost);

/// Up (and gate), activation and down, from `input` over `width` and back; `count` of them in one launch.
void add_feed_forward(const Setting& setting, PartCost& cost, double tokens, double width, double input,
                      double count = 1);

/// The exchange after a block in both directions, if there is one, and what of the block is computed again. `cheap_s`:
/// forward seconds of norms and residuals.
void finish_block(const Setting& setting, const Groups& groups, PartCost& cost, double cheap_s, const Core& core = {},
                  bool exchange = true);

}  // namespace alight
