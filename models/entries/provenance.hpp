// Where a value set of a data file comes from and how far it goes, and the keys every entry of such a file shares.
//
// An entry type S has name, like, aliases and a Provenance `provenance`; begin_entry() and end_entry() describe them:
//
//   auto kind = begin_entry<Chip>("chip", "One accelerator.");
//   kind.text("vendor", &Chip::vendor, "Who sells it.");
//   return end_entry(kind);
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

/// Where a value set comes from and how far it goes.
struct Provenance {
  std::string source;
  std::string confidence;  ///< "high", "medium", "low"; empty where the entry is a user's own
  std::string basis;       ///< how the values were obtained: "verified (link), rest unverified", "derived" ...
  std::vector<std::string> estimates;  ///< keys whose values are less sure than the entry: they count as low confidence
  std::string note;
};

/// "high", "medium", "low".
const std::vector<std::string>& confidences();

namespace detail {

template <class S>
Field provenance_text(std::string name, std::string Provenance::*member, std::string doc) {
  Field field;
  field.name = std::move(name);
  field.doc = std::move(doc);
  field.type.kind = ValueType::Kind::text;
  field.optional = true;
  field.read = [member](void* object, const Node& node, const std::string& key, Diagnostics& diagnostics) {
    read_text(node, static_cast<S*>(object)->provenance.*member, key, diagnostics);
  };
  field.write = [member](const void* object) {
    const std::string& text = static_cast<const S*>(object)->provenance.*member;
    if (text.empty()) return Node{};
    Node node = Node::scalar(text);
    node.quoted = true;
    return node;
  };
  return field;
}

template <class S>
Field confidence_field() {
  Field field = provenance_text<S>("confidence", &Provenance::confidence, "How far the values can be trusted.");
  field.type.kind = ValueType::Kind::choice;
  field.type.choices = confidences;
  field.read = [](void* object, const Node& node, const std::string& key, Diagnostics& diagnostics) {
    read_choice(node, static_cast<S*>(object)->provenance.confidence, confidences(), key, diagnostics);
  };
  return field;
}

/// Reads a list of keys that `entry` describes.
bool read_estimates(const Description& entry, const Node& node, std::vector<std::string>& keys, const std::string& key,
                    Diagnostics& diagnostics);
Node write_estimates(const std::vector<std::string>& keys);

template <class S>
Field estimates_field() {
  Field field;
  field.name = "estimates";
  field.doc = "Keys whose values are less sure than the entry; they count as of low confidence.";
  field.type.kind = ValueType::Kind::list;
  field.type.element = std::make_shared<const ValueType>();
  field.optional = true;
  field.read = [](void* object, const Node& node, const std::string& key, Diagnostics& diagnostics) {
    read_estimates(S::description(), node, static_cast<S*>(object)->provenance.estimates, key, diagnostics);
  };
  field.write = [](const void* object) { return write_estimates(static_cast<const S*>(object)->provenance.estimates); };
  return field;
}

/// `override` steers EntryDrafts::add and is not kept in the entry.
Field override_field();

}  // namespace detail

/// Begins a kind: the keys all kinds share.
template <class S>
Describe<S> begin_entry(std::string name, std::string doc) {
  auto d = describe<S>(std::move(name), std::move(doc));
  d.text("like", &S::like,
         "Entry of the same kind to start from; everything but its aliases, prices and note is taken over.")
      .list("aliases", &S::aliases, "Other names it is found by.");
  return d;
}

/// Ends a kind with the keys of its provenance.
template <class S>
Description end_entry(Describe<S>& d) {
  Description done = d.done();
  done.fields.push_back(detail::provenance_text<S>("source", &Provenance::source,
                                                   "Where the values are from: a document, a page, a commit."));
  done.fields.push_back(detail::confidence_field<S>());
  done.fields.push_back(detail::provenance_text<S>("basis", &Provenance::basis, "How the values were obtained."));
  done.fields.push_back(detail::estimates_field<S>());
  done.fields.push_back(detail::provenance_text<S>("note", &Provenance::note, "What else a reader should know."));
  done.fields.push_back(detail::override_field());
  return done;
}

/// Keys of the values of `entry` that are set and of low confidence: all of them where the entry is, else those its
/// provenance lists as estimates. Names, aliases and provenance itself do not count. `description` is the entry's.
std::vector<std::string> low_confidence_keys(const Description& description, const void* entry, const Provenance& from);

}  // namespace alight
