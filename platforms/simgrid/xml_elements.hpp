// The elements of an XML text as they are read: where one stands, its attributes as values with units, and what is
// wrong with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "platforms/simgrid/plan.hpp"
#include "platforms/simgrid/xml_values.hpp"

namespace alight {

/// Each reader reports what it cannot read, and then gives a harmless value.
class XmlElements {
 public:
  /// `text` and `diagnostics` outlive it; `name` stands for the text in problems.
  XmlElements(std::string_view text, const std::string& name, Diagnostics& diagnostics);

  /// Of a byte of the text; of an element.
  Location place(std::ptrdiff_t offset) const;
  Location place(pugi::xml_node node) const;
  /// A problem of an element, or of one of its attributes where `attribute` is not empty.
  void error(pugi::xml_node node, const std::string& attribute, std::string message, std::string hint = {});

  /// Reports attributes other than `known`; one in `refused` may stand there empty.
  void check_attributes(pugi::xml_node node, const std::vector<std::string>& known,
                        const std::vector<std::string>& refused = {});
  std::string text(pugi::xml_node node, const char* attribute);
  double value(pugi::xml_node node, const char* attribute, XmlUnit unit, bool zero_allowed);
  std::optional<double> optional_value(pugi::xml_node node, const char* attribute, XmlUnit unit, bool zero_allowed);
  /// The attribute `core`; 1 where it is absent.
  std::int64_t cores(pugi::xml_node node);
  LinkSharing sharing(pugi::xml_node node, const char* attribute, LinkSharing otherwise);

 private:
  std::string_view text_;
  std::shared_ptr<const std::string> name_;
  Diagnostics& diagnostics_;
  std::vector<std::size_t> line_ends_;
};

}  // namespace alight
