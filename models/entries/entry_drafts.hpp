// Entries of data files before they are read: collected from all files first, so that one may start from another of any
// file, then read in whatever order `like` asks for.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/describe/description.hpp"
#include "models/entries/entry_table.hpp"

namespace alight {

class EntryDrafts {
 public:
  /// Takes the entries of a mapping {KIND: {NAME: {...}}, ...}; a kind that is not among `kinds` is a problem, told as
  /// one of `of` ("the catalogue"). A name that is already taken (by a name of an earlier file or the same) is a
  /// problem unless the entry says `override: true`: it then starts from the entry of that name as it stands and
  /// replaces it in place.
  void add(const Node& file, const std::vector<std::string>& kinds, const std::string& of, Diagnostics& diagnostics);

  /// Reads all entries of a kind into `table`. `like: NAME` starts from that entry (name or alias, of any file, in any
  /// order) and takes over everything but its aliases and note, and what T::forget_own() clears where there is one.
  /// Unknown parents, circles, aliases that are taken and wrong values are problems.
  template <class T>
  void resolve(std::string_view kind, EntryTable<T>& table, Diagnostics& diagnostics) const;

 private:
  /// An entry as written.
  struct Draft {
    std::string kind, name;
    Location where;
    std::vector<Node> layers;  ///< the entry, then what overrides it, in the order added
  };

  const Draft* find(std::string_view kind, std::string_view name) const;
  std::vector<std::string> names(std::string_view kind) const;
  void unknown_parent(const Draft& draft, const Node& like, Diagnostics& diagnostics) const;
  static void circle(const Draft& draft, const Node& like, Diagnostics& diagnostics);
  static void taken_alias(const std::string& path, const std::string& alias, const std::string& owner,
                          Diagnostics& diagnostics);

  std::vector<Draft> drafts_;
  std::unordered_map<std::string, std::size_t> index_;  ///< kind and lower-case name -> draft
};

template <class T>
void EntryDrafts::resolve(std::string_view kind, EntryTable<T>& table, Diagnostics& diagnostics) const {
  enum class Progress { untouched, open, done };
  struct State {
    Progress progress = Progress::untouched;
    T value;
  };
  std::unordered_map<const Draft*, State> states;

  // Null for an entry that is being resolved right now: its parents lead back to it.
  std::function<const T*(const Draft&)> resolve_one;
  const auto read_layer = [&](const Draft& draft, const Node& layer, T& value) {
    const Node* like = layer.find("like");
    if (like && like->kind == Node::Kind::scalar) {
      const Draft* parent = find(kind, like->text);
      const T* from = parent ? resolve_one(*parent) : nullptr;
      if (!parent)
        unknown_parent(draft, *like, diagnostics);
      else if (!from)
        circle(draft, *like, diagnostics);
      if (from) {
        value = *from;
        value.aliases.clear();
        value.provenance.note.clear();
        value.provenance.source = "like " + from->name + ": " + from->provenance.source;
        if constexpr (requires { value.forget_own(); }) value.forget_own();
      }
    } else if (value.provenance.source.empty()) {
      value.provenance.source = draft.where.text();
    }
    value.name = draft.name;
    T::description().read(&value, layer, join_key(std::string(kind), draft.name), diagnostics);
  };
  resolve_one = [&](const Draft& draft) -> const T* {
    State& state = states[&draft];
    if (state.progress == Progress::done) return &state.value;
    if (state.progress == Progress::open) return nullptr;
    state.progress = Progress::open;
    T value;
    for (const Node& layer : draft.layers) read_layer(draft, layer, value);
    state.value = std::move(value);
    state.progress = Progress::done;
    return &state.value;
  };

  table.entries_.clear();
  table.index_.clear();
  for (const Draft& draft : drafts_)
    if (draft.kind == kind) table.entries_.push_back(*resolve_one(draft));
  for (std::size_t i = 0; i < table.entries_.size(); ++i) table.index_.emplace(lower_case(table.entries_[i].name), i);
  for (std::size_t i = 0; i < table.entries_.size(); ++i) {
    const T& entry = table.entries_[i];
    for (const std::string& alias : entry.aliases) {
      const auto [place, fresh] = table.index_.emplace(lower_case(alias), i);
      if (!fresh && place->second != i)
        taken_alias(join_key(join_key(std::string(kind), entry.name), "aliases"), alias,
                    table.entries_[place->second].name, diagnostics);
    }
  }
}

}  // namespace alight
