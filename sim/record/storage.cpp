#include "sim/record/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/record/summary.hpp"
#include "sim/runtime/training_rate.hpp"

namespace alight {
namespace {

std::string bytes_text(double bytes) {
  constexpr std::pair<double, const char*> kUnits[] = {
      {1e18, "EB"}, {1e15, "PB"}, {1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}};
  for (const auto& [size, unit] : kUnits)
    if (bytes >= size) return fmt::format("{:.3g} {}", bytes / size, unit);
  return fmt::format("{:.3g} kB", bytes / 1e3);
}

}  // namespace

void StorageRecord::start_over(const JobRecord& r) {
  if (!r.training || !r.training->unfit.empty()) return;
  const StorageRate& storage = r.training->storage;
  const double trained_s = r.finish_s - r.start_s - r.startup_s;
  if (storage.load && trained_s > 0) {
    ++totals_.loads;
    totals_.load_bytes += storage.load_bytes;
    totals_.load_s += r.startup_s - r.training->startup_s;
    totals_.load_alone_s += storage.load_s;
  }
  const double steps = (r.tokens - r.tokens_before) / r.training->step.tokens;
  totals_.dataset_bytes += steps * storage.dataset_bytes;
  if (storage.checkpoints == 0) return;
  const double chips = static_cast<double>(r.held_milli) * 1e-3;
  const auto written = static_cast<std::int64_t>(std::floor(steps * storage.checkpoints + 1e-9));
  totals_.checkpoints += written;
  totals_.checkpoint_bytes += static_cast<double>(written) * storage.checkpoint_bytes;
  totals_.checkpoint_chip_s += r.checkpoint_s * chips;
  totals_.trained_chip_s += std::max(0.0, trained_s) * chips;
}

std::vector<std::string> storage_lines(const StorageTotals& t, const LinkTotals& links) {
  std::vector<std::string> lines;
  if (!t.any()) return lines;
  if (t.loads > 0) {
    const auto n = static_cast<double>(t.loads);
    lines.push_back(fmt::format("{} {}, {} read in {:.3g} s on average, alone {:.3g} s", with_commas(t.loads),
                                t.loads == 1 ? "job loaded" : "jobs loaded", bytes_text(t.load_bytes), t.load_s / n,
                                t.load_alone_s / n));
  }
  if (t.checkpoints > 0 || t.checkpoint_chip_s > 0)
    lines.push_back(fmt::format("{} {} of {} in all; {:.2f} % of these jobs' training time waited for them",
                                with_commas(t.checkpoints), t.checkpoints == 1 ? "checkpoint" : "checkpoints",
                                bytes_text(t.checkpoint_bytes),
                                t.trained_chip_s > 0 ? 100 * t.checkpoint_chip_s / t.trained_chip_s : 0));
  if (t.dataset_bytes > 0) lines.push_back(fmt::format("{} of data read", bytes_text(t.dataset_bytes)));
  for (const LinkTotals::Link& link : links.storage)
    lines.push_back(fmt::format("{}   {:.1f} % of {:.4g} GB/s   saturated {:.1f} % of the time", link.name,
                                link.utilisation * 100, link.gbps / 8, link.saturated * 100));
  return lines;
}

nlohmann::ordered_json storage_json(const StorageTotals& t, const LinkTotals& links) {
  nlohmann::ordered_json out = {{"loads", t.loads},
                                {"load_bytes", t.load_bytes},
                                {"load_s", t.load_s},
                                {"load_alone_s", t.load_alone_s},
                                {"checkpoints", t.checkpoints},
                                {"checkpoint_bytes", t.checkpoint_bytes},
                                {"checkpoint_chip_s", t.checkpoint_chip_s},
                                {"trained_chip_s", t.trained_chip_s},
                                {"dataset_bytes", t.dataset_bytes}};
  for (const LinkTotals::Link& link : links.storage)
    out["links"].push_back(
        {{"link", link.name}, {"gbps", link.gbps}, {"utilisation", link.utilisation}, {"saturated", link.saturated}});
  return out;
}

}  // namespace alight
