#include "platforms/catalogue.hpp"

#include <algorithm>
#include <functional>

namespace alight {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string draft_key(std::string_view kind, std::string_view name) {
  return std::string(kind) + '\n' + lower(name);
}

/// Calls `visit` with each text of the member `key` where it is a list.
template <class Visit>
void each_text(const Node& node, std::string_view key, Visit visit) {
  const Node* list = node.find(key);
  if (!list) return;
  for (const Node& item : list->items)
    if (item.kind == Node::Kind::scalar) visit(item);
}

bool is_override(const Node& node) {
  const Node* flag = node.find("override");
  return flag && flag->kind == Node::Kind::scalar && flag->text == "true";
}

constexpr std::string_view kKeysOfAll[] = {"like",  "aliases",   "source", "confidence",
                                           "basis", "estimates", "note",   "override"};

}  // namespace

template <class T>
const T* CatalogueTable<T>::find(std::string_view name_or_alias) const {
  const auto found = index_.find(lower(name_or_alias));
  return found == index_.end() ? nullptr : &entries_[found->second];
}

template <class T>
std::vector<std::string> CatalogueTable<T>::names() const {
  std::vector<std::string> out;
  for (const T& entry : entries_) out.push_back(entry.name);
  return out;
}

template <class T>
std::vector<std::string> CatalogueTable<T>::all_names() const {
  std::vector<std::string> out = names();
  for (const T& entry : entries_) out.insert(out.end(), entry.aliases.begin(), entry.aliases.end());
  return out;
}

const std::vector<std::string>& Catalogue::kinds() {
  static const std::vector<std::string> all = {"chips", "servers", "links",  "switches",
                                               "nics",  "cooling", "prices", "facts"};
  return all;
}

std::vector<std::string> Catalogue::names(std::string_view kind) const {
  if (kind == "chips") return chips_.names();
  if (kind == "servers") return servers_.names();
  if (kind == "links") return links_.names();
  if (kind == "switches") return switches_.names();
  if (kind == "nics") return nics_.names();
  if (kind == "cooling") return cooling_.names();
  if (kind == "prices") return prices_.names();
  if (kind == "facts") return facts_.names();
  return {};
}

void Catalogue::add(const Node& file, Diagnostics& diagnostics) {
  if (file.kind == Node::Kind::null) return;
  if (!detail::expect_mapping(file, "", diagnostics)) return;
  for (const Member& kind : file.members) {
    diagnostics.remember(kind.key, kind.where);
    if (std::find(kinds().begin(), kinds().end(), kind.key) == kinds().end()) {
      std::string known;
      for (const std::string& name : kinds()) known += (known.empty() ? "" : ", ") + name;
      std::string hint = did_you_mean(kind.key, kinds());
      diagnostics.error(kind.where, kind.key, "the catalogue has no such kind of entry",
                        hint.empty() ? "kinds: " + known : std::move(hint));
      continue;
    }
    if (kind.value.kind == Node::Kind::null || !detail::expect_mapping(kind.value, kind.key, diagnostics)) continue;
    for (const Member& entry : kind.value.members) {
      const std::string path = join_key(kind.key, entry.key);
      diagnostics.remember(path, entry.where);
      const auto [place, fresh] = draft_index_.try_emplace(draft_key(kind.key, entry.key), drafts_.size());
      if (fresh) {
        drafts_.push_back({kind.key, entry.key, entry.where, {entry.value}});
        if (is_override(entry.value))
          diagnostics.error(entry.where, path, "overrides an entry that is not there",
                            did_you_mean(entry.key, names(kind.key)));
        continue;
      }
      Draft& known = drafts_[place->second];
      if (is_override(entry.value)) {
        known.layers.push_back(entry.value);
        continue;
      }
      diagnostics.error(entry.where, path, "is already in the catalogue (" + known.where.text() + ")",
                        "say `override: true` to change that entry, or give this one a name of its own");
    }
  }
}

const Catalogue::Draft* Catalogue::find_draft(std::string_view kind, std::string_view name) const {
  const auto found = draft_index_.find(draft_key(kind, name));
  if (found != draft_index_.end()) return &drafts_[found->second];
  const std::string wanted = lower(name);
  const Draft* match = nullptr;
  for (const Draft& draft : drafts_) {
    if (draft.kind != kind || match) continue;
    for (const Node& layer : draft.layers)
      each_text(layer, "aliases", [&](const Node& alias) {
        if (lower(alias.text) == wanted) match = &draft;
      });
  }
  return match;
}

