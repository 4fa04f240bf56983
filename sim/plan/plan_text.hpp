// What `alight plan` prints and writes: rankings of layouts of equal chips, and the best and the naive layout of mixed
// ones with the shortest staves.
#pragma once

#include <filesystem>
#include <string>

#include "models/describe/diagnostics.hpp"
#include "models/training/search.hpp"
#include "models/training/stave.hpp"
#include "sim/plan/pool.hpp"

namespace alight {

/// What both kinds of plan are about.
struct PlanSubject {
  const Architecture& model;
  const PlanPool& pool;
  const Layout& common;  ///< batch, sequence, precision
};

/// The layouts found, fastest first, `top` of them; where the fastest one's step goes; why others are out.
std::string search_text(const PlanSubject& subject, const SearchResult& result, std::size_t top);
/// All layouts of the result, one a row, step_s empty where they do not fit. The column `search` says whether it was
/// complete or interrupted. The file appears whole or not at all.
void write_search(const PlanSubject& subject, const SearchResult& result, const std::filesystem::path& out,
                  Diagnostics& diagnostics);

std::string mixed_text(const PlanSubject& subject, const MixedPlans& plans, const BucketEffect& effect,
                       const InterKind& inter);
/// One row for each kind in each plan (best, naive), for each kind alone, and for each lift. As write_search.
void write_mixed(const PlanSubject& subject, const MixedPlans& plans, const BucketEffect& effect, bool complete,
                 const std::filesystem::path& out, Diagnostics& diagnostics);

}  // namespace alight
