#include "models/describe/node.hpp"

#include <utility>

namespace alight {

std::string Location::text() const {
  std::string out = file ? *file : std::string{};
  if (line <= 0) return out;
  out += ':' + std::to_string(line);
  if (column > 0) out += ':' + std::to_string(column);
  return out;
}

Node Node::scalar(std::string text, Location where) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.where = std::move(where);
  return node;
}

Node Node::sequence() {
  return sequence(std::vector<Node>());
}

Node Node::sequence(std::vector<Node> items) {
  Node node;
  node.kind = Kind::sequence;
  node.items = std::move(items);
  return node;
}

Node Node::mapping() {
  Node node;
  node.kind = Kind::mapping;
  return node;
}

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

void Node::add(std::string key, Node value) {
  Location stands = value.where;
  members.push_back(Member{std::move(key), std::move(stands), std::move(value)});
}

}  // namespace alight
