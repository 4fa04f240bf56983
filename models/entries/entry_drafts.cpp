#include "models/entries/entry_drafts.hpp"

#include <algorithm>

namespace alight {

namespace {

std::string draft_key(std::string_view kind, std::string_view name) {
  return std::string(kind) + '\n' + lower_case(name);
}

bool has_alias(const Node& layer, const std::string& lower) {
  const Node* aliases = layer.find("aliases");
  if (!aliases) return false;
  return std::any_of(aliases->items.begin(), aliases->items.end(), [&](const Node& alias) {
    return alias.kind == Node::Kind::scalar && lower_case(alias.text) == lower;
  });
}

bool is_override(const Node& node) {
  const Node* flag = node.find("override");
  return flag && flag->kind == Node::Kind::scalar && flag->text == "true";
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

void EntryDrafts::add(const Node& file, const std::vector<std::string>& kinds, const std::string& of,
                      Diagnostics& diagnostics) {
  if (file.kind == Node::Kind::null) return;
  if (!detail::expect_mapping(file, "", diagnostics)) return;
  for (const Member& kind : file.members) {
    diagnostics.remember(kind.key, kind.where);
    if (std::find(kinds.begin(), kinds.end(), kind.key) == kinds.end()) {
      std::string known;
      for (const std::string& name : kinds) known += (known.empty() ? "" : ", ") + name;
      std::string hint = did_you_mean(kind.key, kinds);
      diagnostics.error(kind.where, kind.key, of + " has no such kind of entry",
                        hint.empty() ? "kinds: " + known : std::move(hint));
      continue;
    }
    if (kind.value.kind == Node::Kind::null || !detail::expect_mapping(kind.value, kind.key, diagnostics)) continue;
    for (const Member& entry : kind.value.members) {
      const std::string path = join_key(kind.key, entry.key);
      diagnostics.remember(path, entry.where);
      const auto [place, fresh] = index_.try_emplace(draft_key(kind.key, entry.key), drafts_.size());
      if (fresh) {
        if (is_override(entry.value))
          diagnostics.error(entry.where, path, "overrides an entry that is not there",
                            did_you_mean(entry.key, names(kind.key)));
        drafts_.push_back({kind.key, entry.key, entry.where, {entry.value}});
        continue;
      }
      Draft& known = drafts_[place->second];
      if (is_override(entry.value)) {
        known.layers.push_back(entry.value);
        continue;
      }
      diagnostics.error(entry.where, path, "is already in " + of + " (" + known.where.text() + ")",
                        "say `override: true` to change that entry, or give this one a name of its own");
    }
  }
}

const EntryDrafts::Draft* EntryDrafts::find(std::string_view kind, std::string_view name) const {
  const auto found = index_.find(draft_key(kind, name));
  if (found != index_.end()) return &drafts_[found->second];
  const std::string wanted = lower_case(name);
  for (const Draft& draft : drafts_)
    if (draft.kind == kind)
      for (const Node& layer : draft.layers)
        if (has_alias(layer, wanted)) return &draft;
  return nullptr;
}

std::vector<std::string> EntryDrafts::names(std::string_view kind) const {
  std::vector<std::string> out;
  for (const Draft& draft : drafts_)
    if (draft.kind == kind) out.push_back(draft.name);
  return out;
}

void EntryDrafts::unknown_parent(const Draft& draft, const Node& like, Diagnostics& diagnostics) const {
  diagnostics.error(like.where, join_key(join_key(draft.kind, draft.name), "like"),
                    "no entry of " + draft.kind + " named \"" + like.text + "\"",
                    did_you_mean(like.text, names(draft.kind)));
}

void EntryDrafts::circle(const Draft& draft, const Node& like, Diagnostics& diagnostics) {
  diagnostics.error(like.where, join_key(join_key(draft.kind, draft.name), "like"),
                    "goes round in a circle back to \"" + draft.name + "\"");
}

void EntryDrafts::taken_alias(const std::string& path, const std::string& alias, const std::string& owner,
                              Diagnostics& diagnostics) {
  diagnostics.error_at(path, "\"" + alias + "\" already names \"" + owner + "\"");
}

}  // namespace alight