template <class T>
void Catalogue::resolve_kind(std::string_view kind, CatalogueTable<T>& table, Diagnostics& diagnostics) {
  enum class Progress { untouched, open, done };
  struct State {
    Progress progress = Progress::untouched;
    T value;
  };
  std::unordered_map<const Draft*, State> states;
  std::vector<std::string> known;
  for (const Draft& draft : drafts_)
    if (draft.kind == kind) known.push_back(draft.name);

  // Null for an entry that is being resolved right now: its parents lead back to it.
  std::function<const T*(const Draft&)> resolve_one;
  const auto read_layer = [&](const Draft& draft, const Node& layer, T& value) {
    const std::string path = join_key(std::string(kind), draft.name);
    const Node* like = layer.find("like");
    if (like && like->kind == Node::Kind::scalar) {
      const Draft* parent = find_draft(kind, like->text);
      const T* from = parent ? resolve_one(*parent) : nullptr;
      if (!parent)
        diagnostics.error(like->where, join_key(path, "like"),
                          "no entry of " + std::string(kind) + " named \"" + like->text + "\"",
                          did_you_mean(like->text, known));
      else if (!from)
        diagnostics.error(like->where, join_key(path, "like"), "goes round in a circle back to \"" + draft.name + "\"");
      if (from) {
        value = *from;
        value.aliases.clear();
        if constexpr (requires { value.prices; }) value.prices.clear();
        value.provenance.note.clear();
        value.provenance.source = "like " + from->name + ": " + from->provenance.source;
      }
    } else if (value.provenance.source.empty()) {
      value.provenance.source = draft.where.text();
    }
    value.name = draft.name;
    T::description().read(&value, layer, path, diagnostics);
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
  for (std::size_t i = 0; i < table.entries_.size(); ++i) table.index_.emplace(lower(table.entries_[i].name), i);
  for (std::size_t i = 0; i < table.entries_.size(); ++i) {
    for (const std::string& alias : table.entries_[i].aliases) {
      const auto [place, fresh] = table.index_.emplace(lower(alias), i);
      if (!fresh && place->second != i)
        diagnostics.error_at(join_key(join_key(std::string(kind), table.entries_[i].name), "aliases"),
                             "\"" + alias + "\" already names \"" + table.entries_[place->second].name + "\"");
    }
  }
}

void Catalogue::resolve(Diagnostics& diagnostics) {
  resolve_kind("chips", chips_, diagnostics);
  resolve_kind("servers", servers_, diagnostics);
  resolve_kind("links", links_, diagnostics);
  resolve_kind("switches", switches_, diagnostics);
  resolve_kind("nics", nics_, diagnostics);
  resolve_kind("cooling", cooling_, diagnostics);
  resolve_kind("prices", prices_, diagnostics);
  resolve_kind("facts", facts_, diagnostics);
  for (Server& server : servers_.entries_) {
    if (server.chip.empty()) continue;
    if (const Chip* chip = chips_.find(server.chip)) {
      server.chip = chip->name;
      continue;
    }
    diagnostics.error_at(join_key(join_key("servers", server.name), "chip"),
                         "no chip named \"" + server.chip + "\" in the catalogue",
                         did_you_mean(server.chip, chips_.all_names()));
  }
}

template <class T>
std::vector<std::string> low_confidence(const T& entry) {
  std::vector<std::string> keys;
  const Provenance& from = entry.provenance;
  for (const Field& field : T::description().fields) {
    if (std::find(std::begin(kKeysOfAll), std::end(kKeysOfAll), field.name) != std::end(kKeysOfAll)) continue;
    const Node value = field.write(&entry);
    const bool set =
        value.kind == Node::Kind::scalar ? !value.text.empty() : !value.items.empty() || !value.members.empty();
    if (!set) continue;
    const bool estimate = std::find(from.estimates.begin(), from.estimates.end(), field.name) != from.estimates.end();
    if (estimate || from.confidence == "low") keys.push_back(field.name);
  }
  return keys;
}

ExportFigures export_figures(const Chip& chip) {
  return {.fp64_tflops = chip.fp64_tflops,
          .fp32_tflops = chip.fp32_tflops,
          .bf16_tflops = chip.bf16_tflops,
          .fp8_tflops = chip.fp8_tflops,
          .fp4_tflops = chip.fp4_tflops,
          .int8_tops = chip.int8_tops,
          .die_mm2 = chip.die_mm2,
          .datacentre = chip.market != "consumer"};
}

template class CatalogueTable<Chip>;
template class CatalogueTable<Server>;
template class CatalogueTable<Link>;
template class CatalogueTable<Switch>;
template class CatalogueTable<Nic>;
template class CatalogueTable<CoolingTechnology>;
template class CatalogueTable<Fact>;
template std::vector<std::string> low_confidence(const Chip&);
template std::vector<std::string> low_confidence(const Server&);
template std::vector<std::string> low_confidence(const Link&);
template std::vector<std::string> low_confidence(const Switch&);
template std::vector<std::string> low_confidence(const Nic&);
template std::vector<std::string> low_confidence(const CoolingTechnology&);
template std::vector<std::string> low_confidence(const Fact&);

}  // namespace alight
