#include "models/entries/provenance.hpp"

#include <algorithm>

namespace alight {

namespace {

constexpr std::string_view kKeysOfAll[] = {"like",  "aliases",   "source", "confidence",
                                           "basis", "estimates", "note",   "override"};

}  // namespace

const std::vector<std::string>& confidences() {
  static const std::vector<std::string> names = {"high", "medium", "low"};
  return names;
}

namespace detail {

bool read_estimates(const Description& entry, const Node& node, std::vector<std::string>& keys, const std::string& key,
                    Diagnostics& diagnostics) {
  if (!expect_sequence(node, key, diagnostics)) return false;
  std::vector<std::string> read;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string place = key + "[" + std::to_string(i) + "]";
    std::string text;
    if (!read_text(node.items[i], text, place, diagnostics)) continue;
    if (entry.find(text)) {
      read.push_back(std::move(text));
      continue;
    }
    std::vector<std::string> known;
    for (const Field& field : entry.fields) known.push_back(field.name);
    diagnostics.error(node.items[i].where, place, "\"" + text + "\" is no key of this entry",
                      did_you_mean(text, known));
  }
  keys = std::move(read);
  return true;
}

Node write_estimates(const std::vector<std::string>& keys) {
  if (keys.empty()) return Node{};
  Node node = Node::sequence();
  for (const std::string& key : keys) node.items.push_back(Node::scalar(key));
  return node;
}

Field override_field() {
  Field field;
  field.name = "override";
  field.doc = "true: this entry changes the one of the same name, starting from it as it stands.";
  field.type.kind = ValueType::Kind::boolean;
  field.optional = true;
  field.read = [](void*, const Node& node, const std::string& key, Diagnostics& diagnostics) {
    bool ignored = false;
    read_boolean(node, ignored, key, diagnostics);
  };
  field.write = [](const void*) { return Node{}; };
  return field;
}

}  // namespace detail

std::vector<std::string> low_confidence_keys(const Description& description, const void* entry,
                                             const Provenance& from) {
  std::vector<std::string> keys;
  for (const Field& field : description.fields) {
    if (std::find(std::begin(kKeysOfAll), std::end(kKeysOfAll), field.name) != std::end(kKeysOfAll)) continue;
    const Node value = field.write(entry);
    const bool set =
        value.kind == Node::Kind::scalar ? !value.text.empty() : !value.items.empty() || !value.members.empty();
    if (!set) continue;
    const bool estimate = std::find(from.estimates.begin(), from.estimates.end(), field.name) != from.estimates.end();
    if (estimate || from.confidence == "low") keys.push_back(field.name);
  }
  return keys;
}

}  // namespace alight
