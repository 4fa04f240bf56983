// The model zoo: architectures by name, each with its source and how far it can be trusted. Data lives in
// workloads/zoo/*.yaml and inside the binary; a user's own models add to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/entries/embedded_file.hpp"
#include "models/entries/entry_drafts.hpp"
#include "models/entries/provenance.hpp"
#include "models/training/architecture.hpp"
#include "models/training/generic.hpp"

namespace alight {

/// What an entry states of latent attention, experts and other mixers: the structs of the architecture, described. They
/// add no members, so that a description of the base reads them.
struct LatentAttentionSpec : LatentAttention {
  static const Description& description();
};
struct ExpertsSpec : Experts {
  static const Description& description();
};
struct OtherMixersSpec : OtherMixers {
  static const Description& description();
};

/// One model as its file states it: a transformer, or generic figures per sample.
struct ModelEntry {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string kind = "transformer";  ///< "transformer" or "generic"
  std::string vendor;
  std::optional<std::int64_t> year;
  std::optional<std::int64_t> max_context;  ///< tokens it is made for
  /// Totals as published: of a transformer to compare the computed count with, of a generic model the count itself.
  std::optional<double> parameters, active_parameters;

  // Transformers.
  std::optional<std::int64_t> layers, hidden, ffn, heads, kv_heads, head_dim, vocab;
  bool gated = true, tied = false, causal = true, biased = false, hybrid = false, chunked = false;
  std::int64_t learned_positions = 0, sliding_window = 0, full_every = 0, mtp_layers = 0;
  std::optional<LatentAttentionSpec> latent;
  std::optional<ExpertsSpec> experts;
  std::optional<OtherMixersSpec> other;
  std::optional<std::int64_t> attention_layers, ffn_layers;
  std::optional<double> attention_parameters;

  // Generic models.
  std::string sample;
  std::optional<double> tflop_per_sample, gb_per_sample, dense_parameters;

  Provenance provenance;
  static const Description& description();
  /// An entry that starts from this one has not been published with these totals.
  void forget_own();

  bool generic() const { return kind == "generic"; }
  /// The shape, with what was left out filled in: kv_heads = heads, head_dim = hidden / heads. Of a transformer.
  Architecture architecture() const;
  /// The figures of a generic model.
  GenericModel generic_model() const;
};

/// The zoo of a run. Files are added, then resolved; after that it is read only.
class Zoo {
 public:
  /// Takes the entries of a mapping {models: {NAME: {...}}}; see EntryDrafts::add.
  void add(const Node& file, Diagnostics& diagnostics);
  /// Reads all entries added so far; see EntryDrafts::resolve. Names that differ only in letter case, blanks, hyphens
  /// and underscores are one name, and a problem.
  void resolve(Diagnostics& diagnostics);

  const std::vector<ModelEntry>& models() const { return table_.entries(); }
  /// By name or alias; letter case, blanks, hyphens and underscores are ignored, and so are an organisation in front
  /// ("meta-llama/Llama-3.1-8B") and what hubs put behind: -Instruct, -Chat, -Base, -hf, -it, -v0.1 ... Null where
  /// there is none.
  const ModelEntry* find(std::string_view name) const;
  /// Names in file order, without aliases.
  std::vector<std::string> names() const { return table_.names(); }
  /// Names and aliases, for suggestions.
  std::vector<std::string> all_names() const { return table_.all_names(); }

 private:
  EntryDrafts drafts_;
  EntryTable<ModelEntry> table_;
  std::unordered_map<std::string, std::size_t> index_;  ///< squeezed name or alias -> entry
};

/// The files of workloads/zoo, by name; their text is inside the binary.
const std::vector<EmbeddedFile>& embedded_zoo();

}  // namespace alight
