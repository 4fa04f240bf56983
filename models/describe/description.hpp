// One description per struct: from it come the reader, the errors, the defaults, the resolved scenario, the JSON
// schema, `alight explain` and the reference page.
//
//   struct Tier {
//     double rate_gbps = 400;
//     std::optional<double> oversubscription;
//     static const Description& description();
//   };
//   const Description& Tier::description() {
//     static const auto d = describe<Tier>("tier", "One tier of switches.")
//         .quantity("rate", &Tier::rate_gbps, "Gbps", "Rate of one port, each direction.", {.min = 0})
//         .quantity("oversubscription", &Tier::oversubscription, "", "Capacity in over capacity out.")
//         .done();
//     return d;
//   }
//
// A null ("key:" with nothing behind it) unsets an optional, is an empty list, table or object, and is a problem
// elsewhere. An empty text of a choice, an unset optional and an infinite number ("no limit") are not written.
//
// A quantity is a double whose name ends in its unit; std::optional<double> is "unknown unless given" and an unset one
// is absent, never 0. In-class initialisers are the defaults; `.required()` after a field removes its default.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/describe/date.hpp"
#include "models/describe/diagnostics.hpp"
#include "models/describe/node.hpp"
#include "models/describe/units.hpp"

namespace alight {

class Description;

/// Bounds of a number, in the unit the field is stored in. Inclusive, but for `min` where `above_min`.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;

  bool holds(double value) const;
  /// "at least 0 Gbps", "more than 0", "from 0 to 1"; empty where nothing is bounded.
  std::string text(std::optional<Unit> in = {}) const;
};

/// A value type of the configuration language, as the schema, `explain` and the reference page see it.
struct ValueType {
  enum class Kind { text, boolean, integer, number, quantity, date, choice, object, list, table };
  Kind kind = Kind::text;
  std::optional<Unit> unit = {};  ///< of a quantity; the unit it is stored in
  Range range = {};               ///< of an integer, number or quantity
  /// Of a choice: the names valid now (policies and catalogue entries register at run time).
  std::function<std::vector<std::string>()> choices = {};
  const Description* (*object)() = nullptr;            ///< of an object
  std::shared_ptr<const ValueType> element = nullptr;  ///< of a list or a table (a mapping from free names)

  /// What is expected, in words: "a data rate, e.g. 10 Gbps", "one of fifo, easy", "a list of mappings".
  std::string expected() const;
};

/// One key of a described struct.
struct Field {
  std::string name;
  std::string doc;  ///< one or two sentences: what it means, then what it is used for
  ValueType type;
  bool required = false;
  bool optional = false;  ///< unset unless given: no default to show
  /// Reads `node` into the struct at `object`; problems go to `diagnostics` under `key`.
  std::function<void(void* object, const Node& node, const std::string& key, Diagnostics& diagnostics)> read;
  /// The value as a node; a null node when unset.
  std::function<Node(const void* object)> write;
};

/// What a struct is made of. Immutable once built.
class Description {
 public:
  std::string name;
  std::string doc;
  std::vector<Field> fields;
  /// Checks across fields, run after all fields were read without a problem: may report through `diagnostics`, keys
  /// prefixed by the given path ("site.pools[2]").
  std::vector<std::function<void(const void* object, const std::string& path, Diagnostics& diagnostics)>> checks;
  /// A default-made struct as a mapping: what every key is when nothing is given.
  std::function<Node()> defaults;
  /// Where set, a scalar may stand for the whole struct and is read as this field ("rack: 4" for "rack: {servers: 4}");
  /// a list where that field is one.
  std::string shorthand;

  /// Reads a mapping into the struct at `object`. Unknown keys, missing required keys, wrong kinds, units and ranges
  /// are problems; every key read is remembered with its place. Members already set keep their value where the
  /// mapping is silent.
  void read(void* object, const Node& node, const std::string& path, Diagnostics& diagnostics) const;
  /// The struct as a mapping, every default filled in, unset optionals left out.
  Node write(const void* object) const;
  const Field* find(std::string_view name) const;
  /// What may stand for the whole struct, "A plain value" or "A list"; empty where nothing may.
  std::string shorthand_text() const;
};

