// A configuration tree as the user wrote it: scalars, sequences and mappings, each remembering where it stands.
//
// It knows no file format. sim/config turns YAML into it and writes it back; descriptions (description.hpp) read
// structs from it and write structs to it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace alight {

/// Where a value was written. An empty `file` means it came from no file (a default, a command-line override).
struct Location {
  std::shared_ptr<const std::string> file;
  int line = 0;    ///< 1-based, 0 = unknown
  int column = 0;  ///< 1-based, 0 = unknown

  /// "scenario.yaml:9:42", or "--set" / "default" style text held in `file` alone.
  std::string text() const;
};

struct Member;

struct Node {
  enum class Kind { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  std::string text;     ///< of a scalar, exactly as written
  bool quoted = false;  ///< the scalar stood in quotes: it is text even if it looks like a number
  std::string comment;  ///< written beside a value by writers (resolved scenarios); empty when read
  Location where;
  std::vector<Node> items;      ///< of a sequence
  std::vector<Member> members;  ///< of a mapping, in the order written

  static Node scalar(std::string text, Location where = {});
  static Node sequence();
  static Node sequence(std::vector<Node> items);
  static Node mapping();

  /// The member of that name, or null.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// Appends a member; its key stands where the value stands.
  void add(std::string key, Node value);
};

struct Member {
  std::string key;
  Location where;  ///< of the key
  Node value;
};

}  // namespace alight
