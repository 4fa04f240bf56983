#include "sim/config/include.hpp"

#include <algorithm>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "models/describe/description.hpp"
#include "sim/config/overrides.hpp"
#include "sim/config/yaml.hpp"

namespace alight {

namespace {

constexpr std::size_t kMostFiles = 1000;  // files that include others twice double at every level

class Includer {
 public:
  explicit Includer(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::optional<Node> load(const std::filesystem::path& file) {
    std::optional<Node> own = read_yaml(file, diagnostics_);
    if (!own) return std::nullopt;
    files_.push_back(file);
    chain_.push_back(file);
    own = with_includes(std::move(*own), file.parent_path());
    chain_.pop_back();
    return own;
  }

  Node with_includes(Node own, const std::filesystem::path& directory) {
    const auto at = std::find_if(own.members.begin(), own.members.end(),
                                 [](const Member& member) { return member.key == "include"; });
    if (at == own.members.end()) return own;
    const Node list = std::move(at->value);
    own.members.erase(at);
    Node merged = Node::mapping();
    merged.where = own.where;
    if (list.kind == Node::Kind::scalar) {
      take(list, "include", directory, merged);
    } else if (list.kind == Node::Kind::sequence) {
      for (std::size_t i = 0; i < list.items.size(); ++i)
        take(list.items[i], "include[" + std::to_string(i) + "]", directory, merged);
    } else if (list.kind == Node::Kind::mapping) {
      diagnostics_.error(list.where, "include", "is a mapping; expected a file name or a list of them");
    }
    merge(merged, std::move(own));
    return merged;
  }

  std::vector<std::filesystem::path> take_files() { return std::move(files_); }

 private:
  void take(const Node& name, const std::string& key, const std::filesystem::path& directory, Node& merged) {
    if (name.kind != Node::Kind::scalar || name.text.empty()) {
      diagnostics_.error(name.where, key, "expected the name of a file");
      return;
    }
    const std::filesystem::path file = (directory / name.text).lexically_normal();
    const auto seen = std::find_if(chain_.begin(), chain_.end(), [&](const auto& open) {
      std::error_code error;
      return open.lexically_normal() == file || std::filesystem::equivalent(open, file, error);
    });
    if (seen != chain_.end()) {
      std::string chain;
      for (auto link = seen; link != chain_.end(); ++link) chain += link->string() + " -> ";
      diagnostics_.error(name.where, key, "files include each other in a circle: " + chain + file.string());
      return;
    }
    if (files_.size() >= kMostFiles) {
      if (!std::exchange(too_many_, true))
        diagnostics_.error(name.where, key, "more than " + std::to_string(kMostFiles) + " files are included");
      return;
    }
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
      diagnostics_.error(name.where, key, "no file \"" + file.string() + "\"", sibling(file));
      return;
    }
    std::optional<Node> node = load(file);
    if (!node) return;
    if (node->kind != Node::Kind::mapping)
      diagnostics_.error(node->where, {}, "an included file must be a mapping of keys");
    else
      merge(merged, std::move(*node));
  }

  /// A file of nearly that name in the same directory.
  static std::string sibling(const std::filesystem::path& file) {
    std::error_code error;
    std::vector<std::string> names;
    const std::filesystem::path directory = file.has_parent_path() ? file.parent_path() : ".";
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      names.push_back(entry->path().filename().string());
      if (names.size() >= kMostFiles) break;
    }
    std::sort(names.begin(), names.end());
    return did_you_mean(file.filename().string(), names);
  }

  Diagnostics& diagnostics_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::filesystem::path> chain_;
  bool too_many_ = false;
};

}  // namespace

std::optional<Loaded> load_config(const std::filesystem::path& file, Diagnostics& diagnostics) {
  Includer includer(diagnostics);
  std::optional<Node> root = includer.load(file);
  if (!root) return std::nullopt;
  return Loaded{std::move(*root), includer.take_files()};
}

std::optional<Loaded> load_config_text(std::string_view text, std::string name, const std::filesystem::path& directory,
                                       Diagnostics& diagnostics) {
  std::optional<Node> own = parse_yaml(text, std::move(name), diagnostics);
  if (!own) return std::nullopt;
  Includer includer(diagnostics);
  Node root = includer.with_includes(std::move(*own), directory);
  return Loaded{std::move(root), includer.take_files()};
}

void merge(Node& base, Node over) {
  if (base.kind != Node::Kind::mapping || over.kind != Node::Kind::mapping) {
    base = std::move(over);
    return;
  }
  base.where = over.where;
  std::unordered_map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < base.members.size(); ++i) at.emplace(base.members[i].key, i);
  for (Member& member : over.members) {
    const auto found = at.find(member.key);
    if (found == at.end()) {
      base.members.push_back(std::move(member));
    } else {
      Member& old = base.members[found->second];
      old.where = member.where;
      merge(old.value, std::move(member.value));
    }
  }
}

std::filesystem::path path_beside(const std::string& text, const Location& where) {
  const std::filesystem::path path(text);
  if (path.is_absolute() || !where.file || is_override(where)) return path;
  return (std::filesystem::path(*where.file).parent_path() / path).lexically_normal();
}

void make_absolute(std::optional<std::string>& file, const std::string& key, const Diagnostics& diagnostics) {
  if (file) file = std::filesystem::absolute(path_beside(*file, diagnostics.place_of(key))).lexically_normal().string();
}

}  // namespace alight