template <class T>
void read(T& object, const Node& node, const std::string& path, Diagnostics& diagnostics) {
  T::description().read(&object, node, path, diagnostics);
}
template <class T>
Node write(const T& object) {
  return T::description().write(&object);
}

/// Joins a path and a key: "site" + "pools" = "site.pools"; a key with dots or brackets of its own is quoted:
/// "models" + "Qwen2.5" = `models."Qwen2.5"`.
std::string join_key(const std::string& path, std::string_view key);

namespace detail {
// Readers and writers of single values; each reports at most one problem.
bool read_text(const Node&, std::string&, const std::string& key, Diagnostics&);
bool read_boolean(const Node&, bool&, const std::string& key, Diagnostics&);
bool read_integer(const Node&, std::int64_t&, Range, const std::string& key, Diagnostics&);
bool read_number(const Node&, double&, Range, const std::string& key, Diagnostics&);
bool read_quantity(const Node&, double&, Unit, Range, const std::string& key, Diagnostics&);
bool read_date(const Node&, Date&, const std::string& key, Diagnostics&);
bool read_choice(const Node&, std::string&, const std::vector<std::string>& choices, const std::string& key,
                 Diagnostics&);
bool expect_sequence(const Node&, const std::string& key, Diagnostics&);
bool expect_mapping(const Node&, const std::string& key, Diagnostics&);
/// A number as a scalar; null where it is infinite or NaN, which no reader takes.
Node number_node(double value, std::optional<Unit> in);
Node write_fields(const std::vector<Field>& fields, const void* object);

template <class T>
struct unwrap {
  using type = T;
  static constexpr bool optional = false;
};
template <class T>
struct unwrap<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
};
}  // namespace detail

/// Builds a Description field by field; see the head of this file.
template <class S>
class Describe {
 public:
  Describe(std::string name, std::string doc) {
    description_.name = std::move(name);
    description_.doc = std::move(doc);
  }

