// Writes the SimGrid platform of a site as SimGrid XML (DTD 4.1), with the same zones, hosts, links and routes that
// build_platform() makes. Its numbers read back as the same doubles.
#pragma once

#include <filesystem>
#include <string>

#include "platforms/simgrid/plan.hpp"
#include "platforms/site.hpp"

namespace alight {

/// The XML text of a plan. Throws std::logic_error where the plan has a fault (fault_of).
std::string xml_of(const ZonePlan& plan);

/// Writes the platform of `site` to `file`: beside it first, then renamed over it, so that a reader never sees half a
/// file. Returns what went wrong ("cannot write x.xml: No space left on device"), or empty.
std::string export_xml(const Site& site, const std::filesystem::path& file);

}  // namespace alight
