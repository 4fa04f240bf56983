// A model that is no language model, as far as its cost is concerned: what one sample takes to train.
#pragma once

#include <string>

namespace alight {

/// Figures of one sample, forward and backward together, whatever the model is made of. A multiplication and an
/// addition are two FLOPs.
struct GenericModel {
  std::string name;
  std::string sample = "sample";  ///< what one is: an image, a click, a sequence of 512 tokens
  double parameters = 0;          ///< all of them, tables of embeddings included
  double dense_parameters = 0;    ///< those data parallelism reduces: all but such tables
  double flops_per_sample = 0;
  double bytes_per_sample = 0;  ///< read and written in the chip's memory, apart from weights and their optimiser; 0 =
                                ///< unknown
};

}  // namespace alight