  /// Free text. `T` is std::string or std::optional<std::string>.
  template <class T>
  Describe& text(std::string name, T S::*member, std::string doc) {
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::text},
        [](const Node& n, std::string& out, const std::string& key, Diagnostics& d) {
          return detail::read_text(n, out, key, d);
        },
        [](const std::string& v) { return quoted_node(v); });
  }

  /// A name out of a set that may grow at run time (catalogue entries, policies). `T` as for text().
  template <class T>
  Describe& choice(std::string name, T S::*member, std::function<std::vector<std::string>()> choices, std::string doc) {
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::choice, .choices = choices},
        [choices](const Node& n, std::string& out, const std::string& key, Diagnostics& d) {
          return detail::read_choice(n, out, choices(), key, d);
        },
        [](const std::string& v) { return v.empty() ? Node{} : quoted_node(v); });
  }

  /// One of an enum's values by name. `T` is the enum or std::optional of it.
  template <class T>
  Describe& choice(std::string name, T S::*member,
                   std::vector<std::pair<std::string, typename detail::unwrap<T>::type>> values, std::string doc) {
    using E = typename detail::unwrap<T>::type;
    std::vector<std::string> names;
    for (const auto& [known, value] : values) names.push_back(known);
    return leaf(
        std::move(name), member, std::move(doc),
        {.kind = ValueType::Kind::choice, .choices = [names] { return names; }},
        [values, names](const Node& n, E& out, const std::string& key, Diagnostics& d) {
          std::string text;
          if (!detail::read_choice(n, text, names, key, d)) return false;
          for (const auto& [known, value] : values)
            if (known == text) out = value;
          return true;
        },
        [values](const E& v) {
          for (const auto& [known, value] : values)
            if (value == v) return quoted_node(known);
          return Node{};
        });
  }

  template <class T>
  Describe& flag(std::string name, T S::*member, std::string doc) {
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::boolean},
        [](const Node& n, bool& out, const std::string& key, Diagnostics& d) {
          return detail::read_boolean(n, out, key, d);
        },
        [](const bool& v) { return Node::scalar(v ? "true" : "false"); });
  }

  /// A whole number. `T` is std::int64_t or std::optional<std::int64_t>.
  template <class T>
  Describe& integer(std::string name, T S::*member, std::string doc, Range range = {}) {
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::integer, .range = range},
        [range](const Node& n, std::int64_t& out, const std::string& key, Diagnostics& d) {
          return detail::read_integer(n, out, range, key, d);
        },
        [](const std::int64_t& v) { return Node::scalar(std::to_string(v)); });
  }

  /// A number without a unit. `T` is double or std::optional<double>.
  template <class T>
  Describe& number(std::string name, T S::*member, std::string doc, Range range = {}) {
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::number, .range = range},
        [range](const Node& n, double& out, const std::string& key, Diagnostics& d) {
          return detail::read_number(n, out, range, key, d);
        },
        [](const double& v) { return detail::number_node(v, {}); });
  }

  /// A number with a unit, stored in the unit `symbol` ("Gbps"; "1" for ratios). `T` is double or optional<double>.
  template <class T>
  Describe& quantity(std::string name, T S::*member, std::string_view symbol, std::string doc, Range range = {}) {
    const Unit in = unit(symbol);
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::quantity, .unit = in, .range = range},
        [in, range](const Node& n, double& out, const std::string& key, Diagnostics& d) {
          return detail::read_quantity(n, out, in, range, key, d);
        },
        [in](const double& v) { return detail::number_node(v, in); });
  }

  /// A calendar date. `T` is Date or std::optional<Date>.
  template <class T>
  Describe& date(std::string name, T S::*member, std::string doc) {
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::date},
        [](const Node& n, Date& out, const std::string& key, Diagnostics& d) {
          return detail::read_date(n, out, key, d);
        },
        [](const Date& v) { return Node::scalar(format_date(v)); });
  }

  /// A described struct. `T` is a struct with description(), or std::optional of one.
  template <class T>
  Describe& object(std::string name, T S::*member, std::string doc) {
    using O = typename detail::unwrap<T>::type;
    return leaf(
        std::move(name), member, std::move(doc), object_type<O>(),
        [](const Node& n, O& out, const std::string& key, Diagnostics& d) {
          O::description().read(&out, n, key, d);
          return true;
        },
        [](const O& v) { return O::description().write(&v); });
  }

  /// A list of described structs, std::string, std::int64_t, or double in a unit ("" = plain number).
  template <class T>
  Describe& list(std::string name, std::vector<T> S::*member, std::string doc, std::string_view symbol = "",
                 Range range = {}) {
    auto shared = std::make_shared<const ValueType>(element_type<T>(symbol, range));
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::list, .element = shared},
        [shared](const Node& n, std::vector<T>& out, const std::string& key, Diagnostics& d) {
          if (!detail::expect_sequence(n, key, d)) return false;
          std::vector<T> items;
          for (std::size_t i = 0; i < n.items.size(); ++i)
            read_element(n.items[i], items.emplace_back(), *shared, key + "[" + std::to_string(i) + "]", d);
          out = std::move(items);
          return true;
        },
        [shared](const std::vector<T>& v) {
          Node node = Node::sequence();
          for (const T& item : v) node.items.push_back(write_element(item, *shared));
          return node;
        });
  }

  /// A mapping from free names to what list() takes. A later mapping adds to what is there; a null element removes.
  template <class T>
  Describe& table(std::string name, std::map<std::string, T> S::*member, std::string doc, std::string_view symbol = "",
                  Range range = {}) {
    auto shared = std::make_shared<const ValueType>(element_type<T>(symbol, range));
    return leaf(
        std::move(name), member, std::move(doc), {.kind = ValueType::Kind::table, .element = shared},
        [shared](const Node& n, std::map<std::string, T>& out, const std::string& key, Diagnostics& d) {
          if (!detail::expect_mapping(n, key, d)) return false;
          for (const Member& m : n.members) {
            if (m.value.kind == Node::Kind::null)
              out.erase(m.key);
            else
              read_element(m.value, out[m.key], *shared, join_key(key, m.key), d);
          }
          return true;
        },
        [shared](const std::map<std::string, T>& v) {
          Node node = Node::mapping();
          for (const auto& [k, item] : v) node.add(k, write_element(item, *shared));
          return node;
        });
  }

  /// A value with a reader and a writer of its own. `read(node, value, key, diagnostics)` returns false after
  /// reporting a problem; `write(value)` gives a null node for what is not to be written.
  template <class T, class Read, class Write>
  Describe& custom(std::string name, T S::*member, std::string doc, ValueType type, Read read, Write write) {
    return leaf(std::move(name), member, std::move(doc), std::move(type), std::move(read), std::move(write));
  }

  /// The field just added has no default: leaving it out is an error.
  Describe& required() {
    description_.fields.back().required = true;
    return *this;
  }

  /// A check across fields; `path` is where the struct stands.
  Describe& check(std::function<void(const S&, const std::string& path, Diagnostics&)> test) {
    description_.checks.push_back([test](const void* object, const std::string& path, Diagnostics& d) {
      test(*static_cast<const S*>(object), path, d);
    });
    return *this;
  }

  /// A scalar (a list, where this field is one) may stand for the whole struct and means this field.
  Describe& shorthand(std::string field) {
    description_.shorthand = std::move(field);
    return *this;
  }

  Description done() {
    // A copy of the fields: the description that is being handed out moves away from this builder.
    description_.defaults = [fields = description_.fields] {
      const S object{};
      return detail::write_fields(fields, &object);
    };
    return std::move(description_);
  }

 private:
  template <class O>
  static ValueType object_type() {
    ValueType type{.kind = ValueType::Kind::object};
    type.object = [] { return &O::description(); };
    return type;
  }

  template <class T>
  static ValueType element_type(std::string_view symbol, Range range) {
    using Kind = ValueType::Kind;
    if constexpr (std::is_same_v<T, std::string>) {
      return {.kind = Kind::text};
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      return {.kind = Kind::integer, .range = range};
    } else if constexpr (std::is_same_v<T, double>) {
      if (symbol.empty()) return {.kind = Kind::number, .range = range};
      return {.kind = Kind::quantity, .unit = unit(symbol), .range = range};
    } else {
      return object_type<T>();
    }
  }

  static Node quoted_node(const std::string& v) {
    Node n = Node::scalar(v);
    n.quoted = true;
    return n;
  }

  template <class T>
  static void read_element(const Node& n, T& out, const ValueType& type, const std::string& key, Diagnostics& d) {
    d.remember(key, n.where);
    if constexpr (std::is_same_v<T, std::string>) {
      detail::read_text(n, out, key, d);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      detail::read_integer(n, out, type.range, key, d);
    } else if constexpr (std::is_same_v<T, double>) {
      if (type.unit)
        detail::read_quantity(n, out, *type.unit, type.range, key, d);
      else
        detail::read_number(n, out, type.range, key, d);
    } else {
      T::description().read(&out, n, key, d);
    }
  }
  template <class T>
  static Node write_element(const T& v, const ValueType& type) {
    if constexpr (std::is_same_v<T, std::string>) {
      return quoted_node(v);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      return Node::scalar(std::to_string(v));
    } else if constexpr (std::is_same_v<T, double>) {
      return detail::number_node(v, type.unit);
    } else {
      return T::description().write(&v);
    }
  }

  template <class T, class Read, class Write>
  Describe& leaf(std::string name, T S::*member, std::string doc, ValueType type, Read read, Write write) {
    using V = typename detail::unwrap<T>::type;
    Field field;
    field.name = std::move(name);
    field.doc = std::move(doc);
    field.type = std::move(type);
    field.optional = detail::unwrap<T>::optional;
    field.read = [member, read](void* object, const Node& node, const std::string& key, Diagnostics& d) {
      T& slot = static_cast<S*>(object)->*member;
      if constexpr (detail::unwrap<T>::optional) {
        if (node.kind == Node::Kind::null) {
          slot.reset();
          return;
        }
        V value = slot ? *slot : V{};
        if (read(node, value, key, d)) slot = std::move(value);
      } else {
        read(node, slot, key, d);
      }
    };
    field.write = [member, write](const void* object) -> Node {
      const T& slot = static_cast<const S*>(object)->*member;
      if constexpr (detail::unwrap<T>::optional) {
        return slot ? write(*slot) : Node{};
      } else {
        return write(slot);
      }
    };
    description_.fields.push_back(std::move(field));
    return *this;
  }

  Description description_;
};

template <class S>
Describe<S> describe(std::string name, std::string doc) {
  return Describe<S>(std::move(name), std::move(doc));
}

}  // namespace alight
