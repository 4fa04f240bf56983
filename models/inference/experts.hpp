// How many experts a batch wakes, and how uneven their load is.
#pragma once

namespace alight {

/// Distinct experts of `count` that `tokens` tokens choose together, each `active` of them at random:
/// count (1 - (1 - active/count)^tokens). What is read of a layer's expert weights.
double distinct_experts(double count, double active, double tokens);

/// Load of the busiest of `ranks` ranks over the mean one when `copies` copies of tokens are spread over them at
/// random: 1 + sqrt((ranks - 1) / copies) z, z the expected largest of so many standard normals (slowest_of), no more
/// than all copies on one rank.
double busiest_rank(double ranks, double copies);

}  // namespace alight
