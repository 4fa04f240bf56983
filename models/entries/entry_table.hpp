// Entries of one kind, found by name or alias.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace alight {

/// `text` with A to Z in small letters.
std::string lower_case(std::string_view text);

/// Entries of one kind, in the order of the files.
template <class T>
class EntryTable {
 public:
  const std::vector<T>& entries() const { return entries_; }
  /// By name, or by alias; letter case is ignored. Null where there is none.
  const T* find(std::string_view name_or_alias) const {
    const auto found = index_.find(lower_case(name_or_alias));
    return found == index_.end() ? nullptr : &entries_[found->second];
  }
  /// Names in file order, without aliases.
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const T& entry : entries_) out.push_back(entry.name);
    return out;
  }
  /// Names and aliases, for suggestions.
  std::vector<std::string> all_names() const {
    std::vector<std::string> out = names();
    for (const T& entry : entries_) out.insert(out.end(), entry.aliases.begin(), entry.aliases.end());
    return out;
  }

 private:
  friend class EntryDrafts;
  friend class Catalogue;
  std::vector<T> entries_;
  std::unordered_map<std::string, std::size_t> index_;  ///< lower-case name or alias -> entry
};

}  // namespace alight
